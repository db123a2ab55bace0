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
        places = np.flatnonzero(which.ravel() == number).tolist()
        mask = masks[:, number]
        fitted = _Fit(values, mask, parts)
        tasks = [_Task(concepts[i], known[:, i], control_values(known[:, i], mask, pairs, rng)) for i in places]
        tasks = [one for one in tasks if fitted.varies(one.values)]
        for task, own, control in zip(tasks, *_paths(tasks, fitted), strict=True):
            found[task.concept.name] = task.result(fitted, own, control, tune_of, weights)
    return found


def _paths(tasks: Sequence["_Task"], fit: "_Fit") -> tuple[list[list[Floats]], list[list[Floats]]]:
    """For each task the weights [F, K] at each of PENALTIES: of the concept, and of its control; all fitted at once."""
    if not tasks:
        return [], []
    series = [(task, values) for task in tasks for values in (task.values, task.control)]
    targets = [_targets(task.concept, values[fit.rows]) for task, values in series]
    ends = np.cumsum([target.shape[1] for target in targets])[:-1]
    joined = np.concatenate(targets, axis=1)
    mean, deviation = joined.mean(axis=0), np.maximum(joined.std(axis=0), 1e-6)
    path = fit.lasso(((joined - mean) / deviation).astype(np.float32))
    parts = [np.split(weights * deviation, ends, axis=1) for weights in path]
    paths = [list(several) for several in zip(*parts, strict=True)]
    return paths[::2], paths[1::2]


class _Fit:
    """The neurons of one mask, ready for least squares."""

    def __init__(self, values: Floats, mask: Truths, parts: ProbeParts) -> None:
        rows = np.flatnonzero(parts.fit & mask)
        self.rows = rows[:: max(1, -(-len(rows) // MOST_FITTED))]
        self.choose, self.report = np.flatnonzero(parts.choose & mask), np.flatnonzero(parts.report & mask)
        self._values = values
        if min(map(len, (self.rows, self.choose, self.report))) < 2:
            return
        own = values[self.rows].astype(np.float32)
        self.mean, deviation = own.mean(axis=0), own.std(axis=0)
        self.scale = np.where(deviation > 1e-6, 1 / np.maximum(deviation, 1e-6), 0.0).astype(np.float32)
        self.own = (own - self.mean) * self.scale
        self.gram = self.own.T @ self.own / len(own)
        self.step = 1 / max(float(np.linalg.norm(self.gram, 2)), 1e-6)

    def varies(self, values: Floats) -> bool:
        """Whether values [T] of a concept differ in each of the three parts."""
        return all(len(np.unique(values[rows])) > 1 for rows in (self.rows, self.choose, self.report))

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


@dataclass(frozen=True)
class _Task:
    """One concept, its values [T] and those of its control task."""

    concept: Concept
    values: Floats
    control: Floats

    def _chosen(self, fit: _Fit, path: Sequence[Floats], values: Floats) -> tuple[Floats, Floats]:
        """Of the strongest penalty that comes within TOLERANCE of the best: weights [F, K], and guesses where `fit`
        reports."""
        mean = _targets(self.concept, values[fit.rows]).mean(axis=0)
        merits = [
            _merit(self.concept.kind, fit.predictions(fit.choose, weights) + mean, values[fit.choose])
            for weights in path
        ]
        least = max(merits) - TOLERANCE
        chosen = next(weights for weights, merit in zip(path, merits, strict=True) if merit >= least)
        return chosen, fit.predictions(fit.report, chosen) + mean

    def result(
        self, fit: _Fit, path: Sequence[Floats], control_path: Sequence[Floats], tune_of: Whole, weights: Floats
    ) -> FittedProbe:
        """The scores on the reported part. path, control_path: weights at each of PENALTIES."""
        kind, rows = self.concept.kind, fit.report
        chosen, guesses = self._chosen(fit, path, self.values)
        control = _merit(kind, self._chosen(fit, control_path, self.control)[1], self.control[rows])
        actual = self.values[rows]
        if kind == "class":
            right = (guesses.argmax(axis=1) == actual).astype(float)
            counts = np.bincount(actual.astype(np.int64))
            return FittedProbe(
                chosen, _share(right, tune_of[rows], weights), control, float(counts.max() / len(actual))
            )
        estimate = score(kind, guesses[:, 0], actual, tune_of[rows], weights)
        return FittedProbe(chosen, estimate, control, 0.5 if kind == "yes_no" else 0.0)


def _targets(concept: Concept, values: Floats) -> Floats:
    if concept.kind != "class":
        return values[:, None]
    return np.asarray(values[:, None] == np.arange(len(concept.classes)), dtype=np.float64)


def _merit(kind: Kind, guesses: Floats, actual: Floats) -> float:
    """AUC, Spearman's correlation or accuracy."""
    if kind == "class":
        return float((guesses.argmax(axis=1) == actual).mean())
    return auc(guesses[:, 0], actual > 0.5) if kind == "yes_no" else spearman(guesses[:, 0], actual)


def control_values(values: Floats, mask: Truths, pairs: Whole, rng: np.random.Generator) -> Floats:
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
