"""Packed networks on the disk, so that a checkpoint is packed once and afterwards only mapped into memory.

They lie in the user's cache folder, belong to one checkpoint file as it was when it was packed (content, size and time
of its last change), and can be deleted at any time. Each ends with a digest of what it is and of its content, so that a
damaged one is packed anew and never composes.
"""

import hashlib
import mmap
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from songrnn import _native
from songrnn.checkpoint import Checkpoint, Description, place_of
from songrnn.errors import CheckpointError, RunError
from songrnn.storage import write_whole

KEPT = 16
"""How many packed networks stay in the folder; the ones that were used last."""

PACKED_VERSION = 3
"""Of what the engine packs (native/image.cpp) and of the digest after it; another one has other files."""

DIGEST_SIZE = hashlib.sha256().digest_size

Pack = Callable[[Checkpoint, str, str], _native.Network]


def opened(path: Path, precision: str, kernel: str, pack: Pack) -> _native.Network:
    """The network of the checkpoint at `path`: packed before, or packed now and kept.

    Raises CheckpointError if there is no whole checkpoint.
    """
    place = packed_place(path, precision)
    network = _mapped(place, kernel)
    if network is None:
        network = pack(Checkpoint.load(path), precision, kernel)
        _keep(network, place)
    return network


def packed_place(path: Path, precision: str) -> Path:
    """Where the packed network of the checkpoint at `path` is kept."""
    path = place_of(path)
    description = Description.read(path)
    try:
        status = path.stat()
    except OSError as error:
        raise CheckpointError(f"cannot read the checkpoint {path}: {(error.strerror or '').lower()}") from error
    marks = f"{PACKED_VERSION} {description.digest} {status.st_size} {status.st_mtime_ns} {precision}"
    return cache_folder() / f"{hashlib.sha256(marks.encode()).hexdigest()[:32]}.packed"


def cache_folder() -> Path:
    """SONGRNN_CACHE, or songrnn's own folder where the system keeps what can be made again."""
    if "SONGRNN_CACHE" in os.environ:
        return Path(os.environ["SONGRNN_CACHE"])
    from platformdirs import user_cache_path

    return user_cache_path("songrnn", appauthor=False)


def _mapped(place: Path, kernel: str) -> _native.Network | None:
    """The network in a packed file; None if there is none, or none that is whole."""
    try:
        with place.open("rb") as file:
            memory = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        image, digest = memory[:-DIGEST_SIZE], memory[-DIGEST_SIZE:]
        if _digest(place, image) != digest:
            return None
        network = _native.Network.open(np.frombuffer(image, dtype=np.uint8), kernel)
        os.utime(place)
    except (OSError, ValueError):
        return None
    return network


def _keep(network: _native.Network, place: Path) -> None:
    """Write a packed network for the next time; where that is impossible, the next time packs again."""
    image = network.image.tobytes()
    try:
        write_whole(place, image + _digest(place, image))
        by_age = sorted(place.parent.glob("*.packed"), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in by_age[KEPT:]:
            old.unlink()
    except (RunError, OSError):
        return


def _digest(place: Path, image: bytes | memoryview) -> bytes:
    """SHA-256 over the file's name, which says whose network it is, and the image.

    Most processors have instructions for it: 2 ms for the 4 MB of the model in the box, where BLAKE2b takes 4.
    """
    sha = hashlib.sha256(place.stem.encode())
    sha.update(image)
    return sha.digest()
