"""The compiled engine (native/): packs a checkpoint for it, hands tasks over and takes tunes back."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from songrnn import _native
from songrnn.checkpoint import Checkpoint
from songrnn.constraints.constraint import Constraint
from songrnn.cores import usable_cores
from songrnn.engines.intervention import Intervention, Interventions
from songrnn.engines.packed import opened
from songrnn.engines.task import LONGEST_FIELD, EngineTask
from songrnn.engines.types import Drawn, EngineUsed, RecordedText, Trace
from songrnn.model.categories import note_letters
from songrnn.model.settings import GATE_NAMES, STEPS_OF_A_COUNT
from songrnn.tracking.features import code_points
from songrnn.vocabulary import Ids

TUNES_A_THREAD = 36
"""How many tunes each thread advances together; more hardly gain, and make the last ones wait (docs/engine.md)."""
RECORDED_A_THREAD = 16
"""The same where all that a network does is kept: tunes that are not finished yet hold some megabytes each."""
CHARACTERS_AT_ONCE = 8
"""How many characters a stream fetches with one call; at 20 microseconds each, nobody sees them come in groups."""


class NativeEngine:
    """See Engine."""

    def __init__(
        self, source: Checkpoint | Path, used: EngineUsed, threads: int = 0, interventions: Interventions = ()
    ) -> None:
        self.used, self._threads = used, threads or usable_cores()
        if isinstance(source, Checkpoint):
            self._network = pack(source, self.used.precision, self.used.kernel)
        else:
            self._network = opened(source, self.used.precision, self.used.kernel, pack)
        if interventions:
            self._network = self._network.intervened([native_intervention(one) for one in interventions])

    def stream(self, task: EngineTask, number: int) -> Iterator[Drawn]:
        """See Engine."""
        session = self._network.session(native_task(task), number)
        while True:
            drawn = drawn_of(session.next(CHARACTERS_AT_ONCE))
            yield drawn
            if len(drawn.ids) < CHARACTERS_AT_ONCE:
                return

    def compose(self, task: EngineTask, number: int) -> Drawn:
        """See Engine."""
        everything = 2**62
        return drawn_of(self._network.session(native_task(task), number).next(everything))

    def compose_many(self, task: EngineTask, first: int, count: int) -> Iterator[Drawn]:
        """See Engine."""
        if count == 1:
            yield self.compose(task, first)
            return
        slots = min(TUNES_A_THREAD, -(-count // self._threads))
        tunes = self._network.compose(native_task(task), first, count, self._threads, slots)
        while some := tunes.next(TUNES_A_THREAD):
            yield from map(drawn_of, some)

    def score(self, texts: Sequence[Ids]) -> Iterator[NDArray[np.floating]]:
        """See Engine."""
        if not texts:
            return
        slots = min(TUNES_A_THREAD, -(-len(texts) // self._threads))
        tunes = self._network.score([text.astype(np.int32) for text in texts], self._threads, slots)
        while some := tunes.next(TUNES_A_THREAD):
            yield from (log_probabilities for _, log_probabilities, *_ in some)

    def record(self, texts: Sequence[Ids], *, cell: bool, gates: bool) -> Iterator[RecordedText]:
        """See Engine."""
        if not texts:
            return
        slots = min(RECORDED_A_THREAD, -(-len(texts) // self._threads))
        recordings = self._network.record(
            [text.astype(np.int32) for text in texts], self._threads, slots, cell=cell, gates=gates
        )
        while (found := recordings.next()) is not None:
            log_probabilities, hidden, cells, values = found
            quantities = {"hidden": hidden} | ({} if cells is None else {"cell": cells})
            yield RecordedText(log_probabilities, quantities | named_gates(values))

    def trace(self, ids: Ids) -> Trace:
        """See Engine."""
        found = self._network.trace(ids.astype(np.int32))
        quantities = {name: found[name] for name in ("hidden", "cell") if name in found}
        return Trace(found["log_probabilities"], quantities | named_gates(found["gates"]))


def named_gates(values: Sequence[NDArray[np.floating]]) -> dict[str, NDArray[np.floating]]:
    """The gates of a cell by name; kinds of cell differ in the number of their gates."""
    names = next(names for names in GATE_NAMES.values() if len(names) == len(values))
    return dict(zip(names, values, strict=True))


Vector = NDArray[np.float32]


def native_intervention(intervention: Intervention) -> tuple[int, Vector, Vector, Vector, Vector]:
    """An intervention as the engine reads it: layer from 0, then flat arrays."""
    keep, offsets, detect, remove = (
        part.ravel() for part in (intervention.keep, intervention.offsets, intervention.detect, intervention.remove)
    )
    return intervention.layer - 1, keep, offsets, detect, remove


def pack(checkpoint: Checkpoint, precision: str, kernel: str) -> _native.Network:
    """A checkpoint's network as the engine reads it."""
    model, shape = checkpoint.model, _native.Shape()
    shape.cell = model.cell
    shape.int8 = precision == "int8"
    shape.hidden_size = model.hidden_size
    shape.layers = model.layers
    shape.embedding_size = model.embedding_size
    shape.vocabulary_size = len(checkpoint.vocabulary)
    shape.copying = model.copying
    shape.position = model.position
    shape.lookback = model.lookback
    shape.plan = model.plan
    shape.pitch_heads = model.pitch_heads
    shape.position_size = model.position_size
    shape.letters = note_letters(checkpoint.vocabulary).tolist()
    shape.contexts = list(model.ngrams)
    shape.count_steps = list(STEPS_OF_A_COUNT)
    shape.floor = model.floor
    return _native.Network.pack(_arrays(checkpoint), shape, kernel)


def _arrays(checkpoint: Checkpoint) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {
        name: np.ascontiguousarray(array, dtype=np.float32) for name, array in checkpoint.weights.items()
    }
    arrays["code_points"] = code_points(checkpoint.vocabulary)
    if checkpoint.ngrams is not None:
        kinds = {"characters": np.uint16, "counts": np.uint16, "offspring": np.uint32}
        for name, array in checkpoint.ngrams.arrays().items():
            arrays[name] = array.astype(kinds[name.rpartition(".")[2]])
    return arrays


def native_task(task: EngineTask) -> _native.Plan:
    """A task as the engine reads it."""
    settings, plan = task.settings, _native.Plan()
    plan.begin = task.begin.tolist()
    plan.pieces = [_native.Piece(piece.ids.tolist(), piece.open_line) for piece in task.pieces]
    plan.end_text = task.end_text.tolist()
    plan.start, plan.end, plan.line_end = task.start, task.end, task.line_end
    plan.longest_field = LONGEST_FIELD
    plan.max_characters = settings.max_characters
    plan.seed = task.seed
    plan.sampling.temperature = settings.temperature
    plan.sampling.top_k = min(settings.top_k, 2**31)
    plan.sampling.top_p = settings.top_p
    plan.sampling.min_p = settings.min_p
    plan.sampling.allowed = [] if task.allowed.all() else task.allowed.astype(np.uint8).tolist()
    if task.constraint:
        plan.constraint = native_constraint(task.constraint)
    if task.tune_plan:
        plan.set_form(task.tune_plan.form())
    return plan


@lru_cache(maxsize=8)
def native_constraint(constraint: Constraint) -> _native.Constraint:
    """The same constraint in the engine."""
    return _native.Constraint(constraint.context, vocabulary_size=constraint.size)


def drawn_of(parts: tuple[Any, ...]) -> Drawn:
    """What the engine hands over, by name."""
    ids, log_probabilities, given, copied_from, removed, finished = parts
    return Drawn(ids, log_probabilities, given.astype(bool), copied_from, removed, finished)
