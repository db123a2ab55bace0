"""Processes to be killed, which begin with PyTorch imported where the system can fork: the import takes seconds."""

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import sleep
from typing import Any

_CONTEXT: Any = multiprocessing.get_context(
    "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
)
_CONTEXT.set_forkserver_preload(["songrnn.search.search", "songrnn.training.loop"])


def begin_process(target: Callable[..., object], *arguments: Any, **named: Any) -> BaseProcess:
    """A process that calls `target`, which a new process must be able to import: not a function of a test's module."""
    process: BaseProcess = _CONTEXT.Process(target=target, args=arguments, kwargs=named, daemon=True)
    process.start()
    return process


def begin_search_worker(corpus: Any, **settings: Any) -> tuple[BaseProcess, Connection]:
    """A worker of a search that stops within its third trial, and a connection with a message once it is there."""
    receiver, sender = _CONTEXT.Pipe(duplex=False)
    return begin_process(_search, corpus, sender, **settings), receiver


def _search(corpus: Any, sender: Connection, *, out: Path, **settings: Any) -> None:
    from songrnn.search.search import search
    from songrnn.training import learner

    learner.write_loss_plot = lambda *_: []
    ends = []

    def report(trial: Any, _fraction: float) -> None:
        ends.extend([trial] if trial.state == "finished" else [])
        if trial.state == "running" and len(ends) == 2:
            sender.send("in its third trial")
            sleep(600)

    search(corpus, out=out, report=report, **settings)
