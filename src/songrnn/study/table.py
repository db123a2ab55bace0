"""Results of single trainings -> means, intervals and differences.

An interval is a 95 % t-interval over seeds: if everything were done again with other seeds, nineteen of twenty such
intervals would contain the mean over all seeds. A difference is paired: of two networks that differ in one thing only
and have the same seed. Over a grid it is first averaged within each seed, so that the interval is again one over seeds,
and trainings that share a seed are never counted as if they were independent.
"""

import statistics
from collections.abc import Callable, Sequence
from typing import Any, Literal

from songrnn.statistics import Interval
from songrnn.study.run import TrialResult

Factor = Literal["cell", "hidden_size", "dropout"]
Score = Literal["validation", "test"]
FACTORS: tuple[Factor, ...] = ("cell", "hidden_size", "dropout")


def configurations(results: Sequence[TrialResult]) -> list[list[TrialResult]]:
    """The results of the seeds of each configuration; cells in the order in which they come, then sizes, dropouts."""
    cells = list(dict.fromkeys(result.cell for result in results))
    groups: dict[str, list[TrialResult]] = {}
    for result in sorted(results, key=lambda r: (cells.index(r.cell), r.hidden_size, r.dropout, r.seed)):
        groups.setdefault(result.configuration, []).append(result)
    return list(groups.values())


def mean_over_seeds(results: Sequence[TrialResult], score: Score = "validation") -> Interval:
    """The interval over seeds of a score; each seed's value is its mean over the configurations in `results`.

    A configuration in which a training failed, or has no such score, is left out: its seeds would be uneven.
    """
    return Interval.of(_by_seed(_whole(results, score), lambda result: _score(result, score)))


def difference(
    results: Sequence[TrialResult], factor: Factor, one: Any, other: Any, score: Score = "validation"
) -> Interval:
    """The interval of `one` minus `other` in bits per character, all else being the same: below zero, `one` is better.

    one, other: two values of the factor, such as "lstm" and "rnn". Pairs in which a training failed are left out, with
    the same pair of all other seeds. `count` is the number of seeds, 0 when there is no pair.
    """
    scores = {_place(r): _score(r, score) for r in _whole(results, score) if getattr(r, factor) == other}
    sides = [r for r in _whole(results, score) if getattr(r, factor) == one]
    pairs = [result for result in sides if _place(result, factor, other) in scores]
    return Interval.of(_by_seed(pairs, lambda result: _score(result, score) - scores[_place(result, factor, other)]))


def values_of(results: Sequence[TrialResult], factor: Factor) -> list[Any]:
    """The values of a factor: cells in the order in which they come, numbers ascending."""
    values = list(dict.fromkeys(getattr(result, factor) for result in results))
    return values if factor == "cell" else sorted(values)


def where(results: Sequence[TrialResult], **fixed: Any) -> list[TrialResult]:
    """The results with these values, such as cell="lstm"."""
    return [result for result in results if all(getattr(result, name) == value for name, value in fixed.items())]


def _whole(results: Sequence[TrialResult], score: Score) -> list[TrialResult]:
    """The results of configurations of which every seed has the score."""
    broken = {result.configuration for result in results if getattr(result, score) is None}
    return [result for result in results if result.configuration not in broken]


def _by_seed(results: Sequence[TrialResult], value: Callable[[TrialResult], float]) -> list[float]:
    """The mean of the values of each seed."""
    seeds: dict[int, list[float]] = {}
    for result in results:
        seeds.setdefault(result.seed, []).append(value(result))
    return [statistics.fmean(values) for _, values in sorted(seeds.items())]


def _place(result: TrialResult, factor: Factor | None = None, value: Any = None) -> tuple[Any, ...]:
    """The place of a result in the grid, with `value` in place of its own value of `factor`."""
    own = [value if name == factor else getattr(result, name) for name in FACTORS]
    return (*own, result.seed)


def _score(result: TrialResult, score: Score) -> float:
    value: float = getattr(result, score)
    return value
