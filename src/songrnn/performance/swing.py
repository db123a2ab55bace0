"""Swing: of two equal notes on a beat the first lasts two thirds of it.

Only a beat that is divided into two halves and no further is changed, so that triplets and dotted pairs, whose
rhythm is written out, stay as they are written.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from songrnn.notation.tune import BarRest, Chord, Element, Meter, Note, Overlay, Position, Rest, Tune, Voice
from songrnn.performance.dance_tempo import dance_of
from songrnn.performance.timeline import TimedNote

SWUNG = frozenset({"hornpipe", "strathspey"})
_BEATS = {Fraction(1): Fraction(1, 4), Fraction(3, 2): Fraction(1, 4), Fraction(1, 2): Fraction(1, 8)}


def is_swung(tune: Tune) -> bool:
    """Whether the tune is a hornpipe or strathspey in a meter whose beats are divided in two."""
    return swing_beat(tune) is not None


def swing_beat(tune: Tune) -> Fraction | None:
    """What is divided unequally, in whole notes; None for a tune that is not swung."""
    dances = {dance_of(rhythm) for rhythm in tune.header.values("R")}
    return None if dances.isdisjoint(SWUNG) else _beat(tune.header.meter_in_force)


def swung(tune: Tune, notes: Sequence[TimedNote]) -> tuple[TimedNote, ...]:
    """The notes of a tune that `is_swung`, as played, with a swing."""
    meter = tune.header.meter_in_force
    beat = _beat(meter)
    assert beat is not None
    offsets = {position: offset % beat for voice in tune.voices for position, offset in _offsets(voice, meter)}
    spans = [_span(note, offsets[note.position], beat) for note in notes]
    divided: dict[tuple[str, Fraction], set[Fraction]] = {}  # voice and time of a beat -> where something happens in it
    for note, span in zip(notes, spans, strict=True):
        for time, offset in span:
            divided.setdefault((note.voice, time), set()).add(offset)
    halves = {key for key, found in divided.items() if found <= {Fraction(0), beat / 2}}
    moved = []
    for note, span in zip(notes, spans, strict=True):
        begin, end = (
            time + offset + (beat / 6 if offset and (note.voice, time) in halves else 0) for time, offset in span
        )
        moved.append(replace(note, onset=begin, duration=end - begin))
    return tuple(moved)


def _beat(meter: Meter) -> Fraction | None:
    return None if meter.duration is None or meter.compound else _BEATS.get(meter.duration)


def _span(note: TimedNote, offset: Fraction, beat: Fraction) -> tuple[tuple[Fraction, Fraction], ...]:
    """Where the note begins and ends: each as the time of a beat, and the time since then."""
    end = (offset + note.duration) % beat
    return (note.onset - offset, offset), (note.onset + note.duration - end, end)


def _offsets(voice: Voice, meter: Meter) -> Iterator[tuple[Position, Fraction]]:
    """Every note with its time since the bar line before it; of a pickup, since there would have been one."""
    begins_part = True
    for bar in voice.bars:
        placed = list(_placed(bar.elements, meter))
        length = max((offset + duration for _, offset, duration in placed), default=Fraction(0))
        missing = (meter.duration or length) - length
        shift = missing if begins_part and missing > 0 else Fraction(0)
        yield from ((position, offset + shift) for position, offset, _ in placed)
        begins_part = bar.line is not None and bar.line.divides


def _placed(elements: Sequence[Element], meter: Meter) -> Iterator[tuple[Position, Fraction, Fraction]]:
    """Every note and rest of a bar: position, offset, duration."""
    time = Fraction(0)
    for element in elements:
        match element:
            case Overlay():
                time = Fraction(0)
            case Note() | Rest() | Chord():
                notes = element.notes if isinstance(element, Chord) else (element,)
                yield from ((note.position, time, element.duration) for note in notes)
                time += element.duration
            case BarRest():
                time += element.duration(meter)
