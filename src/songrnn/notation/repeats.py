"""The events of one part in the order in which they are played: repeats and numbered endings.

- A repeat goes back to the last `|:` or `::`. Where none is, to the last double bar line after the repeat or endings
  before it, else to these, else to the start. A `|:` that nothing ends is played once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from songrnn.notation.sounds import Event
from songrnn.notation.tune import BarLine, Ending


@dataclass(frozen=True, slots=True)
class Jump:
    """A repeat: back to what stands after this bar line, or to the start."""

    after: BarLine | None


def played(events: Sequence[Event]) -> Iterator[Event | Jump]:
    """The events of one part with its repeats and endings played out; endings that are left out are named all the same.

    The time of each step is bounded, so that one who wants no more than so many events can stop there.
    """
    last_passes, behind_endings = _last_passes(events), _behind_endings(events)
    start, index, now = 0, 0, 1  # where a repeat goes back to; the next event; which pass this is
    movable = False  # whether a double bar line moves the start, because no |: has set it
    ending: Ending | None = None
    over = False  # behind the last ending of this pass: anything but another ending begins something new
    ending_at = -1  # where the ending is that follows, so that bar lines before it are looked over once
    while index < len(events):
        event = events[index]
        if over and index > ending_at:
            ending_at = _next_ending(events, index, now, last_passes)
            if ending_at < index:
                start, now, movable, ending, over = index, 1, True, None, False
        index += 1
        yield event
        if isinstance(event, Ending):
            over = now not in event.numbers
            if over:
                index = behind_endings[index]
            else:
                ending = event
            continue
        if not isinstance(event, BarLine):
            continue
        last_pass = last_passes[index - 1]
        if event.ends_repeat and now <= (event.ends_repeat if ending is None else max(1, last_pass - 1)):
            yield _jump(events, start)
            index, now, ending, ending_at = start, now + 1, None, -1
        elif event.starts_repeat or (event.ends_repeat and ending is None):
            start, now, movable, ending = index, 1, not event.starts_repeat, None
        elif ending is not None:
            over = event.divides and now >= last_pass
        elif movable and event.divides:
            start = index


def _jump(events: Sequence[Event], start: int) -> Jump:
    before = events[start - 1] if start else None
    return Jump(before if isinstance(before, BarLine) else None)


def _next_ending(events: Sequence[Event], index: int, now: int, last_passes: Sequence[int]) -> int:
    """Where an ending of the group that is being played stands, with nothing but plain bar lines before it; else -1."""
    for found in range(index, len(events)):
        event = events[found]
        if isinstance(event, Ending):
            return found if now <= last_passes[found] else -1
        if not isinstance(event, BarLine) or event.ends_repeat or event.starts_repeat:
            return -1
    return -1


def _last_passes(events: Sequence[Event]) -> list[int]:
    """For every event the last pass of the numbered endings that it belongs to; 0 outside."""
    last_passes = [0] * len(events)
    first, last = 0, 0  # of the present group of endings: its first event, its last pass
    for index, event in enumerate(events):
        opens = isinstance(event, BarLine) and event.starts_repeat
        if opens or (isinstance(event, Ending) and 1 in event.numbers):
            last_passes[first:index] = [last] * (index - first)
            first, last = index, 0
        if isinstance(event, Ending):
            last = max(last, *event.numbers)
    last_passes[first:] = [last] * (len(events) - first)
    return last_passes


def _behind_endings(events: Sequence[Event]) -> list[int]:
    """For every event the first one behind an ending that lasts from there on; one entry more for the end."""
    behind = [len(events)] * (len(events) + 1)
    for index in reversed(range(len(events))):
        event = events[index]
        if isinstance(event, Ending):
            behind[index] = index
        elif isinstance(event, BarLine) and event.divides:
            behind[index] = index if event.starts_repeat else index + 1
        else:
            behind[index] = behind[index + 1]
    return behind
