"""Jobs of a study done in the process of the test."""

from collections.abc import Callable, Iterator, Sequence
from typing import Self

from songrnn.errors import Interrupted
from songrnn.study import worker
from songrnn.study.pool import Event, StudyJob, Workers


class HerePool:
    """Does the jobs in this process, in milliseconds in place of seconds; tests/study/test_pool.py has the real one."""

    def __init__(self, processes: int) -> None:
        self.processes = processes

    def run(self, jobs: Sequence[StudyJob], *, stop: Callable[[], bool] = lambda: False) -> Iterator[Event]:
        for number, job in enumerate(jobs):
            if stop():
                return
            try:
                yield Event(number, 1.0, ended=True, result=worker.JOBS[job["kind"]](job, lambda _: None, stop))
            except Interrupted:
                return

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        worker._plan.cache_clear()


HERE = Workers(lambda: 1, HerePool)
