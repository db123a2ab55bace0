"""How much of a bar has elapsed, and whether what is left can be filled exactly.

Times are ticks (`tracking.ticks.WHOLE`): every note, in every tuplet and broken rhythm, lasts a whole number of them.
The time left in a bar can be filled when it is a whole number of the shortest notes that can be written; in a broken
rhythm, when its second note leaves such a time; in a tuplet, when its remaining notes have lengths that do.
"""

from songrnn.constraints import syntax
from songrnn.constraints.bar_lines import in_last_bar
from songrnn.constraints.filler import cadence_ticks, closes_part, ends_long, has_form, suits
from songrnn.constraints.state import COMPOSED, Context, TuneState, shortest_ticks, target, ticks_of_length
from songrnn.constraints.tokens import COMPOUND, Token
from songrnn.tracking.ticks import narrow, wide


def fits(context: Context, state: TuneState, length: int) -> bool:
    """Whether a note of so many grains leaves a time that can be filled."""
    after = state.copy()
    return suits(context, state, length) and advance(after, length) and fillable(context, after)


def any_fits(context: Context, state: TuneState) -> bool:
    """Whether a note of some length leaves a time that can be filled."""
    if is_plain(context, state):
        left, grain = target(state) - state.elapsed, shortest_ticks(context, state)
        return left >= grain and left % grain == 0  # the shortest one decides
    return any(fits(context, state, length) for length in context.lengths)


def is_plain(context: Context, state: TuneState) -> bool:
    """Whether lengths have nothing to fit but the time left."""
    if state.bar == 0 or state.flags & (syntax.IN_TUPLET | syntax.BROKEN):
        return False
    return not closes_part(context, state)


def fillable(context: Context, state: TuneState) -> bool:
    """Whether the time left in the bar can be filled exactly."""
    if state.bar == 0:
        return True
    left, grain = target(state) - state.elapsed, shortest_ticks(context, state)
    if left < 0:
        return False
    if state.flags & syntax.BROKEN:
        after = state.copy()
        after.on_tonic = after.has_notes = 1
        return advance(after, state.last_length) and fillable(context, after)
    if state.tuplet_left == 0:
        return left % grain == 0 and not lacks_cadence(context, state, left)
    notes, time = state.tuplet_notes, state.tuplet_time
    if closes_part(context, state) and state.given == COMPOSED:
        left -= cadence_ticks(context, state)  # the note that ends the part comes after the tuplet
    scaled = wide(left) * notes
    if left < 0 or scaled % grain:
        return False
    whole = scaled // grain  # of which every grain of the notes to come takes `time`
    return any(
        time * total <= whole and (whole - time * total) % notes == 0 for total in context.sums[state.tuplet_left]
    )


def lacks_last_note(context: Context, state: TuneState) -> bool:
    """Whether the note that the tune must end with is still to come, in its last bar."""
    has_it = state.has_notes and (state.on_tonic or not context.form.ends_on_tonic)
    return not has_it and in_last_bar(context, state)


def lacks_cadence(context: Context, state: TuneState, left: int) -> bool:
    """Whether too little is left of the last bar of a part for the note that it must end with."""
    if not closes_part(context, state) or left >= cadence_ticks(context, state):
        return False
    if lacks_last_note(context, state):
        return True
    return state.given == COMPOSED and not (ends_long(context, state) and (left == 0 or may_lack(context, state, left)))


def may_lack(context: Context, state: TuneState, left: int) -> bool:
    """Whether the bar may end short by so much now, for its part's pickup."""
    waits = state.flags & (syntax.TIED | (syntax.PREFIX if has_form(context) else 0))
    return left == state.pickup and not state.begins_part and not waits


def advance(state: TuneState, length: int) -> bool:
    """One note of so many grains elapses, in its tuplet and broken rhythm."""
    ticks = ticks_of_length(state, length)
    if state.flags & syntax.IN_TUPLET:
        if wide(ticks) * state.tuplet_time % state.tuplet_notes:
            return False
        ticks = narrow(wide(ticks) * state.tuplet_time // state.tuplet_notes)
    sounding = ticks
    if state.flags & syntax.BROKEN:
        if length != state.last_length:
            return False
        kept = ticks >> abs(state.broken)
        sounding = kept if state.broken > 0 else 2 * ticks - kept
        state.flags &= ~syntax.BROKEN
        state.last_length = 0
    else:
        state.last_length = length
    if state.bar:
        state.elapsed += sounding
    state.last_ticks = ticks
    state.sounding = 0 if state.flags & syntax.IN_TUPLET else sounding
    if state.flags & syntax.IN_TUPLET:
        state.tuplet_left -= 1
        if state.tuplet_left == 0:
            state.flags &= ~syntax.IN_TUPLET
            state.last_length = 0  # nothing may break a rhythm across the end of a tuplet
    state.in_bar, state.lacks_music = 1, 0
    return True


def begin_tuplet(state: TuneState, token: Token) -> None:
    """From here on c notes last q/p of what is written."""
    state.tuplet_left, state.tuplet_notes = token.c, token.a
    state.tuplet_time = token.b if token.b > 0 else COMPOUND if state.compound else 2


def break_rhythm(state: TuneState, signs: int) -> bool:
    """`>` and `<`: the note before becomes longer or shorter by what the next loses or gains."""
    kept, begin = state.last_ticks >> abs(signs), state.elapsed - state.last_ticks
    if state.swing and state.last_ticks == state.swing and begin % (2 * state.swing):
        return False  # abc2midi has swung it with the note before
    if state.bar:
        state.elapsed += state.last_ticks - kept if signs > 0 else kept - state.last_ticks
    state.broken = signs
    return state.last_ticks % (1 << abs(signs)) == 0
