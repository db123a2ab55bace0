"""What is to be composed, as ids: the input of every engine."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from songrnn.constraints.constraint import Constraint
from songrnn.engines.settings import SamplingSettings
from songrnn.tracking.plan import TunePlan
from songrnn.vocabulary import Ids

LONGEST_FIELD = 24
"""The network gets this many characters for a field that the prompt leaves open; then the line is ended for it."""
NO_ID = -1


@dataclass(frozen=True)
class GivenPiece:
    """Ids that are given; after them, the network may write the rest of the line if `open_line`."""

    ids: Ids
    open_line: bool


@dataclass(frozen=True)
class EngineTask:
    """How tunes of one prompt and one choice of settings are composed.

    begin: ids that the network is given first, and that are no part of the tune.
    start, end: the boundaries of a tune, which have no character; NO_ID in `raw` form.
    end_text: in `raw` form the ids of the literal end marker; empty if the network does not know its characters.
    line_end: the id of a line end, NO_ID if the network knows none.
    allowed: [V] whether an id may be drawn at all.
    constraint: what strict tunes are held to; None for free ones.
    tune_plan: the form that a network with `plan` reads; None where none was requested.
    """

    begin: Ids
    pieces: tuple[GivenPiece, ...]
    start: int
    end: int
    end_text: Ids
    line_end: int
    allowed: NDArray[np.bool_]
    constraint: Constraint | None
    settings: SamplingSettings
    tune_plan: TunePlan | None = None

    @property
    def seed(self) -> int:
        """The seed of its random generator."""
        assert self.settings.seed is not None, "`engine_task` draws one where the settings have none"
        return self.settings.seed
