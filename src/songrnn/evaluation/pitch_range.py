"""How far apart are its highest and its lowest note?

Definition: semitones from the lowest to the highest sounding note of the first voice. Mean over tunes; near the human
figure is better; 0 and more: a fiddle in first position has 28. Undefined for a tune without notes.
"""

import math

from songrnn.evaluation.analysed import AnalysedTune


def pitch_range(analysed: AnalysedTune) -> float:
    """Semitones, or NaN."""
    pitches = [note.pitch for note in analysed.played]
    return float(max(pitches) - min(pitches)) if pitches else math.nan
