"""Arrays and a record of text in one `.safetensors` file, with a digest over both, which detects damage.

The record and the digest are the file's metadata. Nothing in such a file can run.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from songrnn.storage import write_whole

Arrays = dict[str, NDArray[Any]]

DIGEST_KEY = "sha256"


class DamagedFile(ValueError):
    """Why a file cannot be used, as the end of a sentence that begins with its name."""


def digest(record: str, arrays: Mapping[str, NDArray[Any]]) -> str:
    """SHA-256 over the record and every array, in the order of their names."""
    sha = hashlib.sha256(record.encode("utf-8"))
    for name in sorted(arrays):
        sha.update(name.encode("utf-8"))
        sha.update(arrays[name].tobytes())
    return sha.hexdigest()


def write_signed(path: Path, key: str, record: str, arrays: Arrays) -> None:
    """Write the file whole (`storage.write_whole`); raises RunError where that is impossible.

    key: the record's key in the metadata, which identifies the kind of file.
    """
    from safetensors.numpy import save

    write_whole(path, save(arrays, {key: record, DIGEST_KEY: digest(record, arrays)}))


def read_signed(path: Path, key: str) -> tuple[str, Arrays]:
    """The record called `key` and all arrays; raises DamagedFile if they do not match the digest."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118, RUF100 (no mapping)
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
        raise DamagedFile("is not a whole safetensors file") from error
    if key not in metadata:
        raise DamagedFile(f"is a safetensors file, but holds no {key.removeprefix('songrnn-')}")
    if digest(metadata[key], arrays) != metadata.get(DIGEST_KEY):
        raise DamagedFile("was altered or damaged after it was written")
    return metadata[key], arrays
