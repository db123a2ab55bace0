"""Can it be read, exactly as the ABC standard 2.1 has it?

Definition: 1 for a tune that `notation.read` reads strictly, else 0. Share over all tunes; higher is better, 0..1.
Undefined without a tune. Of the printed collections 95 % are read so: people write what the standard has not.
"""

from songrnn.evaluation.analysed import AnalysedTune


def reads_strictly(analysed: AnalysedTune) -> float:
    """1 or 0; never NaN."""
    return float(not analysed.reason)
