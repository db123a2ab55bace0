"""Does it keep to its key?

Two figures, both as played, of the first voice:

in_key         share of the sounding time that falls on notes of the key signature's seven-note scale (accidentals of
               K: included; the key in force where the note stands). Near the human figure is better, 0..1: people use
               accidentals, and the raised seventh of a minor key counts as one. Undefined without notes.
ends_on_tonic  1 if the last note, the lowest of a last chord, is the tonic of the key in force in some octave, else 0.
               Near the human figure is better. Undefined without notes, or without a tonic (K:none); pipes have A.
"""

import math
from functools import lru_cache

from songrnn.evaluation.analysed import AnalysedTune
from songrnn.notation.grammar import LETTERS, SEMITONES
from songrnn.notation.tune import Key

OCTAVE = 12
_PIPES = frozenset(("Hp", "HP"))


def in_key(analysed: AnalysedTune) -> float:
    """0..1, or NaN."""
    total = inside = 0.0
    for note in analysed.played:
        duration = float(note.duration)
        total += duration
        if note.pitch % OCTAVE in scale(analysed.places[note.position].key):
            inside += duration
    return inside / total if total else math.nan


def ends_on_tonic(analysed: AnalysedTune) -> float:
    """1, 0 or NaN."""
    if not analysed.played:
        return math.nan
    last = min(analysed.played, key=lambda note: (-note.onset, note.pitch))
    tonic = tonic_of(analysed.places[last.position].key)
    return math.nan if tonic is None else float(last.pitch % OCTAVE == tonic)


@lru_cache(maxsize=64)
def scale(key: Key) -> frozenset[int]:
    """The seven pitch classes, 0 for C, that the signature leaves."""
    signature = key.signature
    return frozenset((SEMITONES[letter] + signature.get(letter, 0)) % OCTAVE for letter in LETTERS)


def tonic_of(key: Key) -> int | None:
    """The pitch class of the tonic, 0 for C; None where there is none."""
    if not key.tonic:
        return None
    tonic = "A" if key.tonic in _PIPES else key.tonic
    return (SEMITONES[tonic[0]] + tonic.count("#") - tonic.count("b")) % OCTAVE
