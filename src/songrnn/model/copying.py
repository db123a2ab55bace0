"""What the tune so far suggests: its motifs come back.

A recurrent network of this size cannot repeat a strain letter by letter over hundreds of characters; whoever can look
back can. For every character, the copier finds the longest earlier stretch of the same tune that equals its end, and
suggests the character that followed there. The network sees the suggestion, how long the match is and how far back, and
adds to the logit of the suggested character what a gate says:

    x        = embedding[character] + suggested[suggestion] + length[matched] + distance[back] + ...
    logits   = W_o h + b_o + ...;   logits[suggestion] += u . h + d + length_bonus[matched] + distance_bonus[back]

so that it learns when to follow: a strain that returns is a long match far back, a bar that goes round and round a long
match close by. Related to the pointer of Merity et al. (2017) and the neural cache of Grave et al. (2017); here the
candidate is exact and the network knows it before it computes its state.
"""

from typing import NamedTuple

import numpy as np

from songrnn.model.settings import STEPS_OF_A_COUNT
from songrnn.vocabulary import Ids

DISTANCES_AT_ONCE = 64


class Suggestion(NamedTuple):
    """What may come next. `character` is V, the size of the vocabulary, and the rest 0 where nothing is suggested."""

    character: int
    length: int  # of the match, in characters
    distance: int  # from the suggested character to the next one, in characters: 1 is the last character itself


class Copier:
    """Reads a tune character by character and suggests the next.

    nothing: the id that stands for no suggestion: V, the size of the vocabulary.
    Of equally long matches the latest counts. A step costs time in proportion to the tune so far: it keeps, for every
    earlier position, how many characters before it equal the end of the tune.
    """

    def __init__(self, nothing: int) -> None:
        self._nothing = nothing
        self._size = 0
        self._ids = np.zeros(256, dtype=np.int64)
        self._lengths = np.zeros(256, dtype=np.int64)  # [j]: the match of the tune's end with the stretch ending at j
        self._former = np.zeros(256, dtype=np.int64)  # the same, one character ago

    def read(self, character: int) -> Suggestion:
        """Add a character to the tune; returns what it suggests now."""
        size = self._size
        if size == len(self._ids):
            self._grow()
        self._lengths, self._former = self._former, self._lengths
        self._ids[size] = character
        self._size = size + 1
        if size == 0:
            return Suggestion(self._nothing, 0, 0)
        lengths = self._lengths[:size]
        lengths[0] = 1
        np.add(self._former[: size - 1], 1, out=lengths[1:])
        lengths *= self._ids[:size] == character
        back = int(np.argmax(lengths[::-1]))
        longest = int(lengths[size - 1 - back])
        if longest == 0:
            return Suggestion(self._nothing, 0, 0)
        return Suggestion(int(self._ids[size - back]), longest, back + 1)

    def _grow(self) -> None:
        self._ids, self._lengths, self._former = (
            np.concatenate([array, np.zeros_like(array)]) for array in (self._ids, self._lengths, self._former)
        )


def suggestions(ids: Ids, *, nothing: int) -> Ids:
    """What `Copier` suggests after each character of a whole tune: rows of character, length, distance; [T, 3].

    Works through the distances instead of the characters: the match at distance d after character i is as long as the
    run of equal pairs (i, i - d), (i - 1, i - 1 - d), ... Time and nothing else grows with the square of the tune.
    """
    size = len(ids)
    places = np.arange(size)
    longest, nearest = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    for first in range(1, size, DISTANCES_AT_ONCE):
        distances = np.arange(first, min(first + DISTANCES_AT_ONCE, size))[:, None]
        earlier = places - distances
        differs = (earlier < 0) | (ids[earlier] != ids)
        lengths = places - np.maximum.accumulate(np.where(differs, places, -1), axis=1)
        best = lengths.argmax(axis=0)  # of equal lengths the first, so the nearest
        better = lengths[best, places] > longest
        longest[better] = lengths[best, places][better]
        nearest[better] = first + best[better]
    found = longest > 0
    rows = np.stack([np.full(size, nothing), longest, nearest], axis=1)
    rows[found, 0] = ids[(places - nearest + 1)[found]]
    return rows


def steps_reached(counts: Ids) -> Ids:
    """How many of STEPS_OF_A_COUNT each length or distance reaches, 0..len(STEPS_OF_A_COUNT)."""
    return np.searchsorted(STEPS_OF_A_COUNT, counts, side="right")
