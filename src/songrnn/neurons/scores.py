"""How well one neuron follows one concept, by the measure that suits its type, with an interval over tunes.

yes/no: area under the ROC curve, from histograms. Numbers: Spearman's rank correlation. Classes: mutual information of
the neuron's octile and the class, over the class's entropy. All are computed from sums over tunes; the interval is
between the 2.5th and 97.5th percentiles of tunes drawn with replacement (bootstrap), ranks being those among all tunes.

Accuracy, one scale for all types, so that it can be compared with that of a control task (Hewitt and Liang, EMNLP
2019): each octile of the neuron stands for one class, the one most of whose characters fall into it; numbers are cut in
two, and classes rarer than RARE are left out: random values of few characters are soon memorised. It is balanced: the
mean over classes of the share that is predicted right; 1 / classes knows nothing.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from songrnn.neurons.results import Kind
from songrnn.statistics import NOTHING_KNOWN, QUANTILES_95, Estimate

LEVELS = 4096
"""A neuron's values are ranked by so many levels between its lowest and highest."""
BINS = 8
AUC_BINS = 256
RESAMPLES = 200
"""Draws of the bootstrap."""

CLASSES = 64
"""More than any concept has."""
RARE = 0.05

Floats = NDArray[np.floating[Any]]
Whole = NDArray[np.integer[Any]]


def score(kind: Kind, values: Floats, concept: Floats, tune_of: Whole, weights: Floats) -> Estimate:
    """The measure of one neuron's values [T] with a concept [T], NaN where undefined.

    tune_of: [T] the tune of each character, 0..N-1. weights: [RESAMPLES, N] of `statistics.bootstrap_weights`.
    """
    known = ~np.isnan(concept)
    values, concept, tune_of = values[known], concept[known], tune_of[known]
    if not len(values):
        return NOTHING_KNOWN
    sums = {"yes_no": _auc_sums, "number": _spearman_sums, "class": _information_sums}[kind](
        values, concept, tune_of, weights.shape[1]
    )
    measure = {"yes_no": auc_of, "number": spearman_of, "class": information_of}[kind]
    value = auc(values, concept > 0.5) if kind == "yes_no" else float(measure(sums.sum(axis=0)[None])[0])
    drawn = measure((weights @ sums.reshape(len(sums), -1)).reshape(-1, *sums.shape[1:]))
    drawn = drawn[~np.isnan(drawn)]
    low, high = np.quantile(drawn, QUANTILES_95) if len(drawn) else (np.nan, np.nan)
    return Estimate(value, float(low), float(high), len(np.unique(tune_of)))


def octiles(values: Floats, among: Floats) -> Whole:
    """[T] 0..BINS-1: the octile of each value [T] among others."""
    return np.searchsorted(np.quantile(among, np.arange(1, BINS) / BINS), values).astype(np.int64)


def accuracy(kind: Kind, fitted: tuple[Whole, Floats], reported: tuple[Whole, Floats]) -> float:
    """Balanced accuracy of the classes predicted from a neuron's octiles, as the module says; NaN if there are not two.

    fitted: octiles [T] and a concept's values [T], NaN where undefined, that the rule is chosen by; reported: those
    that it is measured on.
    """
    cut = _middle(fitted[1]) if kind == "number" else 0.5
    counted, met = (_class_counts(kind, *one, cut) for one in (fitted, reported))
    common = counted.sum(axis=0) > (RARE * counted.sum() if kind == "class" else 0)
    classes = np.flatnonzero(common & (met.sum(axis=0) > 0))
    if len(classes) < 2:
        return float("nan")
    counted, met = counted[:, classes], met[:, classes]
    predicted = (counted / counted.sum(axis=0)).argmax(axis=1)
    right = np.bincount(predicted, met[np.arange(BINS), predicted], minlength=len(classes))
    return float((right / met.sum(axis=0)).mean())


def likest(values: Floats, others: Floats) -> Floats:
    """[F] the largest absolute correlation of each of F neurons with any of G others; values [T, F], others [T, G]."""
    own, other = (_standardised(np.asarray(several, dtype=np.float32)) for several in (values, others))
    return np.asarray(np.abs(own.T @ other).max(axis=1) / len(values))


def ranks(values: Floats) -> Floats:
    """Mid-ranks of values [T] as shares, between 0 and 1; values of one of LEVELS count as equal."""
    low, high = float(values.min()), float(values.max())
    if high <= low:
        return np.full(len(values), 0.5)
    levels = np.minimum((values - low) / (high - low) * LEVELS, LEVELS - 1).astype(np.int64)
    counts = np.bincount(levels, minlength=LEVELS)
    middle = (np.cumsum(counts) - counts / 2) / len(values)
    return np.asarray(middle[levels])


def auc_of(counts: Floats) -> Floats:
    """From counts [..., 2, AUC_BINS] of values, rising, where it does not hold and where it does."""
    rest, held = counts[..., 0, :], counts[..., 1, :]
    below = np.cumsum(rest, axis=-1) - rest / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((held * below).sum(axis=-1) / (held.sum(axis=-1) * rest.sum(axis=-1)))


def auc(values: Floats, holds: NDArray[np.bool_]) -> float:
    """The area of one series; 0.5 where all or none hold."""
    if holds.all() or not holds.any():
        return 0.5
    rank = ranks(values)
    return float(0.5 + rank[holds].mean() - rank[~holds].mean())


def spearman(u: Floats, v: Floats) -> float:
    """Spearman's correlation of two series; 0 where one is constant."""
    u, v = ranks(u), ranks(v)
    return float(spearman_of(np.array([len(u), u.sum(), v.sum(), (u * u).sum(), (v * v).sum(), (u * v).sum()])))


def spearman_of(sums: Floats) -> Floats:
    """From [..., 6]: count, sums of u, v, u*u, v*v, u*v."""
    n, u, v, uu, vv, uv = np.moveaxis(sums, -1, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.sqrt(np.maximum(uu / n - (u / n) ** 2, 0) * np.maximum(vv / n - (v / n) ** 2, 0))
        covariance = uv / n - u * v / n**2
        return np.clip(np.where(spread > 1e-12, covariance / np.maximum(spread, 1e-12), 0.0), -1, 1)


def information_of(counts: Floats) -> Floats:
    """From counts [..., BINS, classes]: mutual information over the entropy of the class; 0 with a single class."""
    total = counts.sum(axis=(-1, -2), keepdims=True)
    joint = counts / np.maximum(total, 1e-12)
    bins, classes = joint.sum(axis=-1, keepdims=True), joint.sum(axis=-2, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        shared = np.where(joint > 0, joint * np.log(joint / (bins * classes)), 0.0).sum(axis=(-1, -2))
        entropy = -np.where(classes > 0, classes * np.log(classes), 0.0).sum(axis=(-1, -2))
    return np.asarray(np.where(entropy > 1e-12, shared / np.maximum(entropy, 1e-12), 0.0))


def _standardised(values: Floats) -> Floats:
    """With mean 0 and deviation 1 over the rows; 0 where nothing varies."""
    centred = values - values.mean(axis=0)
    return np.asarray(centred / np.maximum(centred.std(axis=0), 1e-6))


def _middle(values: Floats) -> float:
    """Between two of the values, so that about half are above it, however many are equal; NaN counts for nothing."""
    found, counts = np.unique(values[~np.isnan(values)], return_counts=True)
    if len(found) < 2:
        return 0.5
    below = np.cumsum(counts)[:-1]
    place = int(np.abs(below - counts.sum() / 2).argmin())
    return float(found[place] + found[place + 1]) / 2


def _class_counts(kind: Kind, octile: Whole, concept: Floats, cut: float) -> Floats:
    """[BINS, CLASSES] characters of each octile and class; cut: between the two classes of what has none."""
    known = ~np.isnan(concept)
    own = concept[known] if kind == "class" else concept[known] > cut
    cell = octile[known] * CLASSES + own.astype(np.int64)
    return np.bincount(cell, minlength=BINS * CLASSES).reshape(BINS, CLASSES).astype(np.float64)


def _auc_sums(values: Floats, concept: Floats, tune_of: Whole, tunes: int) -> Floats:
    rank, holds = ranks(values), (concept > 0.5).astype(np.int64)
    level = np.minimum(rank * AUC_BINS, AUC_BINS - 1).astype(np.int64)
    cell = (tune_of * 2 + holds) * AUC_BINS + level
    return np.bincount(cell, minlength=tunes * 2 * AUC_BINS).reshape(tunes, 2, AUC_BINS).astype(np.float64)


def _spearman_sums(values: Floats, concept: Floats, tune_of: Whole, tunes: int) -> Floats:
    u, v = ranks(values), ranks(concept)
    parts = [np.ones(len(u)), u, v, u * u, v * v, u * v]
    return np.stack([np.bincount(tune_of, part, minlength=tunes) for part in parts], axis=1)


def _information_sums(values: Floats, concept: Floats, tune_of: Whole, tunes: int) -> Floats:
    classes = int(concept.max()) + 1
    octile = np.minimum(ranks(values) * BINS, BINS - 1).astype(np.int64)
    cell = (tune_of * BINS + octile) * classes + concept.astype(np.int64)
    return np.bincount(cell, minlength=tunes * BINS * classes).reshape(tunes, BINS, classes).astype(np.float64)
