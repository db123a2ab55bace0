"""What the network reads with each character: the character itself, what the tune so far suggests, what n-grams expect,
and where in the tune it stands.

`Reader` is made once a network; it reads whole tunes, or one character after the other while a tune is composed.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from songrnn.model.categories import Columns, Places
from songrnn.model.copying import Copier, Suggestion, steps_reached, suggestions
from songrnn.model.ngrams import Counts, NgramReader, Ngrams
from songrnn.model.settings import ModelSettings
from songrnn.tracking.features import PositionFollower, positions
from songrnn.tracking.plan import TunePlan
from songrnn.vocabulary import Ids, Vocabulary

Floats = NDArray[np.floating]

COLUMNS = 4


class Inputs(NamedTuple):
    """What the network reads; [...] is [T] for one tune, [B] for one step of many."""

    rows: Ids  # [..., 4]: id, suggested id, steps that the match's length reaches, steps that its distance reaches
    expected: Floats  # [..., K, V]: natural logarithms of probabilities, one distribution for each length of context
    places: Places  # [..., C]: where in the tune (model/categories.py)

    def at(self, place: int | slice | None) -> "Inputs":
        """The inputs at one place or stretch of the first axis; None: with a new first axis of size 1."""
        return Inputs(self.rows[place], self.expected[place], self.places[place])

    @classmethod
    def side_by_side(cls, inputs: "Sequence[Inputs]") -> "Inputs":
        """Those of B tunes at one place each: [B, ...]."""
        rows, expected, places = (np.array(parts) for parts in zip(*inputs, strict=True))
        return cls(rows, expected, places)


class Reader:
    """Makes the inputs of a network of these settings. ngrams: needed if the settings have any."""

    def __init__(self, settings: ModelSettings, vocabulary: Vocabulary, ngrams: Ngrams | None) -> None:
        assert (ngrams is not None) == bool(settings.ngrams)
        self.copying, self.contexts, self.ngrams = settings.copying, settings.ngrams, ngrams
        self.has_plan = settings.plan
        self.vocabulary = vocabulary
        self.columns = Columns.of(settings, len(vocabulary))

    @classmethod
    def counting(
        cls, settings: ModelSettings, vocabulary: Vocabulary, tunes: Sequence[Ids]
    ) -> tuple["Reader", tuple[Counts, ...]]:
        """The reader of a new network, whose n-grams are counted in `tunes`, and the counts of each fold of them."""
        if not settings.ngrams:
            return cls(settings, vocabulary, None), ()
        longest = max(settings.ngrams)
        ngrams, folds = Ngrams.count(tunes, vocabulary_size=len(vocabulary), longest_context=longest)
        return cls(settings, vocabulary, ngrams), folds

    def read(self, ids: Ids, without: Counts | None = None, *, plan: TunePlan | None = None) -> Inputs:
        """The inputs of a whole tune. without: taken off the n-grams' counts. plan: the form of the tune, if known."""
        size = len(self.vocabulary)
        rows = np.zeros((len(ids), COLUMNS), dtype=np.int64)
        rows[:, 0], rows[:, 1] = ids, size
        if self.copying:
            rows[:, 1:] = suggestions(ids, nothing=size)
            rows[:, 2:] = steps_reached(rows[:, 2:])
        expected = (
            np.zeros((len(ids), 0, size), dtype=np.float32)
            if self.ngrams is None
            else self.ngrams.expected(ids, self.contexts, without)
        )
        return Inputs(rows, expected, self._places(ids, plan))

    def read_with_plan(self, ids: Ids, without: Counts | None = None) -> Inputs:
        """The inputs of a whole tune whose form is known, if the network reads plans."""
        return self.read(ids, without, plan=TunePlan.of(self.vocabulary.decode(ids)) if self.has_plan else None)

    def incremental(self, plan: TunePlan | None = None) -> "IncrementalInputs":
        """The inputs of one tune, character by character. plan: its form, if known."""
        return IncrementalInputs(self, plan)

    def _places(self, ids: Ids, plan: TunePlan | None) -> Places:
        if not len(self.columns) or not len(ids):
            return np.zeros((len(ids), len(self.columns)), dtype=np.int32)
        return self.columns.row(positions(ids, self.vocabulary, plan=plan))


class IncrementalInputs:
    """The inputs of one tune, character by character; the same numbers as `Reader.read`.

    suggestion: what the tune so far suggests, after the last character that was read.
    """

    def __init__(self, reader: Reader, plan: TunePlan | None = None) -> None:
        nothing = len(reader.vocabulary)
        self._copier = Copier(nothing) if reader.copying else None
        self._ngrams = None if reader.ngrams is None else NgramReader(reader.ngrams, reader.contexts)
        self._expected = np.zeros((0, nothing), dtype=np.float32)
        self._columns = reader.columns
        self._follower = PositionFollower(reader.vocabulary, plan) if len(reader.columns) else None
        self._places: Places = np.zeros(0, dtype=np.int32)
        self.suggestion = Suggestion(nothing, 0, 0)

    def read(self, character: int) -> Inputs:
        """Add a character to the tune; returns what the network reads with it, [4], [K, V] and [C]."""
        if self._copier is not None:
            self.suggestion = self._copier.read(character)
        if self._ngrams is not None:
            self._expected = self._ngrams.read(character)
        if self._follower is not None:
            self._places = self._columns.row(self._follower.tell(character))
        suggested, length, distance = self.suggestion
        row = np.array([character, suggested, *steps_reached(np.array([length, distance]))])
        return Inputs(row, self._expected, self._places)
