"""The list of the files that songrnn wrote into a folder, so that rendering again replaces these and no others.

`.songrnn-files` lies in the folder and has a line a file, as the program sha256sum writes and checks them: the SHA-256
of its content, two blanks, its name. A line is added before its file is written, so that a kill at any moment leaves no
file of ours that is not in the list.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from songrnn.errors import RunError
from songrnn.storage import write_whole

LIST = ".songrnn-files"
_DIGEST_LENGTH = 64


class WrittenFiles:
    """The files of one rendering, and those that former ones left in the same folder.

    Raises RunError when the list is there and cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._former = _read(folder / LIST)
        self._now: dict[str, str] = {}

    def refuse_others(self, names: Iterable[str]) -> None:
        """Raise RunError when something of one of these names is there that songrnn did not write, or not so."""
        for name in names:
            path = self._folder / name
            if (path.exists() or path.is_symlink()) and not self._is_ours(name):
                why = "has been changed since songrnn wrote it" if name in self._former else "is not from songrnn"
                raise RunError(f"{path} is there and {why}; move it away, or choose another folder")

    def write(self, name: str, content: bytes | str) -> None:
        """Write one file into the folder, moved into place; raises RunError when that cannot be done."""
        data = content.encode("utf-8") if isinstance(content, str) else content
        self._now[name] = hashlib.sha256(data).hexdigest()
        try:
            with (self._folder / LIST).open("a", encoding="utf-8") as file:
                file.write(_line(name, self._now[name]))
        except OSError as error:
            raise RunError(f"cannot write {self._folder / LIST}: {error.strerror or error}") from error
        write_whole(self._folder / name, data, forced=False)

    def finish(self) -> None:
        """Remove files of former renderings that this one did not write again, unless they were changed since."""
        for name in self._former.keys() - self._now.keys():
            if self._is_ours(name):
                (self._folder / name).unlink(missing_ok=True)
        lines = [_line(name, digest) for name, digest in sorted(self._now.items())]
        write_whole(self._folder / LIST, "".join(lines), forced=False)

    def _is_ours(self, name: str) -> bool:
        path = self._folder / name
        if path.is_symlink() or not path.is_file() or name not in self._former:
            return False
        try:
            with path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() in self._former[name]
        except OSError:
            return False


def refuse_rendered(folder: Path) -> None:
    """Raise RunError if the folder has tunes that were rendered into it before."""
    if any((folder / name).exists() for name in _read(folder / LIST)):
        raise RunError(
            f"{folder} has tunes that were rendered before; choose another folder, or replace them: --replace"
        )


def _line(name: str, digest: str) -> str:
    return f"{digest}  {name}\n"


def _read(path: Path) -> dict[str, set[str]]:
    """Name -> the digests of what was written under it; other lines, and names in other folders, are ignored."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise RunError(f"cannot read {path}: {error.strerror or error}") from error
    known: dict[str, set[str]] = {}
    for line in lines:
        digest, _, name = line.partition("  ")
        if len(digest) == _DIGEST_LENGTH and name not in ("", ".", "..") and Path(name).name == name:
            known.setdefault(name, set()).add(digest)
    return known
