"""A task's side of its messages: what it reports, and whether the command wants it to stop."""

import time
from collections.abc import Callable
from typing import Any

SECONDS_BETWEEN_QUESTIONS = 1.0


class Reporter:
    """Reports to the command, whose answer to each report, and at least every second, is whether to stop."""

    def __init__(self, say: Callable[[Any], Any]) -> None:
        self._say, self._stopping, self._said = say, False, time.monotonic()

    def report(self, content: Any) -> None:
        """Report, and wait for the answer."""
        self._stopping = bool(self._say(content)) or self._stopping
        self._said = time.monotonic()

    def stop(self) -> bool:
        """Whether to stop; asks when nothing was reported for a while."""
        if not self._stopping and time.monotonic() - self._said > SECONDS_BETWEEN_QUESTIONS:
            self.report(None)
        return self._stopping
