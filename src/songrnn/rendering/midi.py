"""Tune -> MIDI file, through symusic: the notes, tempos, meters and keys of its timeline, and nothing else.

- Onset, duration and pitch of every note are those of `perform`, exactly: a quarter has a multiple of the least common
  multiple of their denominators in ticks. Where that is more than the format's 32,767, a quarter has FINEST ticks, and
  onsets and ends are rounded to the nearest.
- The first track has the title, tempos, meters and keys; then comes a track for each voice. Where notes of one pitch
  overlap in a voice (overlays, unisons), the later one goes to a further track of that voice. symusic gives each track
  a channel of its own, so that no note ends another; from the sixteenth track on channels are shared.
- A tempo of words alone sets no tempo. Free meter, and what the format lacks (more than 255 beats, more than 7
  sharps), leave no signature.
- Every note is equally loud. Grace notes do not sound, as in `perform`.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import gcd, lcm
from typing import Any

import numpy as np
import symusic

from songrnn.errors import RenderingError
from songrnn.notation.tune import Key, Meter
from songrnn.performance.timeline import TimedNote, Timeline

FINEST = 30_240  # ticks a quarter: 2**5 * 3**3 * 5 * 7
USUAL = 480
MOST_TICKS = 32_767  # a quarter's, in a MIDI file
HIGHEST_PITCH = 127
MOST_BEATS, MOST_SHARPS = 255, 7
LOUDNESS = 90
MICROSECONDS = 60_000_000  # a minute


def midi_from_timeline(timeline: Timeline, *, title: str, voices: Sequence[str], program: int) -> bytes:
    """A MIDI file, type 1. voices: in the order of the tracks. program: the instrument of all, from 0.

    Raises RenderingError when no note sounds, or one lies outside MIDI's pitches.
    """
    _check_pitches(timeline.notes)
    ticks = ticks_per_quarter(timeline)
    score: Any = symusic.Score(ticks)
    score.tempos.extend(
        [
            symusic.Tempo(_ticks(time, ticks), mspq=round(MICROSECONDS / quarters))
            for time, tempo in timeline.tempos
            if (quarters := tempo.quarters_per_minute) is not None
        ]
    )
    score.time_signatures.extend(
        [symusic.TimeSignature(_ticks(time, ticks), sum(meter.beats), meter.unit) for time, meter in _meters(timeline)]
    )
    score.key_signatures.extend(
        [symusic.KeySignature(_ticks(time, ticks), key.sharps, int(key.mode == "min")) for time, key in _keys(timeline)]
    )
    score.tracks.append(symusic.Track(title))
    for voice in voices:
        notes = [note for note in timeline.notes if note.voice == voice]
        for number, lane in enumerate(_lanes(notes, ticks), start=1):
            name = f"voice {voice}" + (f", {number}" if number > 1 else "")
            score.tracks.append(_track(name, program, lane))
    midi: bytes = score.dumps_midi()
    return midi


def ticks_per_quarter(timeline: Timeline) -> int:
    """The least multiple, not under USUAL, that every time is a whole number of; FINEST where the format has none."""
    denominators = {time.denominator for time, _ in (*timeline.tempos, *timeline.meters, *timeline.keys)}
    denominators |= {time.denominator for note in timeline.notes for time in (note.onset, note.duration)}
    exact = lcm(*(denominator // gcd(denominator, 4) for denominator in denominators))  # times are in whole notes
    if exact > MOST_TICKS:
        return FINEST
    return min(exact * -(-USUAL // exact), MOST_TICKS // exact * exact)


def _check_pitches(notes: Sequence[TimedNote]) -> None:
    if not notes:
        raise RenderingError("the tune has no notes")
    for note in notes:
        if not 0 <= note.pitch <= HIGHEST_PITCH:
            where = (
                "below C five octaves under middle C" if note.pitch < 0 else "above the G five octaves over middle C"
            )
            raise RenderingError(f"{note.position}: the note lies {where}, where MIDI has no pitch")


def _ticks(time: Fraction, ticks: int) -> int:
    """The nearest tick, in whole numbers, which takes a tenth of the time that `round` of a fraction does."""
    return (8 * ticks * time.numerator + time.denominator) // (2 * time.denominator)


def _meters(timeline: Timeline) -> Iterator[tuple[Fraction, Meter]]:
    return ((time, meter) for time, meter in timeline.meters if 0 < sum(meter.beats) <= MOST_BEATS)


def _keys(timeline: Timeline) -> Iterator[tuple[Fraction, Key]]:
    return ((time, key) for time, key in timeline.keys if abs(key.sharps) <= MOST_SHARPS)


_Placed = tuple[int, int, int]  # a note: onset and duration in ticks, pitch


def _lanes(notes: Sequence[TimedNote], ticks: int) -> list[list[_Placed]]:
    """The notes in as few lists as it takes for no two of one pitch to overlap in a list."""
    lanes: list[list[_Placed]] = []
    ends: list[dict[int, int]] = []  # of each lane, pitch -> when its last note ends
    for note in notes:
        begin = _ticks(note.onset, ticks)
        end = max(begin + 1, _ticks(note.onset + note.duration, ticks))
        lane = next((index for index, taken in enumerate(ends) if taken.get(note.pitch, 0) <= begin), len(lanes))
        if lane == len(lanes):
            lanes.append([])
            ends.append({})
        lanes[lane].append((begin, end - begin, note.pitch))
        ends[lane][note.pitch] = end
    return lanes


def _track(name: str, program: int, notes: Sequence[_Placed]) -> Any:
    track: Any = symusic.Track(name, program)
    begins, durations, pitches = np.array(notes, dtype=np.int32).T.copy()
    loudness = np.full(len(notes), LOUDNESS, dtype=np.int8)
    track.notes = symusic.Note.from_numpy(begins, durations, pitches.astype(np.int8), loudness)
    return track
