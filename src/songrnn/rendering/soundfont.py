"""The soundfont: the named one, else a system one, else the small one inside the pretty_midi package."""

import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from songrnn.errors import RenderingError


def find_soundfont(named: str | Path | None = None) -> Path:
    """The path of an .sf2 file.

    Raises RenderingError when `named` is no file or no soundfont, or when nothing is named and none is found.
    """
    if named is not None:
        path = Path(named).expanduser()
        if not path.is_file():
            raise RenderingError(
                f"soundfont {str(named)!r} is no file; name an .sf2 file, or none for the built-in one"
            )
        if not _is_soundfont(path):
            raise RenderingError(
                f"{str(named)!r} is not a soundfont; name an .sf2 or .sf3 file, or none for the built-in one"
            )
        return path.absolute()
    found = next(_candidates(), None)
    if found is None:
        raise RenderingError("no soundfont was found; name one with --soundfont, or: pip install pretty_midi")
    return found


def _is_soundfont(path: Path) -> bool:
    """Whether the file begins as .sf2 and .sf3 do: RIFF, a length in four bytes, sfbk."""
    try:
        with path.open("rb") as file:
            head = file.read(12)
    except OSError:
        return False
    return head.startswith(b"RIFF") and head.endswith(b"sfbk")


def _candidates() -> Iterator[Path]:
    for folder in system_folders():
        if folder.is_dir():
            yield from sorted(folder.glob("*.sf2"))
    package = find_spec("pretty_midi")  # finds it without importing it
    if package is not None and package.origin is not None:
        yield from sorted(Path(package.origin).parent.glob("*.sf2"))


def system_folders() -> tuple[Path, ...]:
    """The usual folders of soundfonts on this operating system."""
    if sys.platform == "win32":
        return (Path("C:/soundfonts"), Path("C:/ProgramData/soundfonts"))
    if sys.platform == "darwin":
        return (Path.home() / "Library/Audio/Sounds/Banks", Path("/Library/Audio/Sounds/Banks"))
    return (
        Path.home() / ".local/share/soundfonts",
        Path("/usr/share/soundfonts"),
        Path("/usr/share/sounds/sf2"),
        Path("/usr/local/share/soundfonts"),
    )
