"""Limits of a tune that can be rendered, checked before anything is made of it.

A typing error, or a network that repeats itself, makes tunes that would fill the memory or last for hours. Of
12,762 tunes of four collections the longest has 2,439 characters, and none comes near any of these limits.
"""

import contextlib
from collections.abc import Sequence
from fractions import Fraction

from songrnn.errors import RenderingError
from songrnn.notation.tune import Chord, Note, Sounding, Tune

MOST_CHARACTERS = 200_000  # three seconds of reading
MOST_IN_CHORD = 100  # notes of one chord, and of one group of grace notes
MOST_WHOLE_NOTES = 2_000  # played: an hour at 120 quarters a minute; 2**28 ticks, MIDI's longest wait, are just more
PAGE_WIDTH = 2_100  # tenths of a millimetre on paper: the width of A4
MOST_MEMORY = 2 * 1024**3  # bytes of the process that converts; fifteen minutes of sound need half of it


def check_text(text: str) -> None:
    """Raise RenderingError for a text that is too long to be one tune."""
    if len(text) > MOST_CHARACTERS:
        raise RenderingError(f"the tune has {len(text):,} characters; at most {MOST_CHARACTERS:,} can be rendered")


def check_tune(tune: Tune) -> None:
    """Raise RenderingError for a chord, or a group of grace notes, of too many notes."""
    for voice in tune.voices:
        for element in voice.elements():
            if isinstance(element, Chord):
                _check_together(element.notes, "chord")
            if isinstance(element, Sounding) and element.marks.grace is not None:
                _check_together(element.marks.grace.notes, "group of grace notes")


def _check_together(notes: Sequence[Note], kind: str) -> None:
    if len(notes) > MOST_IN_CHORD:
        raise RenderingError(
            f"{notes[0].position}: a {kind} of {len(notes):,} notes; at most {MOST_IN_CHORD} can be rendered"
        )


def check_duration(duration: Fraction) -> None:
    """Raise RenderingError for a tune that would be played for too long; `duration` in whole notes."""
    if duration > MOST_WHOLE_NOTES:
        raise RenderingError(
            f"the tune lasts {float(duration):,.0f} whole notes as played; at most {MOST_WHOLE_NOTES:,} can be rendered"
        )


def limit_memory(most: int = MOST_MEMORY) -> None:
    """Let this process have no more than `most` bytes of its own; does nothing where no such limit is (Windows).

    The data limit counts used memory on Linux; the address space also counts what threads only reserve.
    """
    try:
        import resource
    except ImportError:
        return
    with contextlib.suppress(OSError, ValueError):  # macOS has the call, but does not take every value
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
