"""Rules of bar lines and endings: bars that add up, repeats and endings that close, the requested form.

A bar is full, a pickup (the first of a part, and shorter), or the partner of a pickup: the last of a part, shorter by
the pickup of its own part, or by one that is then due in the next part, or by the tune's first one at the very end.
This is the rule of `checks.check`; here a short bar lacks half a bar at most.
"""

from songrnn.constraints import syntax
from songrnn.constraints.filler import EIGHTH, closes_part, ends_long, may_follow_text
from songrnn.constraints.state import (
    BETWEEN,
    COMPOSED,
    FIRST,
    MAY_BE_PICKUP,
    MUST_BE_FULL,
    NO,
    NO_ENDING,
    SECOND,
    Context,
    TuneState,
)
from songrnn.constraints.tokens import DOUBLE, ENDS, STARTS
from songrnn.tracking.state import UNMARKED


def may_end(context: Context, state: TuneState) -> bool:
    """Whether the tune may end at this bar line, but for the end of the line."""
    form = context.form
    if state.in_bar or state.lacks_music or not state.has_bars or not state.has_notes or state.slurs:
        return False
    if state.flags & (syntax.FIELD | syntax.TIED) or state.repeat or state.ending in (FIRST, BETWEEN):
        return False
    if (state.pickup_due and state.pickup_due != state.first_pickup) or (form.ends_on_tonic and not state.on_tonic):
        return False
    if not ends_long(context, state):
        return False
    sections = len(form.sections)
    if sections > 0:
        if state.section == sections:
            return True
        if state.section + 1 < sections or (form.sections[sections - 1] and state.ending != SECOND):
            return False
    if state.ending == SECOND and form.bars:
        return state.ending_bars == 0 and (sections > 0 or state.count == form.bars)
    return not form.bars or state.count == form.bars


def may_go_on(context: Context, state: TuneState) -> bool:
    """Whether another bar may follow, if need be after `|:` or the number of an ending."""
    form = context.form
    if len(form.sections) > 0 and state.section == len(form.sections):
        return False
    if state.ending == BETWEEN:
        return context.has_second_ending
    if state.must_divide:
        return not form.bars and len(form.sections) == 0
    if not form.bars:
        return True
    return state.ending_bars > 0 if state.ending == SECOND else state.count < form.bars


def may_start_bar(context: Context, state: TuneState) -> bool:
    """Whether music may follow."""
    if state.in_bar:
        return True
    if state.ending == BETWEEN or state.must_divide or not may_go_on(context, state):
        return False
    sections = context.form.sections
    opens = len(sections) > 0 and state.section > 0 and may_open(context, state)
    return not opens or bool(state.repeat) or state.ending != NO_ENDING


def in_last_bar(context: Context, state: TuneState) -> bool:
    """Whether the bar that is being written must be the last."""
    if state.section + 1 < len(context.form.sections) or state.ending == FIRST:
        return False
    return closes_part(context, state)


def may_open(context: Context, state: TuneState) -> bool:
    """Whether `|:` may begin this part."""
    sections = context.form.sections
    return len(sections) == 0 or (state.section < len(sections) and sections[state.section] and state.count == 0)


def write_bar_line(context: Context, state: TuneState, flags: int, ending: int) -> bool:
    """A bar line; with a number, the ending after it."""
    written = end_bar(context, state, flags) if state.in_bar else write_at_bar_line(context, state, flags)
    if not written:
        return False
    if state.given != COMPOSED:
        state.sounding, state.given = state.bar, COMPOSED  # any note of a prompt may end a part
    state.elapsed = state.in_bar = state.texts = state.last_length = state.first = state.rests = 0
    state.flags = state.flags & ~(syntax.PREFIX | syntax.ELEMENT | syntax.PRECEDING) | syntax.BAR_LINE
    for letter in range(len(state.alterations)):
        state.alterations[letter] = UNMARKED
    return ending == 0 or begin_ending(context, state, ending)


def write_at_bar_line(context: Context, state: TuneState, flags: int) -> bool:
    """A bar line without music before it: at the beginning of a line, or `|:` somewhere after another."""
    if state.flags & (syntax.PREFIX | syntax.BAR_LINE | syntax.MUSIC):
        return False
    if flags == 0:
        return bool(state.flags & syntax.LINE_START) and not state.must_divide and may_go_on(context, state)
    if flags == DOUBLE and not state.repeat and (state.begins_part or state.must_divide):
        fits = bool(state.flags & syntax.LINE) and state.ending == NO_ENDING and may_go_on(context, state)
        state.begins_part, state.must_divide = MAY_BE_PICKUP, 0
        return fits
    if flags != STARTS or state.repeat or state.flags & syntax.TIED or state.slurs:
        return False
    if state.ending in (FIRST, BETWEEN) or (state.ending == SECOND and state.lacks_music):
        return False
    if not may_open(context, state) or not may_go_on(context, state):
        return False
    divide(state)
    state.repeat = 1
    return True


def end_bar(context: Context, state: TuneState, flags: int) -> bool:
    """A bar with music ends: a full one, a pickup, or the partner of one."""
    if (flags & ENDS and state.flags & syntax.LINE_LETTER) or (flags and (state.flags & syntax.TIED or state.slurs)):
        return False
    if (flags & DOUBLE and state.repeat) or not may_follow_text(context, state):
        return False
    due = state.pickup_due if state.begins_part else 0
    if due or (state.begins_part == MAY_BE_PICKUP and state.bar and state.elapsed < state.bar):
        if flags not in (0, STARTS) or (due and state.elapsed != due):
            return False
        return is_even(state, state.elapsed) and end_pickup(context, state, flags)
    missing = state.bar - state.elapsed if state.bar else 0
    if missing < 0 or missing > state.bar - missing or not line_fits(context, state, flags):
        return False
    if state.begins_part:
        state.pickup = 0
    if (missing and not is_partner(state, missing, flags)) or ((flags or missing) and not ends_long(context, state)):
        return False
    if state.ending == SECOND:
        state.ending_bars -= 1 if context.form.bars else 0
    else:
        state.count += 1
        state.ending_bars += 1 if state.ending == FIRST else 0
    state.has_bars, state.begins_part = 1, NO
    if flags:
        end_part(context, state, flags)
    elif missing:
        if state.slurs or state.flags & syntax.TIED or state.repeat:
            return False
        state.must_divide, state.in_bar = 1, 0
        return may_end(context, state) or may_go_on(context, state)
    return True


def end_pickup(context: Context, state: TuneState, flags: int) -> bool:
    """A pickup ends; with `|:`, the part that it belongs to begins."""
    if flags and (state.repeat or state.ending != NO_ENDING or not may_open(context, state)):
        return False
    state.pickup, state.pickup_due = state.elapsed, 0
    if state.first:
        state.first_pickup = state.pickup
    state.begins_part, state.lacks_music = NO, 1
    if flags:
        state.repeat, state.pickup, state.begins_part = 1, 0, MUST_BE_FULL
    return True


def is_even(state: TuneState, ticks: int) -> bool:
    """Whether a short bar may last or lack so much, where there are chord symbols."""
    if ticks % EIGHTH:
        state.flags |= syntax.UNEVEN
    return not (state.flags & syntax.SYMBOL and state.flags & syntax.UNEVEN)


def is_partner(state: TuneState, missing: int, flags: int) -> bool:
    """Whether a pickup, of this part or of what follows, makes a short bar whole."""
    if not is_even(state, missing) or state.begins_part:
        return False
    if (state.ending == FIRST and (missing != state.pickup or not flags)) or (state.ending == SECOND and flags & ENDS):
        return False
    state.pickup_due = 0 if missing == state.pickup else missing
    return True


def line_fits(context: Context, state: TuneState, flags: int) -> bool:
    """Whether this bar line may follow a bar that counts."""
    bars, last = context.form.bars, closes_part(context, state)
    if state.ending == FIRST:
        return (flags == ENDS and (last or not (bars and len(context.form.sections)))) or (flags == 0 and not last)
    if flags & STARTS and (state.has_repeated and not state.repeat if flags & ENDS else state.repeat):
        return False
    if len(context.form.sections) > 0:
        return section_line_fits(context, state, flags, last or not bars)
    if state.ending == SECOND and not bars:
        return flags != ENDS | STARTS
    if state.ending == SECOND:
        return flags in (DOUBLE, STARTS) if last and state.count < bars else flags == 0
    if last:
        return flags == ENDS if state.repeat else not flags & STARTS
    return True


def section_line_fits(context: Context, state: TuneState, flags: int, complete: bool) -> bool:
    """The same where sections are requested: only at its end may a section be closed, and as it should be."""
    form, section = context.form, state.section
    repeated = form.sections[section]
    final = section + 1 == len(form.sections)
    if flags == 0:
        return not form.bars or not complete or (final and (state.ending == SECOND or not repeated))
    if not complete or (flags & STARTS and (final or not form.sections[section + 1])):
        return False
    return bool(flags & ENDS) == (repeated and state.ending != SECOND)


def end_part(context: Context, state: TuneState, flags: int) -> None:
    """What a dividing bar line changes after a bar that counts."""
    state.has_repeated |= flags & ENDS
    if state.ending == FIRST:
        state.ending, state.repeat, state.pickup, state.begins_part = BETWEEN, 0, 0, NO
        return
    if len(context.form.sections) > 0:
        state.section += 1
        state.count = 0
    divide(state)
    if flags & (ENDS | STARTS):
        state.repeat = int(flags & STARTS != 0)


def divide(state: TuneState) -> None:
    """Another part begins."""
    state.begins_part, state.must_divide, state.lacks_music = MAY_BE_PICKUP, 0, 0
    state.ending, state.ending_bars = NO_ENDING, 0


def begin_ending(context: Context, state: TuneState, number: int) -> bool:
    """The number of an ending, at a bar line."""
    if state.in_bar or state.must_divide or state.pickup_due or state.lacks_music:
        return False
    if state.flags & (syntax.PREFIX | syntax.TIED):
        return False
    state.flags = state.flags & ~syntax.PRECEDING | syntax.BAR_LINE
    if number == 2:
        fits = state.ending == BETWEEN
        state.ending, state.begins_part = SECOND, NO
        state.lacks_music, state.on_tonic = 1, 0  # the second time the notes of the first ending are not played
        return fits
    if state.ending != NO_ENDING or not context.has_endings or state.begins_part or not may_go_on(context, state):
        return False
    if len(context.form.sections) > 0 and not context.form.sections[state.section]:
        return False
    state.ending, state.ending_bars = FIRST, 0
    return bool(state.repeat) or not state.has_repeated
