"""Which engine runs a network: the native one, or NumPy where there is none; the choice is part of every record."""

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from songrnn.checkpoint import Checkpoint, Description
from songrnn.engines.intervention import Interventions
from songrnn.engines.settings import EngineSettings
from songrnn.engines.types import Engine, EngineUsed
from songrnn.errors import SettingsError

NOT_BUILT = (
    "songrnn was installed without its native engine, because it could not be built there; with a C++17 compiler, "
    "install songrnn again: pip install --force-reinstall --no-deps songrnn"
)


def open_engine(source: Checkpoint | Path, settings: EngineSettings, interventions: Interventions = ()) -> Engine:
    """The engine that `settings` ask for, with the network of a checkpoint, or of the checkpoint file at a path.

    interventions: changes of its hidden states, whatever it does.
    Raises SettingsError where there is no such engine, kernel or precision, or an intervention does not fit the
    network; CheckpointError if there is no whole file.
    """
    if interventions:
        description = source.description if isinstance(source, Checkpoint) else Description.read(source)
        for one in interventions:
            one.check(description.model)
    if engine_of(settings) == "native":
        from songrnn.engines.native import NativeEngine

        return NativeEngine(source, used_here(settings), settings.threads, interventions)
    from songrnn.engines.reference import NumpyEngine

    checkpoint = source if isinstance(source, Checkpoint) else Checkpoint.load(source)
    return NumpyEngine(checkpoint, interventions=interventions)


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


def engine_note(settings: EngineSettings) -> str:
    """One line where NumPy computes only because the native engine was not built; "" elsewhere."""
    return NOT_BUILT if settings.engine is None and native_module() is None else ""


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
