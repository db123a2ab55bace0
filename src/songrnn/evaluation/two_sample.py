"""Classifier two-sample tests of composed and human tunes.

Definition: the area under the ROC curve of a classifier of composed and human tunes, on tunes that it was not trained
on: 5-fold cross-validation by tune, variants of one melody always in one fold; the mean of the folds. 0.5: it cannot
separate them; 1: it always can. Near 0.5 is better; below it is chance. Three views of a tune, for classifiers of two
families:

characters  all sequences of 1 to 4 characters of its text in one spelling, header included (`AnalysedTune.canonical`)
notes       all pairs of neighbouring notes of the melody, a note being its interval from the one before, in semitones,
            and its length, as a fraction of a whole note; a tune that cannot be read has the one feature "unreadable"
whole tune  the figures of `tune_features.py`

The first two views have a logistic regression. A feature counts in the usual way, as (1 + ln of its count) times
its inverse document frequency, each tune scaled to length 1 (the rarest, in one tune only, are left out); the
regression weighs both sides the same, with C = 10, the strongest of the values that were tried on tunes of `folk`. The
whole tune has gradient boosted trees (BOOSTING); nothing that composes or reranks uses them or their scores, so
that no tunes are selected by them.

The 95 % interval is the bootstrap's over tunes, which takes the five classifiers as they are. Undefined with fewer than
LEAST_TUNES tunes a side. The same seed gives the same area.

`discriminative` names the features that differ most between the sides, by the standard error of the difference of their
shares of tunes; of the whole tune, of their means.
Source: Lopez-Paz and Oquab, Revisiting classifier two-sample tests, ICLR 2017; Friedman, Greedy function approximation:
a gradient boosting machine, Ann. Statist. 29 (2001).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from songrnn.corpus.variants import group_variants
from songrnn.errors import MissingExtra
from songrnn.evaluation.analysed import AnalysedTune
from songrnn.evaluation.tune_features import NGRAM_VIEWS, feature_table
from songrnn.statistics import NOTHING_KNOWN, QUANTILES_95, Estimate, bootstrap_weights

FOLDS = 5
LEAST_TUNES = 2 * FOLDS
STRENGTH = 10.0
BOOSTING: Mapping[str, Any] = MappingProxyType(
    {
        "max_iter": 100,
        "learning_rate": 0.1,
        "max_leaf_nodes": 8,
        "min_samples_leaf": 10,
        "l2_regularization": 1.0,
        "max_bins": 32,
    }
)
"""Of 800 tunes four times as fast as 150 trees with 255 bins, and as good: an area of 0.910, not 0.908."""
UNDEFINED = -1000.0
"""Below every figure: given to the trees in place of an undefined one."""
RESAMPLES = 1000
SHOWN = 10
MISSING = "the two-sample test needs scikit-learn: pip install 'songrnn[judge]'"


@dataclass(frozen=True)
class DiscriminativeFeature:
    """A feature by which tunes differ: the shares of composed and human tunes that have it; of a figure its means."""

    feature: str
    composed: float
    human: float


@dataclass(frozen=True)
class TwoSample:
    """area: 0.5 no separation, 1 perfect. discriminative: the features that differ most, the strongest first."""

    area: Estimate
    discriminative: tuple[DiscriminativeFeature, ...]


UNKNOWN = TwoSample(NOTHING_KNOWN, ())


WHOLE_TUNE = "whole tune"
VIEWS = (*NGRAM_VIEWS, WHOLE_TUNE)


def two_sample(
    composed: Sequence[AnalysedTune], human: Sequence[AnalysedTune], view: str, *, seed: int = 0
) -> TwoSample:
    """The two-sample test of composed and human tunes in one of VIEWS.

    Raises MissingExtra where scikit-learn is not installed.
    """
    require_scikit_learn()
    if min(len(composed), len(human)) < LEAST_TUNES:
        return UNKNOWN
    tunes = [*composed, *human]
    sides = np.arange(len(tunes)) < len(composed)
    families = _families([tune.text for tune in tunes])
    features, names = feature_table(tunes) if view == WHOLE_TUNE else _counts(map(NGRAM_VIEWS[view], tunes))
    if not names:
        return UNKNOWN
    model = _boosted_trees if view == WHOLE_TUNE else _regression
    folds = [
        (scores[sides[tested]], scores[~sides[tested]])
        for tested, scores in _scores(model, features, sides, families, seed)
    ]
    differ = _differing_means if view == WHOLE_TUNE else _differing_shares
    return TwoSample(_area(folds, len(tunes), seed), differ(features, names, sides))


def require_scikit_learn() -> None:
    """Raise MissingExtra where scikit-learn is not installed."""
    try:
        import sklearn  # noqa: F401
    except ModuleNotFoundError as error:
        raise MissingExtra(MISSING) from error


def _families(texts: Sequence[str]) -> NDArray[np.intp]:
    """[N] the number of the family of variants that each tune belongs to."""
    numbers = np.zeros(len(texts), dtype=np.intp)
    for number, family in enumerate(group_variants(texts)):
        numbers[family] = number
    return numbers


def _counts(tunes: Iterable[list[str]]) -> tuple[Any, list[str]]:
    """A sparse [N, F] table of counts, and the names of the features; none when every feature is in one tune only."""
    from sklearn.feature_extraction.text import CountVectorizer

    counter = CountVectorizer(analyzer=_as_it_is, min_df=2)
    try:
        table = counter.fit_transform(tunes)
    except ValueError:  # scikit-learn's error where no feature is left
        return None, []
    return table, list(counter.get_feature_names_out())


def _as_it_is(features: list[str]) -> list[str]:
    return features


def _regression() -> Any:
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    regression = LogisticRegression(C=STRENGTH, class_weight="balanced", solver="newton-cg", max_iter=1000)
    return make_pipeline(TfidfTransformer(sublinear_tf=True), regression)


def _boosted_trees() -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline

    trees = HistGradientBoostingClassifier(**BOOSTING, class_weight="balanced", early_stopping=False, random_state=0)
    imputer = SimpleImputer(strategy="constant", fill_value=UNDEFINED, keep_empty_features=True)
    return make_pipeline(imputer, trees)  # the trees by themselves fail where a figure is undefined for all tunes


def _scores(
    model: Callable[[], Any], features: Any, sides: NDArray[np.bool_], families: NDArray[np.intp], seed: int
) -> Iterable[tuple[NDArray[np.intp], NDArray[np.float64]]]:
    """For each fold: which tunes were tested, and how composed each of them looks."""
    from sklearn.model_selection import StratifiedGroupKFold
    from threadpoolctl import threadpool_limits

    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    for learned, tested in folds.split(features, sides, families):
        if len(set(sides[learned])) == len(set(sides[tested])) == 2:  # else one family holds all tunes of a side
            with threadpool_limits(1):  # with so few tunes more threads are no faster
                scores = model().fit(features[learned], sides[learned]).decision_function(features[tested])
            yield tested, scores


def _area(folds: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]], tunes: int, seed: int) -> Estimate:
    """The mean area of folds, each (scores of composed tunes, scores of human tunes)."""
    if not folds:
        return NOTHING_KNOWN
    rng = np.random.default_rng(seed)
    found, resampled = 0.0, np.zeros(RESAMPLES)
    for composed, human in folds:
        wins = (composed[:, None] > human[None]) + 0.5 * (composed[:, None] == human[None])
        found += float(wins.mean()) / len(folds)
        drawn = [bootstrap_weights(tunes, RESAMPLES, rng) for tunes in wins.shape]
        resampled += np.einsum("rc,ch,rh->r", drawn[0], wins, drawn[1], optimize=True) / len(folds)
    low, high = np.quantile(resampled, QUANTILES_95)
    return Estimate(found, min(found, float(low)), max(found, float(high)), tunes)


def _differing_shares(
    features: Any, names: Sequence[str], sides: NDArray[np.bool_]
) -> tuple[DiscriminativeFeature, ...]:
    """The SHOWN features whose shares differ most, by the standard error of the difference; none within another."""
    has = features > 0
    counts = np.array([int(sides.sum()), int((~sides).sum())])
    shares = np.stack(
        [np.asarray(has[side].sum(0)).ravel() / count for side, count in zip((sides, ~sides), counts, strict=True)]
    )
    pooled = counts @ shares / counts.sum()
    error = np.sqrt(pooled * (1 - pooled) * (1 / counts).sum())
    return _strongest(names, shares, error, distinct=True)


def _differing_means(
    features: NDArray[np.float64], names: Sequence[str], sides: NDArray[np.bool_]
) -> tuple[DiscriminativeFeature, ...]:
    """The SHOWN figures whose means over the tunes that have them differ most, by the standard error."""
    tables = (features[sides], features[~sides])
    counts = [(~np.isnan(table)).sum(0) for table in tables]
    means = np.stack([np.nansum(table, 0) / np.maximum(count, 1) for table, count in zip(tables, counts, strict=True)])
    variances = [
        np.nansum((table - mean) ** 2, 0) / np.maximum(count, 1) ** 2
        for table, mean, count in zip(tables, means, counts, strict=True)
    ]
    known = (counts[0] > 0) & (counts[1] > 0)
    return _strongest(names, means, np.where(known, np.sqrt(variances[0] + variances[1]), 0.0), distinct=False)


def _strongest(
    names: Sequence[str], sides: NDArray[np.float64], error: NDArray[np.float64], *, distinct: bool
) -> tuple[DiscriminativeFeature, ...]:
    """The SHOWN features with the largest differences of `sides` [2, F] over their standard errors [F].

    distinct: leave out one whose name is part of a stronger one's, or has it as a part.
    """
    differences = np.divide(np.abs(sides[0] - sides[1]), error, out=np.zeros_like(error), where=error > 0)
    chosen: list[int] = []
    for column in np.argsort(-differences, kind="stable").tolist():
        if len(chosen) == SHOWN or not differences[column]:
            break
        name = names[column]
        if not (distinct and any(name in names[other] or names[other] in name for other in chosen)):
            chosen.append(column)
    return tuple(
        DiscriminativeFeature(names[column], float(sides[0, column]), float(sides[1, column])) for column in chosen
    )
