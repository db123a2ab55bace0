"""Rules against filler: a bound on what takes no time, and lengths that occur in tunes.

The figures in brackets are of the 3,798 training tunes of `folk`, which have 402,487 notes and rests and 8,229 parts.

The rules bind what is composed; a prompt stays as its author wrote it. `TuneState.given`: what is the prompt's:
the token that is being written, if it began there or belongs to a chord, grace notes, tuplet or broken rhythm that did;
or something of this bar.
"""

from songrnn.constraints import syntax
from songrnn.constraints.state import (
    BETWEEN,
    COMPOSED,
    GIVEN,
    PARTLY_GIVEN,
    SECOND,
    Context,
    TuneState,
    shortest_ticks,
    target,
    ticks_of_length,
)
from songrnn.constraints.tokens import GRAINS, Kind
from songrnn.tracking.ticks import WHOLE

EIGHTH = WHOLE // 8
MOST_IN_CHORD, MOST_GRACE, MOST_SLURS, MOST_TEXTS = 6, 8, 2, 3
"""Notes of a chord; grace notes before one note; slurs within one another; decorations and texts before one note: in a
prompt, too."""
MOST_ORNAMENTS, MOST_RESTS, MOST_GRACE_NOTES = 2, 2, 4
"""Before one note; in a row; before one note (more grace notes: 2 of 3,313 times)."""


def begin_token(context: Context, state: TuneState) -> None:
    """Begin a token: set whether it is the prompt's, or continues what the prompt has left open."""
    if state.written < context.given or (state.given == GIVEN and state.flags & syntax.OPEN):
        state.given = GIVEN
    elif state.given == GIVEN:
        state.given = PARTLY_GIVEN


def count_written(context: Context, state: TuneState) -> None:
    """Count a character of the music; those after the prompt are not counted."""
    if state.fields == Kind.KEY + 1 and state.written < context.given:
        state.written += 1


# ---- what takes no time


def may_decorate(context: Context, state: TuneState, kind: int, before: int) -> bool:
    """Whether a decoration or text is allowed here; `before`: the flags before it, `state` is after it."""
    if state.given == GIVEN:
        return True
    if not has_one_text(kind, before) or not has_few_ornaments(state):
        return False
    return not has_form(context) or (precedes_note(state) and not delays_cadence(context, state, kind, before))


def has_one_text(kind: int, before: int) -> bool:
    """One annotation and one chord symbol at most on one note (two annotations: 5 notes)."""
    return not before & (syntax.TEXT if kind == Kind.ANNOTATION else syntax.NAMED if kind == Kind.CHORD_SYMBOL else 0)


def has_few_ornaments(state: TuneState) -> bool:
    """Two decorations at most on one note (two: 117 notes; three: none)."""
    texts = (1 if state.flags & syntax.TEXT else 0) + (1 if state.flags & syntax.NAMED else 0)
    return state.texts - texts <= MOST_ORNAMENTS


def precedes_note(state: TuneState) -> bool:
    """Whether a note follows: in a requested form no decoration or text directly precedes a bar line.

    There (at 195 of 72,878 bar lines, in 3 % of the tunes) it is Segno, D.C. or D.S.: in which order bars are played,
    which the request determines.
    """
    return state.bar == 0 or state.elapsed < target(state)


def delays_cadence(context: Context, state: TuneState, kind: int, before: int) -> bool:
    """Whether it is an annotation, a decoration in words or the tune's first chord symbol in the last bar of a part.

    (Of these bars 22 of 8,395 have one before a note, in 13 tunes.)
    """
    worded = kind in (Kind.ANNOTATION, Kind.DECORATION) or (kind == Kind.CHORD_SYMBOL and not before & syntax.SYMBOL)
    return worded and closes_part(context, state)


def may_follow_text(context: Context, state: TuneState) -> bool:
    """Whether a bar line may end a short bar: decorations and texts get their note first."""
    waits = state.flags & (syntax.TEXT | syntax.NAMED | syntax.DECORATED) and has_form(context)
    return state.given == GIVEN or not waits or state.elapsed == target(state)


def has_form(context: Context) -> bool:
    """Whether bars or parts are requested."""
    return context.form.bars > 0 or len(context.form.sections) > 0


def may_break_line(state: TuneState, before: int) -> bool:
    """Whether a line may end here: never within a bar; in 11 % of the tunes one does, but no note depends on it.

    A line that is a letter may end where that fills the bar: without a space nothing else can part it from `:|`.
    """
    whole = before & syntax.LINE_LETTER and state.elapsed == target(state)
    return state.given == GIVEN or not state.in_bar or bool(whole)


def may_rest(state: TuneState) -> bool:
    """Whether a rest is allowed: two in a row at most, within a bar (three: 2 times)."""
    return state.given == GIVEN or state.rests <= MOST_RESTS


def may_open_slur(context: Context, state: TuneState) -> bool:
    """Whether a slur may begin: not over the last note of a part alone (171 of 22,680 have fewer than two notes)."""
    left = target(state) - state.elapsed
    return state.given == GIVEN or not closes_part(context, state) or left > cadence_ticks(context, state)


# ---- lengths


def suits(context: Context, state: TuneState, length: int) -> bool:
    """Whether a composed note, rest or chord of so many grains has a length that tunes have."""
    if state.given == GIVEN:
        return True
    if state.flags & syntax.REST and GRAINS // 2 < length < GRAINS:
        return False  # no dotted rests shorter than the unit
    return is_usual(context, length) and keeps_to_grid(state, length)


def member_suits(context: Context, state: TuneState, length: int) -> bool:
    """The same of a note in a chord or of a grace note, which is a unit long or half (another length: 3 of 3,916)."""
    if state.flags & syntax.GRACE and state.given != GIVEN:
        return length in (GRAINS, GRAINS // 2)
    return state.given == GIVEN or is_usual(context, length)


def is_usual(context: Context, length: int) -> bool:
    """Whether it is in the table of lengths (`tokens.USUAL_LENGTHS`)."""
    return any(length == usual for usual in context.usual)


def grains_of(context: Context, state: TuneState, ticks: int) -> int:
    """The usual length that lasts so long; 0 if there is none."""
    grains = GRAINS * ticks // state.unit
    return grains if ticks_of_length(state, grains) == ticks and is_usual(context, grains) else 0


def keeps_to_grid(state: TuneState, length: int) -> bool:
    """Whether what begins between two half units ends with the next one at the latest (388 of 392 such notes do)."""
    if state.bar == 0 or state.flags & (syntax.IN_TUPLET | syntax.BROKEN):
        return True
    past = (target(state) - state.elapsed) % (state.unit // 2)
    return past <= 0 or ticks_of_length(state, length) <= past


# ---- cadences


def closes_part(context: Context, state: TuneState) -> bool:
    """Whether the bar that is being written must be the last of a part or ending, as the request has it."""
    if not context.form.bars or (state.pickup_due and state.begins_part) or state.ending == BETWEEN:
        return False
    return state.ending_bars == 1 if state.ending == SECOND else state.count + 1 == context.form.bars


def ends_long(context: Context, state: TuneState) -> bool:
    """Whether what sounded last may end a part: an eighth at least, not in a tuplet (8,067 and 8,209 parts)."""
    least = cadence_ticks(context, state)
    return least <= shortest_ticks(context, state) or state.given != COMPOSED or state.sounding >= least


def cadence_ticks(context: Context, state: TuneState) -> int:
    """Duration of the shortest note that ends a part: an eighth, or the unit where that cannot be written."""
    least = EIGHTH if grains_of(context, state, EIGHTH) else state.unit
    return least if state.bar // 2 >= least else shortest_ticks(context, state)
