"""Tune -> the beats of a metronome while it is played: the first of each bar, and those between.

A bar as played reaches from one bar line to the next. Two that together are as long as the meter says are one bar, as
before and after a repeat with a pickup; of a first bar that is shorter, the beats before its end are counted. The beat
is that of the tempo, where it divides the bar, else the meter's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from songrnn.notation.tune import BarLine, Meter, Tune
from songrnn.performance.repeats import Jump
from songrnn.performance.sounds import Clock
from songrnn.performance.timeline import Timeline, play_order


@dataclass(frozen=True)
class Beat:
    """A beat at `onset`, in whole notes from the start; first: of its bar."""

    onset: Fraction
    first: bool


def beats_of(tune: Tune, timeline: Timeline) -> tuple[Beat, ...]:
    """The beats of a tune as `timeline` plays it; none in free meter."""
    return tuple(beat for begin, end in _bars(tune, timeline) for beat in _beats(timeline, begin, end))


def _bars(tune: Tune, timeline: Timeline) -> Iterator[tuple[Fraction, Fraction]]:
    """Begin and end of each bar as it is played."""
    lines = _bar_lines(tune)
    times = sorted({Fraction(0), *(time for time in lines if time < timeline.duration), timeline.duration})
    place = 0
    while place + 1 < len(times):
        begin, end = times[place], times[place + 1]
        whole = _meter(timeline, begin).duration
        if begin > 0 and place + 2 < len(times) and end - begin != whole and times[place + 2] - begin == whole:
            place, end = place + 1, times[place + 2]
        yield begin, end
        place += 1


def _bar_lines(tune: Tune) -> list[Fraction]:
    """When the bar lines of the first voice pass."""
    found: list[Fraction] = []
    clock = Clock()
    for step in next(iter(play_order(tune).played.values()), ()):
        for event in step:
            if isinstance(event, Jump):
                continue
            clock.pass_event(event)
            if isinstance(event, BarLine):
                found.append(clock.time)
    return found


def _beats(timeline: Timeline, begin: Fraction, end: Fraction) -> Iterator[Beat]:
    meter = _meter(timeline, begin)
    whole, beat = meter.duration, _beat(timeline, meter, begin)
    if whole is None or beat is None:
        return
    is_pickup = begin == 0 and end - begin < whole
    first = end - whole if is_pickup else begin
    count = int(-((first - end) // beat))  # rounded up
    for number in range(count):
        onset = first + number * beat
        if begin <= onset < end:
            yield Beat(onset, number == 0)


def _meter(timeline: Timeline, time: Fraction) -> Meter:
    return [meter for onset, meter in timeline.meters if onset <= time][-1]


def _beat(timeline: Timeline, meter: Meter, time: Fraction) -> Fraction | None:
    """What is counted in a bar that begins at `time`."""
    if meter.duration is None:
        return None
    tempo = [tempo for onset, tempo in timeline.tempos if onset <= time][-1:]
    counted = sum(tempo[0].beats, Fraction(0)) if tempo else Fraction(0)
    if counted and meter.duration % counted == 0:
        return counted
    return Fraction(3, meter.unit) if meter.compound else Fraction(1, meter.unit)
