"""Files as values: what a task needs of this machine's disk, and what it leaves on its own."""

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from songrnn.storage import LOCK, write_whole

Files = Mapping[str, bytes]
"""Path below a folder, with forward slashes -> content."""


def files_in(folder: Path) -> dict[str, bytes]:
    """The files of a folder and of those in it, but for locks."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != LOCK)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def files_beside(path: Path) -> dict[str, bytes]:
    """A file, and those beside it that differ in the suffix only: a checkpoint and its companions."""
    return {found.name: found.read_bytes() for found in sorted(path.parent.glob(f"{path.stem}.*")) if found.is_file()}


def write_files(files: Files, folder: Path, *, last: str = "") -> None:
    """Write files into a folder, each whole; the one named `last`, which says that they are complete, after the others.

    Raises RunError where that is impossible.
    """
    for name in sorted(files, key=lambda name: (name == last, name)):
        write_whole(folder / name, files[name])


def digest_of(files: Files) -> str:
    """SHA-256 over names and contents."""
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder on this node for one task."""
    with tempfile.TemporaryDirectory(prefix="songrnn-") as path:
        yield Path(path)
