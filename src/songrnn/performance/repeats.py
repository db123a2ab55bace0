"""The events of one part in the order in which they are played: repeats and numbered endings.

- A repeat goes back to the last `|:` or `::`. Where none is, to the last double bar line after the repeat or endings
  before it, else to these, else to the start. `|::` repeats twice, and so on. A `|:` that nothing ends is played once.
- Of numbered endings that of the present pass is played, the others are left out. `::` between two endings of one group
  is read as `:|`.
- A `:|` after the last ending is a repeat as well: one more pass, with the last ending again. A `::` there is none: it
  begins the next repeat. (abc2midi plays that pass without any ending; music21 and verovio leave it out.)
- Where an ending lacks its `:|` and one after it has one (`|:C|1D|2E:|`), that one is the repeat of both: C D C E.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from songrnn.notation.tune import BarLine, Ending
from songrnn.performance.sounds import Event


@dataclass(frozen=True, slots=True)
class Jump:
    """A repeat: back to the event after this bar line, or to the start."""

    after: BarLine | None


def played(events: Sequence[Event]) -> Iterator[Event | Jump]:
    """The events of one part with its repeats and endings played out; endings that are skipped are yielded, too.

    The time of each step is bounded, so that a caller can stop after any number of events.
    """
    return _Playback(events).play()


class _Playback:
    """The position in the playback of one part."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._events = events
        self._group, self._last_pass = _groups(events)
        self._closer, self._next_ending = _closers(events), _next_endings(events)
        self._index = 0
        self._ending: int | None = None  # where the ending begins that is played
        self._over: int | None = None  # the group of endings of which the present pass has played its own
        self._begin_section(0, movable=False)

    def play(self) -> Iterator[Event | Jump]:
        """Every event as often as it is played, and every repeat that is followed."""
        while self._index < len(self._events):
            index = self._index
            following = self._next_ending[index]
            if self._over is not None and (following < 0 or self._group[following] != self._over):
                self._begin_section(index, movable=True)  # anything but another ending begins something new
            event = self._events[index]
            self._index += 1
            yield event
            if isinstance(event, Ending):
                yield from self._at_ending(index, event)
            elif isinstance(event, BarLine):
                yield from self._at_bar_line(index, event)

    def _begin_section(self, start: int, *, movable: bool) -> None:
        """A repeat goes back to here. movable: whether a double bar line moves the start, because no |: has set it."""
        self._start, self._movable = start, movable
        self._now = 1  # which pass this is
        self._followed: set[int] = set()  # the repeats that have been followed
        self._ending = self._over = None

    def _at_ending(self, index: int, ending: Ending) -> Iterator[Event | Jump]:
        if self._ending is not None and self._group[self._ending] != self._group[index]:
            self._begin_section(index, movable=True)
        last = self._last_pass[index]
        if (self._now if last == 1 else min(self._now, last)) in ending.numbers:
            self._ending, self._over = index, None
            return
        closer = self._closer[index + 1]
        line = self._events[closer] if closer < len(self._events) else None
        if isinstance(line, BarLine):
            no_other = self._ending is not None or not self._continues(closer)  # of this pass may come after it
            if line.ends_repeat and min(ending.numbers) > self._now and no_other:
                yield line
                yield self._jump(closer)
                return
            closer += not line.starts_repeat or self._continues(closer)
        self._over, self._index = self._group[index], closer

    def _continues(self, index: int) -> bool:
        """Whether another ending of the same group follows this bar line."""
        following = self._next_ending[index + 1]
        return following >= 0 and self._group[following] == self._group[index]

    def _at_bar_line(self, index: int, line: BarLine) -> Iterator[Event | Jump]:
        if self._ending is None:
            if line.ends_repeat and self._now <= line.ends_repeat:
                yield self._jump(index)
            elif line.ends_repeat or line.starts_repeat:
                self._begin_section(index + 1, movable=not line.starts_repeat)
            elif self._movable and line.divides:
                self._start = index + 1
            return
        last = self._last_pass[index]
        again = self._now < max(2, last) or (not line.starts_repeat and index not in self._followed)
        if line.ends_repeat and again:
            yield self._jump(index)
        elif line.starts_repeat and not self._continues(index):
            self._begin_section(index + 1, movable=False)
        elif line.divides and self._now >= last:
            self._over, self._ending = self._group[index], None

    def _jump(self, index: int) -> Jump:
        """Follow the repeat of this bar line."""
        self._followed.add(index)
        self._index, self._now = self._start, self._now + 1
        self._ending = self._over = None
        before = self._events[self._start - 1] if self._start else None
        return Jump(before if isinstance(before, BarLine) else None)


def _next_endings(events: Sequence[Event]) -> list[int]:
    """For every event the place of the next ending if only plain bar lines precede it, else -1."""
    found = [-1] * (len(events) + 1)
    for index in reversed(range(len(events))):
        event = events[index]
        if isinstance(event, Ending):
            found[index] = index
        elif isinstance(event, BarLine) and not event.ends_repeat and not event.starts_repeat:
            found[index] = found[index + 1]
    return found


def _groups(events: Sequence[Event]) -> tuple[list[int], list[int]]:
    """For every event the group of numbered endings that it belongs to, and the last pass of that group; 0 outside.

    A group begins at an ending 1, and ends at another, or at a `|:` or `::` that no further ending follows.
    """
    groups, last_of_group = list[int](), [0]
    group = 0
    for index, event in enumerate(events):
        opens = isinstance(event, BarLine) and event.starts_repeat > 0 and not _goes_on(events, index)
        if opens or (isinstance(event, Ending) and 1 in event.numbers):
            last_of_group.append(0)
            group = len(last_of_group) - 1
        if isinstance(event, Ending):
            last_of_group[group] = max(last_of_group[group], *event.numbers)
        groups.append(group)
    return groups, [last_of_group[group] for group in groups]


def _goes_on(events: Sequence[Event], index: int) -> bool:
    """Whether a bar line ends an ending, because one that is not the first follows directly."""
    line = events[index]
    following = events[index + 1] if index + 1 < len(events) else None
    ends = isinstance(line, BarLine) and line.ends_repeat > 0
    return ends and isinstance(following, Ending) and 1 not in following.numbers


def _closers(events: Sequence[Event]) -> list[int]:
    """For every event the ending or dividing bar line that ends an ending there; one entry more for the end."""
    closers = [len(events)] * (len(events) + 1)
    for index in reversed(range(len(events))):
        event = events[index]
        ends = isinstance(event, Ending) or (isinstance(event, BarLine) and event.divides)
        closers[index] = index if ends else closers[index + 1]
    return closers
