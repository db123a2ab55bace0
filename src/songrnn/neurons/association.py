"""How much of the variance of every neuron's value each concept explains, and whether chance would do as well.

Explained variance is r squared for yes/no concepts and numbers (of the neuron's value with the concept's), and eta
squared for classes: one scale for all types, so that concepts can be compared. Where a concept is confounded with the
place in the bar, both are first taken less their means at the same place.

Chance: whole tunes are permuted, so that a neuron in one tune is compared with the concept in another. What tunes have
in common, such as a header at the beginning, is chance so, and so is slow change. The z of each pair against its own
permutations has the permutations' own z, of all neurons and concepts together, as null distribution; the false
discovery rate is controlled as Benjamini and Hochberg (1995) do, over all neurons and concepts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from songrnn.neurons.concepts import PLACE_IN_BAR, Concept

FEWEST = 20
"""Characters at which a yes/no concept or a class must hold, and must not, in a part, to be compared at all."""
PLACES = 8
"""Into so many shares a bar is divided where a concept is conditioned on the place in it."""
STILL = 1e-8
"""A variance below this is none."""
LEAST_SPREAD = 1e-3
"""Of the correlation over permutations: chance is not taken to be more regular than that."""

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Design:
    """Concepts as columns over T characters.

    columns: [T, K]: a column for each yes/no concept or number, one for each class; 0 where undefined. spans: which
    columns each concept has. masks: [T, M]: where a concept is defined, as 0 and 1; mask_of: which of them each has.
    varies: which vary enough to be compared. places: [T] the place in the bar, 0..PLACES.
    """

    concepts: tuple[Concept, ...]
    columns: Floats
    spans: tuple[slice, ...]
    masks: Floats
    mask_of: NDArray[np.int64]
    varies: NDArray[np.bool_]
    places: NDArray[np.int64]

    @classmethod
    def of(cls, concepts: Sequence[Concept], values: Floats) -> "Design":
        """values: [T, C], NaN where undefined."""
        defined = ~np.isnan(values)
        place = values[:, [one.name for one in concepts].index(PLACE_IN_BAR)]
        places = np.where(np.isnan(place), PLACES, np.minimum(np.nan_to_num(place) * PLACES, PLACES - 1))
        places = places.astype(np.int64)
        columns: list[Floats] = []
        spans, varies, width = [], [], 0
        for number, concept in enumerate(concepts):
            own = values[:, number]
            if concept.kind == "class":
                blocks = np.stack([own == value for value in range(len(concept.classes))], axis=1).astype(np.float32)
                varies.append(int((blocks.sum(axis=0) >= FEWEST).sum()) > 1)
            else:
                blocks = _standard(own, places if concept.conditioned else None)[:, None]
                varies.append(_varies(own[defined[:, number]], concept))
            spans.append(slice(width, width + blocks.shape[1]))
            width += blocks.shape[1]
            columns.append(blocks)
        masks, mask_of = _distinct(defined)
        return cls(
            tuple(concepts), np.concatenate(columns, axis=1), tuple(spans), masks, mask_of, np.array(varies), places
        )

    def permuted(self, begins: NDArray[np.int64], rng: np.random.Generator) -> "Design":
        """The concepts of every tune in another tune's place, as far as both go. begins: [N + 1] of the tunes."""
        columns, masks = np.zeros_like(self.columns), np.zeros_like(self.masks)
        others = _derangement(len(begins) - 1, rng)
        for tune, other in enumerate(others.tolist()):
            size = min(begins[tune + 1] - begins[tune], begins[other + 1] - begins[other])
            to, source = slice(begins[tune], begins[tune] + size), slice(begins[other], begins[other] + size)
            columns[to], masks[to] = self.columns[source], self.masks[source]
        return replace(self, columns=columns, masks=masks)


@dataclass(frozen=True)
class NeuronValues:
    """Values [T, F] of F neurons less their means, and less their means at the same place in the bar; with squares."""

    plain: Floats
    plain_squares: Floats
    by_place: Floats
    by_place_squares: Floats

    @classmethod
    def of(cls, values: Floats, places: NDArray[np.int64]) -> "NeuronValues":
        """places: as in Design."""
        plain = (values - values.mean(axis=0)).astype(np.float32)
        by_place = _less_means(plain, places)
        return cls(plain, plain * plain, by_place, by_place * by_place)


def explained(design: Design, neurons: NeuronValues) -> Floats:
    """[C, F] share of the variance of each neuron that each concept explains; 0 where nothing varies."""
    found = np.zeros((len(design.concepts), neurons.plain.shape[1]))
    conditioned = np.array([concept.conditioned for concept in design.concepts])
    for chosen, values, squares in (
        (~conditioned, neurons.plain, neurons.plain_squares),
        (conditioned, neurons.by_place, neurons.by_place_squares),
    ):
        places = np.flatnonzero(chosen & design.varies)
        if len(places):
            found[places] = _explained(design, places, values, squares)
    return np.clip(found, 0.0, 1.0)


def _explained(design: Design, places: NDArray[np.intp], values: Floats, squares: Floats) -> Floats:
    """[len(places), F] for the concepts at `places`."""
    counts = np.maximum(design.masks.sum(axis=0, dtype=np.float64), 1)[:, None]
    means = (design.masks.T @ values) / counts
    variances = (design.masks.T @ squares) / counts - means**2
    columns = np.concatenate([np.arange(design.spans[place].start, design.spans[place].stop) for place in places])
    chosen = np.ascontiguousarray(design.columns[:, columns])
    sums = np.zeros((design.columns.shape[1], values.shape[1]))
    sums[columns] = chosen.T @ values
    totals, powers = np.zeros(len(sums)), np.zeros(len(sums))
    totals[columns], powers[columns] = chosen.sum(axis=0, dtype=np.float64), (chosen * chosen).sum(axis=0)
    found = np.zeros((len(places), values.shape[1]))
    for number, place in enumerate(places.tolist()):
        mask, own = design.mask_of[place], design.spans[place]
        size, mean = counts[mask, 0], means[mask]
        if design.concepts[place].kind == "class":
            held = totals[own] > 0
            between = (sums[own][held] ** 2 / totals[own][held, None]).sum(axis=0) / size - mean**2
        else:
            total = totals[own.start] / size
            covariance = sums[own.start] / size - mean * total
            between = covariance**2 / max(powers[own.start] / size - total**2, STILL)
        varies = variances[mask] > STILL
        found[number] = np.where(varies, between / np.where(varies, variances[mask], 1.0), 0.0)
    return found


def permutation_p(
    design: Design, neurons: NeuronValues, begins: NDArray[np.int64], *, permutations: int, rng: np.random.Generator
) -> tuple[Floats, Floats, Floats]:
    """What the concepts explain, [C, F]; the mean of the same over permutations; and p of doing so by chance."""
    actual = np.sqrt(explained(design, neurons))
    drawn = np.stack([np.sqrt(explained(design.permuted(begins, rng), neurons)) for _ in range(permutations)])
    mean, squares = drawn.mean(axis=0), ((drawn - drawn.mean(axis=0)) ** 2).sum(axis=0)
    z = (actual - mean) / np.maximum(np.sqrt(squares / (permutations - 1)), LEAST_SPREAD)
    # Each permutation against the others, as the actual pairing is compared with all of them.
    away = (drawn - mean) * permutations / (permutations - 1)
    rest = squares - (drawn - mean) ** 2 * permutations / (permutations - 1)
    null = away / np.maximum(np.sqrt(np.maximum(rest, 0) / (permutations - 2)), LEAST_SPREAD)
    null = np.sort(null[:, design.varies], axis=None)
    as_large = len(null) - np.searchsorted(null, z, side="left")
    p = np.where(design.varies[:, None], (1 + as_large) / (1 + len(null)), 1.0)
    return actual**2, (drawn**2).mean(axis=0), p


def discoveries(p: Floats, rate: float) -> NDArray[np.bool_]:
    """Which of the p values, of any shape, are discoveries at a false discovery rate (Benjamini and Hochberg 1995)."""
    flat = np.sort(p, axis=None)
    if not len(flat):
        return np.zeros(p.shape, dtype=bool)
    holds = np.flatnonzero(flat <= rate * np.arange(1, len(flat) + 1) / len(flat))
    return p <= (flat[holds[-1]] if len(holds) else -1.0)


def _standard(values: Floats, places: NDArray[np.int64] | None) -> Floats:
    """With mean 0 and deviation 1 where defined, 0 elsewhere; less the means of the same place in the bar, if given."""
    known = ~np.isnan(values)
    out = np.where(known, values, 0.0)
    if places is not None:
        counts = np.bincount(places[known], minlength=PLACES + 1)
        means = np.bincount(places[known], values[known], minlength=PLACES + 1) / np.maximum(counts, 1)
        out = np.where(known, out - means[places], 0.0)
    own = out[known]
    if not len(own) or own.std() < STILL:
        return np.zeros(len(values), dtype=np.float32)
    return np.where(known, (out - own.mean()) / own.std(), 0.0).astype(np.float32)


def _less_means(values: Floats, places: NDArray[np.int64]) -> Floats:
    out = values.copy()
    for place in range(PLACES + 1):
        own = places == place
        if own.any():
            out[own] -= out[own].mean(axis=0)
    return out


def _varies(values: Floats, concept: Concept) -> bool:
    if concept.kind == "yes_no":
        return min(int((values > 0.5).sum()), int((values <= 0.5).sum())) >= FEWEST
    return len(values) >= 2 * FEWEST and float(values.std()) > STILL


def _derangement(count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """A random permutation that leaves nothing in its place, where there are two or more."""
    order = rng.permutation(count)
    others = np.empty(count, dtype=np.int64)
    others[order] = np.roll(order, 1)  # one cycle through all
    return others


def _distinct(defined: NDArray[np.bool_]) -> tuple[Floats, NDArray[np.int64]]:
    """The different columns of [T, C], as numbers, and which of them each column is."""
    seen: dict[bytes, int] = {}
    mask_of = [seen.setdefault(column.tobytes(), len(seen)) for column in defined.T]
    first = [mask_of.index(number) for number in range(len(seen))]
    return defined[:, first].astype(np.float32), np.array(mask_of)
