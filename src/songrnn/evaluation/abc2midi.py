"""Whether a tune plays, by abc2midi, an independent reader of ABC.

Definition of the metric "plays": 1 for a tune that abc2midi turns into notes without a line that begins with "Error",
else 0. Share over tunes; higher is better, 0..1; undefined without a tune. Its strictness is not the standard's: it
complains about some of the printed collections, and accepts wrong bars with a warning.

The program is the one that symusic carries; no output of songrnn is made with it. symusic's own `Score.from_abc`
runs it through a shell, with a file name in the shared temporary folder that is the same in every process: two
processes at once would read each other's tunes, and a space in the path of the installation breaks it. So it is run
here.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import symusic

from songrnn.child_process import how_it_ended
from songrnn.cores import usable_cores
from songrnn.errors import RenderingError

MOST_MESSAGES = 200  # a long text that is no ABC draws a message a character
MOST_PROGRAMS = 4
TIMEOUT_SECONDS = 30.0

_HORNPIPE = re.compile(rb"^R:[ \t]*hornpipe.*\n?", re.IGNORECASE | re.MULTILINE)
_METER = re.compile(rb"(?:^|\[)M:[ \t]*([^\s\]%]+)", re.MULTILINE)
_METERS_OF_A_HORNPIPE = frozenset((b"2/4", b"4/4", b"C"))


@dataclass(frozen=True)
class Reading:
    """abc2midi's result for a tune: a MIDI file, or the one-line `reason` why there is none; and what it printed."""

    midi: bytes | None
    reason: str = ""
    messages: tuple[str, ...] = ()

    @property
    def errors(self) -> tuple[str, ...]:
        """The messages that are errors; the rest are warnings and remarks."""
        return _errors_among(self.messages)

    @property
    def first_error(self) -> str:
        """The first of them, or "" where there is none."""
        return next(iter(self.errors), "")


@dataclass(frozen=True)
class Playing:
    """abc2midi's notes of a tune; `reason` is its first error, or why there are no notes."""

    plays: bool
    reason: str = ""


def play_each(tunes: Sequence[str]) -> Iterator[Playing]:
    """Each tune in turn, as ABC with an X: field; several run at once.

    Raises RenderingError where abc2midi is missing; nothing for a tune.
    """
    abc2midi()
    with ThreadPoolExecutor(min(MOST_PROGRAMS, usable_cores())) as pool:
        yield from pool.map(_playing, tunes)


def _playing(abc: str) -> Playing:
    try:
        reading = read_by_abc2midi(abc.encode("utf-8", "replace"), timeout_seconds=TIMEOUT_SECONDS)
    except RenderingError as error:
        return Playing(False, str(error))
    if reading.midi is None:
        return Playing(False, reading.reason)
    return Playing(not reading.first_error, reading.first_error)


def read_by_abc2midi(abc: bytes, *, timeout_seconds: float) -> Reading:
    """The first tune in `abc` (UTF-8) as abc2midi plays it; a tune without a single note has a reason.

    Raises RenderingError when abc2midi is missing or takes longer than `timeout_seconds`.
    """
    with tempfile.TemporaryDirectory(prefix="songrnn-") as folder:
        source, target = Path(folder, "tune.abc"), Path(folder, "tune.mid")
        source.write_bytes(_without_impossible_swing(abc))
        try:
            done = subprocess.run(
                [abc2midi(), source.name, "-o", target.name, "-silent"],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=timeout_seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise RenderingError(f"abc2midi did not end within {timeout_seconds:g} seconds") from error
        midi = target.read_bytes() if target.exists() else b""
    messages = tuple(line.strip() for line in done.stdout.decode("utf-8", "replace").splitlines() if line.strip())
    messages = messages[:MOST_MESSAGES]
    if done.returncode < 0:
        return Reading(None, _with_first_error(f"abc2midi {how_it_ended(done.returncode)}", messages), messages)
    if not midi or not _has_notes(midi):
        return Reading(None, _with_first_error("abc2midi made no notes", messages), messages)
    return Reading(midi, messages=messages)


def abc2midi() -> str:
    """The path of the program inside the installed symusic package."""
    package = find_spec("symusic")
    assert package is not None
    assert package.origin is not None
    program = Path(package.origin).parent / "bin" / ("abc2midi.exe" if sys.platform == "win32" else "abc2midi")
    if not program.exists():
        raise RenderingError(
            f"{program} is missing: pip install --force-reinstall 'symusic>=0.5.9,<0.6' brings it back"
        )
    return str(program)


def _without_impossible_swing(abc: bytes) -> bytes:
    """`abc` without the rhythm of a hornpipe, if abc2midi, which swings its notes, cannot in this tune's meters."""
    return abc if set(_METER.findall(abc)) <= _METERS_OF_A_HORNPIPE else _HORNPIPE.sub(b"", abc)


def _has_notes(midi: bytes) -> bool:
    score: Any = symusic.Score.from_midi(midi)  # symusic's stubs lack the members of one of its three score classes
    return any(track.notes for track in score.tracks)


def _with_first_error(reason: str, messages: tuple[str, ...]) -> str:
    return ": ".join((reason, *_errors_among(messages)[:1]))


def _errors_among(messages: tuple[str, ...]) -> tuple[str, ...]:
    """Each of its errors is a line that begins so; a warning begins with "Warning"."""
    return tuple(message for message in messages if message.startswith("Error"))
