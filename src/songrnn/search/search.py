"""`search`: many trainings with different settings, each chosen by the results of the earlier ones.

optuna proposes the settings of a trial and keeps its result in a database; several workers (processes, on one
machine or on many) that name the same database and search share its trials. A trial is a training in a folder of its
own below `trials/`, of which only that of the best trial is kept.
"""

import json
import os
import socket
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import optuna
from optuna.storages import RDBStorage

from songrnn.corpus.corpus import Corpus
from songrnn.errors import CorpusError, Interrupted, RunError
from songrnn.model.settings import ModelSettings
from songrnn.search.choice import SeededByTrial, make_pruner
from songrnn.search.report import SearchFiles
from songrnn.search.results import best_of, trials_of
from songrnn.search.settings import SearchSettings, Trial
from songrnn.search.space import read_axes
from songrnn.search.storage import SearchStorage, quiet_optuna
from songrnn.search.worker import Plan, Report, Train, Worker
from songrnn.storage import write_whole
from songrnn.training.loop import train
from songrnn.training.settings import TrainingSettings


@dataclass(frozen=True)
class Trainings:
    """Where the trainings of trials run. train: trains once; at_once: how many run side by side; place: its name.

    Here, it is one at a time, and other processes with the same database share the work. On a cluster it is many: each
    in a thread of its own, which waits for its training.
    """

    train: Train = train
    at_once: int = 1
    place: str = ""


HERE = Trainings()


@dataclass(frozen=True)
class SearchResult:
    """The results of a search so far, by all its workers."""

    name: str
    storage: str  # without a password
    files: SearchFiles
    trials: tuple[Trial, ...]  # by number
    best: Trial
    reason: str  # why this worker ended


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
    trainings: Trainings = HERE,
) -> SearchResult:
    """Search for the settings with the fewest bits per character on the validation tunes, or resume a search.

    out: folder for the results; storage: address of the database, default: the file `search.db` in `out`.
    model, training: the settings that are not searched, and the limit of every trial.
    found: called once with the trials that the search has already. stop: called after every step; when it returns true,
    the running trial is requeued, the results are written, and Interrupted is raised. trainings: where trials run.
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
    plan = Plan(corpus, model, training, axes)
    with database.clear_errors():
        opened = database.open(heartbeat_seconds=settings.heartbeat_seconds)
        studies = [_study(name, opened, settings) for _ in range(trainings.at_once)]
        plan.agree(studies[0], f"the search {name!r} in {database}")
        _claim(files, name, str(database))
        found(trials_of(studies[0]))
        halted, turn = threading.Event(), threading.Lock()
        workers = [
            Worker(
                study,
                opened,
                files,
                plan,
                settings,
                report,
                lambda: stop() or halted.is_set(),
                name=_name_of_worker(number, trainings),
                train=trainings.train,
                turn=turn,
            )
            for number, study in enumerate(studies)
        ]
        try:
            reason = _run(workers, halted)
        finally:
            workers[0].write()
    return _result(studies[0], files, str(database), reason)


def _study(name: str, storage: RDBStorage, settings: SearchSettings) -> optuna.Study:
    """The study in the database, made if it is not there; each worker has its own sampler, which has a state."""
    return optuna.create_study(
        storage=storage,
        study_name=name,
        load_if_exists=True,
        sampler=SeededByTrial(settings),
        pruner=make_pruner(settings),
    )


def _name_of_worker(number: int, trainings: Trainings) -> str:
    process = f"{socket.gethostname()}:{os.getpid()}"
    return f"{process}:{number} on {trainings.place}" if trainings.place else process


def _run(workers: Sequence[Worker], halted: threading.Event) -> str:
    """Run the workers, several in threads; returns why the last one ended. An error in one ends all."""
    if len(workers) == 1:
        return workers[0].run()
    with ThreadPoolExecutor(len(workers)) as pool:
        running = [pool.submit(worker.run) for worker in workers]
        try:
            wait(running, return_when=FIRST_EXCEPTION)
            if any(future.done() and future.exception() for future in running):
                halted.set()
            return [future.result() for future in running][-1]
        except BaseException:  # a second Ctrl-C too
            halted.set()
            raise


def _result(study: optuna.Study, files: SearchFiles, storage: str, reason: str) -> SearchResult:
    trials = trials_of(study)
    best = best_of(trials)
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
