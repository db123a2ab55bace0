"""How much of it is silence?

Definition: share of the time as written, every bar once and all voices, that rests fill (z, x, Z, X). Mean over tunes;
near the human figure is better, 0..1. Undefined for a tune that cannot be read, or in which nothing takes time.
"""

import math
from fractions import Fraction

from songrnn.evaluation.analysed import AnalysedTune
from songrnn.notation.tune import BarRest, Chord, Field, Meter, Note, Rest

WHOLE_NOTE = Fraction(1)  # what a bar of rest lasts in free meter


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
                    rests += element.bars * (meter.duration or WHOLE_NOTE)
                case Field(value=Meter() as changed):
                    meter = changed
    total += rests
    return float(rests / total) if total else math.nan
