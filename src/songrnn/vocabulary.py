"""Characters <-> ids, in sorted order, so that one corpus has one vocabulary."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from songrnn.errors import VocabularyError

Ids = NDArray[np.int64]


@dataclass(frozen=True)
class Vocabulary:
    """The characters of a model.

    characters: each once, in the order of their code points; a character's id is its index here.
    boundaries: whether the start and the end of a tune are two ids of their own, after the characters
                (`tunebook` form), or are in the text as literal `<start>` and `<end>` lines (`raw` form).
    """

    characters: str
    boundaries: bool

    def __post_init__(self) -> None:
        if not isinstance(self.characters, str) or not isinstance(self.boundaries, bool):
            raise VocabularyError("the characters of a vocabulary must be one text, and its boundaries true or false")
        if any("\ud800" <= character <= "\udfff" for character in self.characters):
            raise VocabularyError("a vocabulary holds half a character (a lone surrogate)")
        if list(self.characters) != sorted(set(self.characters)):
            raise VocabularyError("the characters of a vocabulary must be sorted, each once")
        if not self.characters:
            raise VocabularyError("a vocabulary needs at least one character")

    @classmethod
    def of(cls, texts: Iterable[str], *, boundaries: bool) -> "Vocabulary":
        """The vocabulary of all characters in `texts`."""
        return cls("".join(sorted(set().union(*map(set, texts)))), boundaries)

    def __len__(self) -> int:
        """V: the number of ids."""
        return len(self.characters) + 2 * self.boundaries

    @property
    def start(self) -> int:
        """The id before the first character of a tune (with boundaries only)."""
        assert self.boundaries
        return len(self.characters)

    @property
    def end(self) -> int:
        """The id after the last character of a tune (with boundaries only)."""
        assert self.boundaries
        return len(self.characters) + 1

    def encode(self, text: str) -> Ids:
        """The ids of `text`, [len(text)].

        Raises VocabularyError naming the first character that has none and its position, counted from 1.
        """
        ids, unknown = self._look_up(text)
        if unknown.any():
            position = int(np.argmax(unknown))
            raise VocabularyError(
                f"character {text[position]!r} (position {position + 1}) is not among the {len(self.characters)} "
                "characters of this vocabulary"
            )
        return ids

    def encode_tune(self, text: str) -> Ids:
        """The ids of one whole tune, with its start and end ids where the vocabulary has them."""
        return self._bounded(self.encode(text))

    def encode_known(self, text: str) -> tuple[Ids, int]:
        """The ids of one whole tune without the characters that have none, and how many were left out."""
        ids, unknown = self._look_up(text)
        return self._bounded(ids[~unknown]), int(unknown.sum())

    def decode(self, ids: Sequence[int] | NDArray[np.integer]) -> str:
        """The text of `ids`; boundaries have none."""
        every = ids.tolist() if isinstance(ids, np.ndarray) else ids
        return "".join([self.characters[i] for i in every if i < len(self.characters)])

    def _look_up(self, text: str) -> tuple[Ids, NDArray[np.bool_]]:
        points = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
        ids = np.minimum(np.searchsorted(self._points, points), len(self.characters) - 1)
        return ids.astype(np.int64), self._points[ids] != points

    def _bounded(self, ids: Ids) -> Ids:
        return np.concatenate(([self.start], ids, [self.end])) if self.boundaries else ids

    @cached_property
    def _points(self) -> NDArray[np.uint32]:
        return np.frombuffer(self.characters.encode("utf-32-le"), dtype=np.uint32)
