"""`search`: many trainings with different settings, each chosen by the results of the earlier ones.

optuna proposes the settings of a trial and keeps its result in a database; several workers (processes, on one
machine or on many) that name the same database and search share its trials. A trial is a training in a folder of its
own below `trials/`, of which only that of the best trial is kept.
"""

import json
import os
import shutil
import socket
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
import torch
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial, TrialState

from songrnn.corpus.corpus import Corpus
from songrnn.errors import CorpusError, Diverged, Interrupted, RunError, SettingsError
from songrnn.model.settings import ModelSettings
from songrnn.search.choice import STARTUP_TRIALS, SeededByTrial, Watch, make_pruner
from songrnn.search.report import SearchFiles, write_pictures, write_results
from songrnn.search.settings import SearchSettings, State, Trial
from songrnn.search.space import Axis, read_axes, with_values
from songrnn.search.storage import GRACE_BEATS, SearchStorage, quiet_optuna
from songrnn.storage import write_whole
from songrnn.training.loop import train
from songrnn.training.settings import TrainingSettings

SPEED_ONLY = {"device", "threads", "save_seconds"}  # workers of one search may differ in these
POLL_SECONDS = 0.5
STATES: dict[TrialState, State] = {
    TrialState.WAITING: "waiting",
    TrialState.RUNNING: "running",
    TrialState.COMPLETE: "finished",
    TrialState.PRUNED: "pruned",
    TrialState.FAIL: "failed",
}


@dataclass(frozen=True)
class SearchResult:
    """The results of a search so far, by all its workers."""

    name: str
    storage: str  # without a password
    files: SearchFiles
    trials: tuple[Trial, ...]  # by number
    best: Trial
    reason: str  # why this worker ended


Report = Callable[[Trial, float], None]
"""Called with a trial of this worker with every record and at its end, and how much of its limit is over, 0..1."""


def search(
    corpus: Corpus,
    *,
    out: Path | str,
    name: str,
    storage: str | None = None,
    model: ModelSettings | None = None,
    training: TrainingSettings | None = None,
    settings: SearchSettings | None = None,
    found: Callable[[Sequence[Trial]], None] = lambda _trials: None,
    report: Report = lambda _trial, _fraction: None,
    stop: Callable[[], bool] = lambda: False,
) -> SearchResult:
    """Search for the settings with the fewest bits per character on the validation tunes, or resume a search.

    out: folder for the results; storage: address of the database, default: the file `search.db` in `out`.
    model, training: the settings that are not searched, and the limit of every trial.
    found: called once with the trials that the search has already. stop: called after every step; when it returns true,
    the running trial is requeued, the results are written, and Interrupted is raised.
    Raises SettingsError for impossible axes or another search of the same name, RunError if the database does not
    answer, the folder cannot be written to, or no trial has finished.
    """
    settings, model, training = settings or SearchSettings(), model or ModelSettings(), training or TrainingSettings()
    axes = read_axes(settings.axes, model, training)
    for split in ("training", "validation"):
        if not getattr(corpus, split):
            raise CorpusError(f"the corpus has no {split} tune; give more tunes, or a file of them by --validation")
    files = SearchFiles(Path(out))
    files.refuse_foreign()
    database = _database(files, storage)
    quiet_optuna()
    plan = _Plan(corpus, model, training, axes)
    with database.clear_errors():
        opened = database.open(heartbeat_seconds=settings.heartbeat_seconds)
        study = optuna.create_study(
            storage=opened,
            study_name=name,
            load_if_exists=True,
            sampler=SeededByTrial(settings),
            pruner=make_pruner(settings),
        )
        plan.agree(study, f"the search {name!r} in {database}")
        _claim(files, name, str(database))
        found(_trials(study))
        worker = _Worker(study, opened, files, plan, settings, report, stop)
        try:
            reason = worker.run()
        finally:
            worker.write()
    return _result(study, files, str(database), reason)


def _result(study: optuna.Study, files: SearchFiles, storage: str, reason: str) -> SearchResult:
    trials = _trials(study)
    best = _best(trials)
    if reason == "stopped":
        count = sum(trial.state == "finished" for trial in trials)
        pruned = sum(trial.state == "pruned" for trial in trials)
        raise Interrupted(f"stopped with {count} trials finished, {pruned} pruned; all of it is in {files.folder}.")
    if best is None:
        failed = next((f" (trial {trial.number}: {trial.reason})" for trial in trials if trial.reason), "")
        raise RunError(
            f"no trial of the search {study.study_name!r} has finished after {reason}{failed}; give the search more "
            "--minutes or --trials, or each trial fewer --minutes-per-trial or --epochs"
        )
    return SearchResult(study.study_name, storage, files, tuple(trials), best, reason)


def _database(files: SearchFiles, storage: str | None) -> SearchStorage:
    if storage is not None:
        return SearchStorage(storage)
    try:
        files.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunError(f"cannot make the folder {files.folder}: {(error.strerror or str(error)).lower()}") from error
    return SearchStorage(files.database)


def _claim(files: SearchFiles, name: str, storage: str) -> None:
    """Write which search the folder belongs to; raises RunError if it is another's."""
    content = {"name": name, "storage": storage}
    if files.claim.exists():
        with suppress(OSError, ValueError):
            if json.loads(files.claim.read_text(encoding="utf-8")) == content:
                return
        raise RunError(f"{files.folder} holds the results of another search; choose another --out")
    write_whole(files.claim, json.dumps(content, ensure_ascii=False) + "\n")


@dataclass(frozen=True)
class _Plan:
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


class _Worker:
    """One process of a search."""

    def __init__(
        self,
        study: optuna.Study,
        storage: RDBStorage,
        files: SearchFiles,
        plan: _Plan,
        settings: SearchSettings,
        report: Report,
        stop: Callable[[], bool],
    ) -> None:
        self.study, self.files, self.plan, self.settings = study, files, plan, settings
        self.storage, self.report, self.stop = storage, report, stop
        self.nameless: dict[int, float] = {}  # running trials without a worker -> when they were first seen
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.deadline = time.monotonic() + 60 * settings.minutes

    def run(self) -> str:
        """Run trial after trial; returns why there are no more."""
        while not (reason := self._reason_to_end()):
            try:
                self.study.optimize(self._trial, n_trials=1, catch=(Diverged, _OutOfMemory))
            except Interrupted:
                self._requeue()
            self._update_results()
        return reason

    def write(self) -> None:
        """Write the table, the pictures and the page."""
        trials = _trials(self.study)
        if any(trial.state in ("finished", "pruned", "failed") for trial in trials):
            self._update_results()
            write_pictures(self.files, self.study.study_name, trials, self.plan.axes, _importances(self.study))

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
            done = sum(_is_done(trial) for trial in trials)
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

    def _trial(self, trial: optuna.Trial) -> float:
        """Train once; the lowest validation, in bits per character."""
        self._register(trial)
        values = {axis.name: axis.suggest(trial) for axis in self.plan.axes}
        model, training = with_values(values, self.plan.model, self.plan.training)
        watch = Watch(trial, lambda bits, fraction: self._say(trial.number, "running", values, bits, fraction))
        folder = self.files.trial(trial.number)
        shutil.rmtree(folder, ignore_errors=True)  # left when the database was deleted
        try:
            run = train(
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
            trials = _trials(self.study)
            best = _best(trials)
            for trial in trials:
                if trial.state not in ("running", "waiting") and trial != best:
                    shutil.rmtree(self.files.trial(trial.number), ignore_errors=True)
            write_results(self.files, trials, self.plan.axes, None if best is None else self._settings_of(best))
            self._keep_checkpoint(best)
            if _best(_trials(self.study)) == best:
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


def _is_done(trial: FrozenTrial) -> bool:
    """Whether the trial counts against `trials`: a stopped one, or one whose worker died, is tried again."""
    return trial.state in (TrialState.COMPLETE, TrialState.PRUNED) or bool(trial.user_attrs.get("counts"))


def _trials(study: optuna.Study) -> list[Trial]:
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


def _best(trials: Sequence[Trial]) -> Trial | None:
    finished = [trial for trial in trials if trial.state == "finished" and trial.bits_per_character is not None]
    return min(finished, key=lambda trial: (trial.bits_per_character or 0.0, trial.number), default=None)


def _importances(study: optuna.Study) -> dict[str, float]:
    """Setting -> its share of what made finished trials good, summing to 1; empty while there are too few."""
    finished = [trial for trial in study.get_trials(deepcopy=False) if trial.state == TrialState.COMPLETE]
    if len(finished) < STARTUP_TRIALS:
        return {}
    return dict(optuna.importance.get_param_importances(study))
