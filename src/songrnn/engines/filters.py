"""Logits -> logits: what is left to draw from, as a list of small parts.

A filter is called once a character; it never changes its argument. Minus infinity means: impossible. The compiled
engine does the same (native/draw.cpp).
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from songrnn.engines.settings import SamplingSettings

Logits = NDArray[np.float64]


class Filter(Protocol):
    """One step from what the network says to what may be drawn."""

    def __call__(self, logits: Logits) -> Logits:
        """logits: [V]. Returns [V], with at least one finite number."""
        ...


@dataclass(frozen=True)
class Allowed:
    """Keeps those that are allowed."""

    allowed: NDArray[np.bool_]  # [V]

    def __call__(self, logits: Logits) -> Logits:
        """See Filter."""
        return np.where(self.allowed, logits, -np.inf)


@dataclass(frozen=True)
class Likeliest:
    """Temperature 0: only the likeliest character (the first of equals)."""

    def __call__(self, logits: Logits) -> Logits:
        """See Filter."""
        best = int(np.argmax(logits))
        return np.where(np.arange(len(logits)) == best, logits, -np.inf)


@dataclass(frozen=True)
class Temperature:
    """Divides the logits: below 1 the likely gets likelier, above 1 less so."""

    temperature: float

    def __call__(self, logits: Logits) -> Logits:
        """See Filter."""
        with np.errstate(over="ignore"):  # close to 0, the unlikely falls to minus infinity: the limit
            scaled: Logits = (logits - logits.max()) / self.temperature
        return scaled


@dataclass(frozen=True)
class TopK:
    """Keeps the k likeliest characters; those that are as likely as the k-th stay too (Fan et al. 2018)."""

    k: int

    def __call__(self, logits: Logits) -> Logits:
        """See Filter."""
        if self.k >= len(logits):
            return logits
        least = np.partition(logits, -self.k)[-self.k]
        return np.where(logits >= least, logits, -np.inf)


@dataclass(frozen=True)
class TopP:
    """Keeps the likeliest characters until together they have probability p (nucleus; Holtzman et al. 2020)."""

    p: float

    def __call__(self, logits: Logits) -> Logits:
        """See Filter."""
        order = np.argsort(-logits, kind="stable")
        probabilities = softmax(logits[order])
        before = np.cumsum(probabilities) - probabilities
        kept = np.full_like(logits, -np.inf)
        kept[order[before < self.p]] = logits[order[before < self.p]]
        return kept


@dataclass(frozen=True)
class MinP:
    """Leaves out what is less likely than a share p of the likeliest (Nguyen et al. 2024)."""

    p: float

    def __call__(self, logits: Logits) -> Logits:
        """See Filter."""
        return np.where(logits >= logits.max() + np.log(self.p), logits, -np.inf)


def filters_of(settings: SamplingSettings, allowed: NDArray[np.bool_]) -> list[Filter]:
    """The filters that `settings` ask for, in the order in which they act. allowed: [V]."""
    filters: list[Filter] = [] if allowed.all() else [Allowed(allowed)]
    if settings.temperature == 0:
        return [*filters, Likeliest()]
    if settings.temperature != 1:
        filters.append(Temperature(settings.temperature))
    if settings.top_k:
        filters.append(TopK(settings.top_k))
    if settings.top_p < 1:
        filters.append(TopP(settings.top_p))
    if settings.min_p:
        filters.append(MinP(settings.min_p))
    return filters


def softmax(logits: Logits) -> Logits:
    """Probabilities of logits [V]."""
    powers: Logits = np.exp(logits - logits.max())
    return powers / float(powers.sum())


def draw(logits: Logits, rng: np.random.Generator) -> int:
    """An id, drawn with one random number: the first at which the summed probabilities pass it."""
    sums = np.cumsum(softmax(logits))
    index = int(np.searchsorted(sums, rng.random() * sums[-1], side="right"))
    return min(index, int(np.flatnonzero(np.isfinite(logits))[-1]))
