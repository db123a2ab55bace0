"""Tunes -> training, validation and test, so that variants of one tune never stand on two sides."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from songrnn.corpus.variants import group_variants
from songrnn.errors import CorpusError

LARGEST_SHARE_OF_A_SIDE = 10  # a family is at most a tenth of a held-out side, or its number would be that family's


@dataclass(frozen=True)
class Split:
    """Positions of the tunes of each side, ascending; families: how many groups of variants were dealt."""

    training: tuple[int, ...]
    validation: tuple[int, ...]
    test: tuple[int, ...]
    families: int


def split_corpus(tunes: Sequence[str], *, seed: int, validation_share: float, test_share: float) -> Split:
    """Deal families of variants to the three sides; the same tunes and seed give the same split.

    validation_share, test_share: shares of the tunes, not of the families; a test share of 0 means no test side.
    A side reaches its share unless too few families fit: large families stay in training, and so do the last that
    hold a character, which the network could not learn otherwise. Each side gets one family at least.
    Raises CorpusError when there are fewer families than sides.
    """
    families = group_variants(tunes)
    count = len(families)
    sides = ["training", "validation", "test"] if test_share else ["training", "validation"]
    if count < len(sides):
        raise CorpusError(
            f"{len(tunes)} tune(s) that fall into {count} group(s) of variants cannot be split into "
            f"{', '.join(sides)}: that takes {len(sides)}. Give more tunes, or a file with --validation FILE"
        )
    random.Random(seed).shuffle(families)
    characters = [set().union(*(tunes[index] for index in family)) for family in families]
    holders = Counter(character for own in characters for character in own)
    pool = list(zip(families, characters, strict=True))
    validation = _take(pool, holders, round(validation_share * len(tunes)))
    test = _take(pool, holders, round(test_share * len(tunes))) if test_share else []
    return Split(_ordered([family for family, _ in pool]), _ordered(validation), _ordered(test), count)


def _take(pool: list[tuple[list[int], set[str]]], holders: Counter[str], tunes: int) -> list[list[int]]:
    """Take families out of the pool, in its order, while they fit into `tunes`; the smallest when none does.

    pool:    families that no side has yet, each with its characters.
    holders: character -> how many families of the pool have it; kept up to date.
    """
    largest = max(1, tunes // LARGEST_SHARE_OF_A_SIDE)
    taken: list[list[int]] = []
    for family, characters in list(pool):
        fits = len(family) <= min(largest, tunes)
        if fits and all(holders[character] > 1 for character in characters):
            tunes -= len(family)
            holders.subtract(characters)
            pool.remove((family, characters))
            taken.append(family)
    if not taken:
        family, characters = min(pool, key=lambda entry: len(entry[0]))
        holders.subtract(characters)
        pool.remove((family, characters))
        taken.append(family)
    return taken


def _ordered(families: Sequence[Sequence[int]]) -> tuple[int, ...]:
    return tuple(sorted(index for family in families for index in family))
