"""Durations of what is being written, in ticks (`tokens.WHOLE`)."""

from songrnn.constraints.state import Context, State
from songrnn.constraints.tokens import GRAINS


def ticks_of_length(state: State, length: int) -> int:
    """What so many grains last, tuplets and broken rhythm apart."""
    return state.unit // GRAINS * length


def shortest_ticks(context: Context, state: State) -> int:
    """Duration of the shortest note that can be written; every time that is left must be a multiple of it."""
    return ticks_of_length(state, context.shortest)


def target(state: State) -> int:
    """Duration of this bar, if it does not end early as a pickup or its partner."""
    return state.pickup_due if state.pickup_due and state.begins_part else state.bar


def wide(ticks: int) -> int:
    """In the engine a number of 64 bits."""
    return ticks


def narrow(ticks: int) -> int:
    """In the engine a number of 32 bits again."""
    return ticks
