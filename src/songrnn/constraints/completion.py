"""A short completion: from every viable state to the end of a valid tune, one character after the other."""

from songrnn.constraints import syntax
from songrnn.constraints.bar_lines import may_end, may_start_bar
from songrnn.constraints.effects import apply_token
from songrnn.constraints.filler import EIGHTH, cadence_ticks, grains_of
from songrnn.constraints.state import Context, TuneState, target
from songrnn.constraints.tokens import (
    COMPOUND,
    GRAINS,
    LONGEST_LENGTH,
    ROOT_BODY,
    ROOT_HEADER,
    ROOT_LENGTH,
    ROOT_NOTE,
    STARTS,
    Kind,
    Token,
)
from songrnn.constraints.viability import settle, step, viable
from songrnn.tracking.state import NONE
from songrnn.tracking.ticks import narrow, wide

UNRANKED, DETOUR, NEVER = 50, 60, 100
"""Ranks, the lowest first: of tokens without a preference; of bar lines that make the completion longer, which may
yet be the only one; of tokens without a completion."""
LONGEST_COMPLETION = 2**22
"""No tune of 512 bars is longer; an automaton that is not of ABC may have no end."""


def next_to_end(context: Context, start: TuneState) -> int:
    """The first character of the completion, from a viable state."""
    state = start.copy()
    if state.flags & syntax.LINE and step(context, state, context.end):
        return context.end
    state = start.copy()
    while True:
        best = best_token(context, state)
        settled, between = state.copy(), state.node in (ROOT_HEADER, ROOT_BODY)
        if between or not settle(context, settled) or (best != NONE and continues_token(context, state, settled, best)):
            return context.automaton.towards(state.node, best)
        state = settled


def characters_to_end(context: Context, start: TuneState) -> int:
    """The number of ids of the completion, the end among them; equal notes and bars in a row cost no steps."""
    state, note, bar = start.copy(), start.copy(), start.copy()
    length, note_length, bar_length = wide(1), wide(0), wide(0)  # up to `state`, the note and the bar before; 0: none
    while length < LONGEST_COMPLETION:
        character = next_to_end(context, state)
        if character == context.end:
            return narrow(length)
        if not step(context, state, character):
            raise RuntimeError("the completion has a character that is not allowed")
        length += 1
        if state.node != ROOT_NOTE or not state.flags & syntax.NOTE:
            continue
        if note_length:
            length += (length - note_length) * skip_notes(context, note, state)
        if not state.in_bar and bar_length:
            length += (length - bar_length) * skip_bars(context, bar, state)
        note, note_length = state.copy(), length
        if not state.in_bar:
            bar, bar_length = state.copy(), length
    raise RuntimeError("the completion has no end")


def skip_notes(context: Context, before: TuneState, state: TuneState) -> int:
    """Repeat the notes from `before` to `state` while the time left decides nothing; returns how often.

    The last three are left to be written, and a time longer than any pickup, which a short bar could lack.
    """
    ticks, repeated = state.elapsed - before.elapsed, before.copy()
    repeated.elapsed = state.elapsed
    if state.bar == 0 or ticks <= 0 or ticks % beat_ticks(context, state) or repeated != state:
        return 0
    kept = max(3 * ticks, state.pickup, state.first_pickup, state.pickup_due) + ticks
    times = max(0, target(state) - state.elapsed - kept) // ticks
    state.elapsed += times * ticks
    return times


def skip_bars(context: Context, before: TuneState, state: TuneState) -> int:
    """Repeat bars in the same way, while their number decides nothing: until three are left."""
    repeated = before.copy()
    repeated.count += 1
    if context.form.bars == 0 or before.count == 0 or repeated != state:
        return 0
    times = max(0, context.form.bars - state.count - 3)
    state.count += times
    return times


def continues_token(context: Context, state: TuneState, settled: TuneState, index: int) -> bool:
    """Whether the completion continues the token that is being written, though that could end here: in `settled`."""
    if state.node > ROOT_LENGTH:
        return index != context.automaton.ended[state.node]
    token = context.automaton.tokens[index]
    after = state.copy()
    if token.kind != Kind.LENGTH or not apply_token(context, after, token):
        return False
    return rank_of_length(context, after, token.a) < rank_of_length(context, settled, GRAINS)


def best_token(context: Context, state: TuneState) -> int:
    """Of the tokens within the node, the viable one that leads to the end soonest; NONE if there is none."""
    best, least = NONE, NEVER + 1
    for index in context.automaton.within[state.node]:
        token = context.automaton.tokens[index]
        if best != NONE and least <= UNRANKED and not is_ranked(token):
            continue
        after = state.copy()
        if apply_token(context, after, token) and viable(context, after):
            rank = rank_of(context, state, after, token)
            if rank < least:
                best, least = index, rank
    return best


def is_ranked(token: Token) -> bool:
    """Whether tokens of this kind have ranks of their own."""
    closing = token.kind in (Kind.CHORD_CLOSE, Kind.GRACE_CLOSE, Kind.SLUR_CLOSE, Kind.LENGTH, Kind.LETTER)
    return closing or token.kind in (Kind.ENDING, Kind.LINE_END, Kind.BAR)


def rank_of(context: Context, state: TuneState, after: TuneState, token: Token) -> int:
    """The rank of a token between two states, the lowest first."""
    match token.kind:
        case Kind.LENGTH:
            return rank_of_length(context, after, token.a)
        case Kind.CHORD_CLOSE | Kind.GRACE_CLOSE | Kind.SLUR_CLOSE:
            return 0
        case Kind.ENDING:
            return 1 if token.a == 2 else NEVER
        case Kind.LINE_END:
            opens = not may_start_bar(context, state) and bool(state.flags & syntax.BAR_LINE)
            return 0 if may_end(context, state) else 4 if opens else NEVER
        case Kind.BAR:
            return rank_of_bar_line(context, state, after, token)
        case Kind.LETTER:
            key = context.automaton.keys[state.key]
            return 10 if token.b == key.tonic and after.altered == key.alterations[token.b] else 11
        case _:
            return UNRANKED


def rank_of_length(context: Context, after: TuneState, length: int) -> int:
    """The rank of a length in grains, the longest first: those that leave a cadence or nothing, and then whole beats.

    So that what is completed keeps to the meter: 2 and 3 in place of 4 and 1.
    """
    left = target(after) - after.elapsed
    if 0 < left < cadence_ticks(context, after):
        return -length
    return -length - LONGEST_LENGTH * (1 if left % beat_ticks(context, after) else 2)


def beat_ticks(context: Context, state: TuneState) -> int:
    """Duration of a beat, a quarter or dotted quarter; 1, which divides every time, where that cannot be written."""
    beat = EIGHTH * (COMPOUND if state.compound else 2)
    return beat if grains_of(context, state, beat) else 1


def rank_of_bar_line(context: Context, state: TuneState, after: TuneState, token: Token) -> int:
    """The rank of a bar line."""
    if not state.in_bar:
        return 3 if token.a == STARTS and not may_start_bar(context, state) else NEVER
    if may_end(context, after):
        return 1
    if (after.lacks_music and token.b == 0) or after.pickup_due or after.must_divide or token.b == 1:
        return DETOUR
    if token.a == 0:
        return 5
    return 3 if not token.a & STARTS or len(context.form.sections) > 0 else 6
