"""Features of a tune for classifiers: sequences of its characters and notes, and figures of the whole tune.

The figures are of the first voice; NaN where undefined, and all of them for a tune that cannot be read. By group:

length      bars as played, and modulo 8; notes as written, and to a bar as played; parts as written
degrees     share of the notes on each semitone above the tonic, octaves folded; the same of the first notes of bars
similarity  mean similarity of bars 1 to 16 apart (`form.similarity_at`), and of every two; share of bars that are the
            first of their kind; the same bar in a row; strains of eight bars, and different ones among them
motion      share of the steps from note to note that repeat, step (1 or 2 semitones), skip (3 or 4), leap (more), rise;
            of those that turn round, and that go back to the note before; mean size; most in one direction
rhythm      share of the notes that last a sixteenth, an eighth, a quarter, three eighths; different durations; share of
            the notes with the duration of the one before; the last note, against the most frequent duration
range       semitones from the lowest to the highest; lowest, highest and mean above the tonic nearest to middle C;
            standard deviation
ends        the metrics of `tonality.py` and `notes.py` on cadences, part ends, accidentals and repeated eighths
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from songrnn.evaluation.analysed import UNREADABLE, AnalysedTune
from songrnn.evaluation.form import STRAIN_BARS, form_of, longest_run, self_similarity, similarity_at
from songrnn.evaluation.notes import long_part_ends, repeated_eighths
from songrnn.evaluation.tonality import (
    OCTAVE,
    accidentals,
    degree_of,
    ends_on_tonic,
    phrase_cadences,
    strain_cadences,
    tonic_of,
)
from songrnn.performance.timeline import TimedNote

LONGEST = 4
"""Characters of a sequence."""
LAGS = 16
MIDDLE_C = 60
DURATIONS: Mapping[str, Fraction] = MappingProxyType(
    {
        "sixteenths": Fraction(1, 16),
        "eighths": Fraction(1, 8),
        "quarters": Fraction(1, 4),
        "three eighths": Fraction(3, 8),
    }
)


def characters(analysed: AnalysedTune) -> list[str]:
    """Every sequence of 1 to LONGEST characters."""
    text = analysed.canonical
    return [text[begin : begin + length] for length in range(1, LONGEST + 1) for begin in range(len(text) - length + 1)]


def note_pairs(analysed: AnalysedTune) -> list[str]:
    """Every pair of neighbouring notes, such as "+2 1/8, -2 1/4"; the interval of the first note of all is 0."""
    if analysed.tune is None:
        return [UNREADABLE]
    melody = analysed.melody
    steps = [0, *(after.pitch - before.pitch for before, after in pairwise(melody))]
    words = [f"{step:+d} {note.duration}" for step, note in zip(steps, melody, strict=False)]  # there may be no note
    return [f"{one}, {other}" for one, other in pairwise(words)]


NGRAM_VIEWS: Mapping[str, Callable[[AnalysedTune], list[str]]] = MappingProxyType(
    {"characters": characters, "notes": note_pairs}
)
"""The sequences in a tune, as `two_sample.py` and `classifier.py` count them."""


def tune_features(analysed: AnalysedTune) -> dict[str, float]:
    """Name -> figure; the same names in the same order for every tune."""
    groups = (_length, _degrees, _similarity, _motion, _rhythm, _range, _ends)
    return {name: value for group in groups for name, value in group(analysed).items()}


def feature_table(tunes: Iterable[AnalysedTune]) -> tuple[NDArray[np.float64], list[str]]:
    """[N, F] figures of N tunes, and their names."""
    rows = [tune_features(tune) for tune in tunes]
    return np.array([list(row.values()) for row in rows]), list(rows[0]) if rows else []


def _length(analysed: AnalysedTune) -> dict[str, float]:
    bars, notes = len(analysed.bars), len(analysed.melody)
    parts = () if analysed.tune is None or not notes else analysed.tune.voices[0].bars
    known = bars if notes else math.nan
    return {
        "bars": known,
        "bars modulo 8": known % STRAIN_BARS,
        "notes": notes or math.nan,
        "notes to a bar": _ratio(sum(len(bar.notes) for bar in analysed.played_bars), bars),
        "parts": sum(bar.line is not None and bar.line.divides for bar in parts) if notes else math.nan,
    }


def _degrees(analysed: AnalysedTune) -> dict[str, float]:
    downbeats = [bar.notes[0] for bar in analysed.played_bars if bar.offsets[0] == 0]
    found: dict[str, float] = {}
    for title, notes in (("degree", analysed.melody), ("degree on the downbeat", downbeats)):
        counts = Counter(degree_of(analysed, note) for note in notes)
        known = counts.total() - counts[None]
        found |= {f"{title} {semitones}": _ratio(counts[semitones], known) for semitones in range(OCTAVE)}
    return found


def _similarity(analysed: AnalysedTune) -> dict[str, float]:
    bars = analysed.bars
    strains = form_of(bars)
    return {f"similarity {lag} apart": similarity_at(bars, lag) for lag in range(1, LAGS + 1)} | {
        "similarity": self_similarity(bars),
        "different bars": _ratio(len(set(bars)), len(bars)),
        "the same bar in a row": longest_run(bars),
        "strains": len(strains) if bars else math.nan,
        "different strains": len(set(strains)) if bars else math.nan,
    }


def _motion(analysed: AnalysedTune) -> dict[str, float]:
    steps = [after.pitch - before.pitch for before, after in pairwise(analysed.melody)]
    sizes, pairs = [abs(step) for step in steps], list(pairwise(steps))
    return {
        "repeats": _share(size == 0 for size in sizes),
        "steps": _share(size in (1, 2) for size in sizes),
        "skips": _share(size in (3, 4) for size in sizes),
        "leaps": _share(size > 4 for size in sizes),
        "rises": _share(step > 0 for step in steps),
        "turns": _share(one * other < 0 for one, other in pairs),
        "back to the note before": _share(one + other == 0 != one for one, other in pairs),
        "size of steps": _ratio(sum(sizes), len(sizes)),
        "most steps in one direction": _longest_direction(steps),
    }


def _rhythm(analysed: AnalysedTune) -> dict[str, float]:
    durations = [note.duration for note in analysed.melody]
    shares = {name: _share(duration == length for duration in durations) for name, length in DURATIONS.items()}
    usual = Counter(durations).most_common(1)
    return shares | {
        "different durations": len(set(durations)) or math.nan,
        "durations as before": _share(one == other for one, other in pairwise(durations)),
        "last duration": float(durations[-1] / usual[0][0]) if usual and usual[0][0] else math.nan,
    }


def _range(analysed: AnalysedTune) -> dict[str, float]:
    pitches = np.array([float(note.pitch) for note in analysed.melody] or [math.nan])
    above = pitches - _tonic_pitch(analysed)
    return {
        "range": float(pitches.max() - pitches.min()),
        "lowest": float(above.min()),
        "highest": float(above.max()),
        "mean pitch": float(above.mean()),
        "spread of pitches": float(pitches.std()),
    }


def _ends(analysed: AnalysedTune) -> dict[str, float]:
    return {
        "ends on the tonic": ends_on_tonic(analysed),
        "phrase cadences": phrase_cadences(analysed),
        "strain cadences": strain_cadences(analysed),
        "long part ends": long_part_ends(analysed),
        "accidentals": accidentals(analysed),
        "repeated eighths": repeated_eighths(analysed),
        "first degree": _first_degree(analysed, analysed.melody),
    }


def _tonic_pitch(analysed: AnalysedTune) -> float:
    """The MIDI number of the header's tonic from 54 to 65; NaN where there is none."""
    tonic = None if analysed.tune is None else tonic_of(analysed.tune.header.key)
    return math.nan if tonic is None else MIDDLE_C + (tonic + OCTAVE // 2) % OCTAVE - OCTAVE // 2


def _first_degree(analysed: AnalysedTune, notes: Sequence[TimedNote]) -> float:
    degree = degree_of(analysed, notes[0]) if notes else None
    return math.nan if degree is None else float(degree)


def _longest_direction(steps: Sequence[int]) -> float:
    """How many steps in a row go up, or down, at most; NaN without a step."""
    longest = run = 0
    for before, step in pairwise([0, *steps]):
        run = 0 if step == 0 else run + 1 if before * step > 0 else 1
        longest = max(longest, run)
    return float(longest) if steps else math.nan


def _share(values: Iterable[bool]) -> float:
    found = list(values)
    return _ratio(sum(found), len(found))


def _ratio(part: float, whole: float) -> float:
    """Part over whole; NaN where there is nothing."""
    return part / whole if whole else math.nan
