"""The parts of a tune, and the order in which they are played: P: in the header and P: in the music (3.1.9).

A label `P:A` in the music begins a part in every voice: a voice without that label of its own begins it at the same
time, after as many bar lines. Music before the first label is played first, and once.

The header's `P:A2(BC)2` gives the order. A label that occurs twice names two parts: the first A of the order plays
the first of them, the second A the second, and so on, round and round. A tune whose order cannot be read, or names a
part that is not there, is played as written.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from songrnn.notation.tune import BarLine, Header, Overlay
from songrnn.performance.sounds import Clock, Event, PartLabel, Sound

MOST_PARTS = 100  # an order may multiply, as in ((A9)9)9


@dataclass(frozen=True, slots=True)
class Part:
    """The events of one part of one voice; name: "" for the music before the first label."""

    name: str
    events: Sequence[Event]


def divided(voices: Mapping[str, Sequence[Event]], *, together: bool) -> dict[str, list[Part]]:
    """Voice -> its parts as written; when `together`, every voice is divided where another one has a label."""
    if not any(isinstance(event, PartLabel) for events in voices.values() for event in events):
        return {name: [Part("", events)] for name, events in voices.items()}
    shared = _shared_labels(voices) if together else {}
    return {name: _divided(events, shared) for name, events in voices.items()}


def part_order(header: Header) -> list[str] | None:
    """The parts in the order of the header's P:; None when it names none."""
    orders = header.values("P")
    return _expanded(re.sub(r"[.\s]", "", orders[-1])) if orders else None


def in_order(parts: Sequence[Part], order: Sequence[str]) -> Iterator[Sequence[Event]]:
    """The parts of one voice in `order`, after the music before all of them; a part that it lacks is empty."""
    of_name: dict[str, list[Sequence[Event]]] = {}
    for part in parts:
        of_name.setdefault(part.name, []).append(part.events)
    turns: Counter[str] = Counter()
    for name in ("", *order):
        choices = of_name.get(name, [()])
        yield choices[turns[name] % len(choices)]
        turns[name] += 1


def _expanded(order: str) -> list[str] | None:
    """ "A2(BC)2" -> A A B C B C; None for anything else, and for an order that has more than MOST_PARTS parts."""
    stack: list[list[str]] = [[]]
    last: list[str] = []
    for token in re.findall(r"[A-Za-z()]|\d+|.", order, re.ASCII):
        if token == "(":
            stack.append([])
        elif token == ")" and len(stack) > 1:
            last = stack.pop()
            stack[-1] += last
        elif token.isascii() and token.isalpha():
            last = [token]
            stack[-1] += last
        elif token.isascii() and token.isdigit() and last and len(token) <= 2 and int(token) > 0:
            stack[-1] += last * (int(token) - 1)
            last = []
        else:
            return None
        if len(stack[-1]) > MOST_PARTS or len(stack) > MOST_PARTS:
            return None
    return stack[0] if len(stack) == 1 else None


# ---- places of the labels


@dataclass(slots=True)
class _Labels:
    """The labels at one time as written. after: bar lines before it at that time -> label."""

    after: dict[int, str]
    last: int  # the greatest of these


def _shared_labels(voices: Mapping[str, Sequence[Event]]) -> dict[Fraction, _Labels]:
    """Time -> labels; every name from the first voice that has it."""
    shared: dict[Fraction, _Labels] = {}
    owners: dict[str, str] = {}
    for voice, events in voices.items():
        for time, lines, event in _places(events):
            if isinstance(event, PartLabel) and owners.setdefault(event.name, voice) == voice:
                labels = shared.setdefault(time, _Labels({}, 0))
                labels.after[lines] = event.name
                labels.last = max(labels.last, lines)
    return shared


def _divided(events: Sequence[Event], shared: Mapping[Fraction, _Labels]) -> list[Part]:
    own = {event.name for event in events if isinstance(event, PartLabel)}
    present: list[Event] = []
    parts, begun_at = [Part("", present)], (Fraction(-1), 0)
    for time, lines, event in _places(events):
        name = event.name if isinstance(event, PartLabel) else None
        if name is None and (time, lines) != begun_at and lines >= 0:
            name = _due(shared.get(time), lines, event)
            name = None if name in own else name
        if name is not None:
            begun_at, present = (time, lines), []
            parts.append(Part(name, present))
        if not isinstance(event, PartLabel):
            present.append(event)
    return parts


def _due(labels: _Labels | None, lines: int, event: Event) -> str | None:
    """The label of another voice at this place, or the last at this time when `event` leaves it."""
    if labels is None:
        return None
    leaves = isinstance(event, Sound) and event.advance > 0
    return labels.after.get(labels.last if leaves and labels.last > lines else lines)


def _places(events: Sequence[Event]) -> Iterator[tuple[Fraction, int, Event]]:
    """Every event with its time as written and the number of bar lines at that time before it; -1 in an overlay."""
    clock, lines = Clock(), 0
    for event in events:
        yield clock.time, lines, event
        before = clock.time
        clock.pass_event(event)
        if isinstance(event, Overlay):
            lines = -1
        elif isinstance(event, BarLine):
            lines = 1 if lines < 0 else lines + 1
        elif lines > 0 and clock.time != before:
            lines = 0
