"""A scorecard as rows of texts, and as a folder with one self-contained page and a JSON file.

The page has plots: histograms of pitch, interval and duration of both sides, and self-similarity matrices, [N, N] of
the similarity of every two of the N bars of a tune, for the typical tune of each side.
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from songrnn.evaluation.analysed import UNREADABLE, AnalysedTune
from songrnn.evaluation.distributions import NOTHING, mean_distribution
from songrnn.evaluation.form import similarities
from songrnn.evaluation.metrics import METRICS
from songrnn.evaluation.scorecard import JudgedTune, Scorecard, Side, between, shown
from songrnn.evaluation.tonality import OCTAVE
from songrnn.evaluation.two_sample import WHOLE_TUNE
from songrnn.pages.document import Figure, Table
from songrnn.pages.drawing import picture
from songrnn.rendering.page import page
from songrnn.statistics import Estimate
from songrnn.storage import write_whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WORST = 30
COMMONEST_FORMS = 8
DISTANCE_TITLES = {
    "pitch": "pitches",
    "interval": "intervals",
    "duration": "lengths",
    "rhythm": "rhythms",
    "repetition": "repetition",
    "build": "build",
}
FEATURES = {
    "characters": "The sequences of characters whose shares of tunes differ most between the sides; ⏎ is a line end, "
    "␣ a blank.",
    "notes": "The pairs of notes whose shares of tunes differ most between the sides; each note is its interval from "
    "the one before, in semitones, and its length, of a whole note.",
    WHOLE_TUNE: "The figures of whole tunes whose means differ most between the sides, by the standard error of the "
    "difference; shares are from 0 to 1, degrees are in semitones above the tonic.",
}
ABOUT = """\
Composed tunes beside human ones. In brackets: the 95 % interval of the figure for any number of tunes of this kind.
"higher", "lower": the higher, or the lower, the better. "near human": the nearer to the human figure the better.

Where whole collections are compared, the human column is a control, what the figure comes to where there is nothing to
find: two halves of the human tunes; in the two-sample tests, """
COLOURS = ("#c8553d", "#1f6f8b")  # composed, human
RAREST = 0.002  # symbols with a smaller share on both sides are not drawn
DEGREES = ("1", "", "2", "♭3", "3", "4", "", "5", "", "6", "♭7", "7")
AXES = {
    "pitch": "degree of the scale, from the tonic",
    "interval": "semitones to the next note",
    "duration": "length, of a whole note",
}


@dataclass(frozen=True)
class CardRow:
    """One line of the card, as texts."""

    title: str
    composed: str
    human: str
    better: str


def rows(card: Scorecard) -> list[CardRow]:
    """Every figure of the card, in the order in which it is shown."""
    sides = (card.composed, card.human)
    found = []
    for metric in METRICS:
        if metric.name in card.composed.totals:
            composed, human = (_estimated(side.totals[metric.name], metric.percent) for side in sides)
            found.append(CardRow(metric.title, composed, human, metric.better))
    for statistic, distances in card.distances.items():
        composed, human = (_estimated(one) for one in distances)
        found.append(CardRow(f"distance of {DISTANCE_TITLES[statistic]}, bits", composed, human, "0"))
    for view, tests in card.two_samples.items():
        composed, human = (_estimated(one.area) for one in tests)
        found.append(CardRow(f"two-sample test, {view}", composed, human, "0.5"))
    if card.missing:
        found.append(CardRow("two-sample tests", "not computed", "", card.missing))
    return found


def worst(card: Scorecard) -> list[JudgedTune]:
    """The composed tunes with complaints, those with the most first."""
    strange = [tune for tune in card.composed.tunes if tune.complaints]
    return sorted(strange, key=lambda tune: (-len(tune.complaints), tune.number))


def write_report(card: Scorecard, folder: Path) -> Path:
    """Write scorecard.json and index.html into `folder`; returns the page's path. Raises RunError where it cannot."""
    write_whole(
        folder / "scorecard.json", json.dumps(card.as_json(), ensure_ascii=False, allow_nan=False), forced=False
    )
    path = folder / "index.html"
    write_whole(path, page_of(card), forced=False)
    return path


def page_of(card: Scorecard) -> str:
    """The page of a scorecard."""
    return page(
        f"{card.composed.name} beside {card.human.name}",
        introduction=f"{len(card.composed.tunes):,} composed tunes, {len(card.human.tunes):,} human ones.\n\n"
        f"{ABOUT}{card.control}.",
        tables=[_figures(card), _forms(card), *_discriminative(card), _worst(card)],
        figures=[
            Figure(
                "Pitch, interval, duration", histograms(card), None, "Shares of the notes of a tune, mean over tunes."
            ),
            Figure(
                "Self-similarity matrices",
                self_similarity_matrices(card),
                None,
                "Similarity of every two bars of the median tune of each side. Dark squares off the diagonal: a bar "
                "that comes back.",
            ),
        ],
    )


def _figures(card: Scorecard) -> Table:
    return Table(
        "The card",
        ("metric", "composed", "human", "better"),
        tuple((row.title, row.composed, row.human, row.better) for row in rows(card)),
        "The definition of each metric is in the module of songrnn.evaluation that computes it.",
    )


def _forms(card: Scorecard) -> Table:
    sides = (card.composed, card.human)
    commonest = dict.fromkeys(form for side in sides for form in list(side.forms)[:COMMONEST_FORMS])
    return Table(
        "Forms",
        ("form", "composed", "human"),
        tuple((form, *(_share_of(side, form) for side in sides)) for form in commonest),
        "Letters stand for strains of eight bars, as played.",
    )


def _share_of(side: Side, form: str) -> str:
    return shown(side.forms.get(form, 0) / len(side.tunes) if side.tunes else math.nan, True)


def _discriminative(card: Scorecard) -> list[Table]:
    return [
        Table(
            f"Discriminative features: {view}",
            ("figure", "composed, mean", "human, mean")
            if view == WHOLE_TUNE
            else ("feature", "composed tunes with it", "human tunes with it"),
            tuple(
                (
                    _visible(one.feature, view),
                    *(shown(value, view != WHOLE_TUNE) for value in (one.composed, one.human)),
                )
                for one in test.discriminative
            ),
            FEATURES[view],
        )
        for view, (test, _) in card.two_samples.items()
    ]


def _visible(feature: str, view: str) -> str:
    return feature.replace("\n", "⏎").replace(" ", "␣") if view == "characters" else feature


def _worst(card: Scorecard) -> Table:
    reported = worst(card)
    left = len(reported) - WORST
    return Table(
        "The worst tunes, and why",
        ("number", "title", "form", "why", "tune"),
        tuple((str(t.number), t.title, t.form, "; ".join(t.complaints), t.text) for t in reported[:WORST]),
        f"{len(reported):,} of {len(card.composed.tunes):,} composed tunes are broken, or stranger than all but one in "
        "a hundred human ones" + (f"; scorecard.json has the other {left:,}." if left > 0 else "."),
    )


def _estimated(estimate: Estimate, percent: bool = False) -> str:
    value = shown(estimate.value, percent)
    if math.isnan(estimate.low):
        return value
    return f"{value} ({between(estimate.low, estimate.high, percent).removesuffix(' %')})"


# ---- plots


def histograms(card: Scorecard) -> bytes:
    """An SVG with pitch, interval and duration of composed and human tunes side by side."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 8.5), layout="constrained")
    for axes, (statistic, label) in zip(figure.subplots(len(AXES), 1), AXES.items(), strict=True):
        sides = [mean_distribution(side.distributions[statistic]) for side in (card.composed, card.human)]
        symbols = _ordered(statistic, sides)
        for number, (side, shares) in enumerate(zip((card.composed, card.human), sides, strict=True)):
            places = np.arange(len(symbols)) + 0.4 * number - 0.2
            heights = [100 * shares.get(symbol, 0.0) for symbol in symbols]
            axes.bar(places, heights, width=0.4, color=COLOURS[number], label=side.name)
        axes.set_xticks(range(len(symbols)), [_label(statistic, symbol) for symbol in symbols], fontsize=8)
        axes.set_xlabel(label)
        axes.set_ylabel("%")
        axes.legend(frameon=False, fontsize=8)
    return picture(figure, "svg")


def self_similarity_matrices(card: Scorecard) -> bytes:
    """An SVG of the similarity of every two bars of the typical tune of each side; dark is similar."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 4), layout="constrained")
    axes: Axes
    for axes, side in zip(figure.subplots(1, 2), (card.composed, card.human), strict=True):
        tune = typical(side)
        if tune is None:
            axes.set_axis_off()
            continue
        edges = (0.5, len(tune.bars) + 0.5)
        axes.imshow(similarities(tune.bars), cmap="Blues", vmin=0, vmax=1, extent=(*edges, *edges[::-1]))
        axes.set_title(f"{side.name}: {tune.title}"[:48], fontsize=9, parse_math=False)
        axes.set_xlabel("bar, as played")
        axes.set_ylabel("bar")
        axes.locator_params(integer=True)
    return picture(figure, "svg")


def typical(side: Side) -> AnalysedTune | None:
    """The tune with the median similarity of bars; None where no tune has two bars."""
    known = [
        (tune.values["self_similarity"], tune.number)
        for tune in side.tunes
        if not np.isnan(tune.values["self_similarity"])
    ]
    return side.analysed[sorted(known)[len(known) // 2][1] - 1] if known else None


def _ordered(statistic: str, sides: list[dict[str, float]]) -> list[str]:
    """The symbols that are drawn, in the order of their meanings."""
    order: Mapping[str, Callable[[str], float]] = {
        "pitch": int,
        "interval": int,
        "duration": lambda symbol: float(Fraction(symbol)),
    }
    symbols = {symbol for shares in sides for symbol, share in shares.items() if share >= RAREST}
    return sorted(symbols - {UNREADABLE, NOTHING}, key=order[statistic])


def _label(statistic: str, symbol: str) -> str:
    if statistic == "pitch":
        return DEGREES[int(symbol)]
    if statistic == "interval" and abs(int(symbol)) > OCTAVE:
        return "more" if int(symbol) > 0 else "less"
    return symbol
