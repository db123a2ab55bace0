"""A tune as data: frozen, comparable, and independent of how it was spelled.

A Tune has voices, a voice has bars, a bar has elements and the bar line after it. Durations are `Fraction`s of a whole
note *as they sound*: broken rhythm and tuplets are already in them. Positions in the text are kept for
messages and never compared: two tunes are equal when their music, words and layout are.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType

from songrnn.notation.grammar import (
    COMPOUND_BEATS,
    LETTER_SHARPS,
    LETTERS,
    METER_SYMBOLS,
    MODE_SHARPS,
    SEMITONES,
    SHARP_ORDER,
)


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a text: line and column, both from 1; 0 and 0 for what came from no text."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}"


NOWHERE = Position(0, 0)


@dataclass(frozen=True, slots=True)
class Skipped:
    """What reading left out, or took although the standard does not have it.

    music: True when notes, rests, lengths, bars or a key may have been lost, so that the tune no longer sounds right.
    """

    position: Position
    reason: str
    music: bool

    def __str__(self) -> str:
        return f"{self.position}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Meter:
    """The M: field. beats: (6,) of 6/8, (2, 3) of (2+3)/8, () of a free meter; symbol: "C" or "C|" if so written."""

    beats: tuple[int, ...] = ()
    unit: int = 4
    symbol: str = ""

    @property
    def duration(self) -> Fraction | None:
        """What a bar lasts; None in free meter."""
        return Fraction(sum(self.beats), self.unit) if self.beats else None

    @property
    def compound(self) -> bool:
        """Whether beats are divided in three, as in 6/8, 9/8 and 12/8."""
        return sum(self.beats) in COMPOUND_BEATS and self.unit >= 8

    @classmethod
    def of_symbol(cls, symbol: str) -> "Meter":
        """The meter that `C` or `C|` stands for."""
        beats, unit = METER_SYMBOLS[symbol]
        return cls((beats,), unit, symbol)


FREE_METER = Meter()


@dataclass(frozen=True, slots=True)
class Key:
    """The K: field.

    tonic:       "C", "F#", "Bb"; "Hp" or "HP" for the Highland pipes; "" for no key.
    mode:        maj min dor phr lyd mix loc, or exp: nothing but the accidentals.
    accidentals: (letter, alteration in semitones) in the order written; they change the mode's signature.
    clef:        the rest of the field, as written.
    """

    tonic: str = ""
    mode: str = "maj"
    accidentals: tuple[tuple[str, int], ...] = ()
    clef: str = ""

    @property
    def sharps(self) -> int:
        """Sharps of tonic and mode, flats below zero, accidentals left out."""
        if self.tonic == "Hp":
            return 2
        if self.mode == "exp" or self.tonic in ("", "HP"):
            return 0
        signs = self.tonic.count("#") - self.tonic.count("b")
        return LETTER_SHARPS[self.tonic[0]] + 7 * signs + MODE_SHARPS[self.mode]

    @property
    def signature(self) -> Mapping[str, int]:
        """Letter -> alteration in semitones, for letters that are altered at all."""
        sharps = self.sharps
        order, sign = (SHARP_ORDER, 1) if sharps > 0 else (SHARP_ORDER[::-1], -1)
        altered = dict.fromkeys(LETTERS, 0)
        for number in range(abs(sharps)):
            altered[order[number % 7]] += sign
        altered.update(self.accidentals)
        return MappingProxyType({letter: value for letter, value in altered.items() if value})


NO_KEY = Key()


@dataclass(frozen=True, slots=True)
class Pitch:
    """A written pitch. octave: 4 for C to B, 5 for c to b; accidental: semitones if one is written, else None."""

    letter: str
    octave: int
    accidental: int | None = None

    @property
    def natural_midi(self) -> int:
        """MIDI number without any accidental: C is 60."""
        return 12 * (self.octave + 1) + SEMITONES[self.letter]

    @property
    def degree(self) -> int:
        """Steps of the scale above the C of octave 0."""
        return 7 * self.octave + LETTERS.index(self.letter)


@dataclass(frozen=True, slots=True)
class GraceNotes:
    """Notes in braces, outside the bar's time. slashed: {/...}."""

    notes: tuple["Note", ...]
    slashed: bool = False


@dataclass(frozen=True, slots=True)
class Marks:
    """Signs before a note, rest, spacer or bar line.

    texts:       chord symbols ("Am") and annotations ("^slow"), without their quotation marks.
    decorations: names, such as "trill"; also for a letter or dot that stands for one.
    """

    grace: GraceNotes | None = None
    texts: tuple[str, ...] = ()
    decorations: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.grace or self.texts or self.decorations)


PLAIN = Marks()


@dataclass(frozen=True, slots=True)
class Note:
    """One note. tied: to the next note of its pitch; slurs_begin, slurs_end: how many slurs do so here."""

    pitch: Pitch
    duration: Fraction
    tied: bool = False
    slurs_begin: int = 0
    slurs_end: int = 0
    marks: Marks = PLAIN
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Rest:
    """`z`, or `x` when it is not to be seen."""

    duration: Fraction
    visible: bool = True
    slurs_begin: int = 0
    slurs_end: int = 0
    marks: Marks = PLAIN
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Chord:
    """Notes that begin together; the first says how long the chord lasts."""

    notes: tuple[Note, ...]
    slurs_begin: int = 0
    slurs_end: int = 0
    marks: Marks = PLAIN
    position: Position = field(default=NOWHERE, compare=False, repr=False)

    @property
    def duration(self) -> Fraction:
        """That of the first note, as the standard has it."""
        return self.notes[0].duration


@dataclass(frozen=True, slots=True)
class BarRest:
    """`Z4`: bars of rest; `X4` when they are not to be seen."""

    bars: int = 1
    visible: bool = True
    marks: Marks = PLAIN
    position: Position = field(default=NOWHERE, compare=False, repr=False)

    def duration(self, meter: Meter) -> Fraction:
        """How long it lasts in this meter; in free meter each bar is a whole note."""
        return self.bars * (meter.duration or Fraction(1))


@dataclass(frozen=True, slots=True)
class Spacer:
    """`y`: room in the score, no time. width: as written, or None. Texts and decorations before nothing hang on one."""

    width: int | None = None
    marks: Marks = PLAIN
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Tuplet:
    """The next `count` notes, rests and chords go `notes` in the time of `time`; their durations say so already."""

    notes: int
    time: int
    count: int
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Ending:
    """`[1`: what follows is played in these passes only."""

    numbers: tuple[int, ...]
    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Overlay:
    """`&`: what follows sounds from the start of the bar again, together with what was before."""

    position: Position = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class BeamBreak:
    """A blank between notes: no beam over it."""


@dataclass(frozen=True, slots=True)
class LineBreak:
    """The end of a line of the score. within: the line of the text continues after it (`$`); lyrics belong to that."""

    within: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A field that is neither in Header's own nor a change of voice.

    value: a Key for K, a Meter for M, a Fraction for L; a text for all others, and for a K that changes a clef alone.
    """

    letter: str
    value: "Key | Meter | Fraction | str"
    position: Position = field(default=NOWHERE, compare=False, repr=False)


Sounding = Note | Rest | Chord
Element = Note | Rest | Chord | BarRest | Spacer | Tuplet | Ending | Overlay | BeamBreak | LineBreak | Field


@dataclass(frozen=True, slots=True)
class BarLine:
    """style: one of `grammar.BAR_STYLES`; ends_repeat, starts_repeat: colons before and after it."""

    style: str = "|"
    ends_repeat: int = 0
    starts_repeat: int = 0
    marks: Marks = PLAIN
    position: Position = field(default=NOWHERE, compare=False, repr=False)

    @property
    def divides(self) -> bool:
        """Whether a part of the tune ends here: every bar line but the plain, the dotted and the invisible one."""
        return bool(self.ends_repeat or self.starts_repeat or self.style not in ("|", ".|", "[|]"))


@dataclass(frozen=True, slots=True)
class Bar:
    """Elements up to a bar line, and that bar line; None when the voice ends without one."""

    elements: tuple[Element, ...]
    line: BarLine | None = None
    position: Position = field(default=NOWHERE, compare=False, repr=False)

    @property
    def layers(self) -> tuple[tuple[Element, ...], ...]:
        """The elements, divided at every `&`: what sounds beside each other."""
        layers: list[list[Element]] = [[]]
        for element in self.elements:
            if isinstance(element, Overlay):
                layers.append([])
            else:
                layers[-1].append(element)
        return tuple(map(tuple, layers))


@dataclass(frozen=True, slots=True)
class Voice:
    """One voice; a tune without V: fields has one, named "1"."""

    name: str
    bars: tuple[Bar, ...]

    def elements(self) -> Iterator[Element]:
        """All elements in order, bar lines left out."""
        return (element for bar in self.bars for element in bar.elements)


ONLY_VOICE = "1"


@dataclass(frozen=True, slots=True)
class Header:
    """The fields before the music.

    number, meter, unit_note_length: None when there is no such field.
    fields: all other fields in order, V: among them.
    """

    key: Key = NO_KEY
    number: int | None = None
    titles: tuple[str, ...] = ()
    meter: Meter | None = None
    unit_note_length: Fraction | None = None
    fields: tuple[Field, ...] = ()

    @property
    def meter_in_force(self) -> Meter:
        """The meter; free when the tune names none (3.1.6)."""
        return FREE_METER if self.meter is None else self.meter

    @property
    def unit_in_force(self) -> Fraction:
        """The unit note length; by default 1/16 in meters under 3/4, else 1/8 (3.1.7)."""
        if self.unit_note_length is not None:
            return self.unit_note_length
        duration = self.meter_in_force.duration
        return Fraction(1, 16) if duration is not None and duration < Fraction(3, 4) else Fraction(1, 8)

    def values(self, letter: str) -> tuple[str, ...]:
        """The texts of all fields of this letter."""
        return tuple(str(one.value) for one in self.fields if one.letter == letter)


@dataclass(frozen=True, slots=True)
class Tune:
    """A header and voices; the reader's remarks about the text are not compared.

    skipped: what a tolerant reading left out.
    remarks: what the standard lets a reader ignore with a warning, such as a field that it does not define; a strict
             reading has them too, and they are no problems.
    """

    header: Header
    voices: tuple[Voice, ...]
    skipped: tuple[Skipped, ...] = field(default=(), compare=False)
    remarks: tuple[Skipped, ...] = field(default=(), compare=False)

    @property
    def complete(self) -> bool:
        """Whether nothing of the music was lost in reading."""
        return not any(skipped.music for skipped in self.skipped)
