"""The constraint on strict tunes in Python; native/constraint.cpp is the engine's, over the same rules and tables.

A tune is valid when `notation.read_tune` reads it strictly, `notation.check` finds nothing, and abc2midi plays it
without an error; bars add up as `check` defines it: they have the meter's duration, but for pickups and their partners.
On top of that comes the requested form. A character is allowed when it continues the token that is being written, or
ends it and begins another, and the state after it is viable. So there is no dead end: every viable state has a
completion.
"""

import numpy as np
from numpy.typing import NDArray

from songrnn.constraints.completion import characters_to_end, next_to_end
from songrnn.constraints.state import Context, RequestedForm, TuneState
from songrnn.constraints.tokens import TokenAutomaton
from songrnn.constraints.viability import step


class Constraint:
    """The constraint of one vocabulary and one form.

    end: the id of the tune's end; size: of the vocabulary; given: characters of music that the prompt has.
    """

    def __init__(self, automaton: TokenAutomaton, form: RequestedForm, *, end: int, size: int, given: int = 0) -> None:
        self.automaton, self.form, self.end, self.size = automaton, form, end, size
        self.context = Context.of(automaton, form, end, given)

    def push(self, state: TuneState, character: int) -> TuneState | None:
        """The state after a character; None when no valid tune continues so."""
        after = state.copy()
        return after if step(self.context, after, character) else None

    def allowed(self, state: TuneState) -> NDArray[np.bool_]:
        """[V] whether each id may come next."""
        return np.array([self.push(state, character) is not None for character in range(self.size)])

    def next_to_end(self, state: TuneState) -> int:
        """The first id of the completion, from a viable state."""
        return next_to_end(self.context, state)

    def characters_to_end(self, state: TuneState) -> int:
        """The number of ids of the completion, the end among them."""
        return characters_to_end(self.context, state)
