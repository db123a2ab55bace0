"""Jobs of a study done in the process of the test."""

from songrnn.errors import Interrupted
from songrnn.study import worker
from songrnn.study.pool import Event, Workers


class HerePool:
    """Does the jobs in this process, in milliseconds in place of seconds; tests/study/test_pool.py has the real one."""

    def __init__(self, processes):
        self.processes = processes

    def run(self, jobs, *, stop):
        for number, job in enumerate(jobs):
            if stop():
                return
            try:
                yield Event(number, 1.0, ended=True, result=worker.JOBS[job["kind"]](job, lambda _: None, stop))
            except Interrupted:
                return

    def __enter__(self):
        return self

    def __exit__(self, *_):
        worker._plan.cache_clear()


HERE = Workers(lambda: 1, HerePool)
