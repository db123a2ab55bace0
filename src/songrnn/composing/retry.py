"""Composes a tune again that its condition refuses; the next tune is the same as if it had been accepted.

Try k of the seed's tune i (both from 0) is the engine's tune i + k * TRIES_APART: so every tune depends on its own
number only, not on the tunes before it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from songrnn.composing.companions import Companions
from songrnn.composing.composition import Composition
from songrnn.composing.request import TRIES_APART
from songrnn.errors import OriginalityError
from songrnn.originality.settings import OriginalitySettings


@dataclass(frozen=True)
class Condition:
    """A condition that a tune must fulfil.

    accept: whether a tune fulfils it. tries: how often a tune may be composed. name: the requirement, for messages.
    """

    accept: Callable[[Composition], bool]
    tries: int
    name: str

    def satisfied_by(self, made: Composition, again: Callable[[int], Composition]) -> Composition:
        """`made`, or the first try that is accepted; again: composes it anew, `again(offset)` from number + offset.

        Raises OriginalityError when `tries` are not enough.
        """
        for number in range(1, self.tries):
            if self.accept(made):
                return made
            made = again(number * TRIES_APART)
        if self.accept(made):
            return made
        tries = f"in {self.tries} tries" if self.tries > 1 else "at once"
        raise OriginalityError(
            f"{made.place_of_seed} could not be composed with {self.name} {tries}. Allow more (--tries), allow longer "
            "runs (--original), or raise the --temperature; tunes before it are kept"
        )


def originality_condition(settings: OriginalitySettings, companions: Companions) -> Condition | None:
    """The condition that no shared run is longer than `settings.original`; None where that is not required.

    Raises OriginalityError where the checkpoint has no index of melodies.
    """
    if settings.original is None:
        return None
    threshold = companions.threshold(settings.original)

    def accept(made: Composition) -> bool:
        return made.originality is None or not threshold.exceeded_by(made.originality)

    return Condition(accept, settings.tries, f"no shared run over {threshold}")
