"""A pool of worker processes, the parent's side; `worker.py` is the workers'.

Each worker is a process that reads one job a line and answers with lines. It runs as long as its standard input is
open, so however this process ends, even by SIGKILL, the workers end with it; a worker that dies fails the job that it
had, and a new one replaces it.
"""

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self

from songrnn.child_process import how_it_ended
from songrnn.cores import usable_cores

# -P: a file named like a library in the user's working folder must not be imported in its place.
WORKER_COMMAND = (sys.executable, "-P", "-m", "songrnn.study.worker")
SECONDS_TO_SAVE = 20.0  # from asking the workers to stop until they are killed
POLL_SECONDS = 0.2
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

StudyJob = Mapping[str, Any]
"""A job as JSON holds it; `worker.py` says what it may be."""


@dataclass(frozen=True)
class Event:
    """A worker's report on a job: its progress (`fraction`), or its end: `result`, or else `failure` in words."""

    job: int
    fraction: float
    ended: bool = False
    result: Any = None
    failure: str = ""


class JobPool(Protocol):
    """What runs jobs, several at once; a context manager."""

    def run(self, jobs: Sequence[StudyJob], *, stop: Callable[[], bool] = ...) -> Iterator[Event]:
        """As `Pool.run`."""

    def __enter__(self) -> Self:
        """Itself."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the running jobs save and end."""


class Pool:
    """Some worker processes, started when they get their first job; a context manager."""

    def __init__(self, processes: int, command: Sequence[str] = WORKER_COMMAND) -> None:
        self._workers = [_Worker(command) for _ in range(processes)]

    def run(self, jobs: Sequence[StudyJob], *, stop: Callable[[], bool] = lambda: False) -> Iterator[Event]:
        """Distribute the jobs in their order, and yield their events; each job has one event that ends it.

        Returns early when `stop` returns true, which is called several times a second; `close` then lets the workers
        save.
        """
        waiting: queue.SimpleQueue[tuple[int, StudyJob]] = queue.SimpleQueue()
        for numbered in enumerate(jobs):
            waiting.put(numbered)
        events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        for worker in self._workers[: len(jobs)]:
            worker.start(waiting, events)
        left = len(jobs)
        while left and not stop():
            with suppress(queue.Empty):
                event = events.get(timeout=POLL_SECONDS)
                left -= event.ended
                yield event

    def close(self) -> None:
        """Ask the workers to save and end; kill those that do not."""
        for worker in self._workers:
            worker.ask_to_end()
        for worker in self._workers:
            worker.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@dataclass(frozen=True)
class Workers:
    """Where the jobs of a study run. most: how many at once are of use; pool: makes a pool for so many at once."""

    most: Callable[[], int]
    pool: Callable[[int], JobPool]


LOCAL = Workers(usable_cores, Pool)
"""Processes on the cores of this machine."""


class _Worker:
    """One process, and the thread that exchanges lines with it."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = tuple(command)
        self._process: subprocess.Popen[str] | None = None
        self._thread: threading.Thread | None = None
        self._said = tempfile.TemporaryFile()  # what the process prints, and why it ended  # noqa: SIM115
        self._lock = threading.Lock()
        self._closing = False

    def start(self, waiting: "queue.SimpleQueue[tuple[int, StudyJob]]", events: "queue.SimpleQueue[Event]") -> None:
        """Take jobs until none is left, in a thread of its own."""
        self._thread = threading.Thread(target=self._work, args=(waiting, events), daemon=True)
        self._thread.start()

    def _work(self, waiting: "queue.SimpleQueue[tuple[int, StudyJob]]", events: "queue.SimpleQueue[Event]") -> None:
        with suppress(queue.Empty):
            while not self._closing:
                number, job = waiting.get_nowait()
                self._do(number, job, events)

    def ask_to_end(self) -> None:
        """Close its input, upon which a worker saves and ends."""
        with self._lock:
            self._closing = True
            if self._process is not None and self._process.stdin is not None:
                with suppress(OSError):
                    self._process.stdin.close()

    def end(self) -> None:
        """Wait for its end, for a limited time, and release its resources."""
        if self._process is not None:
            try:
                self._process.wait(SECONDS_TO_SAVE)
            except subprocess.TimeoutExpired:
                self._process.kill()
        if self._thread is not None:
            self._thread.join()  # it has read the end of the process's output
        if self._process is not None:
            _give_back(self._process)
        self._said.close()

    def _do(self, number: int, job: StudyJob, events: "queue.SimpleQueue[Event]") -> None:
        try:
            process = self._running()
        except OSError as error:
            events.put(Event(number, 1.0, ended=True, failure=f"no process can be started: {error}"))
            return
        if process is None:
            return
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(OSError, ValueError):  # it has ended, or we are closing
            process.stdin.write(json.dumps(job) + "\n")
            process.stdin.flush()
            for line in process.stdout:
                said = json.loads(line)
                events.put(Event(number, **said))
                if said.get("ended"):
                    return
        if not self._closing:
            events.put(Event(number, 1.0, ended=True, failure=self._last_words(process)))

    def _running(self) -> "subprocess.Popen[str] | None":
        """The process, a new one if there is none or it has ended; None when the pool is closing."""
        with self._lock:
            if self._closing:
                return None
            if self._process is not None and self._process.poll() is not None:
                _give_back(self._process)
                self._process = None
            if self._process is None:
                self._said.seek(0)
                self._said.truncate()
                self._process = subprocess.Popen(
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=self._said,
                    encoding="utf-8",
                    env=os.environ | ONE_THREAD,
                )
            return self._process

    def _last_words(self, process: "subprocess.Popen[str]") -> str:
        status = process.wait()
        self._said.seek(0)
        lines = self._said.read().decode("utf-8", "replace").strip().splitlines()
        ended = how_it_ended(status)
        return f"the process {ended}" + (f": {lines[-1].strip()}" if lines else "")


def _give_back(process: "subprocess.Popen[str]") -> None:
    """Close the pipes of a process that has ended, and drop it."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
    process.wait()
