"""The pitches that are allowed: within the requested range, the pitch of a tie, the tonic at the end.

A pitch is known only when its token is over, for octave marks follow the letter: until then some octave must be
allowed.
"""

from songrnn.constraints import syntax
from songrnn.constraints.bar_lines import in_last_bar
from songrnn.constraints.state import HIGHEST, LOWEST, Context, TuneState
from songrnn.constraints.tokens import ROOT_NOTE, Kind, Token


def reaches_in_some_octave(context: Context, state: TuneState) -> bool:
    """Whether the open note may have its pitch, with the octave marks that may still follow."""
    if state.node != ROOT_NOTE:
        return reaches(context, state, 0)
    return any(
        reaches(context, state, octave) for octave in (context.octaves_up if state.small else context.octaves_down)
    )


def reaches(context: Context, state: TuneState, step: int) -> bool:
    """Whether a pitch so many semitones from the present one is allowed."""
    if state.flags & (syntax.REST | syntax.CHORD):
        return True
    pitch = state.pitch + step
    if state.flags & syntax.TIED and state.flags & syntax.NOTE:
        return pitch == state.tied_pitch
    return in_range(context, pitch, state.altered)


def in_range(context: Context, pitch: int, semitones: int) -> bool:
    """Whether a white key can be written, and lies in the requested range when altered."""
    return LOWEST <= pitch <= HIGHEST and context.form.low <= pitch + semitones <= context.form.high


def keeps_tonic(context: Context, state: TuneState) -> bool:
    """Whether the tonic must still come, as the key has it, before this bar ends."""
    return context.form.ends_on_tonic and in_last_bar(context, state)


def may_alter(context: Context, state: TuneState, semitones: int) -> bool:
    """Whether some letter may be altered so within the requested range, and the tonic can still come."""
    if context.any_pitch and not context.form.ends_on_tonic:
        return True
    return any(letter_reaches(context, state, token, semitones) for token in context.automaton.tokens)


def letter_reaches(context: Context, state: TuneState, token: Token, semitones: int) -> bool:
    """Whether a token is a letter that, altered so, reaches the range in some octave that can be written."""
    if token.kind != Kind.LETTER:
        return False
    key = context.automaton.keys[state.key]
    if keeps_tonic(context, state) and token.b == key.tonic and semitones != key.alterations[token.b]:
        return False
    return any(
        in_range(context, token.a + octave, semitones)
        for octave in (context.octaves_up if token.c else context.octaves_down)
    )
