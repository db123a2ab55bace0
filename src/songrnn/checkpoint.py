"""The one saved file: a `.safetensors` file whose metadata says everything else.

docs/checkpoint-format.md describes it for other programs. Nothing in it can run code. A digest over record and weights
shows every change that was made after it was written.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from songrnn.errors import CheckpointError, SongrnnError
from songrnn.model.settings import ModelSettings, parameter_shapes
from songrnn.storage import write_whole
from songrnn.vocabulary import Vocabulary

FORMAT_VERSION = 1
METADATA_KEY = "songrnn"
DIGEST_KEY = "sha256"
FORMS = ("raw", "tunebook")

Weights = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Checkpoint:
    """A trained network and all that is needed to use it.

    weights: arrays named and shaped as `parameter_shapes` says, float32.
    form: the form of text that it has learned, and composes in.
    training: where it comes from: corpus with counts and hash, settings, best figures; for people and reports only.
    """

    weights: Weights
    model: ModelSettings
    vocabulary: Vocabulary
    form: Literal["raw", "tunebook"]
    training: Mapping[str, Any]

    def save(self, path: Path | str) -> None:
        """Write to the side, then move; raises RunError if that is impossible, and keeps the former file."""
        record = json.dumps(
            {
                "format_version": FORMAT_VERSION,
                "model": self.model.model_dump(),
                "vocabulary": {"characters": self.vocabulary.characters, "boundaries": self.vocabulary.boundaries},
                "form": self.form,
                "training": self.training,
            },
            ensure_ascii=False,
        )
        weights = {name: np.ascontiguousarray(array, dtype=np.float32) for name, array in self.weights.items()}
        write_whole(Path(path), save(weights, {METADATA_KEY: record, DIGEST_KEY: digest(record, weights)}))

    @classmethod
    def load(cls, path: Path | str) -> "Checkpoint":
        """Read and check everything; raises CheckpointError saying what is wrong with which file."""
        path = Path(path)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise CheckpointError(
                f"cannot read the checkpoint {path}: {(error.strerror or str(error)).lower()}"
            ) from error
        try:
            return _parse(content)
        except _Unusable as error:
            raise CheckpointError(f"{path} {error}") from error


def digest(record: str, weights: Weights) -> str:
    """SHA-256 over the record and every array, in the order of their names."""
    sha = hashlib.sha256(record.encode("utf-8"))
    for name in sorted(weights):
        sha.update(name.encode("utf-8"))
        sha.update(weights[name].tobytes())
    return sha.hexdigest()


class _Unusable(Exception):
    """Why a file is no checkpoint, as the end of a sentence that begins with its name."""


def _parse(content: bytes) -> Checkpoint:
    metadata = _metadata(content)
    if METADATA_KEY not in metadata:
        raise _Unusable("is a safetensors file, but not one that songrnn wrote")
    record = _record(metadata[METADATA_KEY])
    try:
        weights = load(content)
    except (SafetensorError, KeyError, ValueError, TypeError) as error:
        raise _Unusable("holds arrays of a kind that this version does not know; it was altered") from error
    if digest(metadata[METADATA_KEY], weights) != metadata.get(DIGEST_KEY):
        raise _Unusable("was altered or damaged after it was written: its digest does not match. Take another copy")
    return _build(record, weights)


def _metadata(content: bytes) -> dict[str, str]:
    """The text entries of the header (https://github.com/huggingface/safetensors describes the format)."""
    if not content:
        raise _Unusable("is empty, not a checkpoint")
    try:
        load(content)  # checks that the header fits the size of the file
    except SafetensorError as error:
        raise _Unusable("is not a whole safetensors file: it was cut short, or it is something else") from error
    except (KeyError, ValueError, TypeError):
        pass  # array types that NumPy lacks: the metadata will tell whose file it is
    length = int.from_bytes(content[:8], "little")
    metadata = json.loads(content[8 : 8 + length]).get("__metadata__", {})
    return cast("dict[str, str]", metadata)


def _record(text: str) -> dict[str, Any]:
    try:
        record = json.loads(text)
        version = record["format_version"]
    except (ValueError, KeyError, TypeError) as error:
        raise _Unusable("has a damaged record; take another copy") from error
    if not isinstance(version, int) or version < 1:
        raise _Unusable(f"has the impossible format version {version!r}; it was altered")
    if version > FORMAT_VERSION:
        raise _Unusable(
            f"is of format version {version}; this songrnn reads up to {FORMAT_VERSION}: pip install -U songrnn"
        )
    return cast("dict[str, Any]", record)


def _build(record: dict[str, Any], weights: Weights) -> Checkpoint:
    try:
        model = ModelSettings(**record["model"])
        vocabulary = Vocabulary(**record["vocabulary"])
        form, training = record["form"], dict(record["training"])
    except (SongrnnError, KeyError, TypeError, ValueError) as error:
        raise _Unusable(f"has a record that does not fit together ({error})") from error
    if form not in FORMS or vocabulary.boundaries != (form == "tunebook"):
        raise _Unusable(f"has the text form {form!r}, which does not go with its vocabulary")
    _check_weights(weights, parameter_shapes(model, len(vocabulary)))
    return Checkpoint(weights, model, vocabulary, form, training)


def _check_weights(weights: Weights, shapes: dict[str, tuple[int, ...]]) -> None:
    if missing := sorted(shapes.keys() - weights.keys()):
        raise _Unusable(f"lacks the weights {', '.join(missing)}")
    if extra := sorted(weights.keys() - shapes.keys()):
        raise _Unusable(f"has weights that its settings do not have: {', '.join(extra)}")
    for name, shape in shapes.items():
        array = weights[name]
        if array.shape != shape or array.dtype != np.float32:
            raise _Unusable(f"has {name} as {array.dtype} {list(array.shape)}; its settings say float32 {list(shape)}")
        if not np.isfinite(array).all():
            raise _Unusable(f"has numbers in {name} that are not finite")
