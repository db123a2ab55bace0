"""What every engine offers, and what it hands over."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from songrnn.engines.task import EngineTask
from songrnn.vocabulary import Ids


@dataclass(frozen=True)
class EngineUsed:
    """Which engine, which instructions of the processor, which numbers."""

    engine: str
    kernel: str
    precision: str

    def as_json(self) -> dict[str, str]:
        """For programs."""
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.engine} ({self.kernel}, {self.precision})"


@dataclass(frozen=True)
class Drawn:
    """N characters of one tune, as an engine hands them over.

    ids: [N]. log_probabilities: [N] natural, of each after all before it. given: [N] whether it came from the prompt.
    copied_from: [N] the place in the tune that the copier took it from, or -1. removed: [N] the probability of all
    characters that would have broken the constraints, before any filter; 0 where there are none. finished: whether the
    network has ended the tune itself.
    """

    ids: NDArray[np.integer]
    log_probabilities: NDArray[np.floating]
    given: NDArray[np.bool_]
    copied_from: NDArray[np.integer]
    removed: NDArray[np.floating]
    finished: bool


@dataclass(frozen=True)
class Trace:
    """What a network did at T characters: log_probabilities [T, V] of the next, and quantities [T, L, H] by name."""

    log_probabilities: NDArray[np.floating]
    quantities: Mapping[str, NDArray[np.floating]]


@dataclass(frozen=True)
class RecordedText:
    """What a network did while it read T characters, and how likely it thought each but the first.

    log_probabilities: [T - 1] natural. quantities: [T, L, H] by name: `hidden`, and `cell` and gates where wanted.
    """

    log_probabilities: NDArray[np.floating]
    quantities: Mapping[str, NDArray[np.floating]]


class Engine(Protocol):
    """Whatever can run a network. Tune `number` of a task is the same alone, as a stream and among many."""

    used: EngineUsed

    def stream(self, task: EngineTask, number: int) -> Iterator[Drawn]:
        """One tune as it comes into being; what is handed over stays."""
        ...

    def compose(self, task: EngineTask, number: int) -> Drawn:
        """One whole tune."""
        ...

    def compose_many(self, task: EngineTask, first: int, count: int) -> Iterator[Drawn]:
        """Whole tunes first..first+count-1, in this order."""
        ...

    def score(self, texts: Sequence[Ids]) -> Iterator[NDArray[np.floating]]:
        """For each text of two ids or more, in order: the log-probability of every id but the first."""
        ...

    def record(self, texts: Sequence[Ids], *, cell: bool, gates: bool) -> Iterator[RecordedText]:
        """For each text of one id or more, in order: what the network does while it reads it from the zero state."""
        ...

    def trace(self, ids: Ids) -> Trace:
        """Everything that the network does while it reads `ids` from the zero state."""
        ...
