"""Whether a state can still become a valid tune, and the state after another character.

A state is viable when the time left in the bar can be filled exactly and all that is open can be closed; within a
token, when that holds after one of the tokens that it can become.
"""

from songrnn.constraints import syntax
from songrnn.constraints.bar_lines import may_end, may_go_on, write_bar_line
from songrnn.constraints.bar_time import any_fits, fillable, fits, is_plain
from songrnn.constraints.effects import apply_token, end_element
from songrnn.constraints.filler import begin_token, cadence_ticks, count_written, suits
from songrnn.constraints.pitches import keeps_tonic, reaches, reaches_in_some_octave
from songrnn.constraints.state import Context, TuneState, shortest_ticks, target, ticks_of_length
from songrnn.constraints.tokens import GRAINS, ROOT_BODY, ROOT_HEADER, ROOT_LENGTH, ROOT_NOTE, Kind


def step(context: Context, state: TuneState, character: int) -> bool:
    """Change `state` to what it is after a character; False when no valid tune continues so."""
    node = -1 if character == context.end else context.automaton.child(state.node, character)
    if node < 0:
        if not settle(context, state):
            return False
        if character == context.end:
            return bool(state.flags & syntax.LINE) and may_end(context, state)
        node = context.automaton.child(state.node, character)
    return node >= 0 and enter(context, state, node)


def enter(context: Context, state: TuneState, node: int) -> bool:
    """Move to a node of the automaton; a token that nothing can continue ends there."""
    if state.node <= ROOT_LENGTH:
        begin_token(context, state)
    count_written(context, state)
    state.node = node
    automaton = context.automaton
    if automaton.is_leaf(node) and not apply_token(context, state, automaton.tokens[automaton.ended[node]]):
        return False
    return viable(context, state)


def settle(context: Context, state: TuneState) -> bool:
    """End the token and the note that are being written, so that another may begin; False when they cannot end."""
    if state.node > ROOT_LENGTH:
        token = context.automaton.ended[state.node]
        if token < 0 or not apply_token(context, state, context.automaton.tokens[token]):
            return False
    if state.node in (ROOT_NOTE, ROOT_LENGTH) and not end_element(context, state, GRAINS):
        return False
    return viable(context, state)


def viable(context: Context, state: TuneState) -> bool:
    """Whether the state can still become a valid tune."""
    if state.node == ROOT_HEADER:
        return True
    if state.node == ROOT_BODY:
        return viable_between_tokens(context, state)
    if state.node <= ROOT_LENGTH:
        return reaches_in_some_octave(context, state) and has_length(context, state)
    return any(may_become(context, state, index) for index in context.automaton.within[state.node])


def may_become(context: Context, state: TuneState, index: int) -> bool:
    """Whether the token that is being written may become this one."""
    token = context.automaton.tokens[index]
    if token.kind == Kind.LENGTH and state.flags & (syntax.NOTE | syntax.REST) and is_plain(context, state):
        left = target(state) - state.elapsed  # it decides alone
        return reaches(context, state, 0) and ticks_of_length(state, token.a) <= left and suits(context, state, token.a)
    after = state.copy()
    return apply_token(context, after, token) and viable(context, after)


def has_length(context: Context, state: TuneState) -> bool:
    """Whether the open element can end with some length."""
    if state.flags & syntax.GRACE:
        return True
    if state.flags & syntax.MEMBER:
        return any(chord_fits(context, state, length) for length in context.lengths)
    if state.flags & syntax.CHORD and state.chord_length != GRAINS:
        return fits(context, state, state.chord_length)
    return any_fits(context, state)


def chord_fits(context: Context, state: TuneState, length: int) -> bool:
    """Whether the notes of the open chord can have this length; inside or after it, never both."""
    if state.members > 0 and length != state.chord_length:
        return False
    return fits(context, state, length) if length != GRAINS else any_fits(context, state)


def viable_between_tokens(context: Context, state: TuneState) -> bool:
    """Whether the state is viable where no token is being written."""
    if state.flags & syntax.UNFINISHED:
        if state.flags & syntax.IN_CHORD and state.members > 0:
            return chord_fits(context, state, state.chord_length)
        after = state.copy()
        after.on_tonic = int(not state.flags & (syntax.ACCIDENTAL | syntax.IN_CHORD))  # the next note can be the tonic
        after.has_notes = 1
        return any_fits(context, after)
    if not fillable(context, state) or (state.flags & syntax.TIED and not tie_can_end(context, state)):
        return False
    return bool(state.in_bar) or may_end(context, state) or may_go_on(context, state)


def tie_can_end(context: Context, state: TuneState) -> bool:
    """Whether the second note of a tie can follow, in this bar or after a plain bar line."""
    if state.bar == 0:
        return True
    after = state.copy()
    if state.elapsed == target(state) and not (write_bar_line(context, after, 0, 0) and may_go_on(context, after)):
        return False
    if after.on_tonic or not keeps_tonic(context, after):
        return True
    return target(after) - after.elapsed >= shortest_ticks(context, state) + cadence_ticks(context, state)
