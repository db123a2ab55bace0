"""The plots of a study: learning curves, and the effects of size and dropout."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from songrnn.pages.drawing import picture
from songrnn.study.run import TrialResult
from songrnn.study.table import Factor, mean_over_seeds, values_of, where
from songrnn.training.journal import Record
from songrnn.training.plots import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_POINTS = 40  # of one curve: as many as one can distinguish, and a page stays small
NAMES = {"rnn": "plain RNN", "gru": "GRU", "lstm": "LSTM"}


@dataclass(frozen=True)
class Curve:
    """The learning curve of one network over its seeds, in bits per character by epoch.

    validation: at each epoch the mean, lowest and highest of the seeds, [N, 4]. training: epoch and mean, [M, 2].
    """

    validation: np.ndarray[tuple[int, int], np.dtype[np.float64]]
    training: np.ndarray[tuple[int, int], np.dtype[np.float64]]


def curve_of(journals: Sequence[Sequence[Record]]) -> Curve:
    """The curve of one network from the journals of its seeds, which have records of the same steps."""
    validation = _table(journals, "validation")
    bits = validation[:, :, 1]
    rows = np.stack([validation[0, :, 0], bits.mean(axis=0), bits.min(axis=0), bits.max(axis=0)], axis=1)
    return Curve(_thinned(rows), _thinned(_table(journals, "learning").mean(axis=0)))


def curves(panels: Mapping[str, Mapping[str, Curve]]) -> bytes:
    """An SVG with a panel for each title: whole lines and bands for validation, broken lines for training."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(max(4.6, 3.3 * len(panels)), 3.3), layout="constrained")
    row: Sequence[Axes] = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axes, (title, lines) in zip(row, panels.items(), strict=True):
        for colour, (name, curve) in zip(COLOURS * len(lines), lines.items(), strict=False):
            epochs, mean, lowest, highest = curve.validation.T
            axes.fill_between(epochs, lowest, highest, color=colour, alpha=0.18, linewidth=0)
            axes.plot(epochs, mean, color=colour, linewidth=1.6, marker="o", markersize=2.5, label=name)
            axes.plot(*curve.training.T, color=colour, linewidth=0.9, linestyle="--", alpha=0.75)
        axes.set_title(title, fontsize=10)
        axes.set_xlabel("epochs")
        axes.grid(alpha=0.25)
        axes.legend(frameon=False, fontsize=8)
    row[0].set_ylabel("bits per character")
    row[0].set_ylim(*_limits([curve for lines in panels.values() for curve in lines.values()]))
    return picture(figure, "svg")


def effect(results: Sequence[TrialResult], factor: Factor, label: str) -> bytes:
    """An SVG with the validation of each cell at each value of a factor: the mean over the rest, and its interval."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.6, 3.6), layout="constrained")
    axes = figure.add_subplot()
    values, cells = values_of(results, factor), values_of(results, "cell")
    places = np.arange(len(values))
    for number, (colour, cell) in enumerate(zip(COLOURS, cells, strict=False)):
        intervals = [mean_over_seeds(where(results, cell=cell, **{factor: value})) for value in values]
        axes.errorbar(
            places + 0.06 * (number - (len(cells) - 1) / 2),  # side by side, so that no bar hides another
            [interval.mean for interval in intervals],
            yerr=[interval.half for interval in intervals],
            color=colour,
            marker="o",
            markersize=4,
            capsize=3,
            label=NAMES[cell],
        )
    axes.set_xticks(places, [f"{value:g}" for value in values])
    axes.set_xlabel(label)
    axes.set_ylabel("validation, bits per character")
    axes.grid(alpha=0.25)
    axes.legend(frameon=False, fontsize=8)
    return picture(figure, "svg")


def _table(journals: Sequence[Sequence[Record]], kind: str) -> np.ndarray[tuple[int, int, int], np.dtype[np.float64]]:
    """[seeds, N, 2]: epoch and bits per character of the records of one kind, as many as all journals have."""
    chosen = [[r for r in journal if r["kind"] == kind] for journal in journals]
    count = min(map(len, chosen))
    table = np.zeros((len(journals), count, 2))
    for seed, records in enumerate(chosen):
        for number, record in enumerate(records[:count]):
            table[seed, number] = record["epoch"], record["bits_per_character"]
    return table


def _thinned(
    rows: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """At most MOST_POINTS of the rows, evenly spread, the first and the last among them."""
    if len(rows) <= MOST_POINTS:
        return rows
    chosen: np.ndarray[tuple[int, int], np.dtype[np.float64]]
    chosen = rows[np.linspace(0, len(rows) - 1, MOST_POINTS).round().astype(int)]
    return chosen


def _limits(shown: Sequence[Curve]) -> tuple[float, float]:
    """Bits per character from below the lowest to above the highest validation: the first steps would hide the rest."""
    lowest = min(min(curve.validation[:, 2].min(), curve.training[:, 1].min(initial=np.inf)) for curve in shown)
    highest = max(curve.validation[:, 3].max() for curve in shown)
    room = 0.08 * (highest - lowest) + 0.02
    return float(lowest - room), float(highest + room)
