"""Tune -> when each note of the score sounds, and where its bars stand in the text, for a display that follows it."""

import json
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction

from songrnn.notation.tune import Tune
from songrnn.performance.bar_places import bar_numbers, bar_places
from songrnn.performance.beats import beats_of
from songrnn.performance.tempo import Tempo
from songrnn.performance.timeline import Timeline

SECONDS_A_MINUTE = 60


@dataclass(frozen=True)
class TimedPlace:
    """A note as it sounds: from second `begin` to second `end`; `note` is its id in the score, such as "n3-12"."""

    begin: float
    end: float
    note: str


@dataclass(frozen=True)
class Timemap:
    """notes: in the order of playing, a note of a repeat once for each pass. seconds: how long the tune lasts.

    bars: of the first voice, as written: begin and end of each in the characters of the text, its bar line included;
    text before the first note belongs to none. bar_numbers: of each of them, as in the score; 0 for a pickup.
    beats: of a metronome, in the order of playing: the second, and whether it is the first of its bar.
    """

    notes: tuple[TimedPlace, ...]
    seconds: float
    bars: tuple[tuple[int, int], ...]
    bar_numbers: tuple[int, ...]
    beats: tuple[tuple[float, bool], ...]

    def as_json(self) -> bytes:
        """For programs."""
        return json.dumps(asdict(self), separators=(",", ":")).encode("ascii")


def timemap_of(tune: Tune, abc: str, timeline: Timeline) -> Timemap:
    """The timemap of a tune, read from `abc`, as `timeline` plays it; its first tempo begins at 0."""
    clock = _Clock(timeline.tempos)
    notes = tuple(
        TimedPlace(
            round(clock.seconds(note.onset), 3),
            round(clock.seconds(note.onset + note.duration), 3),
            f"n{note.position.line}-{note.position.column}",
        )
        for note in timeline.notes
    )
    bars = tuple((bar.begin, bar.end) for bar in bar_places(tune, abc))
    beats = tuple((round(clock.seconds(beat.onset), 3), beat.first) for beat in beats_of(tune, timeline))
    return Timemap(notes, round(clock.seconds(timeline.duration), 3), bars, bar_numbers(tune), beats)


class _Clock:
    """Whole notes -> seconds."""

    def __init__(self, tempos: Sequence[tuple[Fraction, Tempo]]) -> None:
        self._times: list[Fraction] = []
        self._begins: list[Fraction] = []
        self._lengths: list[Fraction] = []  # of a whole note, in seconds
        for time, tempo in tempos:
            assert tempo.quarters_per_minute is not None, "`interpret` leaves tempos without beats out"
            begin = self._at(time) if self._times else Fraction(0)
            self._times.append(time)
            self._begins.append(begin)
            self._lengths.append(4 * SECONDS_A_MINUTE / tempo.quarters_per_minute)

    def seconds(self, time: Fraction) -> float:
        """When a time, in whole notes from the start, is there."""
        return float(self._at(time))

    def _at(self, time: Fraction) -> Fraction:
        index = bisect_right(self._times, time) - 1
        return self._begins[index] + (time - self._times[index]) * self._lengths[index]
