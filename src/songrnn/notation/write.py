"""Tune -> canonical text: one spelling for one tune, which reading turns into the same tune again.

Header: X, T, other fields in their order, M, L, K. In the body a field is written among the notes, in brackets, where
the standard allows that; broken rhythm is written with > and < where two lengths are its; every voice of several is
written whole, one after another.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType

from songrnn.notation.grammar import (
    ACCIDENTAL_SIGNS,
    MOST_BROKEN,
    SHORTHANDS,
    STACCATO,
    TUPLET_TIMES,
)
from songrnn.notation.tune import (
    ONLY_VOICE,
    BarLine,
    BarRest,
    BeamBreak,
    Chord,
    Element,
    Ending,
    Field,
    Header,
    LineBreak,
    Marks,
    Meter,
    Note,
    Overlay,
    Pitch,
    Rest,
    Sounding,
    Spacer,
    Tune,
    Tuplet,
    Voice,
)
from songrnn.notation.values import fits_inline, value_text

# ratio of two lengths -> the signs between them, and the factor of the first; that of the second is 2 minus it
_BROKEN_RHYTHMS: Mapping[Fraction, tuple[str, Fraction]] = MappingProxyType(
    {
        factor / (2 - factor): (sign * signs, factor)
        for signs in range(1, MOST_BROKEN + 1)
        for sign, factor in (("<", Fraction(1, 2**signs)), (">", 2 - Fraction(1, 2**signs)))
    }
)
_EVEN_RHYTHM = "", Fraction(1)
_LETTERS: Mapping[str, str] = MappingProxyType({name: letter for letter, name in SHORTHANDS.items()})
_DOT: Mapping[str, str] = MappingProxyType({STACCATO: "."})  # the one sign that no U: field can redefine


def write_tune(tune: Tune) -> str:
    """The text of a tune; `read_tune` of it is equal to `tune` for every tune that was read."""
    letters = _DOT if _redefines(tune) else _LETTERS
    alone = len(tune.voices) == 1 and tune.voices[0].name == _first_voice(tune.header)
    texts = [] if alone else [_field_line("V", voice.name) for voice in tune.voices]
    bodies = [_VoiceWriter(tune.header, letters).text(voice) for voice in tune.voices]
    return _header_text(tune.header) + "".join(bodies if alone else map(str.__add__, texts, bodies))


def pitch_text(pitch: Pitch) -> str:
    """A pitch as it is written: "^c'" and the like."""
    sign = "" if pitch.accidental is None else ACCIDENTAL_SIGNS[pitch.accidental]
    if pitch.octave >= 5:
        return sign + pitch.letter.lower() + "'" * (pitch.octave - 5)
    return sign + pitch.letter + "," * (4 - pitch.octave)


def length_text(length: Fraction) -> str:
    """A length in unit note lengths: "", "2", "/", "/4", "3/2"."""
    if length.denominator == 1:
        return "" if length == 1 else str(length.numerator)
    if length.numerator == 1:
        return "/" if length.denominator == 2 else f"/{length.denominator}"
    return f"{length.numerator}/{length.denominator}"


def bar_line_text(line: BarLine) -> str:
    """A bar line with its colons."""
    if line.style == "|" and line.ends_repeat == 1 and line.starts_repeat == 1:
        return "::"
    return ":" * line.ends_repeat + line.style + ":" * line.starts_repeat


def _redefines(tune: Tune) -> bool:
    in_bodies = (element for voice in tune.voices for element in voice.elements())
    return any(isinstance(field, Field) and field.letter == "U" for field in (*tune.header.fields, *in_bodies))


def _first_voice(header: Header) -> str:
    names = header.values("V")
    return names[0].split()[0] if names else ONLY_VOICE


def _header_text(header: Header) -> str:
    lines = [] if header.number is None else [f"X:{header.number}"]
    lines += [f"T:{title}" for title in header.titles]
    lines += [f"{field.letter}:{value_text(field.value)}" for field in header.fields]
    if header.meter is not None:
        lines.append(f"M:{value_text(header.meter)}")
    if header.unit_note_length is not None:
        lines.append(f"L:{value_text(header.unit_note_length)}")
    return "\n".join([*lines, f"K:{value_text(header.key)}"]) + "\n"


class _VoiceWriter:
    """Writes one voice, with the state that a reader has at each place."""

    def __init__(self, header: Header, letters: Mapping[str, str]) -> None:
        self._meter = header.meter_in_force
        self._unit = header.unit_in_force
        self._letters = letters
        self._tuplet_left = 0
        self._tuplet_factor = Fraction(1)
        self._broken = Fraction(1)  # what the broken rhythm before it does to the next note
        self._text: list[str] = []

    def text(self, voice: Voice) -> str:
        """All bars; ends at the start of a line."""
        for bar in voice.bars:
            for index, element in enumerate(bar.elements):
                self._write(element, bar.elements[index + 1] if index + 1 < len(bar.elements) else None)
            if bar.line is not None:
                self._write_bar_line(bar.line)
        if not self._at_line_start():
            self._text.append("\n")
        return "".join(self._text)

    def _write(self, element: Element, following: Element | None) -> None:
        match element:
            case Note() | Rest() | Chord():
                self._write_sounding(element, following)
            case BeamBreak():
                self._text.append(" ")
            case LineBreak():
                self._text.append("$" if element.within else "\n")
            case Field():
                self._write_field(element)
            case Tuplet():
                self._text.append(self._tuplet_text(element))
                self._tuplet_left, self._tuplet_factor = element.count, Fraction(element.time, element.notes)
            case Ending():
                after_bar_line = bool(self._text) and self._text[-1].endswith(("|", ":"))
                self._text.append(("" if after_bar_line else "[") + ",".join(map(str, element.numbers)) + " ")
            case Overlay():
                self._text.append("&")
            case BarRest():
                count = "" if element.bars == 1 else str(element.bars)
                self._text.append(self._marks(element.marks) + ("Z" if element.visible else "X") + count)
            case Spacer():
                self._text.append(
                    self._marks(element.marks) + "y" + ("" if element.width is None else str(element.width))
                )

    # ---- notes

    def _write_sounding(self, element: Sounding, following: Element | None) -> None:
        scale = self._scale(self._tuplet_left)
        self._tuplet_left = max(0, self._tuplet_left - 1)
        lengths = [length / scale / self._broken for length in _durations(element)]
        self._broken = Fraction(1)
        sign = ""
        if isinstance(following, Sounding):
            next_scale = self._scale(self._tuplet_left)
            sign, factor = _broken_rhythm(lengths, [length / next_scale for length in _durations(following)])
            if sign:
                lengths = [length / factor for length in lengths]
                self._broken = 2 - factor
        self._text.append(
            "(" * element.slurs_begin
            + self._marks(element.marks)
            + self._sounding_text(element, lengths)
            + ")" * element.slurs_end
            + sign
        )

    def _sounding_text(self, element: Sounding, lengths: Sequence[Fraction]) -> str:
        match element:
            case Rest():
                return ("z" if element.visible else "x") + length_text(lengths[0])
            case Note():
                return pitch_text(element.pitch) + length_text(lengths[0]) + "-" * element.tied
        same, tied = len(set(lengths)) == 1, all(note.tied for note in element.notes)
        members = (
            "(" * note.slurs_begin
            + self._marks(note.marks)
            + pitch_text(note.pitch)
            + ("" if same else length_text(length))
            + "-" * (note.tied and not tied)
            + ")" * note.slurs_end
            for note, length in zip(element.notes, lengths, strict=True)
        )
        return f"[{''.join(members)}]" + (length_text(lengths[0]) if same else "") + "-" * tied

    def _scale(self, tuplet_left: int) -> Fraction:
        return self._unit * self._tuplet_factor if tuplet_left else self._unit

    def _tuplet_text(self, tuplet: Tuplet) -> str:
        usual = TUPLET_TIMES.get(tuplet.notes, 0) or (3 if self._meter.compound else 2)
        if tuplet.notes in TUPLET_TIMES and tuplet.time == usual and tuplet.count == tuplet.notes:
            return f"({tuplet.notes}"
        return f"({tuplet.notes}:{tuplet.time}:{tuplet.count}"

    def _marks(self, marks: Marks, *, in_full: bool = False) -> str:
        if not marks:
            return ""
        grace = ""
        if marks.grace is not None:
            notes = (pitch_text(note.pitch) + length_text(note.duration / self._unit) for note in marks.grace.notes)
            grace = "{" + "/" * marks.grace.slashed + "".join(notes) + "}"
        letters = {} if in_full else self._letters
        names = (letters.get(name) or f"!{name}!" for name in marks.decorations)
        return grace + "".join(f'"{text}"' for text in marks.texts) + "".join(names)

    # ---- bars and fields

    def _write_bar_line(self, line: BarLine) -> None:
        after_bar_line = bool(self._text) and self._text[-1].endswith(("|", ":", "]"))
        space = " " if after_bar_line and not line.marks else ""
        self._text.append(space + self._marks(line.marks, in_full=True) + bar_line_text(line))

    def _write_field(self, field: Field) -> None:
        value = value_text(field.value)
        if isinstance(field.value, Meter):
            self._meter = field.value
        elif isinstance(field.value, Fraction):
            self._unit = field.value
        if fits_inline(field.letter, field.value):
            self._text.append(f"[{field.letter}:{value}]")
            return
        if not self._at_line_start():
            self._text.append("\\\n")
        self._text.append(_field_line(field.letter, value))

    def _at_line_start(self) -> bool:
        return not self._text or self._text[-1].endswith("\n")


def _field_line(letter: str, value: str) -> str:
    """A field of the body on a line of its own; a blank keeps `V:|` from being a bar line after a V."""
    return f"{letter}:{' ' * value.startswith(('|', ':', ']', '[|', '.|'))}{value}\n"


def _durations(element: Sounding) -> list[Fraction]:
    return [note.duration for note in element.notes] if isinstance(element, Chord) else [element.duration]


def _broken_rhythm(lengths: Sequence[Fraction], following: Sequence[Fraction]) -> tuple[str, Fraction]:
    """The signs between two notes, and what they do to the first; ("", 1) when their lengths are not of that kind.

    lengths, following: in unit note lengths; chords are left alone unless all their notes are equally long.
    """
    if len(set(lengths)) == 1 and len(set(following)) == 1:
        return _BROKEN_RHYTHMS.get(lengths[0] / following[0], _EVEN_RHYTHM)
    return _EVEN_RHYTHM
