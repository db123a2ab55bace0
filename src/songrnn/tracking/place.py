"""TrackedState and plan -> the values of FEATURES and PLAN, and the letters; a row of integers."""

from dataclasses import dataclass, field

from songrnn.tracking.bars import finish_bar, finish_part
from songrnn.tracking.effects import read_character
from songrnn.tracking.lookback import LAGS, NOTHING, History, agreement, remember, suggested_place
from songrnn.tracking.notes import unit_of
from songrnn.tracking.state import NO_STEP, NONE, TextKind, TextToken, TrackedState, Tracker
from songrnn.tracking.tables import FEATURES, PLAN, PLAN_SIZES, SIZES
from songrnn.tracking.ticks import WHOLE, capped, narrow, sixteenths, wide

PLAN_AT = len(FEATURES)
SUGGESTED_AT = PLAN_AT + len(PLAN)
AGREEMENT_AT = SUGGESTED_AT + len(LAGS)
LETTERS_AT = AGREEMENT_AT + len(LAGS)
ROW = LETTERS_AT + 2
"""Integers of a position: features, plan, suggested characters, agreements, letters."""


@dataclass(frozen=True)
class PlannedForm:
    """A plan in integers, an entry for each part; NONE where something is not known.

    bars_after: of all later parts together. repeated, endings: 0 or 1; pickups in 16ths; cadences: degrees.
    """

    bars: tuple[int, ...] = ()
    bars_after: tuple[int, ...] = ()
    repeated: tuple[int, ...] = ()
    endings: tuple[int, ...] = ()
    pickups: tuple[int, ...] = ()
    cadences: tuple[int, ...] = ()


def tell(tracker: Tracker, history: History, character_id: int, character: int) -> None:
    """Follow a character: its id, and its code point or START or END."""
    read_character(tracker, character)
    remember(history, tracker, character_id)


def write_row(tracker: Tracker, history: History, form: PlannedForm, nothing: int, row: list[int]) -> None:
    """The position after the last character; `nothing`: what stands for no suggested character."""
    for index in range(LETTERS_AT):
        row[index] = 0
    write_header(tracker.current, row)
    if tracker.current.header == 0:
        write_time(tracker.current, row)
        write_form(tracker.current, row)
        write_open(tracker.current, tracker.token, row)
        write_notes(tracker.current, row)
    if tracker.current.voices == 0 and tracker.current.part < len(form.bars):
        write_plan(tracker.current, form, row)
    elif tracker.current.voices == 0 and len(form.bars) > 0:
        write_end(row)
    for lag in range(len(LAGS)):
        place = suggested_place(history, tracker.current, lag)
        row[SUGGESTED_AT + lag] = nothing if place == NONE else history.ids[place]
        row[AGREEMENT_AT + lag] = NOTHING if place == NONE else agreement(history, lag)
    row[LETTERS_AT] = tracker.current.tonic
    row[LETTERS_AT + 1] = tracker.current.step


@dataclass
class Parts:
    """What the parts of a tune were, for PlannedForm: an entry for each that has ended."""

    tunes: int = 0
    bars: list[int] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)
    endings: list[int] = field(default_factory=list)
    pickups: list[int] = field(default_factory=list)
    cadences: list[int] = field(default_factory=list)


def note_part(parts: Parts, state: TrackedState) -> None:
    """Keep a part if one has just ended."""
    if state.tunes != parts.tunes:
        parts.tunes = state.tunes
        parts.bars.clear()
        parts.repeated.clear()
        parts.endings.clear()
        parts.pickups.clear()
        parts.cadences.clear()
    if state.part > len(parts.bars):
        parts.bars.append(state.former_bars)
        parts.repeated.append(state.former_repeated)
        parts.endings.append(state.former_endings)
        parts.pickups.append(sixteenths(state.former_pickup))
        parts.cadences.append(state.former_cadence)


def finish_parts(parts: Parts, state: TrackedState) -> None:
    """The text ends."""
    finish_bar(state)
    if state.bars > 0:
        finish_part(state)
    note_part(parts, state)


# ---- features, in the order of the table


def put(row: list[int], index: int, value: int) -> None:
    """A value of FEATURES, at most its last one."""
    row[index] = capped(value, SIZES[index] - 1)


def write_time(state: TrackedState, row: list[int]) -> None:
    """Of the bar."""
    if state.bar == 0:
        return
    put(row, 0, 1 + narrow(wide(state.elapsed) * 48 // state.bar))
    put(row, 1, 2 + sixteenths(state.bar - state.elapsed) if state.elapsed <= state.bar else 1)


def write_form(state: TrackedState, row: list[int]) -> None:
    """Of bars and parts."""
    put(row, 2, 1 + state.bars)
    put(row, 3, 1 + state.bars % 4)
    put(row, 4, 1 + state.tune_bars)
    put(row, 5, 1 + state.part)
    put(row, 6, 1 + 4 * state.repeat + capped(state.ending, 3))
    put(row, 7, 1 + state.former_bars if state.part > 0 else 0)
    put(row, 8, 1 + state.first_bars if state.part > 0 else 0)
    put(row, 9, 2 if state.bars == 0 else 1)
    put(row, 10, pickup_left(state))
    put(row, 11, 1 + sixteenths(state.pickup) if state.pickup != NONE else 0)
    put(row, 12, 1 + sixteenths(state.former_pickup) if state.former_pickup != NONE else 0)
    put(row, 13, 1 + state.line_bars)


def pickup_left(state: TrackedState) -> int:
    """Whether the time left in the bar is what a pickup has taken."""
    left = state.bar - state.elapsed
    if state.bar == 0 or left <= 0:
        return 0
    return 2 if left == state.pickup else 3 if left == state.former_pickup else 1


def write_open(state: TrackedState, token: TextToken, row: list[int]) -> None:
    """Of what is being written."""
    put(row, 14, bar_line(token) + (11 if state.slurs > 0 else 0))
    inside = capped(state.tuplet_left, 3) + 4 * state.in_grace + 8 * state.in_chord
    put(row, 15, 1 + inside)


def bar_line(token: TextToken) -> int:
    """The bar line that is being written, 0 if none is."""
    if token.kind == TextKind.ENDING or (token.kind == TextKind.BAR and token.number > 0):
        return 10
    if token.kind != TextKind.BAR:
        return 0
    if token.ends and token.starts:
        return 6
    if token.ends:
        return 5
    if token.starts:
        return 4
    if token.bracket:
        return 7 if token.last == ord("]") else 8
    if token.doubled:
        return 3
    return 1 if token.bars > 0 else 2


def write_notes(state: TrackedState, row: list[int]) -> None:
    """Of the last notes."""
    if state.degree != NONE:
        put(row, 16, 2 + 3 * state.degree + max(-1, capped(state.altered, 1)))
    if state.step != NO_STEP:
        put(row, 17, max(1, state.octave - 1))
        if state.step_before != NO_STEP:
            put(row, 19, 9 + max(-8, capped(state.step - state.step_before, 8)))
    if state.duration != NONE:
        put(row, 18, 1 + state.duration // (WHOLE // 48))
    put(row, 20, 1 + state.downbeat)
    put(row, 21, 1 + state.degree_before)


def write_header(state: TrackedState, row: list[int]) -> None:
    """Of what the fields say."""
    put(row, 22, state.meter)
    put(row, 23, state.key)
    put(row, 24, state.rhythm)
    unit, code = unit_of(state), 1
    while unit < WHOLE:
        unit *= 2
        code += 1
    put(row, 25, code if state.unit > 0 or state.header == 0 else 0)


# ---- plan


def put_plan(row: list[int], index: int, value: int) -> None:
    """A value of PLAN, at most its last one."""
    row[PLAN_AT + index] = capped(value, PLAN_SIZES[index] - 1)


def write_plan(state: TrackedState, form: PlannedForm, row: list[int]) -> None:
    """What is to come of the part and of the tune."""
    part, parts = state.part, len(form.bars)
    left = form.bars[part] - state.bars
    if form.bars[part] != NONE:
        put_plan(row, 0, 2 + left if left >= 0 else 1)
        put_plan(row, 8, 1 + time_left(state, left) if state.bar > 0 else 0)
        if form.bars_after[part] != NONE:
            put_plan(row, 4, 1 + max(left, 0) + form.bars_after[part])
    put_plan(row, 1, 1 + parts - part)
    put_plan(row, 2, 1 + form.repeated[part])
    put_plan(row, 3, 1 + form.endings[part])
    next_part = part + 1
    if next_part == parts:
        put_plan(row, 5, 1)
    elif form.bars[next_part] != NONE:
        put_plan(row, 5, 2 + form.bars[next_part])
    pickup_of = part if state.written == 0 else next_part
    if pickup_of < parts:
        put_plan(row, 6, 1 + form.pickups[pickup_of])
    put_plan(row, 7, 1 + form.cadences[part])


def write_end(row: list[int]) -> None:
    """All parts have been written: no bars, parts and time are left."""
    put_plan(row, 0, 2)
    put_plan(row, 1, 1)
    put_plan(row, 4, 1)
    put_plan(row, 8, 1)


def time_left(state: TrackedState, bars: int) -> int:
    """Of the part, in 16ths of a whole note, with so many bars left, the one that is being written among them."""
    if bars <= 0:
        return 0
    return sixteenths(max(0, capped(bars, 64) * capped(state.bar, 8 * WHOLE) - state.elapsed))
