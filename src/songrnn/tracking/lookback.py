"""What stood at the same place of earlier bars, and of the same bar of the first part.

A bar's content begins after its bar line and what follows that at once: spaces, line ends, fields, the number of an
ending. While a bar is written, each lag has a counterpart: the bar so many full bars earlier. A bar that begins a part
is compared with the pickup before its counterpart, if there is one; it may be a pickup itself. As long as the content
so far is that of the counterpart, the character that followed there is suggested; after that the one that followed at
the same time elapsed. From a bar line to the next content, what followed the counterpart's bar line is suggested while
it is the same, and otherwise the beginning of the next counterpart.
"""

from dataclasses import dataclass, field

from songrnn.tracking.state import NONE, TextKind, TextToken, TrackedState, Tracker

LAGS = (1, 2, 4, 8, 0)
"""Full bars back; 0 stands for the same bar of the first part."""
AGREEMENTS = 7
NOTHING, AT_SAME_TIME, BETWEEN_BARS, EQUAL_SO_FAR = 0, 1, 3, 5
"""How the tune at a lag agrees with the bar so far; one more where the bar before was equal to its counterpart."""
LONGEST_SEARCH = 256
"""Of a longer counterpart so many characters are compared."""


@dataclass
class History:
    """All characters so far, where bars began, and how each lag's counterpart is followed.

    ids, times: every character and the time elapsed in its bar after it.
    begins, ends: of every bar, with pickups: its first character and that after its last.
    bars, pickups: for every full bar of the tune its index in begins, and that of the pickup before it; or NONE.
    tunes: how many have begun. start: where the bar begins whose content is being written, NONE between bars; number:
        its place in `bars`. pickup: the index of the pickup that ended last, if no full bar has ended since.
    For each of LAGS: target: the counterpart's index in begins, or NONE; place: of the last character in it that has
        been matched; equal: whether the content so far is the same; before: whether the bar before was.
    """

    ids: list[int] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    begins: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    bars: list[int] = field(default_factory=list)
    pickups: list[int] = field(default_factory=list)
    tunes: int = 0
    start: int = NONE
    number: int = 0
    pickup: int = NONE
    target: list[int] = field(default_factory=lambda: [NONE] * len(LAGS))
    place: list[int] = field(default_factory=lambda: [0] * len(LAGS))
    equal: list[int] = field(default_factory=lambda: [0] * len(LAGS))
    before: list[int] = field(default_factory=lambda: [0] * len(LAGS))


def remember(history: History, tracker: Tracker, character_id: int) -> None:
    """Add a character that the tracker has followed."""
    here = len(history.ids)
    history.ids.append(character_id)
    history.times.append(tracker.current.elapsed)
    if tracker.current.tunes != history.tunes:
        forget(history, tracker.current.tunes)
    if tracker.current.header:
        return
    leads = between_bars(tracker.token)
    if leads and history.start == here - tracker.token.size + 1:
        history.start = NONE  # what looked like music is none: a bracket that begins a field
    if tracker.settled.elapsed > 0 and tracker.current.elapsed == 0 and history.start != NONE:
        close_bar(history, tracker, here - tracker.token.size + 1)
    if history.start == NONE and not leads:
        open_bar(history, tracker.current, here)
    for lag in range(len(LAGS)):
        follow(history, lag, here, tracker.current.elapsed)


def forget(history: History, tunes: int) -> None:
    """A tune has begun."""
    history.tunes = tunes
    history.begins.clear()
    history.ends.clear()
    history.bars.clear()
    history.pickups.clear()
    history.start = history.pickup = NONE
    for lag in range(len(LAGS)):
        history.target[lag] = NONE
        history.equal[lag] = history.before[lag] = 0


def between_bars(token: TextToken) -> bool:
    """Whether a token may stand before the content of a bar without belonging to it."""
    return token.kind in (
        TextKind.BAR,
        TextKind.ENDING,
        TextKind.FIELD,
        TextKind.SPACE,
        TextKind.LINE_END,
        TextKind.COMMENT,
        TextKind.MARKER,
    )


def close_bar(history: History, tracker: Tracker, end: int) -> None:
    """A bar has ended; its content ends before `end`."""
    for lag in range(len(LAGS)):
        target = history.target[lag]
        whole = target != NONE and history.place[lag] + 1 == history.ends[target]
        history.before[lag] = int(history.equal[lag] and whole)
        history.equal[lag] = int(target != NONE)
        if target != NONE:
            history.place[lag] = history.ends[target] - 1
    history.begins.append(history.start)
    history.ends.append(end)
    if tracker.current.ended_pickup:
        history.pickup = len(history.begins) - 1
    else:
        while len(history.bars) <= history.number:
            history.bars.append(NONE)
            history.pickups.append(NONE)
        history.bars[history.number] = len(history.begins) - 1
        history.pickups[history.number] = history.pickup
        history.pickup = NONE
    history.start = NONE


def open_bar(history: History, state: TrackedState, here: int) -> None:
    """The content of a bar begins."""
    history.start, history.number = here, state.tune_bars
    for lag in range(len(LAGS)):
        history.target[lag] = counterpart(history, state, lag)
        history.equal[lag] = int(history.target[lag] != NONE)
        if history.equal[lag]:
            history.place[lag] = history.begins[history.target[lag]] - 1


def counterpart(history: History, state: TrackedState, lag: int) -> int:
    """The bar with which the next one is compared: its index in `begins`, or NONE."""
    number = state.tune_bars - LAGS[lag] if LAGS[lag] > 0 else state.bars
    if number < 0 or number >= len(history.bars):
        return NONE
    pickup = history.pickups[number]
    return pickup if state.written == 0 and pickup != NONE else history.bars[number]


def follow(history: History, lag: int, here: int, elapsed: int) -> None:
    """One more character in the counterpart."""
    target = history.target[lag]
    if target == NONE:
        return
    after = history.place[lag] + 1
    if history.equal[lag] and after < here and history.ids[after] == history.ids[here]:
        history.place[lag] = after
        return
    history.equal[lag] = 0
    if history.start != NONE:
        seek(history, lag, here, elapsed)


def seek(history: History, lag: int, here: int, elapsed: int) -> None:
    """Where in the counterpart as much time has elapsed; one character further where that is the same."""
    target, place = history.target[lag], history.place[lag]
    begin = history.begins[target]
    end = history.ends[target]
    if end > begin + LONGEST_SEARCH:
        end = begin + LONGEST_SEARCH
    if place >= end:
        place = end - 1
    if place + 1 < end and history.ids[place + 1] == history.ids[here] and history.times[place + 1] == elapsed:
        history.place[lag] = place + 1
        return
    if time_at(history, begin, place) > elapsed:
        place = begin - 1
    while place + 1 < end and time_at(history, begin, place) < elapsed:
        place += 1
    history.place[lag] = place


def time_at(history: History, begin: int, place: int) -> int:
    """The time elapsed after a character of the bar that begins at `begin`."""
    return history.times[place] if place >= begin else 0


def suggested_place(history: History, state: TrackedState, lag: int) -> int:
    """The place of the character that the tune suggests at a lag, or NONE."""
    if state.header:
        return NONE
    if history.start == NONE and history.equal[lag] == 0:
        target = counterpart(history, state, lag)
        return history.begins[target] if target != NONE else NONE
    if history.target[lag] == NONE:
        return NONE
    place = history.place[lag]
    same_time = time_at(history, history.begins[history.target[lag]], place) == state.elapsed
    return place + 1 if history.equal[lag] or same_time else NONE


def agreement(history: History, lag: int) -> int:
    """How the tune agrees with the bar so far at a lag at which it suggests something."""
    if history.equal[lag] and (history.start != NONE or history.before[lag]):
        return EQUAL_SO_FAR + history.before[lag]
    return (BETWEEN_BARS if history.start == NONE else AT_SAME_TIME) + history.before[lag]
