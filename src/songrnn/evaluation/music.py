"""How unlike people's music is it, in one figure? For choosing among the states of a network while it learns.

Definition: the mean of the six distances of `distributions.py` as they come out, over composed and human tunes: 0, the
same, to 1 bit, nothing in common; lower is better. A tune that cannot be read is unlike every tune that can, so broken
tunes count as what they are. Undefined when a side has no tune.

Why this and not the area under the curve of `two_sample.py`: that one needs hundreds of tunes before it says anything,
and a further library. Why without the correction for small numbers: at each validation the numbers are the same, so
that chance adds the same to each. It is for comparisons within one training, with one seed; it says nothing about tunes
that are copied.
"""

from collections.abc import Mapping, Sequence

from songrnn.evaluation.distributions import STATISTICS, Distribution, plain_distance

Distributions = Mapping[str, Sequence[Distribution]]
"""By statistic, the distribution of each tune."""


def unlikeness(composed: Distributions, human: Distributions) -> float:
    """0..1 bit, or NaN."""
    distances = [plain_distance(composed[statistic], human[statistic]) for statistic in STATISTICS]
    return sum(distances) / len(distances)
