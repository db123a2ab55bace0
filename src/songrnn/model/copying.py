"""What the tune so far suggests: its motifs come back.

A recurrent network of this size cannot repeat a strain letter by letter over hundreds of characters; whoever can look
back can. For every character, the copier finds the longest earlier stretch of the same tune that equals its end, and
suggests the character that followed there. The network sees the suggestion and the length of the match as part of its
input, and adds to the logit of the suggested character what a gate says:

    x        = embedding[character] + suggested[suggestion] + matched[length]
    logits   = W_o h + b_o;   logits[suggestion] += u . h + d + bonus[length]

so that it learns when to follow. Related to the pointer of Merity et al. (2017) and the neural cache of Grave et al.
(2017); here the candidate is exact and the network knows it before it computes its state.
"""

from typing import NamedTuple

import numpy as np

from songrnn.model.settings import LONGEST_MATCH
from songrnn.vocabulary import Ids


class Suggestion(NamedTuple):
    """What may come next. `character` is V, the size of the vocabulary, and `length` 0 where nothing is suggested."""

    character: int
    length: int  # of the match, 0..LONGEST_MATCH
    source: int  # position in the tune, from 0, of the character that is suggested; -1 where nothing is


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

    def tell(self, character: int) -> Suggestion:
        """Add a character to the tune; returns what it suggests now."""
        size = self._size
        if size == len(self._ids):
            self._grow()
        self._lengths, self._former = self._former, self._lengths
        self._ids[size] = character
        self._size = size + 1
        if size == 0:
            return Suggestion(self._nothing, 0, -1)
        lengths = self._lengths[:size]
        lengths[0] = 1
        np.add(self._former[: size - 1], 1, out=lengths[1:])
        lengths *= self._ids[:size] == character
        end = size - 1 - int(np.argmax(lengths[::-1]))
        longest = int(lengths[end])
        if longest == 0:
            return Suggestion(self._nothing, 0, -1)
        return Suggestion(int(self._ids[end + 1]), min(longest, LONGEST_MATCH), end + 1)

    def _grow(self) -> None:
        self._ids, self._lengths, self._former = (
            np.concatenate([array, np.zeros_like(array)]) for array in (self._ids, self._lengths, self._former)
        )


def network_inputs(ids: Ids, *, nothing: int, copying: bool) -> Ids:
    """The rows that a network reads for a tune: id, suggested id, length of the match; [T, 3].

    Without copying nothing is ever suggested.
    """
    rows = np.zeros((len(ids), 3), dtype=np.int64)
    rows[:, 0], rows[:, 1] = ids, nothing
    if copying:
        copier = Copier(nothing)
        for position, character in enumerate(ids):
            rows[position, 1:] = copier.tell(int(character))[:2]
    return rows
