"""The one saved file: weights in a `.safetensors` file, with all else in its metadata.

docs/checkpoint-format.md describes it for other programs. Nothing in it can run code. A digest over record and weights
detects every change after it was written.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from songrnn.errors import CheckpointError, RunError, SongrnnError
from songrnn.model.settings import NO_PLACES, ModelSettings, parameter_shapes
from songrnn.signed_arrays import DIGEST_KEY, Arrays, digest, write_signed
from songrnn.vocabulary import Vocabulary

if TYPE_CHECKING:
    from songrnn.model.inputs import Reader
    from songrnn.model.ngrams import Ngrams

FORMAT_VERSION = 2
METADATA_KEY = "songrnn"
FORMS = ("raw", "tunebook")
NOT_WHOLE = (
    "is not a whole safetensors file: it was cut short, or it is something else; expected a checkpoint, which "
    "`songrnn train` makes from tunes"
)
EMPTY = "is empty, not a checkpoint"
SUFFIX = ".safetensors"
FILE_NAME = f"checkpoint{SUFFIX}"
"""Of the checkpoint in the folder of a run."""
BUNDLED = {"folk": Path(__file__).parent / "models" / "folk.safetensors"}
"""Models that come with the package, by name (docs/folk-model.md)."""

Weights = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Description:
    """All of a checkpoint but its weights; see Checkpoint. digest: of its content, unchecked."""

    model: ModelSettings
    vocabulary: Vocabulary
    form: Literal["raw", "tunebook"]
    training: Mapping[str, Any]
    digest: str

    @classmethod
    def read(cls, path: Path | str) -> "Description":
        """Read the header only; raises CheckpointError if that is not a checkpoint's. The rest may be damaged."""
        path = place_of(path)
        try:
            return _described(_texts_of(_header_of(path)))
        except OSError as error:
            raise _unreadable(path, error) from error
        except _Unusable as error:
            raise CheckpointError(f"{path} {error}") from error


@dataclass(frozen=True)
class Checkpoint:
    """A trained network and all that is needed to use it.

    weights: arrays named and shaped as `parameter_shapes` says, float32.
    ngrams: the counts of its n-grams, if its settings have any.
    form: the text form in which it was trained, and composes.
    training: its origin: corpus with counts and hash, settings, best figures; for display only.
    """

    weights: Weights
    ngrams: "Ngrams | None"
    model: ModelSettings
    vocabulary: Vocabulary
    form: Literal["raw", "tunebook"]
    training: Mapping[str, Any]

    @cached_property
    def description(self) -> Description:
        """All but the weights; the digest is empty, as it belongs to a file."""
        return Description(self.model, self.vocabulary, self.form, self.training, "")

    @cached_property
    def reader(self) -> "Reader":
        """The reader that makes the network's inputs from characters."""
        from songrnn.model.inputs import Reader  # loaded here: a packed network needs none of it

        return Reader(self.model, self.vocabulary, self.ngrams)

    def save(self, path: Path | str, *, small: bool = False) -> None:
        """Write the file whole (`storage.write_whole`); raises RunError, and keeps a former file, if it cannot.

        small: the weights as float16, in half the space.
        """
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
        kind = np.float16 if small else np.float32
        largest = np.finfo(kind).max
        for name, array in self.weights.items():
            if not (np.abs(array) <= largest).all():
                raise RunError(f"cannot write {path}: {name} has weights that {kind.__name__} cannot hold")
        arrays: Arrays = {name: np.ascontiguousarray(array, dtype=kind) for name, array in self.weights.items()}
        if self.ngrams is not None:
            arrays |= self.ngrams.arrays()
        write_signed(Path(path), METADATA_KEY, record, arrays)

    @classmethod
    def load(cls, path: Path | str) -> "Checkpoint":
        """Read and check everything; raises CheckpointError with the file and the reason.

        path: a file, the folder of a run, or the name of a model in the box: one of BUNDLED.
        """
        path = place_of(path)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise _unreadable(path, error) from error
        try:
            return _parse(content)
        except _Unusable as error:
            raise CheckpointError(f"{path} {error}") from error


def place_of(path: Path | str) -> Path:
    """The checkpoint file of a path or name: a model in the box by its name, a run by its folder, or a file itself."""
    if str(path) in BUNDLED:
        return BUNDLED[str(path)]
    path = Path(path)
    return path / FILE_NAME if path.is_dir() else path


def names_checkpoint(source: Path | str) -> bool:
    """Whether an argument, which may name tunes too, names a network: a model in the box, a run's folder, or a file."""
    return str(source) in BUNDLED or Path(source).suffix == SUFFIX or (Path(source) / FILE_NAME).is_file()


class _Unusable(Exception):
    """Why a file is no checkpoint, as the end of a sentence that begins with its name."""


def _unreadable(path: Path, error: OSError) -> CheckpointError:
    if path.name == FILE_NAME and path.parent.is_dir() and not path.exists():
        return CheckpointError(
            f"the folder {path.parent} has no {FILE_NAME}; name a folder that songrnn train made, or a checkpoint file"
        )
    reason = (error.strerror or str(error)).lower()
    return CheckpointError(
        f"cannot read the checkpoint {path}: {reason}; expected the folder of a run, a .safetensors file, or folk"
    )


def _header_of(path: Path) -> bytes:
    with path.open("rb") as file:
        size = file.read(8)
        if not size:
            raise _Unusable(EMPTY)
        length = int.from_bytes(size, "little")
        return file.read(length) if length <= path.stat().st_size else b""


def _parse(content: bytes) -> Checkpoint:
    from safetensors import SafetensorError  # loaded here: a packed network needs none of it
    from safetensors.numpy import load

    if not content:
        raise _Unusable(EMPTY)
    try:
        arrays = load(content)
    except SafetensorError as error:
        raise _Unusable(NOT_WHOLE) from error
    except (KeyError, ValueError, TypeError) as error:
        _described(_metadata(content))  # the kind of file is reported first
        raise _Unusable("holds arrays of a kind unknown to this version; it was altered") from error
    metadata = _metadata(content)
    described = _described(metadata)
    if digest(metadata[METADATA_KEY], arrays) != described.digest:
        raise _Unusable("was altered or damaged after it was written: its digest does not match. Take another copy")
    return _build(described, arrays)


def _metadata(content: bytes) -> dict[str, str]:
    return _texts_of(content[8 : 8 + int.from_bytes(content[:8], "little")])


def _texts_of(header: bytes) -> dict[str, str]:
    """The text entries of the header (https://github.com/huggingface/safetensors describes the format)."""
    try:
        metadata = json.loads(header).get("__metadata__", {})
        return {str(name): str(text) for name, text in metadata.items()}
    except (ValueError, AttributeError, RecursionError) as error:
        raise _Unusable(NOT_WHOLE) from error


def _described(metadata: dict[str, str]) -> Description:
    if METADATA_KEY not in metadata:
        raise _Unusable("is a safetensors file, but not one that songrnn wrote")
    record = _record(metadata[METADATA_KEY])
    try:
        model = ModelSettings(**(NO_PLACES if record["format_version"] == 1 else {}), **record["model"])
        vocabulary = Vocabulary(**record["vocabulary"])
        form, training = record["form"], _training(record["training"])
    except (SongrnnError, KeyError, TypeError, ValueError) as error:
        raise _Unusable(f"has a record that does not fit together ({error})") from error
    if form not in FORMS or vocabulary.boundaries != (form == "tunebook"):
        raise _Unusable(f"has the text form {form!r}, which does not go with its vocabulary")
    return Description(model, vocabulary, form, training, metadata.get(DIGEST_KEY, ""))


def _training(record: Any) -> dict[str, Any]:
    """The record of the training, if what other modules read in it has the right types; raises TypeError."""
    corpus = record.get("corpus", {}) if isinstance(record, dict) else None
    if not isinstance(corpus, dict):
        raise TypeError("its training is no record")
    sources = corpus.get("sources", [])
    if not isinstance(sources, list) or not all(isinstance(text, str) for text in [*sources, corpus.get("sha256", "")]):
        raise TypeError("its corpus is no record of a corpus")
    return dict(record)


def _record(text: str) -> dict[str, Any]:
    try:
        record = json.loads(text)
        version = record["format_version"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _Unusable("has a damaged record; take another copy") from error
    if not isinstance(version, int) or version < 1:
        raise _Unusable(f"has the impossible format version {version!r}; it was altered")
    if version > FORMAT_VERSION:
        raise _Unusable(
            f"is of format version {version}; this songrnn reads up to {FORMAT_VERSION}: pip install -U songrnn"
        )
    return cast("dict[str, Any]", record)


def _build(described: Description, arrays: Arrays) -> Checkpoint:
    model, vocabulary = described.model, described.vocabulary
    ngrams = _ngrams(arrays, model, len(vocabulary))
    if ngrams is not None:
        arrays = {name: array for name, array in arrays.items() if name not in ngrams.arrays()}
    weights = _weights(arrays, parameter_shapes(model, len(vocabulary)))
    return Checkpoint(weights, ngrams, model, vocabulary, described.form, described.training)


def _ngrams(arrays: Arrays, model: ModelSettings, vocabulary_size: int) -> "Ngrams | None":
    from songrnn.model.ngrams import Ngrams

    if not model.ngrams:
        return None
    try:
        return Ngrams.from_arrays(arrays, vocabulary_size=vocabulary_size, longest_context=max(model.ngrams))
    except KeyError as error:
        raise _Unusable(f"lacks the counts {error}") from error
    except ValueError as error:
        raise _Unusable(f"has counts that do not fit together ({error})") from error


def _weights(arrays: Arrays, shapes: dict[str, tuple[int, ...]]) -> Weights:
    if missing := sorted(shapes.keys() - arrays.keys()):
        raise _Unusable(f"lacks the weights {', '.join(missing)}")
    if extra := sorted(arrays.keys() - shapes.keys()):
        raise _Unusable(f"has weights that its settings do not have: {', '.join(extra)}")
    for name, shape in shapes.items():
        array = arrays[name]
        if array.shape != shape or array.dtype not in (np.float32, np.float16):
            raise _Unusable(f"has {name} as {array.dtype} {list(array.shape)}; its settings say float32 {list(shape)}")
        if not np.isfinite(array).all():
            raise _Unusable(f"has numbers in {name} that are not finite")
    return {name: arrays[name].astype(np.float32) for name in shapes}
