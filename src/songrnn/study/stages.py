"""A study from its settings to its report: calibrate, train, compose, write.

Every stage skips what the folder already has, so that a study resumes wherever it was stopped, and a finished one
only writes its report again.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from songrnn.corpus.corpus import Corpus
from songrnn.errors import CorpusError, Interrupted, RunError
from songrnn.model.settings import ModelSettings
from songrnn.storage import locked_folder
from songrnn.study import compositions
from songrnn.study.calibration import Timing, choose_epochs, refuse, seconds_of, shapes
from songrnn.study.folder import StudyFolder, StudyPlan
from songrnn.study.pool import LOCAL, Event, JobPool, StudyJob, Workers
from songrnn.study.report import write_study_report
from songrnn.study.run import TrialResult, failed, read_result, write_result
from songrnn.study.space import StudySettings, StudyTrial
from songrnn.training.settings import TrainingSettings

REPORT_SECONDS = 15.0  # figures, neurons and pages at the end, on one core among others
ROUNDS = 3  # timings of each kind of network, some time apart: a machine may be busy with other work at times


@dataclass(frozen=True)
class Step:
    """Progress of a stage: `done` of `total` jobs, with begun ones as fractions; `line`: a message, if any."""

    stage: str
    done: float
    total: int
    line: str = ""


Report = Callable[[Step], None]


@dataclass(frozen=True)
class Study:
    """A finished study."""

    folder: Path
    page: Path
    epochs: float
    results: tuple[TrialResult, ...]


def begin_study(
    corpus: Corpus,
    *,
    out: Path,
    settings: StudySettings,
    model: ModelSettings,
    training: TrainingSettings,
    report: Report = lambda _step: None,
    stop: Callable[[], bool] = lambda: False,
    workers: Workers = LOCAL,
) -> Study:
    """Begin a study in the new folder `out`, and do all of it.

    model, training: what all networks have in common; `space.trials` has what the study sets. workers: where the jobs
    run.
    Raises CorpusError if there is too little to learn from, RunError if `out` is used, is being written by another
    process or cannot be written to, SettingsError if not even one epoch fits into the minutes: all before anything is
    written there. Raises Interrupted when `stop` returns true.
    """
    begun = time.monotonic()
    folder = StudyFolder(out)
    folder.refuse_if_used()
    _check(corpus)
    plan = StudyPlan(settings, model, training, corpus, float(settings.epochs or 1), {})
    processes = _processes(settings, plan.trials(), workers)
    with locked_folder(folder.path), workers.pool(processes) as pool:
        if settings.epochs is None:
            plan = _with_epochs_that_fit(plan, pool, processes, begun, report, stop)
        folder.begin(plan)
        return _go_on(folder, plan, pool, report, stop)


def resume_study(
    out: Path | str,
    *,
    processes: int = 0,
    report: Report = lambda _step: None,
    stop: Callable[[], bool] = lambda: False,
    workers: Workers = LOCAL,
) -> Study:
    """Resume the study in the folder `out`; trainings that failed are tried again.

    processes: as in StudySettings, for this machine; workers: where the jobs run. Raises RunError if there is no study.
    """
    folder = StudyFolder(out)
    plan = folder.read()
    plan = replace(plan, settings=plan.settings.replace(processes=processes))
    at_once = _processes(plan.settings, plan.trials(), workers)
    with locked_folder(folder.path), workers.pool(at_once) as pool:
        return _go_on(folder, plan, pool, report, stop)


def _processes(settings: StudySettings, trials: Sequence[StudyTrial], workers: Workers) -> int:
    return min(settings.processes or workers.most(), len(trials))


def _check(corpus: Corpus) -> None:
    for name, tunes in (("training", corpus.training), ("validation", corpus.validation)):
        if not tunes:
            raise CorpusError(f"the corpus has no {name} tune; give more tunes, or a file of them by --validation")


def _with_epochs_that_fit(
    plan: StudyPlan, pool: JobPool, processes: int, begun: float, report: Report, stop: Callable[[], bool]
) -> StudyPlan:
    """The plan with as many epochs as the minutes allow; raises SettingsError if not even one fits."""
    trials = plan.trials()
    kinds = shapes(trials)
    timed = list(kinds) * max(ROUNDS, -(-processes // len(kinds)))  # every process has something to do, as later
    timings: dict[tuple[str, int], list[Timing]] = {}
    with tempfile.TemporaryDirectory(prefix="songrnn-study-") as path:
        StudyFolder(path).begin(plan)
        jobs = [{"kind": "calibrate", "folder": path, "trial": kinds[kind].name} for kind in timed]
        for event in _events("timing", pool, jobs, report, stop):
            if event.failure:
                raise RunError(f"the study cannot begin: a trial of {jobs[event.job]['trial']} failed: {event.failure}")
            timings.setdefault(timed[event.job], []).append(Timing(**event.result))
        if sum(map(len, timings.values())) < len(timed):
            raise Interrupted("stopped before the study began; nothing is written")
    seconds = {kind: Timing.median(several) for kind, several in timings.items()}
    networks = len({trial.configuration for trial in trials})
    reserved = REPORT_SECONDS + compositions.SECONDS * -(-networks // processes)
    available = 60 * plan.settings.minutes - (time.monotonic() - begun) - reserved
    epochs = choose_epochs(trials, seconds, available_seconds=available, processes=processes)
    if not epochs:
        raise refuse(trials, seconds, minutes=plan.settings.minutes, available_seconds=available, processes=processes)
    expected = seconds_of(trials, seconds, epochs=epochs, processes=processes)
    timing_record = {
        "processes": processes,
        "reserved_seconds": round(reserved, 1),
        "expected_seconds": round(expected, 1),
        "epoch_seconds": {f"{cell}-{size}": round(t.epoch_seconds, 3) for (cell, size), t in seconds.items()},
        "fixed_seconds": {f"{cell}-{size}": round(t.fixed_seconds, 3) for (cell, size), t in seconds.items()},
    }
    line = f"{epochs:g} epoch(s) for each of {len(trials)} trainings fit: about {expected / 60:.1f} minutes"
    report(Step("timing", len(timed), len(timed), line))
    return replace(plan, epochs=epochs, timing=timing_record)


def _go_on(folder: StudyFolder, plan: StudyPlan, pool: JobPool, report: Report, stop: Callable[[], bool]) -> Study:
    trials = plan.trials()
    _train(folder, trials, pool, report, stop)
    results = [read_result(folder.trial(trial)) or failed(trial, "it left no result") for trial in trials]
    _compose(folder, trials, results, pool, report, stop)
    report(Step("report", 0, 1))
    cells = plan.settings.cells  # the order in which the user named them, not that of the trainings
    results.sort(key=lambda r: (cells.index(r.cell), r.hidden_size, r.dropout, r.seed))
    write_study_report(folder, plan, results)
    return Study(folder.path, folder.page, plan.epochs, tuple(results))


def _train(
    folder: StudyFolder, trials: Sequence[StudyTrial], pool: JobPool, report: Report, stop: Callable[[], bool]
) -> None:
    """Run every training that has no result yet."""
    left = [trial for trial in trials if (result := read_result(folder.trial(trial))) is None or result.failure]
    done = len(trials) - len(left)
    jobs = [{"kind": "train", "folder": str(folder.path), "trial": trial.name} for trial in left]
    for event in _events("training", pool, jobs, report, stop, before=done):
        if event.failure:
            write_result(folder.trial(left[event.job]), failed(left[event.job], event.failure))
        done += 1
    if done < len(trials):
        raise Interrupted(
            f"stopped after {done} of {len(trials)} trainings; everything is saved. "
            f"To resume: songrnn study --resume {folder.path}"
        )


def _compose(
    folder: StudyFolder,
    trials: Sequence[StudyTrial],
    results: Sequence[TrialResult],
    pool: JobPool,
    report: Report,
    stop: Callable[[], bool],
) -> None:
    """Let the first seed's network of every configuration compose, where it has not."""
    first: dict[str, StudyTrial] = {}
    for trial, result in zip(trials, results, strict=True):
        if not result.failure:
            first.setdefault(trial.configuration, trial)
    left = [
        trial
        for configuration, trial in first.items()
        if compositions.read_compositions(folder.compositions(configuration)) is None
    ]
    jobs = [{"kind": "compose", "folder": str(folder.path), "trial": trial.name} for trial in left]
    done = sum(1 for _ in _events("composing", pool, jobs, report, stop, before=len(first) - len(left)))
    if done < len(left):
        raise Interrupted(
            f"stopped while composing; all trainings are done. To resume: songrnn study --resume {folder.path}"
        )


def _events(
    stage: str,
    pool: JobPool,
    jobs: Sequence[StudyJob],
    report: Report,
    stop: Callable[[], bool],
    *,
    before: int = 0,
) -> Iterator[Event]:
    """The events that end jobs, reported; `before` jobs of the stage were done earlier."""
    total = before + len(jobs)
    fractions: dict[int, float] = {}
    ended = before
    for event in pool.run(jobs, stop=stop):
        fractions[event.job] = event.fraction
        line = ""
        if event.ended:
            ended += 1
            yield event
            said = _line(jobs[event.job], event)
            line = f"{ended}/{total} {said}" if said else ""
        report(Step(stage, before + sum(fractions.values()), total, line))


def _line(job: StudyJob, event: Event) -> str:
    """The message about a job that has ended; "" for none."""
    failure = event.failure or (event.result or {}).get("failure")
    if failure:
        return f"{job['trial']}: failed: {failure}"
    if job["kind"] == "train":
        result = event.result
        return f"{job['trial']}: validation {result['validation']:.3f} in {result['seconds']:.0f} s"
    return ""
