"""The figures of tunes, computed on a cluster, for `songrnn judge`.

Every figure of a tune depends on its text alone. Distances and two-sample tests are of all tunes together, and are
computed by the command.
"""

from collections.abc import Sequence

from songrnn.cluster.connecting import Cluster
from songrnn.cluster.running import Task, results_in_order
from songrnn.evaluation.abc2midi import Playing
from songrnn.evaluation.analysed import AnalysedTune, analyse
from songrnn.evaluation.scorecard import Bar, Measured, measured_here, no_bar

TUNES_A_TASK = 200  # a few seconds on one core
AHEAD = 4  # tasks for each core

Figures = tuple[Playing | None, dict[str, float]]
"""abc2midi's result for a tune if that was requested, and its figures by name."""


class ClusterMeasuring:
    """`evaluation.scorecard.measured_here` on a cluster: the same call, the same figures."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def __call__(
        self, texts: Sequence[str], tunes: Sequence[AnalysedTune], name: str, plays: bool, bar: Bar
    ) -> list[Measured]:
        """The figures of the tunes, in their order. texts: before they were analysed to `tunes`."""
        parts = [tuple(texts[begin : begin + TUNES_A_TASK]) for begin in range(0, len(texts), TUNES_A_TASK)]
        jobs = (Task(figures_of, (part, plays)) for part in parts)
        results = results_in_order(self._cluster, jobs, ahead=AHEAD * self._cluster.cores)
        found = (figures for result in results for figures in result)
        figures = bar(found, f"judging {name} tunes", total=len(tunes))
        return [(tune, playing, values) for tune, (playing, values) in zip(tunes, figures, strict=True)]


def figures_of(texts: Sequence[str], plays: bool) -> list[Figures]:
    """The figures of some tunes, in a process of a node."""
    tunes = [analyse(text) for text in texts]
    return [(playing, dict(values)) for _, playing, values in measured_here(texts, tunes, "", plays, no_bar)]
