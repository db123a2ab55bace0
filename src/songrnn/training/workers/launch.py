"""Starts the processes of a training on this machine, and restarts them when one is lost.

It is torchrun's way of working on one machine: every process gets its rank, all meet in one group of torch.distributed,
and when one of them dies all end and begin again from the last snapshot. torchrun itself starts a command, and would
keep neither the progress bar nor Ctrl-C of the program that calls it.

The processes are new ones: a program that trains with several workers needs the usual
`if __name__ == "__main__":`.
"""

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from songrnn.cores import usable_cores
from songrnn.errors import Interrupted, RunError, SongrnnError
from songrnn.training.learner import Job, Report, Run

RESTARTS = 3
"""How often lost processes are replaced before a training is given up."""
POLL_SECONDS = 0.1
TIMEOUT = timedelta(hours=1)
"""How long a process waits for the others: rank 0 may be composing tunes to judge them."""
LOOPBACK = {"linux": "lo", "darwin": "lo0"}


def train_together(job: Job, *, report: Report, stop: Callable[[], bool]) -> Run:
    """Train by `job.training.workers` processes; raises what one of them raised."""
    for _ in range(RESTARTS):
        run = _attempt(job, report, stop)
        if run is not None:
            return run
    raise RunError(
        f"a worker process was killed {RESTARTS} times; too little memory for {job.training.workers} workers? "
        f"To go on: songrnn train --resume {job.folder}"
    )


def _attempt(job: Job, report: Report, stop: Callable[[], bool]) -> Run | None:
    """The run, or None where a process was lost."""
    with tempfile.TemporaryDirectory() as meeting, _processes(job, meeting) as processes:
        waiting = list(processes)
        result: Run | None = None
        while waiting:
            for connection in wait(waiting, POLL_SECONDS):
                assert isinstance(connection, Connection)
                try:
                    kind, content = connection.recv()
                except EOFError:  # it was killed
                    return None
                if kind == "record":
                    report(*content)
                elif kind == "error":
                    raise content
                else:
                    waiting.remove(connection)
                    result = content or result
            if stop():
                for connection in waiting:
                    _send(connection, "stop")
        return result


@contextmanager
def _processes(job: Job, meeting: str) -> Iterator[dict[Connection, BaseProcess]]:
    """A connection with each process; whatever happens, they end."""
    method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    context: Any = multiprocessing.get_context(method)
    if method == "forkserver":
        context.set_forkserver_preload([__name__])
    processes: dict[Connection, BaseProcess] = {}
    try:
        for rank in range(job.training.workers):
            ours, theirs = context.Pipe()
            process = context.Process(target=_work, args=(job, rank, meeting, theirs), daemon=True)
            process.start()
            theirs.close()
            processes[ours] = process
        yield processes
    finally:
        for connection, process in processes.items():
            process.kill()
            process.join()
            connection.close()


def _work(job: Job, rank: int, meeting: str, parent: Connection) -> None:
    """One process: joins the group, trains, and tells the parent how it went."""
    import signal

    import torch
    from torch import distributed

    from songrnn.training.workers.rank import train_rank
    from songrnn.training.workers.team import says_another_is_lost

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process of a terminal; the parent decides
    if sys.platform in LOOPBACK:
        os.environ.setdefault("GLOO_SOCKET_IFNAME", LOOPBACK[sys.platform])
    size = job.training.workers
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(size)}
    torch.set_num_threads(max(1, (job.training.threads or usable_cores()) // size))
    address = (Path(meeting) / "store").as_uri()
    distributed.init_process_group("gloo", init_method=address, rank=rank, world_size=size, timeout=TIMEOUT)

    def report(record: dict[str, Any], fraction: float) -> None:
        if rank == 0:
            _send(parent, ("record", (record, fraction)))

    def stop() -> bool:
        return parent.poll()

    try:
        run = train_rank(
            Job(job.folder, job.corpus, job.model, job.training.replace(threads=0), job.start), report=report, stop=stop
        )
        _send(parent, ("run", run if rank == 0 else None))
        distributed.barrier()
    except (SongrnnError, Interrupted) as error:
        _send(parent, ("error", error))
        parent.poll(None)  # until the parent ends this process
    except RuntimeError as error:
        if says_another_is_lost(error):
            os._exit(1)  # another process was lost; the parent begins all again
        raise
    finally:
        parent.close()


def _send(connection: Connection, message: object) -> None:
    """Nothing where the other side has gone."""
    try:
        connection.send(message)
    except (BrokenPipeError, ConnectionResetError):
        return
