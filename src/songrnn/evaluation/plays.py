"""Does it play?

Definition: 1 for a tune that abc2midi, the ABC world's converter (inside symusic), turns into notes without a line that
begins with "Error", else 0. Share over tunes; higher is better, 0..1; undefined without a tune. Its own strictness is
not the standard's: of the printed collections it complains about some, and it lets wrong bars pass with a warning.
"""

import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

from songrnn.rendering.process import Answer, ConverterProcess

MOST_CONVERTERS = 4


@dataclass(frozen=True)
class Playing:
    """What abc2midi made of a tune; `reason` is its first error, or why there are no notes."""

    plays: bool
    reason: str = ""


def play_each(tunes: Sequence[str]) -> Iterator[Playing]:
    """Each tune in turn, as ABC with an X: field; several child processes convert beside each other.

    Raises RenderingError where no child process can be started; nothing for a tune.
    """
    own = threading.local()
    with ExitStack() as converters, ThreadPoolExecutor(min(MOST_CONVERTERS, os.cpu_count() or 1)) as pool:

        def play(abc: str) -> Playing:
            if not hasattr(own, "converter"):
                own.converter = converters.enter_context(ConverterProcess())
            return _playing(own.converter.convert(abc.encode("utf-8", "replace"), "midi"))

        yield from pool.map(play, tunes)


def _playing(answer: Answer) -> Playing:
    if answer.content is None:
        return Playing(False, answer.reason)
    error = next((message for message in answer.messages if message.startswith("Error")), "")
    return Playing(not error, error)
