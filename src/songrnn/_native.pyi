"""The compiled engine; native/bindings.cpp defines it. Absent where it could not be built."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from songrnn.constraints.state import Context
from songrnn.tracking.place import PlannedForm

Record = tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.uint8], NDArray[np.int32], NDArray[np.float32], bool]

class BadImage(ValueError): ...

class Constraint:
    def __init__(self, context: Context, vocabulary_size: int) -> None: ...
    def refused(self, ids: Sequence[int]) -> int: ...
    def allowed(self, ids: Sequence[int]) -> list[int]: ...
    def masks(self, ids: Sequence[int]) -> bytes: ...
    def state(self, ids: Sequence[int]) -> dict[str, Any]: ...
    def completion(self, ids: Sequence[int]) -> list[int]: ...
    def characters_to_end(self, ids: Sequence[int]) -> int: ...

class Plan:
    def __init__(
        self,
        begin: Sequence[int],
        pieces: Sequence[tuple[Sequence[int], bool]],
        end_text: Sequence[int],
        start: int,
        end: int,
        line_end: int,
        longest_field: int,
        max_characters: int,
        seed: int,
        temperature: float,
        top_k: int,
        top_p: float,
        min_p: float,
        allowed: Sequence[int],
        constraint: Constraint | None,
        form: PlannedForm | None,
    ) -> None: ...

class Session:
    def next(self, count: int) -> Record: ...

class Tunes:
    def next(self, most: int) -> list[Record]: ...

class Recordings:
    def next(
        self,
    ) -> (
        tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32] | None, list[NDArray[np.float32]]] | None
    ): ...

class Network:
    @staticmethod
    def pack(
        arrays: dict[str, NDArray[Any]],
        cell: str,
        int8: bool,
        hidden_size: int,
        layers: int,
        embedding_size: int,
        vocabulary_size: int,
        copying: bool,
        position: bool,
        lookback: bool,
        plan: bool,
        pitch_heads: bool,
        position_size: int,
        letters: Sequence[int],
        contexts: Sequence[int],
        count_steps: Sequence[int],
        floor: float,
        kernel: str,
    ) -> Network: ...
    @staticmethod
    def open(buffer: NDArray[np.uint8], kernel: str) -> Network: ...
    @property
    def kernel(self) -> str: ...
    @property
    def image(self) -> NDArray[np.uint8]: ...
    def session(self, plan: Plan, number: int) -> Session: ...
    def compose(self, plan: Plan, first: int, count: int, threads: int, slots: int) -> Tunes: ...
    def score(self, texts: Sequence[NDArray[np.int32]], threads: int, slots: int) -> Tunes: ...
    def trace(self, ids: NDArray[np.int32]) -> dict[str, Any]: ...
    def record(
        self, texts: Sequence[NDArray[np.int32]], threads: int, slots: int, cell: bool, gates: bool
    ) -> Recordings: ...
    def intervened(self, changes: Sequence[tuple[int, *tuple[NDArray[np.float32], ...]]]) -> Network: ...

def kernels() -> list[str]: ...
def apply(kernel: str, function: str, values: NDArray[np.float32]) -> NDArray[np.float32]: ...
def random(seed: int, number: int, count: int) -> list[float]: ...
def read_bandwidth(size: int, seconds: float) -> float: ...
def positions(ids: NDArray[np.int32], code_points: NDArray[np.int32], form: PlannedForm) -> NDArray[np.int32]: ...
def tracker_states(points: NDArray[np.int32]) -> list[dict[str, Any]]: ...
def parts(points: NDArray[np.int32]) -> list[tuple[int, ...]]: ...
