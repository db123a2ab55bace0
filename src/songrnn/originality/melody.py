"""A tune's text -> its melody, by which tunes are compared: the steps between notes, and durations.

The melody is what `notation.performance` plays as written, every bar once: of the first voice that has notes, and of
notes that begin together the highest. Grace notes and rests are no notes; tied notes are one. The text is read
tolerantly, because a network early in training writes invalid ABC.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from songrnn.corpus.markers import END, START
from songrnn.errors import AbcSyntaxError
from songrnn.notation.grammar import PITCH_PATTERN
from songrnn.notation.lines import LINE_END
from songrnn.notation.read import read_tune
from songrnn.notation.tune import (
    ONLY_VOICE,
    Bar,
    Field,
    Header,
    Meter,
    Position,
    Sounding,
    Tune,
    Voice,
)
from songrnn.performance.bar_lengths import bar_duration
from songrnn.performance.timeline import TimedNote, perform

TICKS = 6_720
"""In a whole note: 2^6 * 3 * 5 * 7, so that nearly all durations in use are whole numbers of ticks."""
FREE_BAR = Fraction(1)
"""What counts as a bar in free meter: a whole note, as for a rest of whole bars."""

_MARKER = re.compile(rf"^(?:{START}|{END})[^\S\n]*$", re.MULTILINE)
_NOTE = re.compile(rf"{PITCH_PATTERN}[\d/]*(?:\][\d/]*)?-?")
_NO_VOICE = Voice(ONLY_VOICE, ())


@dataclass(frozen=True)
class Melody:
    """The notes of a tune, in order; N of them.

    text: what was read. voice: the one whose notes these are.
    """

    notes: tuple[TimedNote, ...]
    text: str
    tune: Tune
    voice: Voice

    def __len__(self) -> int:
        return len(self.notes)

    @cached_property
    def pitches(self) -> NDArray[np.int64]:
        """[N] MIDI numbers, 60 for C."""
        return np.array([note.pitch for note in self.notes], dtype=np.int64)

    @cached_property
    def durations(self) -> NDArray[np.int64]:
        """[N] in ticks, rounded."""
        whole = [(note.duration.numerator, note.duration.denominator) for note in self.notes]
        return np.array([(2 * TICKS * over + under) // (2 * under) for over, under in whole], dtype=np.int64)

    def bars_between(self, first: int, last: int) -> Fraction:
        """From the beginning of note `first` to the end of note `last`: how many bars of the meter in force there."""
        end = self.notes[last].onset + self.notes[last].duration
        if len(self._meters) == 1:
            return (end - self.notes[first].onset) / self._meters[0][1]
        total = Fraction(0)
        for index in range(first, last + 1):
            note = self.notes[index]
            stop = end if index == last else self.notes[index + 1].onset
            total += (stop - note.onset) / self._bar_at(note.position)
        return total

    def bar_of(self, index: int) -> int:
        """The number of the note's bar, from 1; a pickup is bar 0.

        Two written bars that together make a whole one, as around a repeat, have one number.
        """
        before = bisect_right(self._bars, self.notes[index].position, key=lambda bar: bar.position)
        return self._bar_numbers[max(0, before - 1)]

    def characters(self, first: int, last: int) -> tuple[int, int]:
        """The characters of the notes `first` to `last`: begin, and end after the last one."""
        begin, end = (self._character(self.notes[index].position) for index in (first, last))
        found = _NOTE.match(self.text, end)
        return begin, found.end() if found else end + 1

    def _bar_at(self, position: Position) -> Fraction:
        return self._meters[bisect_right(self._meters, position, key=lambda change: change[0]) - 1][1]

    def _character(self, position: Position) -> int:
        return self._lines[position.line - 1] + position.column - 1

    @cached_property
    def _lines(self) -> list[int]:
        return [0, *(found.end() for found in LINE_END.finditer(self.text))]

    @cached_property
    def _bars(self) -> list[Bar]:
        return [bar for bar in self.voice.bars if any(isinstance(element, Sounding) for element in bar.elements)]

    @cached_property
    def _bar_numbers(self) -> list[int]:
        numbers: list[int] = []
        begun = Fraction(0)  # the part of a bar that has begun
        for bar in self._bars:
            full = self._bar_at(bar.position)
            lasts = bar_duration(bar)
            if begun and begun + lasts == full:
                numbers.append(numbers[-1])
                begun = Fraction(0)
            else:
                pickup = not numbers and lasts < full and self.tune.header.meter_in_force.beats
                numbers.append(0 if pickup else numbers[-1] + 1 if numbers else 1)
                begun = lasts if lasts < full and numbers[-1] else Fraction(0)
        return numbers

    @cached_property
    def _meters(self) -> list[tuple[Position, Fraction]]:
        """Places in the text and the duration of a bar from there on, in the order of the text."""
        changes = [
            (element.position, element.value.duration or FREE_BAR)
            for element in self.voice.elements()
            if isinstance(element, Field) and isinstance(element.value, Meter)
        ]
        return [(Position(0, 0), self.tune.header.meter_in_force.duration or FREE_BAR), *changes]


def melody_of(text: str) -> Melody:
    """The melody of a tune in any form; without notes for a text that is no tune. Raises nothing."""
    unmarked = _MARKER.sub(lambda marker: "%" + " " * (len(marker[0]) - 1), text)
    try:
        tune = read_tune(unmarked, strict=False)
    except AbcSyntaxError:
        tune = Tune(Header(), ())
    played = perform(tune, repeats=False)
    sounding = {note.voice for note in played}
    voice = next((voice for voice in tune.voices if voice.name in sounding), _NO_VOICE)
    return Melody(_highest([note for note in played if note.voice == voice.name]), unmarked, tune, voice)


def _highest(notes: Sequence[TimedNote]) -> tuple[TimedNote, ...]:
    """Of notes that begin together the highest, which comes last."""
    return tuple({note.onset: note for note in notes}.values())
