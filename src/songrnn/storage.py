"""Files that are either the old one or the new one, never half of either."""

import os
import tempfile
from pathlib import Path

from songrnn.errors import RunError


def write_whole(path: Path, content: bytes | str, *, forced: bool = True) -> None:
    """Write `content` beside `path`, force it to the disk, and move it into place; text is written as UTF-8.

    forced: wait until the disk has it, so that a power cut loses nothing; False where it can simply be made again.
    A kill or a full disk at any moment leaves the former file as it was.
    Raises RunError when the folder cannot be written to or the disk is full.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            if forced:
                file.flush()
                os.fsync(file.fileno())
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        kept = "; the former file is as it was" if path.exists() else ""
        raise RunError(f"cannot write {path}: {_reason(error)}{kept}") from error


def free_folder(folder: Path) -> Path:
    """`folder`, with a number behind its name if that exists."""
    free, number = folder, 1
    while free.exists():
        number += 1
        free = folder.with_name(f"{folder.name}-{number}")
    return free


def _umask() -> int:
    """The process's file mode mask (reading it means setting it, so it is put back at once)."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
