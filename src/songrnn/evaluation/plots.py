"""What people would rather look at than read: notes of both sides, and how the bars of a typical tune are alike."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from songrnn.evaluation.analysed import AnalysedTune
from songrnn.evaluation.distributions import NOTHING, UNREADABLE, mean_distribution
from songrnn.evaluation.form import similarities
from songrnn.evaluation.key import OCTAVE
from songrnn.evaluation.scorecard import Scorecard, Side
from songrnn.pages.drawing import picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = ("#c8553d", "#1f6f8b")  # composed, human
RAREST = 0.002  # symbols with a smaller share on both sides are not drawn
DEGREES = ("1", "", "2", "♭3", "3", "4", "", "5", "", "6", "♭7", "7")
AXES = {
    "pitch": "degree of the scale, from the tonic",
    "interval": "semitones to the next note",
    "duration": "length, of a whole note",
}


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


def bar_likeness(card: Scorecard) -> bytes:
    """An SVG of the likeness of every two bars, for the tune in the middle of each side; dark is alike."""
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
    """The tune with the middle likeness of bars; None where no tune has two bars."""
    known = [
        (tune.values["self_similarity"], tune.number)
        for tune in side.tunes
        if not np.isnan(tune.values["self_similarity"])
    ]
    return side.analysed[sorted(known)[len(known) // 2][1] - 1] if known else None


def _ordered(statistic: str, sides: list[dict[str, float]]) -> list[str]:
    """The symbols worth drawing, in the order of what they stand for."""
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
