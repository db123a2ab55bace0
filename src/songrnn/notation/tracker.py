"""What any ABC text means after each of its characters: a tolerant reading, which knows nothing of what follows.

The constraints hold a strict tune character by character; the tracker follows whatever is written. What it does not
know it passes over, and at every bar line time begins anew, so that an error does not last. A token that may still go
on counts as if the text ended here: after `A` a note of one unit has been written, after `A2` one of two.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction

from songrnn.notation.grammar import ACCIDENTALS, INLINE_FIELDS, LETTERS, SEMITONES, TUPLET_TIMES
from songrnn.notation.tune import Key, Meter
from songrnn.notation.values import read_value

_LENGTH = r"\d{0,6}/*\d{0,6}"
_NOTE = re.compile(rf"([\^_=]{{0,2}})([A-Ga-g])([,']*)({_LENGTH})")
_TOKENS = {  # every beginning of a token is one, too
    "note": rf"[\^_=]{{1,2}}|[\^_=]{{0,2}}[A-Ga-g][,']*{_LENGTH}",
    "rest": rf"[zxZX]{_LENGTH}",
    "field": rf"\[[{INLINE_FIELDS}](?::[^\]\n]*\]?)?",
    "ending": r"\[\d[\d,-]*",
    "bar": r"\[?[|:]+\]?(?:\d[\d,-]*)?",
    "chord": rf"\[|\]{_LENGTH}",
    "tuplet": r"\(\d(?::\d?(?::\d?)?)?",
    "slur": r"[()]",
    "grace": r"\{/?|\}",
    "broken rhythm": r">{1,3}|<{1,3}",
    "tie": "-",
    "text": r'"[^"\n]*"?',
    "decoration": r"![^!\n]*!?|[.~HLMOPSTuv]",
    "comment": r"%[^\n]*",
    "space": r"[ \t]+",
    "line end": r"\n",
    "unknown": ".",
}
_PATTERNS = {kind: re.compile(pattern) for kind, pattern in _TOKENS.items()}
_FIELD_LINE = re.compile(r"([A-Za-z]):[^\n]*")


@dataclass(frozen=True)
class TextState:
    """What a text means after one of its characters. Times in whole notes.

    field: the letter of the field that is being written, "" in music. token: what is being written, one of the kinds
        above. elapsed: time of the bar so far; left: to its end, None in free meter.
    bar: bars that have ended in this part; part: parts that have ended; repeat: whether a repeat is open; ending: the
        number of the ending, 0 outside.
    in_chord, in_grace, tied, slurs, tuplet_left: what is open.
    pitch: of the last note, as a MIDI number; degree: its letter's distance from the tonic, 0 to 6; octave: 4 for the
        capital letters; duration: of the last note or rest. None before the first, and without a tonic.
    """

    field: str = ""
    token: str = "unknown"
    elapsed: Fraction = Fraction(0)
    left: Fraction | None = None
    bar: int = 0
    part: int = 0
    repeat: bool = False
    ending: int = 0
    in_chord: bool = False
    in_grace: bool = False
    tied: bool = False
    slurs: int = 0
    tuplet_left: int = 0
    pitch: int | None = None
    degree: int | None = None
    octave: int | None = None
    duration: Fraction | None = None


def track(text: str) -> Iterator[TextState]:
    """The state after each character."""
    reader, pending, kind, at_line = _Reader(), "", "", True
    for character in text:
        longer = _kind_of(pending + character, at_line=at_line, in_header=reader.in_header) if pending else ""
        if not longer:
            reader.read(kind, pending)
            at_line = pending in ("", "\n")
            pending, longer = "", _kind_of(character, at_line=at_line, in_header=reader.in_header)
        pending, kind = pending + character, longer
        yield reader.after(kind, pending)


def _kind_of(text: str, *, at_line: bool, in_header: bool) -> str:
    """What a text is as one token, "" if it is none."""
    if at_line and (_FIELD_LINE.fullmatch(text) or (in_header and text.isalpha() and len(text) == 1)):
        return "field"
    return next((kind for kind, pattern in _PATTERNS.items() if pattern.fullmatch(text)), "")


@dataclass
class _Reader:
    """What has been read; `state` is what of it the outside sees."""

    state: TextState = field(default_factory=TextState)
    in_header: bool = True
    key: Key | None = None
    meter: Meter | None = None
    unit: Fraction | None = None
    alterations: dict[str, int] = field(default_factory=dict)
    chord_length: Fraction | None = None
    tuplet: Fraction = Fraction(1)
    broken: Fraction = Fraction(1)  # of the next note

    def after(self, kind: str, text: str) -> TextState:
        """The state if the text ended with this token."""
        copy = replace(self, alterations=self.alterations.copy())
        copy.read(kind, text)
        letter = text.lstrip("[")[:1] if kind == "field" else ""
        whole = copy.meter.duration if copy.meter and not copy.in_header else None
        left = None if whole is None else whole - copy.state.elapsed
        return replace(copy.state, field=letter, token=kind, left=left)

    def read(self, kind: str, text: str) -> None:
        """A whole token."""
        reader = getattr(self, f"_read_{kind.replace(' ', '_')}", None)
        if reader is not None:
            reader(text)

    def _change(self, **fields: object) -> None:
        self.state = replace(self.state, **fields)  # type: ignore[arg-type]

    # ---- fields and bars

    def _read_field(self, text: str) -> None:
        letter, _, value = text.strip("[]").partition(":")
        found = read_value(letter, value.partition("%")[0].strip()) if letter in ("K", "L", "M") else None
        if isinstance(found, Key):
            self.key = found
        elif isinstance(found, Meter):
            self.meter = found
        elif isinstance(found, Fraction):
            self.unit = found
        self.in_header = self.in_header and letter != "K"

    def _read_bar(self, text: str) -> None:
        signs = text.rstrip("0123456789,-")
        self.alterations, self.tuplet, self.broken = {}, Fraction(1), Fraction(1)
        bars = self.state.bar + (self.state.elapsed > 0)
        self._change(elapsed=Fraction(0), bar=bars, tuplet_left=0, in_chord=False, in_grace=False)
        ends, starts = signs.startswith(":") and len(signs) > 1, signs.endswith(":") and len(signs) > 1
        if ends or starts:
            self._change(repeat=starts)
        divides = ends or starts or "||" in signs or "]" in signs or "[" in signs
        if divides and bars and not (ends and self.state.ending == 1):
            self._change(part=self.state.part + 1, bar=0, ending=0)
        if signs != text:
            self._read_ending(text[len(signs) :])

    def _read_ending(self, text: str) -> None:
        self._change(ending=int(re.split("[,-]", text.lstrip("["))[0]))

    # ---- notes

    def _read_note(self, text: str) -> None:
        found = _NOTE.fullmatch(text)
        if found is None:
            return
        sign, name, marks, length = found.groups()
        letter, octave = name.upper(), 4 + name.islower() + marks.count("'") - marks.count(",")
        if sign:
            self.alterations[letter] = ACCIDENTALS.get(sign, 0)
        alteration = self.alterations.get(letter, self.key.signature.get(letter, 0) if self.key else 0)
        tonic = self.key.tonic[:1] if self.key and self.key.tonic[:1] in LETTERS else ""
        degree = (LETTERS.index(letter) - LETTERS.index(tonic)) % 7 if tonic else None
        self._change(pitch=12 * (octave + 1) + SEMITONES[letter] + alteration, degree=degree, octave=octave)
        if self.state.in_chord:
            self.chord_length = self.chord_length or _length(length)
        elif not self.state.in_grace:
            self._elapse(_length(length))

    def _read_rest(self, text: str) -> None:
        self._elapse(_length(text[1:]))

    def _read_chord(self, text: str) -> None:
        opens = text == "["
        if not opens and self.state.in_chord and self.chord_length:
            self._elapse(self.chord_length * _length(text[1:]))
        self.chord_length = None
        self._change(in_chord=opens)

    def _elapse(self, length: Fraction) -> None:
        """A note, rest or chord of so many unit note lengths."""
        whole = self.meter.duration if self.meter else None
        unit = self.unit or (Fraction(1, 16) if whole is not None and whole < Fraction(3, 4) else Fraction(1, 8))
        left = max(0, self.state.tuplet_left - 1)
        duration = length * unit * self.broken * (self.tuplet if self.state.tuplet_left else 1)
        self.broken = Fraction(1)
        self._change(elapsed=self.state.elapsed + duration, duration=duration, tuplet_left=left, tied=False)

    # ---- around notes

    def _read_tuplet(self, text: str) -> None:
        notes, time, count = ([int(n) if n else 0 for n in text[1:].split(":")] + [0, 0])[:3]
        usual = TUPLET_TIMES.get(notes, None) or (3 if self.meter and self.meter.compound else 2)
        self.tuplet = Fraction(time or usual, notes) if notes else Fraction(1)
        self._change(tuplet_left=count or notes)

    def _read_broken_rhythm(self, text: str) -> None:
        """The note before is lengthened or shortened by what the next one loses or gains."""
        before, least = self.state.duration or Fraction(0), Fraction(1, 2 ** len(text))
        first = 2 - least if text[0] == ">" else least
        self.broken = 2 - first
        self._change(elapsed=self.state.elapsed + before * (first - 1), duration=before * first)

    def _read_tie(self, _: str) -> None:
        self._change(tied=True)

    def _read_slur(self, text: str) -> None:
        self._change(slurs=max(0, self.state.slurs + (1 if text == "(" else -1)))

    def _read_grace(self, text: str) -> None:
        self._change(in_grace=text != "}")


def _length(text: str) -> Fraction:
    """A length as it is written, in unit note lengths."""
    above, slashes, below = re.fullmatch(r"(\d*)(/*)(\d*)", text).groups()  # type: ignore[union-attr]
    return Fraction(int(above or 1), int(below or 0) or 2 ** len(slashes))
