"""Durations of what is being written, in ticks (`tokens.WHOLE`)."""

from songrnn.constraints.state import Context, TuneState
from songrnn.constraints.tokens import GRAINS


def ticks_of_length(state: TuneState, length: int) -> int:
    """What so many grains last, tuplets and broken rhythm apart."""
    return state.unit // GRAINS * length


def shortest_ticks(context: Context, state: TuneState) -> int:
    """Duration of the shortest note that can be written; every time that is left must be a multiple of it."""
    return ticks_of_length(state, context.shortest)


def target(state: TuneState) -> int:
    """Duration of this bar, if it does not end early as a pickup or its partner."""
    return state.pickup_due if state.pickup_due and state.begins_part else state.bar
