"""The jobs of a study on a cluster: `study/pool.py` with tasks in place of processes.

A node gets the study's plan and the files that its job needs, works in a folder of its own, and sends back what it
wrote there, which the command then writes into the study's folder: a training's `trial.json` last, so that a training
counts as done once all of it is there.
"""

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from songrnn.cluster.connecting import Cluster
from songrnn.cluster.files import Files, files_in, temporary_folder, write_files
from songrnn.cluster.running import Say, Task, result_with_messages
from songrnn.cluster.stopping import Reporter
from songrnn.errors import ClusterError, Interrupted, SongrnnError
from songrnn.study.folder import StudyFolder
from songrnn.study.pool import POLL_SECONDS, Event, StudyJob, Workers
from songrnn.study.worker import JOBS

RESULTS = {"train": "trial.json", "compose": "tunes.json"}
"""Kind of job -> the file that says that all others of it are there."""


def workers_on(cluster: Cluster) -> Workers:
    """As many jobs at once as the cluster has cores."""
    return Workers(lambda: cluster.cores, lambda processes: ClusterPool(cluster, processes))


class ClusterPool:
    """Runs jobs on nodes, at most `at_once` at a time; a context manager, as `study.pool.Pool`."""

    def __init__(self, cluster: Cluster, at_once: int) -> None:
        self._cluster = cluster
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="study")  # each waits for its task
        self._stopping = threading.Event()

    def run(self, jobs: Sequence[StudyJob], *, stop: Callable[[], bool] = lambda: False) -> Iterator[Event]:
        """As `Pool.run`."""
        events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        doing = [self._threads.submit(self._do, number, job, events) for number, job in enumerate(jobs)]
        left = len(jobs)
        while left and not stop():
            with suppress(queue.Empty):
                event = events.get(timeout=POLL_SECONDS)
                left -= event.ended
                yield event
                continue
            for ended in filter(Future.done, doing):
                ended.result()  # raises what no job should raise, such as the loss of the cluster

    def close(self) -> None:
        """Let the running jobs save and end; begin no other."""
        self._stopping.set()
        self._threads.shutdown(cancel_futures=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _do(self, number: int, job: StudyJob, events: "queue.SimpleQueue[Event]") -> None:
        def answer(fraction: float | None) -> bool:
            if fraction is not None:
                events.put(Event(number, fraction))
            return self._stopping.is_set()

        try:
            end = self._result(job, answer)
            if not end.stopped:
                events.put(Event(number, 1.0, ended=True, result=end.result))
        except (SongrnnError, ArithmeticError, RuntimeError, MemoryError, OSError) as error:
            failure = " ".join(str(error).split()) or type(error).__name__
            events.put(Event(number, 1.0, ended=True, failure=failure))

    def _result(self, job: StudyJob, answer: Callable[[Any], Any]) -> "JobEnd":
        folder = Path(job["folder"])
        task = Task(do_on_node, (needed_files(job), dict(job)))
        try:
            end: JobEnd = result_with_messages(self._cluster, task, answer)
        except self._cluster.ray.exceptions.RayTaskError as error:
            raise ClusterError(str(error.cause)) from error
        kind = RESULTS.get(job["kind"], "")
        last = next((name for name in end.files if kind and name.endswith(f"/{kind}")), "")
        write_files(end.files, folder, last=last)
        return end


@dataclass(frozen=True)
class JobEnd:
    """The result of a job, or that it was stopped; and the files below the study's folder that it has made."""

    result: Any
    files: Files
    stopped: bool = False


def needed_files(job: StudyJob) -> dict[str, bytes]:
    """The files of the study's folder that a job needs: the plan, and what there is of its training."""
    folder = StudyFolder(job["folder"])
    files = {folder.plan.name: folder.plan.read_bytes()}
    if job["kind"] == "calibrate":
        return files
    trial = folder.path / "trials" / job["trial"]
    made = files_in(trial) if trial.is_dir() else {}
    return files | {f"trials/{job['trial']}/{name}": content for name, content in made.items()}


def do_on_node(say: Say, files: Files, job: StudyJob) -> JobEnd:
    """Do a job of a study, in a process of a node. files: below the study's folder."""
    reporter = Reporter(say)
    with temporary_folder() as folder:
        write_files(files, folder)
        stopped, result = False, None
        try:
            result = JOBS[job["kind"]]({**job, "folder": str(folder)}, reporter.report, reporter.stop)
        except Interrupted:
            stopped = True
        made = {name: content for name, content in files_in(folder).items() if files.get(name) != content}
        return JobEnd(result, made, stopped)
