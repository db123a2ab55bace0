"""The parent's side of the converters' child process: starts it, sends conversions, replaces it after a crash.

A network writes arbitrary text, and the converters are C and C++ code for valid files: on some texts they crash, hang,
print, or exhaust the memory. In a child process that costs one tune one format, and nothing else.
"""

import base64
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from songrnn.errors import RenderingError

# -P: a file named like a library in the user's working folder must not be imported in its place.
WORKER_COMMAND = (sys.executable, "-P", "-m", "songrnn.rendering.worker")
TIMEOUT_SECONDS = 30.0  # the slowest of 4 248 tunes took 0.4 s, 1.0 s on a busy machine


@dataclass(frozen=True)
class Reply:
    """The result of one conversion: `content`, or the one-line `reason` why there is none.

    messages: what `check` found in the tune, a line each. sound: the tempo in words, such as "1/4=168, swung".
    """

    content: bytes | None
    reason: str = ""
    messages: tuple[str, ...] = ()
    sound: str = ""


class ConverterProcess:
    """A child process that converts; it starts at the first conversion and again after each crash.

    For one thread at a time. `command` runs the child (see `worker.py` for its protocol);
    `timeout_seconds` is the time that one conversion may take before the child is killed.
    """

    def __init__(self, command: Sequence[str] = WORKER_COMMAND, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._command = tuple(command)
        self._timeout_seconds = timeout_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._said = tempfile.TemporaryFile()  # what the libraries print, and why the child ended  # noqa: SIM115

    def convert(self, source: bytes, target: str, **details: str | int) -> Reply:
        """`source` in the format `target`; never raises for any `source`.

        details: the other settings of `worker.py`, such as the soundfont.
        Raises RenderingError when the child process cannot be started at all.
        """
        process = self._running()
        request = {"source": base64.b64encode(source).decode("ascii"), "target": target, **details}
        timed_out = threading.Event()

        def give_up() -> None:
            timed_out.set()
            process.kill()

        timer = threading.Timer(self._timeout_seconds, give_up)
        timer.start()
        try:
            line = _exchange(process, json.dumps(request).encode("ascii") + b"\n")
        except BaseException:  # after Ctrl-C the pending answer must not be taken for the next tune's
            self._end()
            raise
        finally:
            timer.cancel()
            timer.join()
        if timed_out.is_set():
            self._end()
            return Reply(None, f"the conversion took longer than {self._timeout_seconds:g} seconds")
        if not line.endswith(b"\n"):
            return Reply(None, self._last_words(process))
        return _answer(json.loads(line))

    def close(self) -> None:
        """End the child process and close its pipes; may be called twice."""
        self._end()
        self._said.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is not None:
            self._end()
        if self._process is None:
            self._said.seek(0)
            self._said.truncate()
            try:
                self._process = subprocess.Popen(
                    self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said
                )
            except OSError as error:
                raise RenderingError(
                    f"the converter process {self._command[0]!r} cannot be started: {error}"
                ) from error
        return self._process

    def _last_words(self, process: subprocess.Popen[bytes]) -> str:
        """How the child ended, and the last line of its output."""
        self._end()
        self._said.seek(0)
        lines = self._said.read().decode("utf-8", "replace").strip().splitlines()
        ended = how_it_ended(process.wait())  # another thread may have ended it just now
        return f"the converter process {ended}" + (f": {lines[-1].strip()}" if lines else "")

    def _end(self) -> None:
        """Kill the child if it is running. A kill can damage nothing: every answer has been read."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.communicate()  # closes both pipes and waits


def how_it_ended(status: int) -> str:
    """`subprocess`'s exit status in words: on POSIX a negative one is the signal that ended the process."""
    return f"ended with signal {-status}" if status < 0 else f"ended with exit status {status}"


def _exchange(process: subprocess.Popen[bytes], request: bytes) -> bytes:
    """Send one line, wait for one line; what was read so far (b"" or a piece) when the child ends before."""
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(request)
        process.stdin.flush()
        return process.stdout.readline()
    except OSError:  # a broken pipe: the child has ended
        return b""


def _answer(reply: dict[str, Any]) -> Reply:
    content = reply.get("content")
    return Reply(
        content=None if content is None else base64.b64decode(content),
        reason=reply.get("reason", ""),
        messages=tuple(reply.get("messages", ())),
        sound=reply.get("sound", ""),
    )
