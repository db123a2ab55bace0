"""What the network reads with each character: the character itself, what the tune so far suggests, what n-grams expect.

`Reader` is made once a network; it reads whole tunes, or follows one as it comes into being.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from songrnn.model.copying import Copier, Suggestion, steps_reached, suggestions
from songrnn.model.ngrams import Counts, NgramReader, Ngrams
from songrnn.model.settings import ModelSettings
from songrnn.vocabulary import Ids

Floats = NDArray[np.floating]

COLUMNS = 4


class Inputs(NamedTuple):
    """What the network reads; [...] is [T] for one tune, [B] for one step of many."""

    rows: Ids  # [..., 4]: id, suggested id, steps that the match's length reaches, steps that its distance reaches
    expected: Floats  # [..., K, V]: natural logarithms of probabilities, one distribution for each length of context

    def at(self, place: int | slice) -> "Inputs":
        """The inputs at one place or stretch of the first axis."""
        return Inputs(self.rows[place], self.expected[place])


class Reader:
    """Knows what a network of these settings wants to read. ngrams: wanted if the settings have any."""

    def __init__(self, settings: ModelSettings, vocabulary_size: int, ngrams: Ngrams | None) -> None:
        assert (ngrams is not None) == bool(settings.ngrams)
        self.copying, self.contexts, self.ngrams = settings.copying, settings.ngrams, ngrams
        self.vocabulary_size = vocabulary_size

    @classmethod
    def counting(
        cls, settings: ModelSettings, vocabulary_size: int, tunes: Sequence[Ids]
    ) -> tuple["Reader", tuple[Counts, ...]]:
        """The reader of a new network, whose n-grams are counted in `tunes`, and the counts of each fold of them."""
        if not settings.ngrams:
            return cls(settings, vocabulary_size, None), ()
        longest = max(settings.ngrams)
        ngrams, folds = Ngrams.count(tunes, vocabulary_size=vocabulary_size, longest_context=longest)
        return cls(settings, vocabulary_size, ngrams), folds

    def read(self, ids: Ids, without: Counts | None = None) -> Inputs:
        """A whole tune. without: taken off the n-grams' counts."""
        rows = np.zeros((len(ids), COLUMNS), dtype=np.int64)
        rows[:, 0], rows[:, 1] = ids, self.vocabulary_size
        if self.copying:
            rows[:, 1:] = suggestions(ids, nothing=self.vocabulary_size)
            rows[:, 2:] = steps_reached(rows[:, 2:])
        if self.ngrams is None:
            return Inputs(rows, np.zeros((len(ids), 0, self.vocabulary_size), dtype=np.float32))
        return Inputs(rows, self.ngrams.expected(ids, self.contexts, without))

    def follow(self) -> "Follower":
        """Something that reads one tune as it comes into being."""
        return Follower(self)


class Follower:
    """Reads one tune character by character; the same numbers as `Reader.read`.

    suggestion: what the tune so far suggests, after the last character that was told.
    """

    def __init__(self, reader: Reader) -> None:
        nothing = reader.vocabulary_size
        self._copier = Copier(nothing) if reader.copying else None
        self._ngrams = None if reader.ngrams is None else NgramReader(reader.ngrams, reader.contexts)
        self._expected = np.zeros((0, nothing), dtype=np.float32)
        self.suggestion = Suggestion(nothing, 0, 0)

    def tell(self, character: int) -> Inputs:
        """Add a character to the tune; returns what the network reads with it, [4] and [K, V]."""
        if self._copier is not None:
            self.suggestion = self._copier.tell(character)
        if self._ngrams is not None:
            self._expected = self._ngrams.tell(character)
        suggested, length, distance = self.suggestion
        return Inputs(np.array([character, suggested, *steps_reached(np.array([length, distance]))]), self._expected)
