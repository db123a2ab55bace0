"""The trials of a search as optuna keeps them -> as the report shows them."""

from collections.abc import Sequence

import optuna
from optuna.trial import FrozenTrial, TrialState

from songrnn.search.choice import STARTUP_TRIALS
from songrnn.search.settings import State, Trial

STATES: dict[TrialState, State] = {
    TrialState.WAITING: "waiting",
    TrialState.RUNNING: "running",
    TrialState.COMPLETE: "finished",
    TrialState.PRUNED: "pruned",
    TrialState.FAIL: "failed",
}


def is_done(trial: FrozenTrial) -> bool:
    """Whether the trial counts against `trials`: a stopped one, or one whose worker died, is tried again."""
    return trial.state in (TrialState.COMPLETE, TrialState.PRUNED) or bool(trial.user_attrs.get("counts"))


def trials_of(study: optuna.Study) -> list[Trial]:
    """All trials that have been begun, by number."""
    trials = study.get_trials(deepcopy=False)
    return [_view(trial) for trial in trials if trial.state != TrialState.WAITING]


def _view(trial: FrozenTrial) -> Trial:
    lowest = min(trial.intermediate_values.values(), default=None)
    failed = trial.state == TrialState.FAIL
    return Trial(
        number=trial.number,
        state=STATES[trial.state],
        values=dict(trial.params),
        bits_per_character=trial.value if trial.state == TrialState.COMPLETE else lowest,
        seconds=trial.duration.total_seconds() if trial.duration else 0.0,
        reason=trial.user_attrs.get("reason", "its worker died" if failed else ""),
        worker=trial.user_attrs.get("worker", ""),
    )


def best_of(trials: Sequence[Trial]) -> Trial | None:
    """The finished trial with the fewest bits per character, the first of equals; None where none has finished."""
    finished = [trial for trial in trials if trial.state == "finished" and trial.bits_per_character is not None]
    return min(finished, key=lambda trial: (trial.bits_per_character or 0.0, trial.number), default=None)


def importances(study: optuna.Study) -> dict[str, float]:
    """Setting -> its share of what made finished trials good, summing to 1; empty while there are too few."""
    finished = [trial for trial in study.get_trials(deepcopy=False) if trial.state == TrialState.COMPLETE]
    if len(finished) < STARTUP_TRIALS:
        return {}
    return dict(optuna.importance.get_param_importances(study))
