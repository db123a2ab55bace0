"""Progress bars on a terminal; rich is loaded only for what takes long."""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

Item = TypeVar("Item")

PATIENCE_SECONDS = 2.0  # what takes less time shows no bar


def with_bar(items: Iterable[Item], title: str, *, total: int, done: int = 0) -> Iterator[Item]:
    """The items, with a bar on a terminal's standard error once it takes longer than PATIENCE_SECONDS.

    total: how many there are in all, of which `done` were there before.
    """
    begun = time.monotonic()
    bar = task = None
    try:
        for number, item in enumerate(items, start=done):
            if bar is None and sys.stderr.isatty() and time.monotonic() - begun > PATIENCE_SECONDS:
                bar = _bar()
                task = bar.add_task(title, total=total, completed=number)
                bar.start()
            yield item
            if bar is not None:
                bar.advance(task)
    finally:
        if bar is not None:
            bar.stop()


def _bar() -> Any:
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress

    columns = (*Progress.get_default_columns(), MofNCompleteColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)
