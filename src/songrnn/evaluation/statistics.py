"""A figure over tunes, with its 95 % interval: what it would be, were there as many tunes as one likes.

A share has Wilson's interval, which stays within 0..1 and is right for 0 and 1 too; a mean has the normal one, of its
standard error. Tunes for which a figure is undefined are left out and not counted. Without a tune everything is NaN,
shown as "undefined"; with a single one a mean has no interval.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

NORMAL_95 = 1.96
UNDEFINED = "undefined"


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
    count, square = len(counted), NORMAL_95**2
    found = sum(counted) / count
    middle = (found + square / (2 * count)) / (1 + square / count)
    half = NORMAL_95 / (1 + square / count) * math.sqrt(found * (1 - found) / count + square / (4 * count**2))
    return Estimate(found, min(found, max(0.0, middle - half)), max(found, min(1.0, middle + half)), count)


def mean(values: Sequence[float]) -> Estimate:
    """The mean, give or take 1.96 standard errors."""
    counted = [value for value in values if not math.isnan(value)]
    if not counted:
        return NOTHING_KNOWN
    found = math.fsum(counted) / len(counted)
    if len(counted) == 1:
        return Estimate(found, math.nan, math.nan, 1)
    variance = math.fsum((value - found) ** 2 for value in counted) / (len(counted) - 1)
    half = NORMAL_95 * math.sqrt(variance / len(counted))
    return Estimate(found, found - half, found + half, len(counted))


def defined(value: float) -> float | None:
    """The value, or None in place of NaN, which JSON does not have."""
    return None if math.isnan(value) else value
