"""One worker of a search: it takes trial after trial from optuna and writes the results."""

import shutil
import threading
import time
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import optuna
import torch
from optuna.storages import RDBStorage
from optuna.trial import TrialState

from songrnn.corpus.corpus import Corpus
from songrnn.errors import Diverged, Interrupted, SettingsError
from songrnn.model.settings import ModelSettings
from songrnn.search.choice import Watch
from songrnn.search.report import SearchFiles, write_pictures, write_results
from songrnn.search.results import best_of, importances, is_done, trials_of
from songrnn.search.settings import SearchSettings, State, Trial
from songrnn.search.space import Axis, with_values
from songrnn.search.storage import GRACE_BEATS
from songrnn.storage import write_whole
from songrnn.training.journal import Record
from songrnn.training.loop import Run
from songrnn.training.settings import TrainingSettings

SPEED_ONLY = {"device", "threads", "save_seconds"}  # workers of one search may differ in these
POLL_SECONDS = 0.5

Report = Callable[[Trial, float], None]
"""Called with a trial of this worker with every record and at its end, and how much of its limit is over, 0..1."""


class Train(Protocol):
    """Trains once: `training.loop.train`, or the same on another machine."""

    def __call__(
        self,
        corpus: Corpus,
        *,
        out: Path,
        model: ModelSettings,
        training: TrainingSettings,
        report: Callable[[Record, float], None],
        stop: Callable[[], bool],
    ) -> Run:
        """As `training.loop.train`."""


@dataclass(frozen=True)
class Plan:
    """The settings that all workers of a search share."""

    corpus: Corpus
    model: ModelSettings
    training: TrainingSettings
    axes: tuple[Axis, ...]

    def agree(self, study: optuna.Study, place: str) -> None:
        """Write the plan into a new search; raises SettingsError if an earlier one has another."""
        ours = self._record()
        if "plan" not in study.user_attrs:
            study.set_user_attr("plan", ours)
        theirs = study.user_attrs["plan"]
        if theirs == ours:
            return
        if theirs["corpus"] != ours["corpus"]:
            raise SettingsError(
                f"{place} has another corpus ({theirs['corpus']['sources']}, sha256 "
                f"{theirs['corpus']['sha256'][:8]}, not {ours['corpus']['sha256'][:8]}); choose another --name"
            )
        if theirs["axes"] != ours["axes"]:
            raise SettingsError(
                f"{place} has other axes ({' '.join(theirs['axes'])}), not {' '.join(ours['axes'])}; "
                "give those, or choose another --name"
            )
        name = next(name for name, value in ours["fixed"].items() if theirs["fixed"].get(name) != value)
        raise SettingsError(
            f"{place} has {name} = {theirs['fixed'].get(name)}, not {ours['fixed'][name]}; "
            "give the same, or choose another --name"
        )

    def _record(self) -> dict[str, Any]:
        searched = {axis.name for axis in self.axes} | SPEED_ONLY
        settings = self.model.model_dump(mode="json") | self.training.model_dump(mode="json")
        return {
            "corpus": {"sha256": self.corpus.sha256, "sources": ", ".join(self.corpus.sources)},
            "axes": sorted(str(axis) for axis in self.axes),
            "fixed": {name: value for name, value in settings.items() if name not in searched},
        }


class Worker:
    """One worker of a search: a process, or one of the threads of a process whose trainings run elsewhere.

    name: of the worker in the records. train: trains one trial. turn: a lock of the workers of this process, so that
    two of them do not take the last trial at once.
    """

    def __init__(
        self,
        study: optuna.Study,
        storage: RDBStorage,
        files: SearchFiles,
        plan: Plan,
        settings: SearchSettings,
        report: Report,
        stop: Callable[[], bool],
        *,
        name: str,
        train: Train,
        turn: threading.Lock,
    ) -> None:
        self.study, self.files, self.plan, self.settings = study, files, plan, settings
        self.storage, self.report, self.stop = storage, report, stop
        self.name, self.train, self.turn, self.has_turn = name, train, turn, False
        self.nameless: dict[int, float] = {}  # running trials without a worker -> when they were first seen
        self.deadline = time.monotonic() + 60 * settings.minutes

    def run(self) -> str:
        """Run trial after trial; returns why there are no more."""
        while True:
            self.turn.acquire()
            self.has_turn = True  # until its trial is registered
            try:
                if reason := self._reason_to_end():
                    return reason
                self.study.optimize(self._trial, n_trials=1, catch=(Diverged, _OutOfMemory))
            except Interrupted:
                self._requeue()
            finally:
                self._end_turn()
            self._update_results()

    def _end_turn(self) -> None:
        """Let the next worker of this process take a trial, if this one has the turn."""
        if self.has_turn:
            self.has_turn = False
            self.turn.release()

    def write(self) -> None:
        """Write the table, the pictures and the page."""
        trials = trials_of(self.study)
        if any(trial.state in ("finished", "pruned", "failed") for trial in trials):
            self._update_results()
            write_pictures(self.files, self.study.study_name, trials, self.plan.axes, importances(self.study))

    def _reason_to_end(self) -> str:
        waits_until = time.monotonic() + GRACE_BEATS * self.settings.heartbeat_seconds + 1
        while True:
            if self.stop():
                return "stopped"
            if time.monotonic() >= self.deadline:
                return f"{self.settings.minutes:g} minutes"
            self._reap()
            if self.settings.trials is None:
                return ""
            trials = self.study.get_trials(deepcopy=False)
            done = sum(is_done(trial) for trial in trials)
            running = sum(trial.state == TrialState.RUNNING for trial in trials)
            if done + running < self.settings.trials:
                return ""
            # The last trials are with other workers: one of these may be dead, and its trial is then requeued.
            if done >= self.settings.trials or time.monotonic() >= waits_until:
                return f"{self.settings.trials} trials"
            time.sleep(POLL_SECONDS)

    def _reap(self) -> None:
        """Requeue the trials of workers without a heartbeat, or killed before their first one."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            optuna.storages.fail_stale_trials(self.study)
        now = time.monotonic()
        trials = self.study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
        seen = {trial.number for trial in trials if "worker" not in trial.user_attrs}
        self.nameless = {number: self.nameless.get(number, now) for number in seen}
        for number, since in self.nameless.items():
            if now - since > GRACE_BEATS * self.settings.heartbeat_seconds:
                with suppress(ValueError, optuna.exceptions.UpdateFinishedTrialError):  # another worker was faster
                    self.study.tell(number, state=TrialState.FAIL)

    def _register(self, trial: optuna.Trial) -> None:
        """Record the trial's worker, after a first heartbeat, so that no trial has a worker and no heartbeat."""
        study = self.storage.get_study_id_from_name(self.study.study_name)
        self.storage.record_heartbeat(self.storage.get_trial_id_from_study_id_trial_number(study, trial.number))
        trial.set_user_attr("worker", self.name)
        self._end_turn()

    def _trial(self, trial: optuna.Trial) -> float:
        """Train once; the lowest validation, in bits per character."""
        self._register(trial)
        values = {axis.name: axis.suggest(trial) for axis in self.plan.axes}
        model, training = with_values(values, self.plan.model, self.plan.training)
        watch = Watch(trial, lambda bits, fraction: self._say(trial.number, "running", values, bits, fraction))
        folder = self.files.trial(trial.number)
        shutil.rmtree(folder, ignore_errors=True)  # left when the database was deleted
        try:
            run = self.train(
                self.plan.corpus,
                out=folder,
                model=model,
                training=training,
                report=watch.report,
                stop=lambda: watch.is_pruned or self.stop() or time.monotonic() >= self.deadline,
            )
        except Interrupted:
            if watch.is_pruned:
                self._say(trial.number, "pruned", values, watch.best, watch.fraction)
                raise optuna.TrialPruned from None
            trial.set_user_attr("reason", "stopped; to be tried again")
            raise
        except Diverged:
            self._fail(trial, values, watch, "diverged")
            raise
        except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
            if isinstance(error, RuntimeError) and "allocate" not in str(error) and "memory" not in str(error):
                raise
            self._fail(trial, values, watch, "out of memory")
            raise _OutOfMemory from error
        self._say(trial.number, "finished", values, run.bits_per_character, 1.0)
        return run.bits_per_character

    def _fail(self, trial: optuna.Trial, values: Mapping[str, Any], watch: "Watch", reason: str) -> None:
        trial.set_user_attr("reason", reason)
        trial.set_user_attr("counts", True)  # what fails by itself would fail again
        self._say(trial.number, "failed", values, watch.best, watch.fraction, reason)

    def _say(
        self,
        number: int,
        state: State,
        values: Mapping[str, Any],
        bits: float | None,
        fraction: float,
        reason: str = "",
    ) -> None:
        self.report(Trial(number, state, values, bits, 0.0, reason, self.name), fraction)

    def _requeue(self) -> None:
        """Requeue the trial that was just stopped, for this worker's next run or another worker."""
        ours = [trial for trial in self.study.get_trials(deepcopy=False) if trial.user_attrs.get("worker") == self.name]
        if ours and ours[-1].state == TrialState.FAIL:
            self.study.enqueue_trial(ours[-1].params)

    def _update_results(self) -> None:
        """Keep the run of the best trial only, and write the results; the last worker to write has the current ones."""
        while True:
            trials = trials_of(self.study)
            best = best_of(trials)
            for trial in trials:
                if trial.state not in ("running", "waiting") and trial != best:
                    shutil.rmtree(self.files.trial(trial.number), ignore_errors=True)
            write_results(self.files, trials, self.plan.axes, None if best is None else self._settings_of(best))
            self._keep_checkpoint(best)
            if best_of(trials_of(self.study)) == best:
                return

    def _keep_checkpoint(self, best: Trial | None) -> None:
        """Copy the best trial's checkpoint; there is none if a worker with another folder trained it."""
        try:
            content = None if best is None else self.files.checkpoint_of(best.number).read_bytes()
        except OSError:
            content = None
        if content is None:
            self.files.best_checkpoint.unlink(missing_ok=True)
        elif not self.files.best_checkpoint.exists() or self.files.best_checkpoint.read_bytes() != content:
            write_whole(self.files.best_checkpoint, content)

    def _settings_of(self, trial: Trial) -> dict[str, dict[str, Any]]:
        model, training = with_values(dict(trial.values), self.plan.model, self.plan.training)
        kept = {name: value for name, value in training.model_dump().items() if name not in SPEED_ONLY}
        return {"corpus": {"form": self.plan.corpus.form}, "model": model.model_dump(), "training": kept}


class _OutOfMemory(Exception):
    """A trial's network is too large for this machine."""
