"""Tunes -> clean texts with all that is kept of them, in batches, on all cores, in their order."""

import multiprocessing
import os
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from multiprocessing.connection import wait
from typing import Any

from songrnn.corpus.cleaning import Dropped
from songrnn.corpus.corpus import Drop, cleaned_text
from songrnn.corpus.ledger import Tally
from songrnn.corpus.sources import SourceTune
from songrnn.corpus.variants import melody_bytes

TUNES_AT_ONCE = 256
SERIAL_TUNES = 4 * TUNES_AT_ONCE
"""Fewer are cleaned sooner than processes start."""
BATCHES_AHEAD = 4
"""Of each core."""


@dataclass(frozen=True)
class Cleaned:
    """A tune that is kept: its text, name and melody, and what was left out of it."""

    text: str
    name: str
    steps: bytes
    left_out: Counter[str]
    source: str
    number: int


@dataclass
class Batch:
    """Some tunes, kept or dropped, in their order, and the counts of their ledger."""

    tunes: list[Cleaned | Drop] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)


def clean_batches(tunes: Iterable[SourceTune], form: str, *, keep_marks: bool, cores: int) -> Iterator[Batch]:
    """All tunes, in batches of TUNES_AT_ONCE; a bounded number of batches is in memory."""
    clean = partial(_clean, form=form, keep_marks=keep_marks)
    tunes = iter(tunes)
    first = list(islice(tunes, SERIAL_TUNES))
    batches = _batches(chain(first, tunes))
    if len(first) < SERIAL_TUNES or cores == 1:
        yield from map(clean, batches)
        return
    methods = multiprocessing.get_all_start_methods()
    context: Any = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    with ProcessPoolExecutor(cores, context, _end_with_parent) as pool:
        yield from _ahead(pool, clean, batches, BATCHES_AHEAD * cores)


def _batches(tunes: Iterator[SourceTune]) -> Iterator[list[SourceTune]]:
    while some := list(islice(tunes, TUNES_AT_ONCE)):
        yield some


def _ahead(
    pool: ProcessPoolExecutor, function: Callable[[Any], Batch], items: Iterable[Any], ahead: int
) -> Iterator[Batch]:
    """Results in order, of which `ahead` are computed before they are requested."""
    waiting: deque[Future[Batch]] = deque()
    for item in items:
        waiting.append(pool.submit(function, item))
        if len(waiting) > ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _end_with_parent() -> None:
    """In a worker: end when the parent is gone, however that ended."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent.sentinel,), daemon=True).start()


def _end_after(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _clean(tunes: Iterable[SourceTune], form: str, *, keep_marks: bool) -> Batch:
    batch = Batch()
    for tune in tunes:
        batch.tally.add(tune)
        left_out: Counter[str] = Counter()
        try:
            text = cleaned_text(tune, form, keep_marks=keep_marks, left_out=left_out)
        except Dropped as reason:
            batch.tunes.append(Drop(tune.source, tune.number, str(reason)))
        else:
            batch.tunes.append(Cleaned(text, tune.name, melody_bytes(text), left_out, tune.source, tune.number))
    return batch
