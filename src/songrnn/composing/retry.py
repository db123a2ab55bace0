"""A tune that will not do is composed again, and the next one is the same as if it had done.

Try k of the seed's tune i (both from 0) is the engine's tune i + k * TRIES_APART: so every tune depends on its own
number only, whatever became of those before it, alone or among many.
"""

from collections.abc import Callable
from dataclasses import dataclass

from songrnn.composing.composition import TRIES_APART, Composition
from songrnn.errors import OriginalityError


@dataclass(frozen=True)
class Condition:
    """What a tune must be like.

    accept: whether it will do. tries: how often it may be composed. name: what is asked, for messages and records.
    remark: lines of ABC comments, each with its line end, that are written below a tune.
    """

    accept: Callable[[Composition], bool]
    tries: int
    name: str
    remark: Callable[[Composition], str] = lambda _made: ""

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
            f"{made.place_of_seed} was not to be had with {self.name} {tries}. Allow more (--tries), allow longer runs "
            "(--original), or compose more daringly (--temperature); tunes before it are kept"
        )
