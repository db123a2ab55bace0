"""What a network does while it reads many tunes, kept in arrays: in memory, or in files that are mapped into it.

A folder holds `recording.json`, the index (what was recorded of which tunes by which network, where each tune begins,
how many are done), and one NumPy file for each quantity: hidden.npy, cell.npy, input_gate.npy, ... [T, L, H] in half
precision, and bits.npy [T], the surprisal at each character. No file can run code. A recording that was interrupted
goes on where it stopped.

Values at a character are those just after the network has read it.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from songrnn.checkpoint import Checkpoint
from songrnn.engines.intervention import Interventions
from songrnn.engines.select import open_engine
from songrnn.engines.settings import FULL_PRECISION, EngineSettings
from songrnn.errors import CorpusError, RunError, SettingsError, VocabularyError
from songrnn.model.settings import GATE_NAMES
from songrnn.storage import write_whole
from songrnn.vocabulary import Ids

INDEX = "recording.json"
VERSION = 1
BETWEEN_INDICES = 64
"""Tunes after which the index is written again."""

Progress = Callable[[int, int], None]
"""Called with the tunes that are done, and how many there are."""


@dataclass(frozen=True)
class Recording:
    """N tunes of T characters in all.

    texts: the tunes. begins: [N + 1] where each begins in the arrays. quantities: by name [T, L, H]: `hidden`, and of
    `cell` and the gates what was wanted. bits: [T] surprisal at each character; NaN at the first of a raw text.
    """

    texts: tuple[str, ...]
    begins: NDArray[np.int64]
    quantities: Mapping[str, NDArray[np.floating[Any]]]
    bits: NDArray[np.floating[Any]]

    def __len__(self) -> int:
        """T."""
        return int(self.begins[-1])

    @property
    def tune_of(self) -> NDArray[np.int64]:
        """[T] the tune of each character."""
        return np.repeat(np.arange(len(self.texts)), np.diff(self.begins))

    def of_tune(self, number: int, quantity: str = "hidden", layer: int = 1) -> NDArray[np.floating[Any]]:
        """Values [t, H] of one tune, from 0, of a layer, from 1. Raises SettingsError if there is no such thing."""
        values = self.matrix(quantity, layer)
        if not 0 <= number < len(self.texts):
            raise SettingsError(f"tune {number} does not exist; the recording has tunes 0 to {len(self.texts) - 1}")
        return values[self.begins[number] : self.begins[number + 1]]

    def matrix(self, quantity: str = "hidden", layer: int = 1) -> NDArray[np.floating[Any]]:
        """Values [T, H] of a quantity in a layer, from 1. Raises SettingsError if there is no such thing."""
        if quantity not in self.quantities:
            raise SettingsError(f"{quantity!r} was not recorded; recorded: {', '.join(self.quantities)}")
        values = self.quantities[quantity]
        if not 1 <= layer <= values.shape[1]:
            raise SettingsError(f"layer {layer} does not exist; this network has layers 1 to {values.shape[1]}")
        return values[:, layer - 1]


def quantities_of(checkpoint: Checkpoint) -> tuple[str, ...]:
    """All that can be recorded of a network."""
    cell = ("cell",) if checkpoint.model.cell == "lstm" else ()
    return ("hidden", *cell, *GATE_NAMES[checkpoint.model.cell])


def record(
    checkpoint: Checkpoint,
    tunes: Sequence[str],
    folder: Path | None = None,
    *,
    quantities: Sequence[str] = ("hidden",),
    settings: EngineSettings = FULL_PRECISION,
    interventions: Interventions = (),
    progress: Progress | None = None,
) -> Recording:
    """Read `tunes`, texts in the checkpoint's form, each from a zero state, and keep what the network does.

    folder: where the arrays are kept as files; without it they stay in memory. One that holds the same recording,
    unfinished, is gone on with. Raises VocabularyError for a character that the network does not know, CorpusError for
    an empty tune or none at all, SettingsError for a quantity that it does not have, RunError for a folder with another
    recording.
    """
    if unknown := sorted(set(quantities) - set(quantities_of(checkpoint))):
        raise SettingsError(f"this network has no {unknown[0]!r}; it has {', '.join(quantities_of(checkpoint))}")
    encoded = _encoded(checkpoint, tunes)
    begins = np.cumsum([0, *map(len, tunes)])
    shape = (int(begins[-1]), checkpoint.model.layers, checkpoint.model.hidden_size)
    names = list(dict.fromkeys(("hidden", *quantities)))
    identity = _identity(checkpoint, tunes, names, settings, interventions)
    arrays, done = _arrays(folder, names, shape, identity)
    engine = open_engine(checkpoint, settings, interventions)
    readings = engine.record(encoded[done:], cell="cell" in names, gates=bool({*names} - {"hidden", "cell"}))
    skipped = int(checkpoint.vocabulary.boundaries)  # the boundary before a tune has no character
    for number, reading in enumerate(readings, start=done):
        place = slice(begins[number], begins[number + 1])
        for name in names:
            arrays[name][place] = reading.quantities[name][skipped:]
        bits = reading.log_probabilities / -np.log(2)
        arrays["bits"][place] = bits if skipped else [np.nan, *bits]
        if progress is not None:
            progress(number + 1, len(tunes))
        if folder is not None and ((number + 1) % BETWEEN_INDICES == 0 or number + 1 == len(tunes)):
            _write_index(folder, identity, number + 1, begins, arrays)
    return Recording(tuple(tunes), begins, {name: arrays[name] for name in names}, arrays["bits"])


def open_recording(folder: Path, tunes: Sequence[str]) -> Recording:
    """A finished recording of these tunes, mapped into memory; raises RunError if the folder holds none, or another."""
    index = _read_index(folder)
    if index is None or index["done"] != index["tunes"] or index["tunes"] != len(tunes):
        raise RunError(f"{folder} holds no finished recording of these tunes; record them first")
    if index["identity"]["texts"] != _digest_of_texts(tunes):
        raise RunError(f"{folder} holds a recording of other tunes")
    names = index["identity"]["quantities"]
    arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in [*names, "bits"]}
    begins = np.array(index["begins"], dtype=np.int64)
    return Recording(tuple(tunes), begins, {name: arrays[name] for name in names}, arrays["bits"])


def _encoded(checkpoint: Checkpoint, tunes: Sequence[str]) -> list[Ids]:
    vocabulary, encoded = checkpoint.vocabulary, []
    if not tunes:
        raise CorpusError("there is no tune to read")
    before = [vocabulary.start] if vocabulary.boundaries else []
    for number, tune in enumerate(tunes, start=1):
        if not tune:
            raise CorpusError(f"tune {number} is empty; leave it out")
        try:
            encoded.append(np.array([*before, *vocabulary.encode(tune)], dtype=np.int64))
        except VocabularyError as error:
            raise VocabularyError(f"tune {number}: {error}; leave the tune out, or remove the character") from error
    return encoded


def _identity(
    checkpoint: Checkpoint,
    tunes: Sequence[str],
    names: list[str],
    settings: EngineSettings,
    interventions: Interventions,
) -> dict[str, Any]:
    """What two recordings must have in common to be one."""
    weights = hashlib.sha256()
    for name in sorted(checkpoint.weights):
        weights.update(np.ascontiguousarray(checkpoint.weights[name]).tobytes())
    for one in interventions:
        for part in (one.keep, one.offsets, one.detect, one.remove):
            weights.update(part.tobytes())
    return {
        "version": VERSION,
        "network": weights.hexdigest(),
        "texts": _digest_of_texts(tunes),
        "quantities": names,
        "precision": settings.precision or "",
    }


def _digest_of_texts(tunes: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(list(tunes)).encode("utf-8")).hexdigest()


def _arrays(
    folder: Path | None, names: Sequence[str], shape: tuple[int, ...], identity: Mapping[str, Any]
) -> tuple[dict[str, NDArray[Any]], int]:
    """Where the values go, and how many tunes are there already."""
    kinds: dict[str, tuple[tuple[int, ...], type]] = dict.fromkeys(names, (shape, np.float16))
    kinds["bits"] = (shape[:1], np.float32)
    if folder is None:
        return {name: np.empty(size, dtype=kind) for name, (size, kind) in kinds.items()}, 0
    index = _read_index(folder)
    if index is not None and index["identity"] != dict(identity):
        raise RunError(f"{folder} holds another recording; name another folder, or delete it")
    folder.mkdir(parents=True, exist_ok=True)
    known = index is not None and all((folder / f"{name}.npy").exists() for name in kinds)
    if index is None and any((folder / f"{name}.npy").exists() for name in kinds):
        raise RunError(f"{folder} holds arrays without an index; name another folder, or delete them")
    arrays: dict[str, NDArray[Any]] = {
        name: np.lib.format.open_memmap(
            folder / f"{name}.npy", "r+" if known else "w+", None if known else kind, None if known else size
        )
        for name, (size, kind) in kinds.items()
    }
    if not known:
        _write_index(folder, identity, 0, np.zeros(1, dtype=np.int64), arrays)
    return arrays, index["done"] if index is not None and known else 0


def _write_index(
    folder: Path,
    identity: Mapping[str, Any],
    done: int,
    begins: NDArray[np.int64],
    arrays: Mapping[str, NDArray[Any]],
) -> None:
    for array in arrays.values():
        if isinstance(array, np.memmap):
            array.flush()
    content = {"identity": dict(identity), "done": done, "tunes": len(begins) - 1, "begins": begins.tolist()}
    write_whole(folder / INDEX, json.dumps(content).encode("utf-8"))


def _read_index(folder: Path) -> dict[str, Any] | None:
    path = folder / INDEX
    if not path.exists():
        return None
    try:
        index = json.loads(path.read_text(encoding="utf-8"))
        version = index["identity"]["version"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(f"{path} is damaged; delete the folder and record again") from error
    if version != VERSION:
        raise RunError(f"{path} is of format version {version}; this songrnn reads {VERSION}: record again elsewhere")
    return dict(index)
