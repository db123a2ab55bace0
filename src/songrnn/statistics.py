"""Figures with 95 % intervals: of the value for arbitrarily many tunes, or seeds.

A share has Wilson's interval, which stays within 0..1 and is right for 0 and 1 too; a mean over tunes the normal one,
of its standard error; a mean over few seeds Student's. Tunes for which a figure is undefined are left out and not
counted. Without a tune everything is NaN, shown as "undefined"; with a single one a mean has no interval.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NORMAL_95 = 1.959964
"""The 97.5 % quantile of the normal distribution: an interval of 95 % excludes as much on the other side."""
QUANTILES_95 = (0.025, 0.975)
UNDEFINED = "undefined"

# 97.5 % quantiles of Student's t by degrees of freedom from 1 (NIST/SEMATECH e-Handbook, section 1.3.6.7.2)
_T = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131),
    *(2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)


@dataclass(frozen=True)
class Estimate:
    """value, between low and high with 95 %, from `tunes` tunes; NaN where undefined."""

    value: float
    low: float
    high: float
    tunes: int

    def as_json(self) -> dict[str, float | int | None]:
        """For programs; null where undefined."""
        return {
            "value": defined(self.value),
            "low": defined(self.low),
            "high": defined(self.high),
            "tunes": self.tunes,
        }


NOTHING_KNOWN = Estimate(math.nan, math.nan, math.nan, 0)


def share(values: Sequence[float]) -> Estimate:
    """The share of ones among zeros and ones; Wilson's interval."""
    counted = [value for value in values if not math.isnan(value)]
    if not counted:
        return NOTHING_KNOWN
    found = sum(counted) / len(counted)
    low, high = wilson(found, len(counted))
    return Estimate(found, min(found, low), max(found, high), len(counted))


def wilson(found: float, count: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share that was found among `count`, within 0..1 (Wilson, JASA 22, 1927)."""
    square = NORMAL_95**2
    middle = (found + square / (2 * count)) / (1 + square / count)
    half = NORMAL_95 / (1 + square / count) * math.sqrt(found * (1 - found) / count + square / (4 * count**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def difference_of_shares(one: int, ones: int, other: int, others: int) -> tuple[float, float]:
    """The 95 % interval of one/ones - other/others (Newcombe 1998, method 10: from two Wilson intervals)."""
    p, q = one / ones, other / others
    (p_low, p_high), (q_low, q_high) = wilson(p, ones), wilson(q, others)
    d = p - q
    return d - math.hypot(p - p_low, q_high - q), d + math.hypot(p_high - p, q - q_low)


def mean(values: Sequence[float]) -> Estimate:
    """The mean, give or take 1.96 standard errors."""
    counted = [value for value in values if not math.isnan(value)]
    if not counted:
        return NOTHING_KNOWN
    found = math.fsum(counted) / len(counted)
    if len(counted) == 1:
        return Estimate(found, math.nan, math.nan, 1)
    half = NORMAL_95 * statistics.stdev(counted) / math.sqrt(len(counted))
    return Estimate(found, found - half, found + half, len(counted))


@dataclass(frozen=True)
class Interval:
    """A mean of `count` values, and half the width of its 95 % t-interval; `half` is NaN for fewer than two values."""

    mean: float
    half: float
    count: int

    @classmethod
    def of(cls, values: Sequence[float]) -> "Interval":
        """The interval of independent values; mean and half are NaN when there is none."""
        if not values:
            return cls(math.nan, math.nan, 0)
        mean = statistics.fmean(values)
        if len(values) < 2:
            return cls(mean, math.nan, 1)
        deviation = statistics.stdev(values)
        return cls(mean, t_quantile(len(values) - 1) * deviation / math.sqrt(len(values)), len(values))

    @property
    def without_zero(self) -> bool:
        """Whether it shows a difference: zero lies outside; never if the interval is undefined."""
        return abs(self.mean) > self.half

    def text(self, *, signed: bool = False) -> str:
        """Such as "2.134 ± 0.021", or "−0.120 ± 0.034"."""
        if math.isnan(self.mean):
            return "–"
        half = UNDEFINED if math.isnan(self.half) else f"{self.half:.3f}"
        return f"{self.mean:{'+' if signed else ''}.3f} ± {half}".replace("-", "−")

    def record(self) -> dict[str, Any]:
        """As JSON can hold it: None for what is undefined."""
        return {"mean": defined(self.mean), "half_width": defined(self.half), "count": self.count}


def t_quantile(degrees: int) -> float:
    """The 97.5 % quantile of Student's t; beyond 30 degrees by Cornish and Fisher's series (Abramowitz, 26.7.5)."""
    if degrees <= len(_T):
        return _T[degrees - 1]
    z = NORMAL_95
    return z + (z**3 + z) / (4 * degrees) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * degrees**2)


def bootstrap_weights(count: int, resamples: int, rng: "np.random.Generator") -> "NDArray[np.float64]":
    """[resamples, count] weights of `count` values in means over as many of them, drawn again with replacement."""
    import numpy as np  # loaded here: shares and means need none of it

    return rng.multinomial(count, np.full(count, 1 / count), resamples) / count


def defined(value: float) -> float | None:
    """The value, or None in place of NaN, which JSON does not have."""
    return None if math.isnan(value) else value
