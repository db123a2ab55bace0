"""What a network may know of the place at which it writes: position, plan, lookback and pitch, as small integers.

Everything is derived from the text so far (and from a plan of the tune, if there is one), so that the same numbers can be
computed for a whole tune in training and character by character in composing.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from songrnn.tracking.plan import TunePlan
from songrnn.vocabulary import Ids, Vocabulary

Integers = NDArray[np.int32]


class Feature(NamedTuple):
    """A category: its values are 0..size-1, and 0 stands for what is not known or does not apply."""

    name: str
    size: int


FEATURES: tuple[Feature, ...] = (
    Feature("time elapsed in the bar", 66),  # 48ths of the bar
    Feature("time left in the bar", 35),  # 16ths of a whole note; 1: the bar is too long
    Feature("bars in the part", 34),
    Feature("bar of four", 5),
    Feature("bars in the tune", 66),
    Feature("part", 9),
    Feature("repeat and ending", 9),
    Feature("bars of the former part", 34),
    Feature("bars of the first part", 34),
    Feature("begins a part", 3),
    Feature("pickup is left", 4),  # 2: the time left is this part's pickup; 3: that of the former part; 1: neither
    Feature("pickup of the part", 18),  # 16ths; 1: none
    Feature("pickup of the former part", 18),
    Feature("bars on the line", 14),
    Feature("bar line and slur", 22),
    Feature("tuplet, grace notes and chord", 17),
    Feature("degree", 22),  # 7 letters, each flattened, as in the key, or sharpened
    Feature("octave", 8),
    Feature("duration", 50),  # 48ths of a whole note
    Feature("interval", 18),  # diatonic steps
    Feature("degree on the downbeat", 8),
    Feature("degree before", 8),
    Feature("meter", 14),
    Feature("key", 54),
    Feature("rhythm", 24),
    Feature("unit note length", 8),
)
PLAN: tuple[Feature, ...] = (
    Feature("bars left in the part", 35),
    Feature("parts left", 10),
    Feature("repeated", 3),
    Feature("endings", 3),
    Feature("bars left in the tune", 67),
    Feature("bars of the next part", 35),
    Feature("pickup", 18),  # of this part in its first bar, later that of the next part
    Feature("cadence", 8),
    Feature("time left in the part", 50),
)
LAGS = (1, 2, 4, 8, 0)
"""Bars back; 0 stands for the same bar of the first part."""
AGREEMENTS = 5
"""How the tune at a lag agrees with the bar so far: 0 nothing is there; 1, 2 a character at the same elapsed time; 3, 4
the bar so far is equal; 2 and 4 where the bar before was equal, too."""
NO_TONIC = 7
NO_STEP = 70


class Position(NamedTuple):
    """Where in the tune the text stands after a character; a whole tune has a leading axis T.

    features:  [..., F] values of FEATURES. plan: [..., P] values of PLAN.
    suggested: [..., G] for each of LAGS the id of the character that the tune suggests, V where there is none.
    agreement: [..., G] 0..AGREEMENTS-1.
    letters:   [..., 2] the tonic's letter, 0 (C) to 6 (B) or NO_TONIC; the diatonic step of the last note, counted
               from the C of octave 0 (35 is the B before middle c in ABC), 0..NO_STEP-1, or NO_STEP before the first.
    """

    features: Integers
    plan: Integers
    suggested: Integers
    agreement: Integers
    letters: Integers


def positions(ids: Ids, vocabulary: Vocabulary, *, plan: TunePlan | None = None) -> Position:
    """Where the text stands after each of the characters of a whole tune; [T, ...] arrays."""
    follower = PositionFollower(vocabulary, plan)
    rows = [follower.tell(int(one)) for one in ids]
    return Position(*(np.array(column, dtype=np.int32) for column in zip(*rows, strict=True)))


class PositionFollower:
    """Follows one tune as it comes into being; before the first character nothing is known."""

    def __init__(self, vocabulary: Vocabulary, plan: TunePlan | None = None) -> None:
        self._size = len(vocabulary)

    def tell(self, character_id: int) -> Position:
        """Add a character, or a boundary of the tune; where the text stands now."""
        zeros = iter(map(_zeros, (len(FEATURES), len(PLAN), len(LAGS), len(LAGS), 2)))
        return Position(
            next(zeros), next(zeros), next(zeros) + self._size, next(zeros), next(zeros) + (NO_TONIC, NO_STEP)
        )


def _zeros(size: int) -> Integers:
    return np.zeros(size, dtype=np.int32)
