"""`train_rank`: one process of a training, in a group of torch.distributed that is initialised already.

Whatever starts the processes (`launch.py` on one machine, Ray on several) calls it in each with the same job. Rank 0
needs the run's folder, all need the tunes.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch

from songrnn.training.learner import Job, Learner, Report, Run
from songrnn.training.settings import TrainingSettings
from songrnn.training.workers.team import Processes


def train_rank(
    job: Job,
    *,
    report: Report = lambda _record, _fraction: None,
    stop: Callable[[], bool] = lambda: False,
) -> Run:
    """Train until the run in `job.folder` has ended; it continues from its last snapshot, by whatever number of
    processes that was written.

    report, stop: as in `songrnn.train`; every rank reports the same records, and one that stops stops all.
    Returns the run; its journal is empty but on rank 0. Raises as `songrnn.train` does, in every rank or in one: then
    whatever started the processes ends the others.
    """
    with own_randomness(job.training):
        learner = Learner(job, Processes())
        learner.prepare(report)
        return learner.run(report, stop)


@contextmanager
def own_randomness(settings: TrainingSettings) -> Iterator[None]:
    """PyTorch's generator and threads are ours; afterwards they are the caller's again."""
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    torch.manual_seed(settings.seed)
    if settings.threads:
        torch.set_num_threads(settings.threads)
    try:
        yield
    finally:
        torch.set_rng_state(state)
        torch.set_num_threads(threads)
