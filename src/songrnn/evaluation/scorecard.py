"""Composed tunes and human tunes side by side: every question of this folder, asked of both.

`questions.py` lists the figures of single tunes. What is asked of whole collections stands beside them: distances
(`distributions.py`) and the two-sample test (`two_sample.py`), each with the same figure for two halves of the human
tunes, which is what it comes to when there is nothing to find.
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
from songrnn.evaluation.analysed import AnalysedTune, analyse
from songrnn.evaluation.distributions import STATISTICS, Distribution, distance, distribution
from songrnn.evaluation.form import form_of
from songrnn.evaluation.music import unlikeness
from songrnn.evaluation.plays import Playing, play_each
from songrnn.evaluation.questions import PLAYS, QUESTIONS
from songrnn.evaluation.statistics import UNDEFINED, Estimate, defined, mean, share
from songrnn.evaluation.two_sample import VIEWS, TwoSample, two_sample

Item = TypeVar("Item")

NO_FORM = "no such form"
STRANGE = (0.01, 0.99)
"""Quantiles of human tunes; a tune outside is told as strange."""


@dataclass(frozen=True)
class JudgedTune:
    """A tune and its figures by the names of QUESTIONS, and "plays" where that was asked; NaN where undefined.

    form: as `form_of` says. complaints: what is wrong with it, or stranger than all but one in a hundred human tunes.
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
    """One collection. totals: by name, over its tunes. forms: how many tunes have which, the commonest first.

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
    """The whole of it.

    distances: statistic -> (composed against human, human against human), bits.
    two_samples: view -> (composed against human, human against human); empty when it was not asked for or could not be
    computed, and then `missing` says what to install.
    unlikeness: see `music.py`.
    """

    composed: Side
    human: Side
    distances: Mapping[str, tuple[Estimate, Estimate]]
    two_samples: Mapping[str, tuple[TwoSample, TwoSample]]
    missing: str
    unlikeness: float
    seed: int

    def as_json(self) -> dict[str, Any]:
        """For programs; null where a figure is undefined."""
        return {
            "composed": self.composed.as_json(),
            "human": self.human.as_json(),
            "distances": {
                name: {"composed": found.as_json(), "human_halves": baseline.as_json()}
                for name, (found, baseline) in self.distances.items()
            },
            "two_sample": {
                name: {
                    "composed": found.area.as_json(),
                    "human_halves": baseline.area.as_json(),
                    "telling": [vars(telling) for telling in found.telling],
                }
                for name, (found, baseline) in self.two_samples.items()
            },
            "missing": self.missing or None,
            "unlikeness": defined(self.unlikeness),
            "seed": self.seed,
        }


Asked = tuple[AnalysedTune, Playing | None, Mapping[str, float]]
"""A tune, what abc2midi made of it if that was asked, and its figures by name."""
Bar = Callable[..., Iterable[Any]]
"""Items, a title and `total=` in, the same items out: how progress is shown (`cli/bar.py`)."""


def _no_bar(items: Iterable[Any], _title: str, *, total: int) -> Iterable[Any]:  # noqa: ARG001
    return items


def judge(
    composed: Sequence[str],
    human: Sequence[str],
    *,
    names: tuple[str, str] = ("composed", "human"),
    plays: bool = True,
    tell_apart: bool = True,
    seed: int = 0,
    bar: Bar = _no_bar,
) -> Scorecard:
    """Ask every question of composed and human tunes, texts in ABC of any form.

    plays, tell_apart: whether to ask abc2midi, and to run the two-sample test, which take longest. seed: of resampling,
    of the folds, and of the halves of the human tunes. A side without tunes has undefined figures.
    Raises RenderingError where no converter can be started; nothing for a tune.
    """
    theirs = [analyse(tune) for tune in bar(human, f"reading {names[1]} tunes", total=len(human))]
    ours = [analyse(tune) for tune in bar(composed, f"reading {names[0]} tunes", total=len(composed))]
    requested = [_asked(analysed, name, plays, bar) for analysed, name in zip((ours, theirs), names, strict=True)]
    limits = _limits([values for _, _, values in requested[1]])
    our_side, their_side = (_side(name, answers, limits) for name, answers in zip(names, requested, strict=True))
    two_samples, missing = _two_samples(ours, theirs, seed, bar) if tell_apart else ({}, "")
    return Scorecard(
        our_side,
        their_side,
        _distances(our_side, their_side, seed, bar),
        two_samples,
        missing,
        unlikeness(our_side.distributions, their_side.distributions),
        seed,
    )


def _asked(tunes: Sequence[AnalysedTune], name: str, plays: bool, bar: Bar) -> list[Asked]:
    playing: Iterable[Playing | None] = repeat(None, len(tunes))
    if plays:
        playing = bar(play_each([tune.abc for tune in tunes]), f"playing {name} tunes", total=len(tunes))
    return [(tune, played, _values(tune, played)) for tune, played in zip(tunes, playing, strict=True)]


def _values(tune: AnalysedTune, playing: Playing | None) -> dict[str, float]:
    """Every figure of one tune by its name."""
    values = {} if playing is None else {PLAYS: float(playing.plays)}
    return values | {question.name: question.ask(tune) for question in QUESTIONS if question.ask is not None}


def _limits(values: Sequence[Mapping[str, float]]) -> dict[str, tuple[float, float]]:
    """Between which values all but a hundredth of the human tunes lie, for the figures that should be near human."""
    limits = {}
    for question in QUESTIONS:
        if question.better == "near human" and not question.yes_or_no:
            found = [tune[question.name] for tune in values if not math.isnan(tune[question.name])]
            if found:
                low, high = np.quantile(found, STRANGE)
                limits[question.name] = (float(low), float(high))
    return limits


def _side(name: str, requested: Sequence[Asked], limits: Mapping[str, tuple[float, float]]) -> Side:
    tunes = tuple(
        JudgedTune(number, tune.title, tune.text, values, form_of(tune.bars), _complaints(tune, played, values, limits))
        for number, (tune, played, values) in enumerate(requested, start=1)
    )
    analysed = tuple(analysed for analysed, _, _ in requested)
    totals = {
        question.name: (share if question.yes_or_no else mean)([tune.values[question.name] for tune in tunes])
        for question in QUESTIONS
        if all(question.name in tune.values for tune in tunes)
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
    """In words, the worst first."""
    said = [f"cannot be read: {tune.reason}" if tune.tune is None else f"is not as the standard has it: {tune.reason}"]
    said = said if tune.reason else []
    if playing is not None and not playing.plays:
        said.append(f"does not play: {playing.reason}")
    if tune.problems:
        more = f", and {len(tune.problems) - 1} more" if len(tune.problems) > 1 else ""
        said.append(f"{tune.problems[0]}{more}")
    for question in QUESTIONS:
        low, high = limits.get(question.name, (-math.inf, math.inf))
        value = values.get(question.name, math.nan)
        if value < low or value > high:
            usual = between(low, high, question.percent)
            said.append(f"{question.title}: {shown(value, question.percent)}, in human tunes {usual}")
    return tuple(said)


def shown(value: float, percent: bool) -> str:
    """A figure as people read it; "undefined" for NaN."""
    if math.isnan(value):
        return UNDEFINED
    return f"{100 * value:.1f} %" if percent else f"{value:.3g}" if abs(value) >= 1 else f"{value:.3f}"


def between(low: float, high: float, percent: bool) -> str:
    """Two figures as a range."""
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
    ours: Sequence[AnalysedTune], theirs: Sequence[AnalysedTune], seed: int, bar: Bar
) -> tuple[dict[str, tuple[TwoSample, TwoSample]], str]:
    pairs = ((ours, theirs), _halves(theirs, seed))
    work = [(view, *pair) for view in VIEWS for pair in pairs]
    try:
        found = [
            two_sample(one, other, view, seed=seed)
            for view, one, other in bar(work, "telling them apart", total=len(work))
        ]
    except MissingExtra as error:
        return {}, str(error)
    return {view: (found[2 * place], found[2 * place + 1]) for place, view in enumerate(VIEWS)}, ""
