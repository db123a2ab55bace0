"""Tunes -> training, validation and test, so that variants of one tune are never on two sides."""

import random
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from songrnn.corpus.packed.minhash import families_by_minhash
from songrnn.corpus.variants import Families, Melodies, families_of
from songrnn.errors import CorpusError

EXACT_TUNES = 100_000
"""Of more tunes the families are found by MinHash: all pairs would take too long, and more memory than there is."""
LARGEST_SHARE_OF_A_SIDE = 10  # a family is at most a tenth of a held-out side, or its number would be that family's


@dataclass(frozen=True, eq=False)
class Split:
    """The side of each tune, and how many families were dealt.

    sides: [tunes] 0 training, 1 validation, 2 test.
    """

    sides: NDArray[np.uint8]
    families: int

    @property
    def training(self) -> tuple[int, ...]:
        """Positions of the training tunes, ascending."""
        return self._of(0)

    @property
    def validation(self) -> tuple[int, ...]:
        """Those of the validation tunes."""
        return self._of(1)

    @property
    def test(self) -> tuple[int, ...]:
        """Those of the test tunes."""
        return self._of(2)

    def _of(self, side: int) -> tuple[int, ...]:
        return tuple(np.flatnonzero(self.sides == side).tolist())


def split_corpus(
    tunes: Sequence[str],
    *,
    seed: int,
    validation_share: float,
    test_share: float,
    melodies: Melodies | None = None,
) -> Split:
    """Deal families of variants to the three sides; the same tunes and seed give the same split.

    melodies: of the tunes, where they are known already.
    validation_share, test_share: shares of the tunes, not of the families; a test share of 0 means no test side.
    A side reaches its share unless too few families fit: large families stay in training, and so do the last that
    hold a character, which the network could not learn otherwise. Each side gets one family at least.
    Raises CorpusError when there are fewer families than sides.
    """
    melodies = Melodies.of(tunes) if melodies is None else melodies
    families = (families_of if len(tunes) <= EXACT_TUNES else families_by_minhash)(melodies)
    shares = [validation_share, test_share] if test_share else [validation_share]
    count = len(families.begins) - 1
    if count <= len(shares):
        names = ", ".join(["training", "validation", "test"][: len(shares) + 1])
        raise CorpusError(
            f"the tunes cannot be split into {names}: of {len(shares) + 1} groups of variants or more there "
            f"{'is' if count == 1 else 'are'} {count}. Give more tunes, or a file with --validation FILE"
        )
    pool, sides = _Pool(families, tunes, seed), np.zeros(len(tunes), dtype=np.uint8)
    for side, share in enumerate(shares, start=1):
        sides[pool.take(round(share * len(tunes)))] = side
    return Split(sides, count)


class _Pool:
    """Families that no side has yet, in the order in which they are dealt.

    holders: character -> how many families of the pool have it.
    """

    def __init__(self, families: Families, tunes: Sequence[str], seed: int) -> None:
        self._families, self._tunes = families, tunes
        order = array("q", range(len(families.begins) - 1))
        random.Random(seed).shuffle(order)
        self._order = np.frombuffer(order, dtype=np.int64)
        self._holders = Counter(character for family in order for character in self._characters(family))

    def take(self, tunes: int) -> NDArray[np.int64]:
        """Take families out while they fit into `tunes`, or the smallest when none does; returns their tunes."""
        largest = max(1, tunes // LARGEST_SHARE_OF_A_SIDE)
        sizes = np.diff(self._families.begins)[self._order]
        taken: list[int] = []
        for place in np.flatnonzero(sizes <= largest).tolist():
            if not tunes:
                break
            if sizes[place] > tunes:
                continue
            characters = self._characters(self._order[place])
            if all(self._holders[character] > 1 for character in characters):
                tunes -= int(sizes[place])
                self._holders.subtract(characters)
                taken.append(place)
        if not taken:
            taken = [int(np.argmin(sizes))]
            self._holders.subtract(self._characters(self._order[taken[0]]))
        families = self._order[taken]
        self._order = np.delete(self._order, taken)
        return np.concatenate([self._of(family) for family in families])

    def _of(self, family: int) -> NDArray[np.int64]:
        return self._families.tunes[self._families.begins[family] : self._families.begins[family + 1]]

    def _characters(self, family: int) -> set[str]:
        return set[str]().union(*(self._tunes[tune] for tune in self._of(family).tolist()))
