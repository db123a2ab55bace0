"""One training by several processes of a cluster (`songrnn train --workers N --ray ADDRESS`).

Each process is one task, of one rank in one group of torch.distributed; `training/workers/rank.py` is what each does.
Rank 0 runs on the machine of the command, where the run's folder lies, and alone writes it. When a process is lost, all
end and begin again from the last snapshot, as many of them as the cluster then has cores for. Their cores are reserved
together (`placing.py`), and all that runs on them ends before others begin.
"""

import os
import socket
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from songrnn.cluster.connecting import Cluster
from songrnn.cluster.corpora import reachable, received, sent
from songrnn.cluster.placing import ReservedCores, places_for
from songrnn.cluster.running import Lost, Say, Task, begin_task, result_with_messages
from songrnn.cluster.stopping import Reporter
from songrnn.corpus.corpus import Corpus
from songrnn.errors import ClusterError, Interrupted
from songrnn.training.folder import RunFolder
from songrnn.training.journal import Record
from songrnn.training.learner import Job, Report, Run
from songrnn.training.settings import TrainingSettings

RESTARTS = 5
"""How often lost processes are replaced before a training is given up."""
TIMEOUT = timedelta(hours=1)
"""How long a process waits for the others: rank 0 may be composing tunes to judge them."""


@dataclass(frozen=True)
class RankPlace:
    """One process of a group. meeting: address and port at which rank 0 waits for the others."""

    number: int
    size: int
    meeting: tuple[str, int]


class ClusterTeam:
    """`training.workers.launch.train_together` on a cluster: the same call, the same run."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def __call__(self, job: Job, *, report: Report, stop: Callable[[], bool]) -> Run:
        """Train by `job.training.workers` processes; raises what one of them raised, and ClusterError."""
        cores = job.training.threads or 1
        self.check(job.corpus, job.training)
        folder = RunFolder(job.folder)
        job = replace(job, corpus=reachable(self._cluster, job.corpus), folder=job.folder.resolve())
        reason, resuming = "", f"To go on: songrnn train --resume {folder.path}"

        def refuse_stopped() -> None:
            if stop():
                raise Interrupted(f"stopped before all processes had their cores; what is done is saved. {resuming}")

        for _ in range(RESTARTS + 1):
            try:
                with places_for(self._cluster, job.training.workers, cores, check=refuse_stopped) as places:
                    run = self._attempt(job, places, report, stop)
                return replace(run, folder=folder.path, checkpoint=folder.checkpoint)
            except Lost as lost:
                reason = str(lost)
            except Interrupted as stopped:  # whose last words are how to resume
                raise Interrupted(f"{stopped} --ray {self._cluster.address}") from stopped
        raise ClusterError(
            f"a process of the training was lost {RESTARTS + 1} times ({reason}). {resuming} --ray "
            f"{self._cluster.address}"
        )

    def check(self, corpus: Corpus, training: TrainingSettings) -> None:
        """Raise ClusterError for more workers than cores, or a packed corpus that a node lacks."""
        cores, workers, there = training.threads or 1, training.workers, self._cluster.cores
        reachable(self._cluster, corpus)
        if workers * cores > there:
            each = f" of {cores} cores each" if cores > 1 else ""
            raise ClusterError(
                f"{workers} workers{each} need {workers * cores} cores, and the Ray cluster at {self._cluster.address} "
                f"has {there}: use --workers {max(1, there // cores)}"
            )

    def _attempt(self, job: Job, places: list[ReservedCores], report: Report, stop: Callable[[], bool]) -> Run:
        def answer(said: tuple[Record, float] | None) -> bool:
            if said is not None:
                report(*said)
            return stop()

        def check() -> None:  # a process that is not begun yet would be waited for in vain
            if self._cluster.cores < sum(place.cores for place in places):
                raise Lost("a node of the cluster was lost")

        size, meeting = len(places), (self._cluster.here.address, _free_port())
        content = sent(self._cluster, replace(job, training=job.training.replace(workers=size)))
        first, *others = (
            Task(
                train_other_rank if place.index else train_one_rank,
                (content, RankPlace(place.index, size, meeting)),
                place=place,
                retries=0,
            )
            for place in places
        )
        begun = [(task, begin_task(self._cluster, task)) for task in others]
        run: Run = result_with_messages(self._cluster, first, answer, beside=begun, check=check)
        return run


def train_one_rank(say: Say, content: bytes, rank: RankPlace) -> Run:
    """Rank 0, in a process of the machine of the command: reports every record, and learns whether to stop."""
    reporter = Reporter(say)
    return _train(
        received(content), rank, report=lambda record, fraction: reporter.report((record, fraction)), stop=reporter.stop
    )


def train_other_rank(content: bytes, rank: RankPlace) -> None:
    """Any other rank, in a process of some node."""
    _train(received(content), rank)


def _train(job: Job, rank: RankPlace, **reporting: Any) -> Run:
    import torch
    from torch import distributed

    from songrnn.training.workers.rank import train_rank
    from songrnn.training.workers.team import says_another_is_lost

    host, port = rank.meeting
    if host.startswith("127."):
        os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    os.environ |= {"RANK": str(rank.number), "LOCAL_RANK": "0", "WORLD_SIZE": str(rank.size)}
    torch.set_num_threads(job.training.threads or 1)
    try:
        distributed.init_process_group(
            "gloo", init_method=f"tcp://{host}:{port}", rank=rank.number, world_size=rank.size, timeout=TIMEOUT
        )
        run: Run = train_rank(replace(job, training=job.training.replace(threads=0)), **reporting)
        distributed.barrier()
    except RuntimeError as error:
        if says_another_is_lost(error):
            raise Lost(str(error).splitlines()[0]) from error
        raise
    finally:
        if distributed.is_initialized():
            distributed.destroy_process_group()
    return run


def _free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("", 0))
        port: int = found.getsockname()[1]
        return port
