"""What a network may know of the place at which it writes: position, plan, lookback and pitch, as small integers.

Everything is derived from the text so far (and from a plan of the tune, if there is one), so that the same numbers can
be computed for a whole tune in training and character by character in composing.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from songrnn.tracking.compiled import native
from songrnn.tracking.lookback import AGREEMENTS, LAGS, History
from songrnn.tracking.place import AGREEMENT_AT, LETTERS_AT, PLAN_AT, ROW, SUGGESTED_AT, tell, write_row
from songrnn.tracking.plan import PartPlan, TunePlan
from songrnn.tracking.state import NO_STEP, NO_TONIC, Tracker
from songrnn.tracking.tables import FEATURES, PLAN, Feature
from songrnn.tracking.tokens import END, START
from songrnn.vocabulary import Ids, Vocabulary

__all__ = [
    "AGREEMENTS",
    "FEATURES",
    "LAGS",
    "NO_STEP",
    "NO_TONIC",
    "PLAN",
    "Feature",
    "PartPlan",
    "PositionFeatures",
    "PositionFollower",
    "TunePlan",
    "code_points",
    "positions",
]
Integers = NDArray[np.int32]


class PositionFeatures(NamedTuple):
    """Where in the tune the text stands after a character; a whole tune has a leading axis T.

    features:  [..., F] values of FEATURES. plan: [..., P] values of PLAN.
    suggested: [..., G] for each of LAGS the id of the character that the tune suggests, V where there is none.
    agreement: [..., G] 0..AGREEMENTS-1: 0 where none is suggested; 1: it followed at the same time elapsed; 3: it
               followed the bar line or begins the bar; 5: it followed on the same characters; one more where the bar
               before was equal.
    letters:   [..., 2] the tonic's letter, 0 (C) to 6 (B) or NO_TONIC; the diatonic step of the last note, counted
               from the C of octave 0 (C of the capital letters is 28), 0..NO_STEP-1, or NO_STEP before the first.
    """

    features: Integers
    plan: Integers
    suggested: Integers
    agreement: Integers
    letters: Integers

    @classmethod
    def of(cls, rows: Integers) -> "PositionFeatures":
        """The pieces of rows [..., ROW] as the rules write them."""
        return cls(*np.split(rows, (PLAN_AT, SUGGESTED_AT, AGREEMENT_AT, LETTERS_AT), axis=-1))


def positions(
    ids: Ids, vocabulary: Vocabulary, *, plan: TunePlan | None = None, compiled: bool = True
) -> PositionFeatures:
    """Where the text stands after each of the characters of a whole tune; [T, ...] arrays.

    compiled: by the engine's copy of the rules, where it was built.
    """
    if compiled and native is not None:
        form = (plan or TunePlan()).form()
        return PositionFeatures.of(native.positions(ids.astype(np.int32), code_points(vocabulary), form))
    follower = PositionFollower(vocabulary, plan)
    rows = np.array([follower.row(int(one)) for one in ids], dtype=np.int32)
    return PositionFeatures.of(rows.reshape(-1, ROW))


def code_points(vocabulary: Vocabulary) -> Integers:
    """For each id its code point, or START or END; [V]."""
    points = [*map(ord, vocabulary.characters), *([START, END] if vocabulary.boundaries else [])]
    return np.array(points, dtype=np.int32)


class PositionFollower:
    """Follows one tune as it comes into being; before the first character nothing is known."""

    def __init__(self, vocabulary: Vocabulary, plan: TunePlan | None = None) -> None:
        self._points = code_points(vocabulary).tolist()
        self._form = (plan or TunePlan()).form()
        self._tracker, self._history = Tracker(), History()

    def tell(self, character_id: int) -> PositionFeatures:
        """Add a character, or a boundary of the tune; where the text stands now."""
        return PositionFeatures.of(np.array(self.row(character_id), dtype=np.int32))

    def row(self, character_id: int) -> list[int]:
        """The same as one list of ROW integers."""
        row = [0] * ROW
        tell(self._tracker, self._history, character_id, self._points[character_id])
        write_row(self._tracker, self._history, self._form, len(self._points), row)
        return row
