"""The best sparse linear probe of each concept over all neurons, and its control task.

A probe is a weighted sum of standardised hidden neurons, fitted by least squares with an L1 penalty (Tibshirani 1996),
which leaves most weights at 0; a class has one sum, and the largest decides. The penalty is the strongest that comes
within TOLERANCE of the best on tunes of their own; the score is of the unseen part. The control task gives every pair
of a character and the one before it a random value of the concept's distribution: what a probe learns of that, it
learns by memory of characters. Selectivity is the difference (Hewitt and Liang, EMNLP 2019).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from songrnn.neurons.concepts import Concept
from songrnn.neurons.results import Kind
from songrnn.neurons.scores import auc, score, spearman
from songrnn.statistics import NOTHING_KNOWN, QUANTILES_95, Estimate

PENALTIES = (0.5, 0.2, 0.1, 0.05, 0.02)
"""Of the penalty at which all weights are 0."""
TOLERANCE = 0.01
STEPS = 80
MOST_FITTED = 12_000
"""Characters that a probe is fitted to; of more, evenly many of the whole."""

Floats = NDArray[np.floating[Any]]
Truths = NDArray[np.bool_]
Whole = NDArray[np.integer[Any]]


@dataclass(frozen=True)
class ProbeParts:
    """Where the three parts of the tunes are, each [T]: to fit probes, to choose their penalty, to report."""

    fit: Truths
    choose: Truths
    report: Truths


@dataclass(frozen=True)
class FittedProbe:
    """A probe and how well it does.

    weights: [F, K] of the standardised neurons, for K sums. score: on the reported part; control: of the control task.
    majority: see results.Probe.
    """

    weights: Floats
    score: Estimate
    control: float
    majority: float


def probe(
    values: Floats,
    concepts: Sequence[Concept],
    known: Floats,
    pairs: Whole,
    parts: ProbeParts,
    tune_of: Whole,
    weights: Floats,
    rng: np.random.Generator,
) -> dict[str, FittedProbe]:
    """The probes of all concepts that vary, by name.

    values: [T, F] of the neurons. known: [T, C] of the concepts, NaN where undefined. pairs: [T] a number for each pair
    of a character and the one before it. tune_of: [T]; weights: [draws, N] of the bootstrap over reported tunes.
    """
    found: dict[str, FittedProbe] = {}
    defined = ~np.isnan(known)
    masks, which = np.unique(defined, axis=1, return_inverse=True)
    for number in range(masks.shape[1]):
        own = [concepts[int(i)] for i in np.flatnonzero(which.ravel() == number)]
        columns = known[:, which.ravel() == number]
        mask = masks[:, number]
        controls = np.stack([_control(columns[:, i], mask, pairs, rng) for i, c in enumerate(own)], axis=1)
        fitted = _Fit(values, mask, parts)
        for task in _tasks(own, columns, controls):
            task.fit(fitted)
            if task.usable:
                found.setdefault(task.concept.name, task.result(fitted, tune_of, weights))
    return found


def _tasks(concepts: Sequence[Concept], columns: Floats, controls: Floats) -> list["_Task"]:
    return [_Task(concept, columns[:, i], controls[:, i]) for i, concept in enumerate(concepts)]


class _Fit:
    """The neurons of one mask, ready for least squares."""

    def __init__(self, values: Floats, mask: Truths, parts: ProbeParts) -> None:
        rows = np.flatnonzero(parts.fit & mask)
        self.rows = rows[:: max(1, -(-len(rows) // MOST_FITTED))]
        self.choose, self.report = np.flatnonzero(parts.choose & mask), np.flatnonzero(parts.report & mask)
        self.usable = min(map(len, (self.rows, self.choose, self.report))) > 1
        self._values = values
        if not self.usable:
            return
        own = values[self.rows].astype(np.float32)
        self.mean, deviation = own.mean(axis=0), own.std(axis=0)
        self.scale = np.where(deviation > 1e-6, 1 / np.maximum(deviation, 1e-6), 0.0).astype(np.float32)
        self.own = (own - self.mean) * self.scale
        self.gram = self.own.T @ self.own / len(own)
        self.step = 1 / max(float(np.linalg.norm(self.gram, 2)), 1e-6)

    def predictions(self, rows: Whole, weights: Floats) -> Floats:
        """[rows, K] for weights [F, K]."""
        scaled = (self.scale[:, None] * weights).astype(np.float32)
        used = np.flatnonzero(scaled.any(axis=1))
        return np.asarray((self._values[np.ix_(rows, used)] - self.mean[used]) @ scaled[used])

    def lasso(self, targets: Floats) -> list[Floats]:
        """Weights [F, K] of standardised targets [rows, K] for each of PENALTIES (FISTA, Beck and Teboulle 2009)."""
        products = self.own.T @ targets / len(targets)
        largest = np.abs(products).max(axis=0)
        weights, path = np.zeros_like(products), []
        for penalty in PENALTIES:
            momentum, ahead = 1.0, weights
            for _ in range(STEPS):
                moved = ahead - self.step * (self.gram @ ahead - products)
                after = np.sign(moved) * np.maximum(np.abs(moved) - self.step * penalty * largest, 0)
                faster = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
                ahead = after + (momentum - 1) / faster * (after - weights)
                weights, momentum = after, faster
            path.append(weights)
        return path


class _Task:
    """One concept and its control."""

    def __init__(self, concept: Concept, values: Floats, control: Floats) -> None:
        self.concept, self.values, self.control = concept, values, control
        self.usable = False

    def fit(self, fit: _Fit) -> None:
        """Fit both, and choose the penalties."""
        if not fit.usable or any(len(np.unique(self.values[rows])) < 2 for rows in (fit.rows, fit.choose, fit.report)):
            return
        self.usable = True
        self.weights = self._chosen(fit, self.values)
        self.control_weights = self._chosen(fit, self.control)

    def _chosen(self, fit: _Fit, values: Floats) -> Floats:
        targets = _targets(self.concept, values[fit.rows])
        mean, deviation = targets.mean(axis=0), np.maximum(targets.std(axis=0), 1e-6)
        path = fit.lasso(((targets - mean) / deviation).astype(np.float32))
        path = [weights * deviation for weights in path]
        merits = [
            _merit(self.concept.kind, fit.predictions(fit.choose, weights) + mean, values[fit.choose])
            for weights in path
        ]
        least = max(merits) - TOLERANCE
        return next(weights for weights, merit in zip(path, merits, strict=True) if merit >= least)

    def result(self, fit: _Fit, tune_of: Whole, weights: Floats) -> FittedProbe:
        """The scores on the reported part."""
        kind, rows = self.concept.kind, fit.report
        control_mean = _targets(self.concept, self.control[fit.rows]).mean(axis=0)
        mean = _targets(self.concept, self.values[fit.rows]).mean(axis=0)
        guesses = fit.predictions(rows, self.weights) + mean
        control = _merit(kind, fit.predictions(rows, self.control_weights) + control_mean, self.control[rows])
        actual = self.values[rows]
        if kind == "class":
            right = (guesses.argmax(axis=1) == actual).astype(float)
            counts = np.bincount(actual.astype(np.int64))
            return FittedProbe(
                self.weights, _share(right, tune_of[rows], weights), control, float(counts.max() / len(actual))
            )
        estimate = score(kind, guesses[:, 0], actual, tune_of[rows], weights)
        return FittedProbe(self.weights, estimate, control, 0.5 if kind == "yes_no" else 0.0)


def _targets(concept: Concept, values: Floats) -> Floats:
    if concept.kind != "class":
        return values[:, None]
    return np.asarray(values[:, None] == np.arange(len(concept.classes)), dtype=np.float64)


def _merit(kind: Kind, guesses: Floats, actual: Floats) -> float:
    """AUC, Spearman's correlation or accuracy."""
    if kind == "class":
        return float((guesses.argmax(axis=1) == actual).mean())
    return auc(guesses[:, 0], actual > 0.5) if kind == "yes_no" else spearman(guesses[:, 0], actual)


def _control(values: Floats, mask: Truths, pairs: Whole, rng: np.random.Generator) -> Floats:
    """A value of the concept's distribution for each pair of characters, drawn once; NaN where it is undefined."""
    drawn = np.full(len(values), np.nan)
    if mask.any():
        table = rng.choice(values[mask], size=int(pairs.max()) + 1)
        drawn[mask] = table[pairs[mask]]
    return drawn


def _share(right: Floats, tune_of: Whole, weights: Floats) -> Estimate:
    """The mean of ones and zeros, with the interval of the bootstrap over tunes."""
    if not len(right):
        return NOTHING_KNOWN
    sums = np.stack([np.bincount(tune_of, part, minlength=weights.shape[1]) for part in (right, right * 0 + 1)])
    drawn = (weights @ sums[0]) / np.maximum(weights @ sums[1], 1e-12)
    low, high = np.quantile(drawn, QUANTILES_95)
    return Estimate(float(right.mean()), float(low), float(high), len(np.unique(tune_of)))
