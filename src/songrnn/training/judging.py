"""What a network composes while it learns, judged beside the validation tunes: the figures beside the loss.

It is the scorecard of `evaluation/` without what takes long (abc2midi, the two-sample test). The tunes are free: strict
ones would add up whatever the network has learned. The same seed composes with each state of the network, so that two
states differ by what they have learned, less by luck. Nothing here draws from the generators of the training, which
goes on as if it had not been judged.
"""

from collections.abc import Sequence
from functools import cached_property

from songrnn.checkpoint import Checkpoint
from songrnn.composing.composer import Composer
from songrnn.engines.settings import EngineSettings
from songrnn.evaluation.analysed import AnalysedTune, analyse
from songrnn.evaluation.distributions import STATISTICS, Distributions, distribution, unlikeness
from songrnn.evaluation.metrics import METRICS
from songrnn.statistics import defined, mean
from songrnn.training.settings import TrainingSettings


class Judge:
    """Composes `settings.judge_tunes` free tunes with default sampling settings, and compares them with human ones."""

    def __init__(self, tunes: Sequence[str], settings: TrainingSettings) -> None:
        self._tunes = tunes
        self._settings = settings

    def is_due(self, validations: int, over: bool) -> bool:
        """Whether to judge at this validation, the first being 1; the last one of a training is judged too."""
        every = self._settings.judge_every
        return bool(every) and (over or validations % every == 0)

    def __call__(self, checkpoint: Checkpoint) -> dict[str, float | None]:
        """Each metric's mean over the composed tunes by its name, None where undefined; and their `unlikeness`."""
        composer = Composer(checkpoint, EngineSettings(precision="fp32", threads=self._settings.threads))
        made = composer.compose_many(count=self._settings.judge_tunes, seed=self._settings.seed, free=True)
        composed = [analyse(composition.abc()) for composition in made]
        figures = {
            metric.name: mean([metric.compute(tune) for tune in composed]).value
            for metric in METRICS
            if metric.compute is not None
        }
        figures["unlikeness"] = unlikeness(_distributions(composed), self._human)
        return {name: defined(value) for name, value in figures.items()}

    @cached_property
    def _human(self) -> Distributions:
        return _distributions([analyse(tune) for tune in self._tunes])


def _distributions(tunes: Sequence[AnalysedTune]) -> Distributions:
    return {statistic: [distribution(tune, statistic) for tune in tunes] for statistic in STATISTICS}
