"""Does it play?

Definition: 1 for a tune that abc2midi, the ABC world's converter (inside symusic), turns into notes without a line that
begins with "Error", else 0. Share over tunes; higher is better, 0..1; undefined without a tune. Its own strictness is
not the standard's: of the printed collections it complains about some, and it lets wrong bars pass with a warning.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from songrnn.cores import usable_cores
from songrnn.errors import RenderingError
from songrnn.evaluation.abc2midi import abc2midi, read_by_abc2midi

MOST_PROGRAMS = 4
TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True)
class Playing:
    """What abc2midi made of a tune; `reason` is its first error, or why there are no notes."""

    plays: bool
    reason: str = ""


def play_each(tunes: Sequence[str]) -> Iterator[Playing]:
    """Each tune in turn, as ABC with an X: field; several run beside each other.

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
