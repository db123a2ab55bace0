"""Lines of music -> the voices of a tune: what each token of `scan.py` means, and which voice it belongs to."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from fractions import Fraction
from types import MappingProxyType

from songrnn.notation.grammar import (
    ACCIDENTALS,
    FIELDS,
    INLINE_FIELDS,
    MOST_BAR_RESTS,
    MOST_BROKEN,
    MOST_OCTAVE_SIGNS,
    MOST_REPEATS,
    MOST_TUPLET,
    SHORTHANDS,
    TUPLET_TIMES,
)
from songrnn.notation.lines import MusicLine
from songrnn.notation.scan import (
    bar_line_style,
    is_decoration_name,
    old_chord_notes,
    read_count,
    read_length,
    read_numbers,
    tokens,
)
from songrnn.notation.signs import USUAL_BREAK
from songrnn.notation.tune import ONLY_VOICE, Field, GraceNotes, Header, LineBreak, Note, Pitch, Position, Voice
from songrnn.notation.voice import Report, VoiceReader
from songrnn.notation.words import find_words

# Tokens allowed between the brackets of a chord; any other ends it.
_IN_CHORDS = frozenset(
    (
        "note",
        "rest",
        "text",
        "decoration",
        "shorthand",
        "slur",
        "slur_end",
        "tie",
        "quote",
        "blank",
        "chord",
        "chord_end",
        "late_length",
        "line_break",
    )
)
OnField = Callable[[str, str, Position], None]


class MusicReader:
    """Reads lines of music into voices. Fields among the notes are passed to `on_field`."""

    def __init__(self, header: Header, report: Report, on_field: OnField) -> None:
        self.shorthands = dict(SHORTHANDS)
        self.header = header
        self._report = report
        self._on_field = on_field
        self._voices: dict[str, VoiceReader] = {}
        self._voice: VoiceReader | None = None
        self._early: list[Field | LineBreak] = []  # of the voice that follows
        self._grace: list[Note] | None = None
        self._slashed = False

    @property
    def voice(self) -> VoiceReader:
        """The current voice; before any V: field the first one that the header names."""
        if self._voice is None:
            self.select_voice(self._first_name())
        assert self._voice is not None
        return self._voice

    def _first_name(self) -> str:
        names = self.header.values("V")
        return voice_name(names[0]) if names else ONLY_VOICE

    def select_voice(self, name: str) -> None:
        """Make this the current voice."""
        if name not in self._voices:
            self._voices[name] = VoiceReader(name, self.header, self._report)
        self._voice = self._voices[name]
        early, self._early = self._early, []
        for element in early:
            if isinstance(element, Field):
                self._voice.field(element)
            else:
                self._voice.line_break()

    def field(self, field: Field) -> None:
        """Add a field to the current voice; before any music and any V:, to the voice that follows."""
        if self._voice is None:
            self._early.append(field)
        else:
            self._voice.field(field)

    def begin_line(self) -> None:
        """Note that the next token begins a line."""
        if self._voice is not None:
            self._voice.at_line_start = True

    def read_line(self, line: MusicLine) -> None:
        """Read one line of music without its comment."""
        for token in self._tokens(line):
            self._read_token(token, line.position(token.start()))
        end = line.position(len(line.text))
        self._close_grace(end)
        self._end_chord(end)

    def end_line(self, *, breaks: bool, goes_on: bool) -> None:
        """End the line of the text: `VoiceReader.line_end`."""
        if self._voice is not None:
            self._voice.line_end(breaks=breaks, goes_on=goes_on)
        elif self._early and breaks and not goes_on:
            self._early.append(LineBreak())

    def separate_lyrics(self) -> None:
        """Apply lyrics from here on to the notes from here on, also where no line of the score ends."""
        if self._voice is not None and self._voice.lyrics_end:
            self._voice.field(Field("w", ""))

    def _end_chord(self, position: Position) -> None:
        if self._voice is not None:
            self._voice.end_chord(position)

    def _tokens(self, line: MusicLine) -> Iterator[re.Match[str]]:
        """The tokens of a line; stretches of language are reported and left out."""
        offset = 0
        for words in find_words(line.text, self._explained()):
            yield from tokens(line.text, offset, words.start)
            found, kind = line.text[words.start : words.end], "markup" if words.markup else "words"
            self._report(line.position(words.start), f"expected music, found the {kind} {found[:40]!r}", words.markup)
            offset = words.end
        yield from tokens(line.text, offset)

    def _read_token(self, token: re.Match[str], position: Position) -> None:
        kind = str(token.lastgroup)
        if self._grace is not None:
            self._in_grace(kind, token, position)
            return
        if kind not in _IN_CHORDS:
            self._end_chord(position)
        _MEANINGS[kind](self, token, position)

    def _explained(self) -> Collection[str]:
        """The letters to which U: fields give a meaning."""
        return self.shorthands.keys() - SHORTHANDS.keys() if len(self.shorthands) > len(SHORTHANDS) else ()

    def finish(self, position: Position) -> tuple[Voice, ...]:
        """All voices with music, those that the header names first."""
        if self._early:
            self.select_voice(self._first_name())
        order = {voice_name(value): None for value in self.header.values("V")} | dict.fromkeys(self._voices)
        voices = (self._voices[name].finish(position) for name in order if name in self._voices)
        return tuple(voice for voice in voices if voice.bars)

    # ---- notes

    def _length(self, text: str, position: Position) -> Fraction:
        length = read_length(text)
        if length is None:
            self._report(position, f"expected a length such as '2' or '3/2', found {text[:20]!r}", True)
            return Fraction(1)
        return length

    def _pitch(self, token: re.Match[str], position: Position) -> Pitch:
        octave = 4 if token["letter"].isupper() else 5
        signs = token["octave"]
        if len(signs) > MOST_OCTAVE_SIGNS:
            self._report(position, f"expected at most {MOST_OCTAVE_SIGNS} octave signs, found {len(signs)}", True)
            signs = signs[:MOST_OCTAVE_SIGNS]
        octave += signs.count("'") - signs.count(",")
        accidental = token["accidental"]
        return Pitch(token["letter"].upper(), octave, ACCIDENTALS[accidental] if accidental else None)

    def _note(self, token: re.Match[str], position: Position) -> None:
        self.voice.note(self._pitch(token, position), self._length(token["length"], position), position)

    def _rest(self, token: re.Match[str], position: Position) -> None:
        length = self._length(token["rest_length"], position)
        self.voice.rest(length, visible=token[0][0] == "z", position=position)

    def _bar_rest(self, token: re.Match[str], position: Position) -> None:
        bars = read_count(token["bars"], most=MOST_BAR_RESTS, default=1)
        if bars is None:
            self._report(position, f"expected a number of bars from 1 to {MOST_BAR_RESTS}", True)
            return
        self.voice.bar_rest(bars, visible=token["kind"] == "Z", position=position)

    def _spacer(self, token: re.Match[str], position: Position) -> None:
        self.voice.spacer(read_count(token["width"], most=10**6, default=0) or None, position)

    def _open_chord(self, _: re.Match[str], position: Position) -> None:
        self.voice.open_chord(position)

    def _close_chord(self, token: re.Match[str], position: Position) -> None:
        self.voice.close_chord(self._length(token["chord_length"], position), position)

    def _old_chord(self, token: re.Match[str], position: Position) -> None:
        self._report(position, "expected a chord in brackets, found one in plus signs", False)
        self.voice.open_chord(position)
        for text in old_chord_notes(token["notes"]):
            found = next(tokens(text))
            self.voice.note(self._pitch(found, position), self._length(found["length"], position), position)
        self.voice.close_chord(Fraction(1), position)

    # ---- signs at notes

    def _text(self, token: re.Match[str], _: Position) -> None:
        self.voice.text(" ".join(token["words"].split()))

    def _open_text(self, token: re.Match[str], position: Position) -> None:
        end = Position(position.line, position.column + len(token[0]))
        self._report(end, f"expected '\"' after the text that begins in column {position.column}", True)

    def _decoration(self, token: re.Match[str], position: Position) -> None:
        name = token["name"] or token["old_name"]
        if token["old_name"]:
            self._report(position, f"expected '!{name}!', found '+{name}+'", False)
        if not is_decoration_name(name):
            self._report(position, "expected the name of a decoration between '!' and '!', found notes", False)
            for found in tokens(f"${name}$"):
                self._read_token(found, position)
            return
        self.voice.decoration(name)

    def _shorthand(self, token: re.Match[str], position: Position) -> None:
        name = self.shorthands.get(token[0])
        if name is None:
            self._report(position, f"expected music, found {token[0]!r}, to which no U: field gives a meaning", False)
        elif name:
            self.voice.decoration(name)

    def _slur(self, _: re.Match[str], position: Position) -> None:
        self.voice.open_slur(position)

    def _slur_end(self, _: re.Match[str], position: Position) -> None:
        self.voice.close_slur(position)

    def _tie(self, _: re.Match[str], position: Position) -> None:
        self.voice.tie(position)

    def _broken(self, token: re.Match[str], position: Position) -> None:
        if len(token[0]) > MOST_BROKEN:
            self._report(position, f"expected at most {MOST_BROKEN} signs of broken rhythm", True)
            return
        self.voice.broken(token[0], position)

    def _tuplet(self, token: re.Match[str], position: Position) -> None:
        notes = read_count(token["p"], most=MOST_TUPLET, default=0)
        time = read_count(token["q"] or "", most=MOST_TUPLET, default=0)
        count = read_count(token["r"] or "", most=MOST_TUPLET, default=0)
        if not notes or time is None or count is None or (notes not in TUPLET_TIMES and not time):
            self._report(position, f"expected a tuplet such as '(3' or '(3:2:3', found {token[0][:20]!r}", True)
            return
        self.voice.tuplet(notes, time or None, count or None, position)

    def _late_length(self, token: re.Match[str], position: Position) -> None:
        """A length that a blank separates from its note, taken as that note's if it has none."""
        found = token["late"]
        length = read_length(found)
        taken = length is not None and self.voice.late_length(length)
        what = "is taken as meant" if taken else "is left out"
        self._report(
            position, f"expected the length {found[:20]!r} directly after a note, found a blank; it {what}", not taken
        )

    # ---- grace notes

    def _open_grace(self, token: re.Match[str], _: Position) -> None:
        self._grace, self._slashed = [], len(token[0]) > 1

    def _in_grace(self, kind: str, token: re.Match[str], position: Position) -> None:
        assert self._grace is not None
        match kind:
            case "note":
                duration = self._length(token["length"], position) * self.voice.unit
                self._grace.append(Note(self._pitch(token, position), duration, position=position))
            case "grace_end":
                self._close_grace(None)
            case "bar":
                self._close_grace(position)
                self._bar(token, position)
            case "blank":
                pass
            case _:
                self._report(position, f"expected a grace note or '}}', found {token[0][:20]!r}", False)

    def _close_grace(self, missing: Position | None) -> None:
        notes, self._grace = self._grace, None
        if notes is None:
            return
        if missing is not None:
            self._report(missing, "expected '}' after the grace notes", False)
        if notes:
            self.voice.grace(GraceNotes(tuple(notes), self._slashed))

    # ---- bars and fields

    def _bar(self, token: re.Match[str], position: Position) -> None:
        if token["invisible"]:
            style, ends, starts = token["invisible"], len(token["ends"]), 0  # colons after it are the next bar line's
        elif token["style"] is None:  # nothing but colons
            colons = len(token[0])
            style, ends, starts = "|", colons // 2, colons - colons // 2
        else:
            style, ends, starts = bar_line_style(token["style"]), len(token["ends"]), len(token["starts"])
        if max(ends, starts) > MOST_REPEATS:
            self._report(position, f"expected at most {MOST_REPEATS} colons at a bar line", True)
        self.voice.bar_line(style, min(ends, MOST_REPEATS), min(starts, MOST_REPEATS), position)

    def _ending(self, token: re.Match[str], position: Position) -> None:
        numbers = read_numbers(token["numbers"])
        if numbers is None:
            self._report(position, f"expected an ending such as '1' or '1,3', found {token['numbers'][:20]!r}", True)
            return
        self.voice.ending(numbers, position)

    def _line_break(self, token: re.Match[str], position: Position) -> None:
        if token[0] != USUAL_BREAK:
            self._report(
                position, "expected '$' (or I:linebreak !) for the end of a line of the score, found '!'", False
            )
        self.voice.line_break(within=True)

    def _overlay(self, _: re.Match[str], position: Position) -> None:
        self.voice.overlay(position)

    def _field(self, token: re.Match[str], position: Position) -> None:
        letter = token["field_letter"]
        if letter in FIELDS and letter not in INLINE_FIELDS:
            self._report(position, f"expected the field {letter}: on a line of its own", False)
        self._on_field(letter, token["value"], Position(position.line, position.column + 3))

    def _blank(self, _: re.Match[str], __: Position) -> None:
        if self._voice is not None:
            self._voice.beam_break()

    def _quote(self, _: re.Match[str], position: Position) -> None:
        """A back-quote separates notes visually and has no meaning (4.7)."""

    def _grace_end(self, _: re.Match[str], position: Position) -> None:
        self._report(position, "expected '{' before '}'", False)

    def _other(self, token: re.Match[str], position: Position) -> None:
        self._report(position, f"expected music, found {token[0]!r}", token[0] in "0123456789/,'^_=:<>")


def voice_name(value: str) -> str:
    """The name at the beginning of a V: field that is not empty."""
    return value.split()[0]


_MEANINGS: Mapping[str, Callable[[MusicReader, re.Match[str], Position], None]] = MappingProxyType(
    {
        "note": MusicReader._note,
        "blank": MusicReader._blank,
        "bar": MusicReader._bar,
        "ending": MusicReader._ending,
        "rest": MusicReader._rest,
        "text": MusicReader._text,
        "open_text": MusicReader._open_text,
        "broken": MusicReader._broken,
        "tuplet": MusicReader._tuplet,
        "slur": MusicReader._slur,
        "slur_end": MusicReader._slur_end,
        "tie": MusicReader._tie,
        "grace": MusicReader._open_grace,
        "grace_end": MusicReader._grace_end,
        "field": MusicReader._field,
        "chord": MusicReader._open_chord,
        "chord_end": MusicReader._close_chord,
        "decoration": MusicReader._decoration,
        "old_chord": MusicReader._old_chord,
        "bar_rest": MusicReader._bar_rest,
        "spacer": MusicReader._spacer,
        "overlay": MusicReader._overlay,
        "late_length": MusicReader._late_length,
        "line_break": MusicReader._line_break,
        "quote": MusicReader._quote,
        "shorthand": MusicReader._shorthand,
        "other": MusicReader._other,
    }
)
