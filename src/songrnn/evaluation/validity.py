"""Valid ABC, and bars that add up: two metrics.

reads        1 for a tune that `notation.read` reads strictly, by the ABC standard 2.1, else 0. Share over tunes; higher
             is better, 0..1. Undefined without a tune. Of the printed collections 95 % are read so: the rest
             deviates from the standard.
bars_add_up  1 for a tune in which `check` finds no wrong bar: each has the meter's duration, as fractions, except for
             pickups and what completes them. 0 where one is wrong, and for a tune that cannot be read. Share over
             tunes; higher is better, 0..1. Undefined for a tune in free meter, where no bar can be wrong.
"""

import math

from songrnn.evaluation.analysed import AnalysedTune
from songrnn.notation.tune import Field, Meter


def reads_strictly(analysed: AnalysedTune) -> float:
    """1 or 0; never NaN."""
    return float(not analysed.reason)


def bars_add_up(analysed: AnalysedTune) -> float:
    """1, 0, or NaN in free meter."""
    if analysed.tune is None:
        return 0.0
    changes = (
        element.value
        for voice in analysed.tune.voices
        for element in voice.elements()
        if isinstance(element, Field) and isinstance(element.value, Meter)
    )
    if not any(meter.beats for meter in (analysed.tune.header.meter_in_force, *changes)):
        return math.nan
    return float(not any(problem.kind == "bar" for problem in analysed.problems))
