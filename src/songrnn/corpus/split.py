"""Tunes -> training, validation and test, so that variants of one tune are never on two sides."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from sys import intern

from songrnn.corpus.packed.minhash import families_by_minhash
from songrnn.corpus.variants import Melodies, families_of
from songrnn.errors import CorpusError

EXACT_TUNES = 100_000
"""Of more tunes the families are found by MinHash: all pairs would take too long, and more memory than there is."""
LARGEST_SHARE_OF_A_SIDE = 10  # a family is at most a tenth of a held-out side, or its number would be that family's


@dataclass(frozen=True)
class Split:
    """Positions of the tunes of each side, ascending; families: how many groups of variants were dealt."""

    training: tuple[int, ...]
    validation: tuple[int, ...]
    test: tuple[int, ...]
    families: int


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
    count = len(families)
    sides = ["training", "validation", "test"] if test_share else ["training", "validation"]
    if count < len(sides):
        raise CorpusError(
            f"{len(tunes)} tune(s) that fall into {count} group(s) of variants cannot be split into "
            f"{', '.join(sides)}: that takes {len(sides)}. Give more tunes, or a file with --validation FILE"
        )
    random.Random(seed).shuffle(families)
    pool = _Pool.of(families, tunes)
    validation = pool.take(round(validation_share * len(tunes)))
    test = pool.take(round(test_share * len(tunes))) if test_share else []
    return Split(_ordered(pool.families), _ordered(validation), _ordered(test), count)


@dataclass
class _Pool:
    """Families that no side has yet.

    characters: of each family, as a sorted string; equal ones are one object, for there are few kinds.
    holders: character -> how many families of the pool have it.
    """

    families: list[list[int]]
    characters: list[str]
    holders: Counter[str]

    @classmethod
    def of(cls, families: list[list[int]], tunes: Sequence[str]) -> "_Pool":
        texts = (("".join(tunes[index] for index in family)) for family in families)
        characters = [intern("".join(sorted(set(text)))) for text in texts]
        return cls(families, characters, Counter(character for own in characters for character in own))

    def take(self, tunes: int) -> list[list[int]]:
        """Take families out, in their order, while they fit into `tunes`; the smallest when none does."""
        largest = max(1, tunes // LARGEST_SHARE_OF_A_SIDE)
        taken: list[int] = []
        for place, (family, characters) in enumerate(zip(self.families, self.characters, strict=True)):
            fits = len(family) <= min(largest, tunes)
            if fits and all(self.holders[character] > 1 for character in characters):
                tunes -= len(family)
                self.holders.subtract(characters)
                taken.append(place)
        if not taken:
            taken = [min(range(len(self.families)), key=lambda place: len(self.families[place]))]
            self.holders.subtract(self.characters[taken[0]])
        families = [self.families[place] for place in taken]
        kept = sorted(set(range(len(self.families))) - set(taken))
        self.families = [self.families[place] for place in kept]
        self.characters = [self.characters[place] for place in kept]
        return families


def _ordered(families: Sequence[Sequence[int]]) -> tuple[int, ...]:
    return tuple(sorted(index for family in families for index in family))
