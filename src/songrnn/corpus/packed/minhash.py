"""Families of variants among very many tunes: MinHash in place of all pairs.

Each tune has a signature: for each of PERMUTATIONS hash functions the smallest hash of its shingles
(`corpus/variants.py`). Two tunes agree at a place of the signature with a probability that is their Jaccard similarity
(Broder 1997). Tunes that agree at one place at least are candidates, of which neighbours in each bucket are compared by
their true shingles, so that no false family is made; a pair that shares a quarter of 100 shingles each is a candidate
with a probability of 0.999. Time grows with the number of tunes, not of pairs.

It is NumPy on a memory-mapped array: `datasketch` keeps an object for each signature and Python sets as buckets,
kilobytes a tune, where 4 * PLACES_AT_ONCE bytes are needed.
"""

import numpy as np
from numpy.typing import NDArray

from songrnn.corpus.variants import MIN_SHARED, SHINGLE_STEPS, VARIANT_SHARE, Families, Melodies

PERMUTATIONS = 48
PLACES_AT_ONCE = 8
"""Of the signatures, in memory; the shingles are read PERMUTATIONS / PLACES_AT_ONCE times."""
STEPS_AT_ONCE = 1 << 18
_PAIR_BITS = 12
PAIRS_AT_ONCE = 1 << _PAIR_BITS
_NONE = np.uint32(0xFFFFFFFF)

Numbers = NDArray[np.int64]


def families_by_minhash(melodies: Melodies) -> Families:
    """Families as `families_of` has them, but for pairs that no bucket brings together, and with shingles that are
    common."""
    factors = np.random.default_rng(0).integers(2**63, size=PERMUTATIONS, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    parents = np.arange(len(melodies.begins) - 1)
    for begin in range(0, PERMUTATIONS, PLACES_AT_ONCE):
        for hashes in _signatures(melodies, factors[begin : begin + PLACES_AT_ONCE]):
            first, second = _neighbours(hashes, parents)
            for pair in range(0, len(first), PAIRS_AT_ONCE):
                some = slice(pair, pair + PAIRS_AT_ONCE)
                _join(parents, *_variants(melodies, first[some], second[some]))
            while (parents[parents] != parents).any():
                parents[:] = parents[parents]
    return Families.by_first(parents)


def _neighbours(hashes: NDArray[np.uint32], parents: Numbers) -> tuple[Numbers, Numbers]:
    """Pairs of tunes that follow each other among those of one hash, ordered by family, and are of different families
    so far."""
    order = np.lexsort((parents, hashes))
    ordered = hashes[order]
    same = np.flatnonzero((ordered[1:] == ordered[:-1]) & (ordered[1:] != _NONE))
    same = same[parents[order[same]] != parents[order[same + 1]]]
    return order[same], order[same + 1]


def _signatures(melodies: Melodies, factors: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """[factors, tunes] the places of the signatures that these hash functions make; _NONE for a tune without a
    shingle."""
    signatures = np.full((len(factors), len(melodies.begins) - 1), _NONE)
    tune = 0
    while tune < signatures.shape[1]:
        end = int(np.searchsorted(melodies.begins, melodies.begins[tune] + STEPS_AT_ONCE, side="right")) - 1
        tunes = np.arange(tune, max(end, tune + 1))
        shingles, counts = _shingles(melodies, tunes)
        known = np.flatnonzero(counts)
        if len(known):
            starts = (np.cumsum(counts) - counts)[known]
            mixed = shingles ^ (shingles >> np.uint64(29))
            for place, factor in enumerate(factors):
                hashes = ((mixed * factor) >> np.uint64(32)).astype(np.uint32)
                signatures[place, tunes[known]] = np.minimum.reduceat(hashes, starts)
        tune = int(tunes[-1]) + 1
    return signatures


def _shingles(melodies: Melodies, tunes: Numbers) -> tuple[NDArray[np.uint64], Numbers]:
    """The shingles of these tunes, one tune after the other, and how many each has."""
    begins = melodies.begins[tunes]
    counts = np.maximum(melodies.begins[tunes + 1] - begins - SHINGLE_STEPS + 1, 0)
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    at = np.repeat(begins, counts) + within
    if not len(at):
        return np.zeros(0, np.uint64), counts
    windows = np.lib.stride_tricks.sliding_window_view(melodies.steps, SHINGLE_STEPS)[at]
    return np.ascontiguousarray(windows).view(np.uint64).ravel(), counts


def _variants(melodies: Melodies, first: Numbers, second: Numbers) -> tuple[Numbers, Numbers]:
    """Those of the pairs that are variants."""
    keys = np.sort(np.concatenate([_keys(melodies, tunes, side) for side, tunes in enumerate((first, second))]))
    keys = keys[np.diff(keys, prepend=~keys[:1]) != 0]
    pairs, side = (keys >> np.uint64(64 - _PAIR_BITS)).astype(np.int64), keys & np.uint64(1)
    smaller = np.minimum(*(np.bincount(pairs[side == own], minlength=len(first)) for own in (0, 1)))
    shared = np.bincount(pairs[1:][keys[1:] ^ keys[:-1] == 1], minlength=len(first))
    kept = (shared >= VARIANT_SHARE * smaller) & (shared >= np.minimum(MIN_SHARED, smaller)) & (smaller > 0)
    return first[kept], second[kept]


def _keys(melodies: Melodies, tunes: Numbers, side: int) -> NDArray[np.uint64]:
    """One number for each shingle of the first (0) or second (1) tune of each pair: pair, hash of the shingle, side."""
    shingles, counts = _shingles(melodies, tunes)
    hashes = (shingles * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(_PAIR_BITS) | np.uint64(1)
    pairs = np.repeat(np.arange(len(tunes), dtype=np.uint64) << np.uint64(64 - _PAIR_BITS), counts)
    keys: NDArray[np.uint64] = pairs | (hashes ^ np.uint64(1 - side))
    return keys


def _join(parents: Numbers, first: Numbers, second: Numbers) -> None:
    """Make one family of the families of each pair, with the first tune of both as its root."""
    for one, other in zip(first.tolist(), second.tolist(), strict=True):
        low, high = sorted((_root(parents, one), _root(parents, other)))
        parents[high] = low


def _root(parents: Numbers, tune: int) -> int:
    while parents[tune] != tune:
        parents[tune] = parents[parents[tune]]
        tune = int(parents[tune])
    return tune
