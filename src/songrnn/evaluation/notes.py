"""Range, repeated notes, lengths of last notes, rests: five metrics.

pitch_range       semitones from the lowest to the highest sounding note of the first voice. Mean over tunes; near the
                  human figure is better; 0 and more: a fiddle in first position has 28. Undefined without notes.
repeated_notes    share of the notes of the melody, as written, the first left out, whose pitch is that of the note
                  before. Mean over tunes; near the human figure is better, 0..1. Undefined with fewer than two notes.
repeated_eighths  1 for a tune whose melody has three eighth notes of one pitch in a row, else 0. Share over tunes; near
                  the human figure is better. Undefined with fewer than two notes.
long_part_ends    share of the parts, as written, whose last note lasts at least twice the most frequent duration of the
                  melody. A part ends at a double bar line or a repeat; of a chord its first note counts. Mean over
                  tunes; near the human figure is better, 0..1. Undefined for a tune without such a part.
rests             share of the time as written, every bar once and all voices, that rests fill (z, x, Z, X). Mean over
                  tunes; near the human figure is better, 0..1. Undefined for a tune that cannot be read, or in which
                  nothing takes time.
"""

import math
from collections import Counter
from fractions import Fraction
from itertools import pairwise

from songrnn.evaluation.analysed import AnalysedTune
from songrnn.notation.tune import Bar, BarRest, Chord, Field, Meter, Note, Rest

EIGHTH = Fraction(1, 8)
LONG = 2
"""Times the most frequent duration."""


def pitch_range(analysed: AnalysedTune) -> float:
    """Semitones, or NaN."""
    pitches = [note.pitch for note in analysed.played]
    return float(max(pitches) - min(pitches)) if pitches else math.nan


def repeated_notes(analysed: AnalysedTune) -> float:
    """0..1, or NaN."""
    same = [one.pitch == other.pitch for one, other in pairwise(analysed.melody)]
    return sum(same) / len(same) if same else math.nan


def repeated_eighths(analysed: AnalysedTune) -> float:
    """1, 0 or NaN."""
    notes = analysed.melody
    if len(notes) < 2:
        return math.nan
    threes = zip(notes, notes[1:], notes[2:], strict=False)
    return float(any({(note.pitch, note.duration) for note in three} == {(three[0].pitch, EIGHTH)} for three in threes))


def long_part_ends(analysed: AnalysedTune) -> float:
    """0..1, or NaN."""
    if analysed.tune is None or not analysed.melody:
        return math.nan
    [(usual, _)] = Counter(note.duration for note in analysed.melody).most_common(1)
    bars = analysed.tune.voices[0].bars
    lasts = [_last_duration(bar) for bar in bars if bar.line is not None and bar.line.divides]
    known = [duration for duration in lasts if duration is not None]
    return sum(duration >= LONG * usual for duration in known) / len(known) if known else math.nan


def rest_share(analysed: AnalysedTune) -> float:
    """0..1, or NaN."""
    if analysed.tune is None:
        return math.nan
    rests = total = Fraction(0)
    for voice in analysed.tune.voices:
        meter = analysed.tune.header.meter_in_force
        for element in voice.elements():
            match element:
                case Note() | Chord():
                    total += element.duration
                case Rest():
                    rests += element.duration
                case BarRest():
                    rests += element.duration(meter)
                case Field(value=Meter() as changed):
                    meter = changed
    total += rests
    return float(rests / total) if total else math.nan


def _last_duration(bar: Bar) -> Fraction | None:
    """How long the last note or chord of a bar lasts; None where it has none."""
    durations = [element.duration for element in bar.layers[0] if isinstance(element, Note | Chord)]
    return durations[-1] if durations else None
