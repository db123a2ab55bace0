"""`AnalysedTune`: a tune read once and played out once, for all metrics.

A tune has all that a tolerant reading keeps, as long as no music was lost; where it was, no
metric of its notes is defined. Strict reading is a metric of its own (`validity.py`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from songrnn.checks.check import check
from songrnn.checks.problem import Problem
from songrnn.corpus.fields import FIELD_ORDER, Dropped
from songrnn.errors import AbcSyntaxError
from songrnn.notation.read import read_tune
from songrnn.notation.text_strings import UNTITLED, title_of
from songrnn.notation.tune import (
    Bar,
    BeamBreak,
    Chord,
    Element,
    Field,
    Key,
    LineBreak,
    Meter,
    Note,
    Position,
    Sounding,
    Tune,
    Voice,
)
from songrnn.notation.write import write_tune
from songrnn.performance.timeline import TimedNote, perform

Onsets = frozenset[tuple[int, int, int]]
"""A bar as played: its onsets, each (numerator, denominator, pitch): the offset from its beginning, as a fraction of a
whole note, and the MIDI number. As integers, since bars are compared by the thousand."""

UNREADABLE = "unreadable"
"""The one feature of a tune that cannot be read, where its notes are counted."""
ONE_UNIT = Fraction(1, 8)
"""The unit note length of `AnalysedTune.canonical`."""
_NUMBER_OR_TITLE = re.compile(r"^(?:[XT]:.*|<start>|<end>)\n?", re.MULTILINE)
_HEADER_LETTER = re.compile(r"^([A-Za-z+]):", re.MULTILINE)
_KEY_LINE = re.compile(r"^K:.*$", re.MULTILINE)


@dataclass(frozen=True)
class Place:
    """Where a note is written.

    bar: index of its bar in its voice. offset: from the beginning of the bar, in whole notes. key: the one in force.
    pickup: whether its bar begins a part and is shorter than the meter.
    """

    bar: int
    offset: Fraction
    key: Key
    pickup: bool


@dataclass(frozen=True)
class PlayedBar:
    """A bar as it sounds once: its notes in order of onset, then pitch, and where each begins in it, in whole notes."""

    notes: tuple[TimedNote, ...]
    offsets: tuple[Fraction, ...]

    @cached_property
    def onsets(self) -> Onsets:
        """The onsets, by which bars are compared."""
        pairs = zip(self.notes, self.offsets, strict=True)
        return frozenset((*offset.as_integer_ratio(), note.pitch) for note, offset in pairs)


@dataclass(frozen=True)
class AnalysedTune:
    """A tune as read and as played.

    text:   its tunebook form (R, M, L, K, music), in which tunes of different origin are compared.
    abc:    the same with X: and T: before it, as converters need it.
    tune:   as read; None where it cannot be read without losing some of its music.
    reason: why the ABC standard does not allow it, with line and column in `abc`; "" where it does.
    """

    title: str
    text: str
    abc: str
    tune: Tune | None
    reason: str

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """What `notation.check` finds; nothing in a tune that cannot be read."""
        return () if self.tune is None else tuple(check(self.tune))

    @property
    def fault(self) -> str:
        """Why it is no playable tune, in one line: invalid ABC, the first problem, no notes; "" where it is one."""
        if self.reason or self.problems:
            return self.reason or str(self.problems[0])
        return "" if self.played else "the tune has no notes"

    @cached_property
    def played(self) -> tuple[TimedNote, ...]:
        """The notes of the first voice, repeats and endings played out."""
        return self._notes(repeats=True)

    @cached_property
    def melody(self) -> tuple[TimedNote, ...]:
        """The highest note at each onset of the first voice, every bar once, as written."""
        highest = {note.onset: note for note in self._notes(repeats=False)}  # in order of pitch at each onset
        return tuple(highest.values())

    @cached_property
    def places(self) -> Mapping[Position, Place]:
        """Position in the text -> place, for every written note of the first voice."""
        if self.tune is None or not self.tune.voices:
            return {}
        return dict(_places(self.tune.voices[0], self.tune.header.key, self.tune.header.meter_in_force))

    @cached_property
    def played_bars(self) -> tuple[PlayedBar, ...]:
        """The bars of the first voice in the order in which they sound, pickups and bars without an onset left out."""
        bars: list[tuple[bool, list[TimedNote], list[Fraction]]] = []
        number, offset, onset = -1, Fraction(0), Fraction(-1)
        for note in self.played:
            place = self.places[note.position]
            again = place.offset < offset or (place.offset == offset and note.onset != onset)  # a repeat of this bar
            if place.bar != number or again:
                bars.append((place.pickup, [], []))
            bars[-1][1].append(note)
            bars[-1][2].append(place.offset)
            number, offset, onset = place.bar, place.offset, note.onset
        return tuple(PlayedBar(tuple(notes), tuple(offsets)) for pickup, notes, offsets in bars if not pickup)

    @cached_property
    def bars(self) -> tuple[Onsets, ...]:
        """The onsets of each of `played_bars`."""
        return tuple(bar.onsets for bar in self.played_bars)

    @cached_property
    def canonical(self) -> str:
        """The tune in one spelling, so that texts differ by their music alone; `text` for a tune that cannot be read.

        Written by `notation`'s writer, with L:1/8, meters in numbers, and no blank or line end between notes.
        """
        return self.text if self.tune is None else write_tune(_respelled(self.tune))

    def _notes(self, *, repeats: bool) -> tuple[TimedNote, ...]:
        if self.tune is None or not self.tune.voices:
            return ()
        first = self.tune.voices[0].name
        return tuple(note for note in perform(self.tune, repeats=repeats) if note.voice == first)


def analyse(tune: str) -> AnalysedTune:
    """Read one tune in ABC, in raw or tunebook form or as it is in a file; raises nothing."""
    text = comparable_text(tune)
    title = title_of(tune) or UNTITLED
    abc = f"X:1\nT:{title}\n{text}"
    read, reason = None, ""
    try:
        read = read_tune(abc)
    except AbcSyntaxError as error:
        reason = str(error)
        try:
            tolerant = read_tune(abc, strict=False)
        except AbcSyntaxError:
            tolerant = None
        if tolerant is not None and tolerant.complete:
            read = tolerant
    return AnalysedTune(title, text, abc, read, reason)


def comparable_text(tune: str) -> str:
    """The tune without number, title and other fields that name its origin.

    A text that has nothing but R, M, L and K before its music stays as it is: composed text is not
    corrected. Any other is brought into tunebook form; where that is impossible, only X: and T: go.
    """
    text = _NUMBER_OR_TITLE.sub("", tune).strip() + "\n"
    found = _KEY_LINE.search(text)
    header = text[: found.end()] if found else ""
    if header and set(_HEADER_LETTER.findall(header)) <= set(FIELD_ORDER) and "%" not in text:
        return text
    from songrnn.corpus.cleaning import tunebook_text

    try:
        return tunebook_text(text, keep_marks=True)
    except Dropped:
        return text


def _respelled(tune: Tune) -> Tune:
    """The same music without number, titles, layout, and changes of the unit note length."""
    meter = tune.header.meter
    header = replace(
        tune.header,
        number=None,
        titles=(),
        meter=None if meter is None else replace(meter, symbol=""),
        unit_note_length=ONE_UNIT,
    )
    return Tune(header, tuple(replace(voice, bars=tuple(_respelled_bars(voice.bars))) for voice in tune.voices))


def _respelled_bars(bars: Sequence[Bar]) -> Iterator[Bar]:
    """Without layout, and without bar lines that only begin a line of the text, as in "...|" and "|..." below it."""
    after_bar_line = False
    for bar in bars:
        elements, line = _without_layout(bar.elements), bar.line
        layout = (
            line is not None
            and line.style in ("|", "||")
            and not (line.ends_repeat or line.starts_repeat or line.marks)
        )
        if not (after_bar_line and layout and not elements):
            yield replace(bar, elements=elements)
        after_bar_line = line is not None


def _without_layout(elements: tuple[Element, ...]) -> tuple[Element, ...]:
    """Without beam breaks, line breaks and changes of the unit note length; durations are as they sound already."""
    return tuple(
        element
        for element in elements
        if not isinstance(element, BeamBreak | LineBreak)
        and not (isinstance(element, Field) and isinstance(element.value, Fraction))
    )


def _places(voice: Voice, key: Key, meter: Meter) -> Iterator[tuple[Position, Place]]:
    begins_part = True
    for index, bar in enumerate(voice.bars):
        length = sum((_duration(element) for element in bar.layers[0]), Fraction(0))
        pickup = begins_part and meter.duration is not None and length < meter.duration
        for layer in bar.layers:
            offset = Fraction(0)
            for element in layer:
                match element:
                    case Note():
                        yield element.position, Place(index, offset, key, pickup)
                    case Chord():
                        for note in element.notes:
                            yield note.position, Place(index, offset, key, pickup)
                    case Field(value=Key() as changed):
                        key = changed
                    case Field(value=Meter() as other):
                        meter = other
                offset += _duration(element)
        if length or (bar.line is not None and bar.line.divides):
            begins_part = bar.line is not None and bar.line.divides


def _duration(element: Element) -> Fraction:
    return element.duration if isinstance(element, Sounding) else Fraction(0)
