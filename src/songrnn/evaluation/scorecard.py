"""Composed tunes and human tunes side by side: every metric of this package, computed for both.

`metrics.py` lists the metrics of single tunes. Metrics of whole collections: distances
(`distributions.py`) and two-sample tests (`two_sample.py`), each with a control, the same figure for two collections of
human tunes, which is its value when there is no difference: two halves of the human tunes, or, in the
two-sample tests of a scorecard that was given training tunes, those against the human tunes.
"""

import math
import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any, TypeVar

import numpy as np

from songrnn.errors import MissingExtra
from songrnn.evaluation.abc2midi import Playing, play_each
from songrnn.evaluation.analysed import AnalysedTune, analyse
from songrnn.evaluation.distributions import STATISTICS, Distribution, distance, distribution, unlikeness
from songrnn.evaluation.form import form_of
from songrnn.evaluation.metrics import METRICS, PLAYS
from songrnn.evaluation.two_sample import VIEWS, TwoSample, two_sample
from songrnn.statistics import UNDEFINED, Estimate, defined, mean, share

Item = TypeVar("Item")

NO_FORM = "no such form"
STRANGE = (0.01, 0.99)
"""Quantiles of human tunes; a tune outside is reported as strange."""


@dataclass(frozen=True)
class JudgedTune:
    """A tune and its figures by the names of METRICS, and "plays" where that was computed; NaN where undefined.

    form: as `form_of` says. complaints: its problems, and figures outside those of all but one in a hundred human
    tunes.
    """

    number: int
    title: str
    text: str
    values: Mapping[str, float]
    form: str
    complaints: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """For programs; null where a figure is undefined."""
        figures = {name: defined(value) for name, value in self.values.items()}
        return {
            "number": self.number,
            "title": self.title,
            **figures,
            "form": self.form or None,
            "complaints": list(self.complaints),
            "text": self.text,
        }


@dataclass(frozen=True)
class Side:
    """The figures of one collection.

    totals: by name, over its tunes. forms: number of tunes of each form, the commonest first.
    distributions: by statistic, that of each tune.
    """

    name: str
    tunes: tuple[JudgedTune, ...]
    analysed: tuple[AnalysedTune, ...]
    totals: Mapping[str, Estimate]
    forms: Mapping[str, int]
    distributions: Mapping[str, tuple[Distribution, ...]]

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "name": self.name,
            "totals": {name: estimate.as_json() for name, estimate in self.totals.items()},
            "forms": dict(self.forms),
            "tunes": [tune.as_json() for tune in self.tunes],
        }


@dataclass(frozen=True)
class Scorecard:
    """Every figure of two collections.

    distances: statistic -> (composed against human, human against human), bits.
    two_samples: view -> (composed against human, human against human); empty when it was not requested or could not be
    computed, and then `missing` is what to install. control: which human tunes were compared in `two_samples`.
    unlikeness: see `distributions.py`.
    """

    composed: Side
    human: Side
    distances: Mapping[str, tuple[Estimate, Estimate]]
    two_samples: Mapping[str, tuple[TwoSample, TwoSample]]
    control: str
    missing: str
    unlikeness: float
    seed: int

    def as_json(self) -> dict[str, Any]:
        """For programs; null where a figure is undefined."""
        return {
            "composed": self.composed.as_json(),
            "human": self.human.as_json(),
            "distances": {
                name: {"composed": found.as_json(), "human": control.as_json()}
                for name, (found, control) in self.distances.items()
            },
            "two_sample": {
                name: {
                    "composed": found.area.as_json(),
                    "human": control.area.as_json(),
                    "discriminative": [vars(feature) for feature in found.discriminative],
                }
                for name, (found, control) in self.two_samples.items()
            },
            "control": self.control,
            "missing": self.missing or None,
            "unlikeness": defined(self.unlikeness),
            "seed": self.seed,
        }


HALVES = "two halves of the human tunes"
TRAINING = "training tunes against the human tunes"
Measured = tuple[AnalysedTune, Playing | None, Mapping[str, float]]
"""A tune, abc2midi's result if that was requested, and its figures by name."""
Bar = Callable[..., Iterable[Any]]
"""Items, a title and `total=` in, the same items out: how progress is shown (`cli/bar.py`)."""


Measure = Callable[[Sequence[str], Sequence[AnalysedTune], str, bool, Bar], list[Measured]]
"""What computes the figures of single tunes: `measured_here`, or a cluster."""


def no_bar(items: Iterable[Any], _title: str, *, total: int) -> Iterable[Any]:  # noqa: ARG001
    """The items; nothing is shown."""
    return items


def measured_here(
    _texts: Sequence[str], tunes: Sequence[AnalysedTune], name: str, plays: bool, bar: Bar
) -> list[Measured]:
    """The tunes with their figures, computed in this process. name: of their side, for the bar."""
    playing: Iterable[Playing | None] = repeat(None, len(tunes))
    if plays:
        playing = bar(play_each([tune.abc for tune in tunes]), f"playing {name} tunes", total=len(tunes))
    return [(tune, played, _values(tune, played)) for tune, played in zip(tunes, playing, strict=True)]


def judge(
    composed: Sequence[str],
    human: Sequence[str],
    *,
    training: Sequence[str] = (),
    names: tuple[str, str] = ("composed", "human"),
    plays: bool = True,
    tell_apart: bool = True,
    seed: int = 0,
    bar: Bar = no_bar,
    measure: Measure = measured_here,
) -> Scorecard:
    """Compute every metric of composed and human tunes, texts in ABC of any form.

    training: human tunes that the composer was trained on, for the control of the two-sample tests. plays, tell_apart:
    whether to run abc2midi, and the two-sample tests, which take longest. seed: of resampling, of the folds, and of the
    halves of the human tunes. measure: computes the figures of single tunes. A side without tunes has undefined
    figures.
    Raises RenderingError where no converter can be started; nothing for a tune.
    """
    ours, theirs, learned = (
        [analyse(tune) for tune in bar(tunes, f"reading {name} tunes", total=len(tunes))]
        for tunes, name in ((composed, names[0]), (human, names[1]), (training if tell_apart else (), "training"))
    )
    sides = zip((composed, human), (ours, theirs), names, strict=True)
    measured = [measure(texts, analysed, name, plays, bar) for texts, analysed, name in sides]
    limits = _limits([values for _, _, values in measured[1]])
    our_side, their_side = (_side(name, tunes, limits) for name, tunes in zip(names, measured, strict=True))
    pairs = ((ours, theirs), (learned, theirs) if training else _halves(theirs, seed))
    two_samples, missing = _two_samples(pairs, seed, bar) if tell_apart else ({}, "")
    return Scorecard(
        our_side,
        their_side,
        _distances(our_side, their_side, seed, bar),
        two_samples,
        TRAINING if training else HALVES,
        missing,
        unlikeness(our_side.distributions, their_side.distributions),
        seed,
    )


def _values(tune: AnalysedTune, playing: Playing | None) -> dict[str, float]:
    """Every figure of one tune by its name."""
    values = {} if playing is None else {PLAYS: float(playing.plays)}
    return values | {metric.name: metric.compute(tune) for metric in METRICS if metric.compute is not None}


def _limits(values: Sequence[Mapping[str, float]]) -> dict[str, tuple[float, float]]:
    """The range of all but a hundredth of the human tunes, for the figures that should be near human."""
    limits = {}
    for metric in METRICS:
        if metric.better == "near human" and not metric.binary:
            found = [tune[metric.name] for tune in values if not math.isnan(tune[metric.name])]
            if found:
                low, high = np.quantile(found, STRANGE)
                limits[metric.name] = (float(low), float(high))
    return limits


def _side(name: str, measured: Sequence[Measured], limits: Mapping[str, tuple[float, float]]) -> Side:
    tunes = tuple(
        JudgedTune(number, tune.title, tune.text, values, form_of(tune.bars), _complaints(tune, played, values, limits))
        for number, (tune, played, values) in enumerate(measured, start=1)
    )
    analysed = tuple(analysed for analysed, _, _ in measured)
    totals = {
        metric.name: (share if metric.binary else mean)([tune.values[metric.name] for tune in tunes])
        for metric in METRICS
        if all(metric.name in tune.values for tune in tunes)
    }
    return Side(
        name,
        tunes,
        analysed,
        totals,
        dict(Counter(tune.form or NO_FORM for tune in tunes).most_common()),
        {statistic: tuple(distribution(tune, statistic) for tune in analysed) for statistic in STATISTICS},
    )


def _complaints(
    tune: AnalysedTune, playing: Playing | None, values: Mapping[str, float], limits: Mapping[str, tuple[float, float]]
) -> tuple[str, ...]:
    """The complaints about a tune in words, the worst first."""
    reading = "cannot be read" if tune.tune is None else "is not as the standard has it"
    said = [f"{reading}: {tune.reason}"] if tune.reason else []
    if playing is not None and not playing.plays:
        said.append(f"does not play: {playing.reason}")
    if tune.problems:
        more = f", and {len(tune.problems) - 1} more" if len(tune.problems) > 1 else ""
        said.append(f"{tune.problems[0]}{more}")
    for metric in METRICS:
        low, high = limits.get(metric.name, (-math.inf, math.inf))
        value = values.get(metric.name, math.nan)
        if value < low or value > high:
            usual = between(low, high, metric.percent)
            said.append(f"{metric.title}: {shown(value, metric.percent)}, in human tunes {usual}")
    return tuple(said)


def shown(value: float, percent: bool) -> str:
    """A figure as text; "undefined" for NaN."""
    if math.isnan(value):
        return UNDEFINED
    return f"{100 * value:.1f} %" if percent else f"{value:.3g}" if abs(value) >= 1 else f"{value:.3f}"


def between(low: float, high: float, percent: bool) -> str:
    """A range of two figures as text."""
    return f"{shown(low, percent).removesuffix(' %')} to {shown(high, percent)}"


def _halves(tunes: Sequence[Item], seed: int) -> tuple[list[Item], list[Item]]:
    """The tunes dealt into two equal parts, at random, and always the same for so many tunes."""
    dealt = random.Random(seed).sample(list(tunes), len(tunes))
    return dealt[: len(dealt) // 2], dealt[len(dealt) // 2 :]


def _distances(composed: Side, human: Side, seed: int, bar: Bar) -> dict[str, tuple[Estimate, Estimate]]:
    def of(statistic: str) -> tuple[Estimate, Estimate]:
        ours, theirs = composed.distributions[statistic], human.distributions[statistic]
        return distance(ours, theirs, seed=seed), distance(*_halves(theirs, seed), seed=seed)

    found = bar(map(of, STATISTICS), "comparing", total=len(STATISTICS))
    return dict(zip(STATISTICS, found, strict=True))


def _two_samples(
    pairs: Sequence[tuple[Sequence[AnalysedTune], Sequence[AnalysedTune]]], seed: int, bar: Bar
) -> tuple[dict[str, tuple[TwoSample, TwoSample]], str]:
    """View -> the test of each of two pairs of collections; and what to install where that cannot be computed."""
    work = [(view, *pair) for view in VIEWS for pair in pairs]
    try:
        found = [
            two_sample(one, other, view, seed=seed)
            for view, one, other in bar(work, "two-sample tests", total=len(work))
        ]
    except MissingExtra as error:
        return {}, str(error)
    return {view: (found[2 * place], found[2 * place + 1]) for place, view in enumerate(VIEWS)}, ""
