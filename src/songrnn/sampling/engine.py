"""What computes: the native engine, or NumPy where there is none; chosen openly, and named in what it made."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from songrnn.checkpoint import Checkpoint
from songrnn.errors import SettingsError
from songrnn.sampling.plan import Plan
from songrnn.sampling.settings import EngineSettings
from songrnn.vocabulary import Ids

NOT_BUILT = (
    "songrnn was installed without its native engine, because it could not be built there; with a C++17 compiler, "
    "install songrnn again: pip install --force-reinstall --no-deps songrnn"
)


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


class Engine(Protocol):
    """Whatever can run a network. Tune `number` of a plan is the same however it is asked for."""

    used: EngineUsed

    def stream(self, plan: Plan, number: int) -> Iterator[Drawn]:
        """One tune as it comes into being; what is handed over stays."""
        ...

    def compose(self, plan: Plan, number: int) -> Drawn:
        """One whole tune."""
        ...

    def compose_many(self, plan: Plan, first: int, count: int) -> Iterator[Drawn]:
        """Whole tunes first..first+count-1, in this order."""
        ...

    def score(self, texts: Sequence[Ids]) -> Iterator[NDArray[np.floating]]:
        """For each text of two ids or more, in order: the log-probability of every id but the first."""
        ...

    def trace(self, ids: Ids) -> Trace:
        """Everything that the network does while it reads `ids` from the zero state."""
        ...


def choose(source: Checkpoint | Path, settings: EngineSettings) -> Engine:
    """The engine that `settings` ask for, with the network of a checkpoint, or of the checkpoint file at a path.

    Raises SettingsError where there is no such engine, kernel or precision, CheckpointError if there is no whole file.
    """
    if engine_of(settings) == "native":
        from songrnn.sampling.native import NativeEngine

        return NativeEngine(source, settings)
    from songrnn.sampling.reference import NumpyEngine

    checkpoint = source if isinstance(source, Checkpoint) else Checkpoint.load(source)
    return NumpyEngine(checkpoint)


def engine_of(settings: EngineSettings) -> str:
    """Which engine `settings` come down to here; raises SettingsError if they ask for what there is not."""
    native = native_module()
    engine = settings.engine or ("numpy" if native is None else "native")
    if engine == "native" and native is None:
        raise SettingsError(f"there is no native engine here: {NOT_BUILT}; or use --engine numpy")
    if engine == "numpy" and settings.precision == "int8":
        raise SettingsError("NumPy computes in fp32 only; leave --precision int8 out, or use --engine native")
    if engine == "numpy" and settings.kernel:
        raise SettingsError("kernels are the native engine's; leave --kernel out, or use --engine native")
    if native is not None and settings.kernel not in ("", *native.kernels()):
        raise SettingsError(f"this processor has no kernel {settings.kernel!r}; it has {', '.join(native.kernels())}")
    return engine


@cache
def native_module() -> Any:
    """The compiled engine; None where it was not built."""
    try:
        return import_module("songrnn._native")
    except ModuleNotFoundError as error:
        if error.name != "songrnn._native":
            raise
        return None


def used_here(settings: EngineSettings) -> EngineUsed:
    """What `settings` come down to here, without a network."""
    if engine_of(settings) == "numpy":
        return EngineUsed("numpy", "numpy", "fp32")
    return EngineUsed("native", settings.kernel or native_module().kernels()[0], settings.precision or "int8")
