"""Standard input, output and error in any state: closed, full, in another encoding, or narrow."""

import codecs
import io
import os
import shutil
import sys
from collections.abc import Iterable
from contextlib import suppress

NARROWEST = 40
"""Columns; the help text of a narrower terminal is laid out as for one of so many."""
ESCAPES = "songrnn-escapes"


class _Forgiving(io.FileIO):
    """A file that ignores errors of writing: a message that cannot be shown must not end a training."""

    def write(self, data: object) -> int:
        """Write, if that is possible."""
        try:
            return super().write(data)  # type: ignore[arg-type]
        except OSError:
            return memoryview(data).nbytes  # type: ignore[arg-type]


def prepare_streams() -> None:
    """Open closed streams, escape what the output's encoding lacks, and let standard error never fail."""
    _open_closed()
    codecs.register_error(ESCAPES, _escaped)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors=ESCAPES)
    if sys.stderr is sys.__stderr__ and sys.stderr is not None:
        raw = _Forgiving(2, "w", closefd=False)
        sys.stderr = io.TextIOWrapper(
            io.BufferedWriter(raw), sys.stderr.encoding, "backslashreplace", line_buffering=True
        )
    if shutil.get_terminal_size().columns < NARROWEST:
        os.environ["COLUMNS"] = str(NARROWEST)


def print_notes(notes: Iterable[str]) -> None:
    """Print each on a line of standard error."""
    for note in notes:
        print(f"note: {note}", file=sys.stderr)


def give_up_output() -> None:
    """Let nothing more be written to standard output, neither now nor when Python ends."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _open_closed() -> None:
    """Give the three streams a file where they have none, so that no file that we open becomes one."""
    if None not in (sys.stdin, sys.stdout, sys.stderr):
        return
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(descriptor)
    sys.stdin = sys.stdin or open(0, closefd=False)  # noqa: SIM115
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


def _escaped(error: UnicodeError) -> tuple[str, int]:
    """Characters as \\u and four digits, which ABC and JSON both read."""
    assert isinstance(error, UnicodeEncodeError)
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i : i + 2].hex()}" for i in range(0, len(units), 2)), error.end
