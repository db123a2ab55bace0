"""Writing of outputs: files are replaced whole or not at all, by one process, and only on request.

The rules of every output of every command: `write_whole` leaves no incomplete file, `refuse_to_overwrite` keeps
existing files unless the caller says that they be replaced, `refuse_package` keeps the installed package unchanged, and
`locked_file` and `locked_folder` exclude a second process from an output that takes time.
"""

import errno
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from songrnn.errors import RunError

LOCK = ".songrnn.lock"
"""The name of the lock file in a folder that is being written; it is there only while it is held, or after a kill."""
LOCK_TIMEOUT_SECONDS = 2.0
"""How long to wait for a lock: a process that was just stopped may still be saving."""
NO_LOCKS = (errno.ENOSYS, errno.ENOTSUP, errno.ENOLCK)
PACKAGE = Path(__file__).resolve().parent


def write_whole(path: Path, content: bytes | str, *, forced: bool = True) -> None:
    """Write `content` beside `path`, force it to the disk, and move it into place; text is written as UTF-8.

    forced: wait until the disk has it, so that a power cut loses nothing; False where it can be made again.
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
    """`folder`, with a number after its name if that exists."""
    free, number = folder, 1
    while free.exists():
        number += 1
        free = folder.with_name(f"{folder.name}-{number}")
    return free


def refuse_to_overwrite(paths: Iterable[Path], *, replace: bool = False, flag: str = "--out") -> None:
    """Raise RunError if one of the files of an output is there already and `replace` is false.

    Nothing but a regular file is ever replaced, and nothing in the installed package. flag: what names the output.
    """
    for path in paths:
        refuse_package(path)
        refuse_no_folder(path.parent, flag)
        if path.is_dir():
            raise RunError(f"cannot write {path}: it is a folder; choose another {flag}")
        if path.exists() and not path.is_file():
            raise RunError(f"cannot write {path}: it is not a regular file; choose another {flag}")
        if path.is_file() and not replace:
            raise RunError(f"{path} is there already; choose another {flag}, or replace it: --replace")


def refuse_no_folder(folder: Path, flag: str = "--out") -> None:
    """Raise RunError if something else lies where the folder, or one that it is in, would have to be made."""
    for path in (folder, *folder.parents):
        if path.exists() and not path.is_dir():
            raise RunError(f"cannot write into {folder}: {path} is no folder; choose another {flag}")


def in_package(path: Path) -> bool:
    """Whether `path` lies in the installed package."""
    return path.resolve().is_relative_to(PACKAGE)


def refuse_package(path: Path, instead: str = "choose another place") -> None:
    """Raise RunError if `path` lies in the installed package, which no command changes."""
    if in_package(path):
        raise RunError(f"cannot write {path}: it belongs to the installed package, which stays as it is; {instead}")


@contextmanager
def locked_file(path: Path) -> Iterator[None]:
    """Lock the file `path`, which need not exist, for this process; its folder is made.

    Raises RunError where another process has locked it or nothing can be written. A lock ends with its process, however
    that ends. Where the file system has no locks, there is none.
    """
    with _folder(path.parent, path), _locked(path.with_name(f".{path.name}.lock"), path):
        yield


@contextmanager
def locked_folder(folder: Path) -> Iterator[None]:
    """Lock the folder for this process, as `locked_file` does; a folder that stays empty is removed again."""
    with _folder(folder, folder), _locked(folder / LOCK, folder):
        yield


def is_free(folder: Path) -> bool:
    """Whether there is no such folder, or nothing in it but a lock."""
    return not folder.exists() or (folder.is_dir() and all(path.name == LOCK for path in folder.iterdir()))


@contextmanager
def _locked(lock: Path, what: Path) -> Iterator[None]:
    from filelock import FileLock, Timeout  # loaded here: not needed where nothing is written

    try:
        held = FileLock(lock, timeout=LOCK_TIMEOUT_SECONDS, fallback_to_soft=False)
        held.acquire()
    except Timeout as error:
        raise RunError(
            f"another process is writing {what}; wait until it has ended, or choose another place"
        ) from error
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise RunError(f"cannot write {what}: {_reason(error)}") from error
        held = None
    try:
        yield
    finally:
        if held is not None:
            with suppress(OSError):  # while it is held, so that no process waits for a file that is gone
                lock.unlink()
            held.release()


@contextmanager
def _folder(folder: Path, what: Path) -> Iterator[None]:
    """The folder, made if it is not there; of what was made, what is still empty in the end is removed."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        in_the_way = next((path for path in (folder, *folder.parents) if path.exists() and not path.is_dir()), None)
        it = "it" if in_the_way == what else in_the_way
        reason = _reason(error) if in_the_way is None else f"{it} is no folder"
        raise RunError(f"cannot write {what}: {reason}") from error
    try:
        yield
    finally:
        with suppress(OSError):
            for path in missing:
                path.rmdir()


def _umask() -> int:
    """The process's file mode mask (reading it means setting it, so it is restored at once)."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
