"""Sampling of the next settings, and pruning of trials.

Trials are compared by shares of their limit: at each validation, the lowest one so far is reported for every tenth of
the limit (epochs or minutes) that is over. So a trial of few, long epochs can be compared with one of many short ones.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import optuna
from optuna.distributions import BaseDistribution
from optuna.pruners import BasePruner, MedianPruner, NopPruner, SuccessiveHalvingPruner
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.trial import FrozenTrial, TrialState

from songrnn.search.settings import SearchSettings
from songrnn.training.journal import Record

TENTHS = 10
STARTUP_TRIALS = 5  # never pruned: there is too little to compare with
WARMUP_TENTHS = 2  # of a trial in which it is never pruned by the median


class Watch:
    """Reports the validations of a training to optuna, and ends it when it is to be pruned."""

    def __init__(self, trial: optuna.Trial, say: Callable[[float | None, float], None]) -> None:
        self._trial, self._say = trial, say
        self._reported = -1  # tenths of the limit
        self.best: float | None = None
        self.fraction = 0.0
        self.is_pruned = False

    def report(self, record: Record, fraction: float) -> None:
        """Take one record of the journal."""
        self.fraction = min(fraction, 1.0)
        if record["kind"] == "validation":
            self._validated(record["bits_per_character"], int(TENTHS * self.fraction))
        self._say(self.best, self.fraction)

    def _validated(self, bits: float, tenth: int) -> None:
        earlier, self.best = self.best, bits if self.best is None else min(bits, self.best)
        for step in range(self._reported + 1, tenth + 1):
            value = self.best if step == tenth or earlier is None else earlier
            self._trial.report(value, step)
        if tenth > self._reported:
            self._reported = tenth
            self.is_pruned = tenth < TENTHS and self._trial.should_prune()


class SeededByTrial(BaseSampler):
    """A sampler whose random numbers depend on its seed and the trial's number only.

    With one seed for each worker, two of them would begin with the same trials, and a resumed search would
    try its first trials again.
    """

    def __init__(self, settings: SearchSettings) -> None:
        self._settings = settings
        self._sampler = self._make(0)

    def _make(self, number: int) -> BaseSampler:
        text = f"{self._settings.sampler_seed} {number}"
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
        return RandomSampler(seed=seed) if self._settings.sampler == "random" else TPESampler(seed=seed)

    def before_trial(self, study: optuna.Study, trial: FrozenTrial) -> None:
        """Seed the random numbers of this trial."""
        self._sampler = self._make(trial.number)
        self._sampler.before_trial(study, trial)

    def infer_relative_search_space(self, study: optuna.Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """As the sampler does."""
        return self._sampler.infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: optuna.Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """As the sampler does."""
        return self._sampler.sample_relative(study, trial, search_space)

    def sample_independent(
        self, study: optuna.Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """As the sampler does."""
        return self._sampler.sample_independent(study, trial, param_name, param_distribution)

    def after_trial(
        self, study: optuna.Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None
    ) -> None:
        """As the sampler does."""
        self._sampler.after_trial(study, trial, state, values)


def make_pruner(settings: SearchSettings) -> BasePruner:
    """The pruner of the settings."""
    if settings.pruner == "median":
        return MedianPruner(n_startup_trials=STARTUP_TRIALS, n_warmup_steps=WARMUP_TENTHS)
    if settings.pruner == "halving":
        return SuccessiveHalvingPruner(min_resource=1, reduction_factor=3)
    return NopPruner()
