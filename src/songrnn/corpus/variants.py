"""Families of variants among tunes, independent of key, octave, ornaments and note lengths.

A melody is taken as its diatonic steps: from each note to the next one that differs, counted in scale degrees (c to e
is 2 in any key). Repeated notes count once, because variants differ in rhythm first. Every SHINGLE_STEPS steps in a
row make a shingle. Two tunes are variants when the smaller of their two sets of shingles shares at least
VARIANT_SHARE with the other (containment, not Jaccard: one printed book gives a tune two parts and another four).

A shingle is stored as one number of 64 bits, one byte for each of its eight steps: equal numbers are equal shingles, as
there is no hash that could collide. Memory is kept small by dividing the work: the shingles are sorted one of
2^PARTITION_BITS parts at a time, only those that several tunes have are kept, and pairs of tunes are counted
PAIRS_AT_ONCE at a time.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from songrnn.corpus.body import music_alone

SHINGLE_STEPS = 8
# In three old printed books, pairs of one title share much or nothing; from 0.25 on nearly every pair looked at by eye
# is one tune (a reel and its hornpipe, say), below 0.2 it is a family likeness. Grouping too much costs nothing.
VARIANT_SHARE = 0.25
MIN_SHARED = 6  # shingles; fewer in common is a cadence, not a tune
COMMON_SHINGLE = 60  # tunes; a run of notes in more tunes than this (a scale) is no evidence
LARGEST_STEP = 127  # degrees, which is eighteen octaves: what a byte holds; a larger step counts as this one

PARTITION_BITS = 4
WINDOWS_AT_ONCE = 1 << 14
PAIRS_AT_ONCE = 1 << 14
_PLACE_BITS = 32

# The bounds keep reading linear where many braces or brackets open and none closes.
_SKIPPED = re.compile(r"\{[^}\n]{0,500}\}|%.*|^<(?:start|end)>$", re.MULTILINE)  # grace notes, comments, markers
_CHORD = re.compile(r"\[([_=^]*[A-Ga-g][,']*)[^\]\n|:]{0,500}\]")
_NOTE = re.compile(r"([A-Ga-g])([,']*)")
_DEGREE = {letter: degree for degree, letter in enumerate("CDEFGABcdefgab")}


def group_variants(tunes: Sequence[str]) -> list[list[int]]:
    """Families of variants, as positions in `tunes`: every tune is in one, alone if it has no variant.

    tunes: texts in raw or tunebook form.
    A variant of a variant belongs to the family too. Families are in the order of their first tunes.
    """
    return families_of(Melodies.of(tunes)).as_lists()


class Families(NamedTuple):
    """Families of N tunes, in the order of their first tunes; at 16 bytes a tune.

    tunes: [N] the tunes of one family after the other, ascending in each.
    begins: where each family begins, and the end.
    """

    tunes: NDArray[np.int64]
    begins: NDArray[np.int64]

    @classmethod
    def by_first(cls, first: NDArray[np.int64]) -> "Families":
        """From the first tune [N] of the family of each tune."""
        tunes = np.argsort(first, kind="stable")
        begins = np.flatnonzero(np.diff(first[tunes], prepend=-1))
        return cls(tunes, np.append(begins, len(tunes)))

    def as_lists(self) -> list[list[int]]:
        """One list for each family."""
        return [self.tunes[begin:end].tolist() for begin, end in pairwise(self.begins)]


def families_of(melodies: "Melodies") -> Families:
    """The families of tunes with these melodies."""
    parents = list(range(len(melodies.begins) - 1))
    postings = _postings(melodies)
    for first, second, shared in _shared_shingles(postings):
        smaller = np.minimum(postings.sizes[first], postings.sizes[second])
        variants = (shared >= VARIANT_SHARE * smaller) & (shared >= np.minimum(MIN_SHARED, smaller))
        for one, other in zip(first[variants].tolist(), second[variants].tolist(), strict=True):
            parents[_root(parents, other)] = _root(parents, one)
    roots = np.array([_root(parents, index) for index in range(len(parents))], dtype=np.int64)
    _, first, family = np.unique(roots, return_index=True, return_inverse=True)
    return Families.by_first(first[family])


def melody_steps(tune: str) -> list[int]:
    """Diatonic steps between successive notes that differ; grace notes are skipped, a chord is its first note."""
    body = _CHORD.sub(r"\1", _SKIPPED.sub("", music_alone(tune)))
    degrees = [_DEGREE[letter] + 7 * (octave.count("'") - octave.count(",")) for letter, octave in _NOTE.findall(body)]
    return [after - before for before, after in pairwise(degrees) if after != before]


def melody_bytes(tune: str) -> bytes:
    """The steps of a melody, one byte each, padded to a whole shingle; empty without any."""
    own = np.clip(melody_steps(tune), -LARGEST_STEP, LARGEST_STEP).astype(np.int8).tobytes()
    return own.ljust(SHINGLE_STEPS, b"\0") if own else b""


class Melodies(NamedTuple):
    """The steps of N tunes, concatenated.

    steps:  fewer than SHINGLE_STEPS are padded with 0, which is no step, so a short melody equals no part of another.
    begins: [N + 1] where each tune's steps begin.
    """

    steps: NDArray[np.int8]
    begins: NDArray[np.int64]

    @classmethod
    def of(cls, tunes: Sequence[str]) -> "Melodies":
        """The melodies of these texts."""
        steps, begins = bytearray(), np.zeros(len(tunes) + 1, dtype=np.int64)
        for number, tune in enumerate(tunes, start=1):
            steps += melody_bytes(tune)
            begins[number] = len(steps)
        return cls(np.frombuffer(steps, dtype=np.int8), begins)

    def shingles(self, partition: int) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
        """Every shingle that belongs to a partition, and its tune; in the order of the tunes."""
        starts = range(0, len(self.steps) - SHINGLE_STEPS + 1, WINDOWS_AT_ONCE)
        parts = [self._shingles_between(begin, partition) for begin in starts]
        shingles = np.concatenate([np.zeros(0, np.uint64), *(shingles for shingles, _ in parts)])
        return shingles, np.concatenate([np.zeros(0, np.int32), *(tunes for _, tunes in parts)])

    def _shingles_between(self, begin: int, partition: int) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
        """The same for the WINDOWS_AT_ONCE windows from the step `begin` on."""
        steps = self.steps[begin : begin + WINDOWS_AT_ONCE + SHINGLE_STEPS - 1]
        windows = np.lib.stride_tricks.sliding_window_view(steps, SHINGLE_STEPS)
        shingles = np.ascontiguousarray(windows).view(np.uint64).ravel()
        spread = shingles * np.uint64(0x9E3779B97F4A7C15)  # multiplicative hashing (Knuth, TAOCP 3, 6.4)
        places = np.flatnonzero(spread >> np.uint64(64 - PARTITION_BITS) == partition)
        tunes = np.searchsorted(self.begins, places + begin, side="right") - 1
        whole = places + begin + SHINGLE_STEPS <= self.begins[tunes + 1]
        return shingles[places[whole]], tunes[whole].astype(np.int32)


class _Postings(NamedTuple):
    """The tunes that have each shingle, concatenated; of the shingles that 2 to COMMON_SHINGLE tunes have.

    tunes: ascending for each shingle. later: how many more tunes of the same shingle follow.
    sizes: how many distinct shingles each tune has, shared or not. pairs: for each tune the sum of its `later`.
    """

    tunes: NDArray[np.int32]
    later: NDArray[np.uint8]
    sizes: NDArray[np.int64]
    pairs: NDArray[np.int64]


def _postings(melodies: Melodies) -> _Postings:
    """Which tunes share which shingles."""
    sizes, pairs = (np.zeros(len(melodies.begins) - 1, dtype=np.int64) for _ in range(2))
    parts: list[tuple[NDArray[np.int32], NDArray[np.uint8]]] = []
    for partition in range(1 << PARTITION_BITS):
        tunes, first = _distinct(*melodies.shingles(partition))
        sizes += np.bincount(tunes, minlength=len(sizes))
        begins = np.flatnonzero(first)
        counts = np.diff(begins, append=len(tunes))
        count = np.repeat(counts, counts)
        later = np.repeat(begins + counts, counts) - np.arange(1, len(tunes) + 1)
        kept = (count > 1) & (count <= COMMON_SHINGLE)
        pairs += np.bincount(tunes[kept], later[kept], minlength=len(pairs)).astype(np.int64)
        parts.append((tunes[kept], later[kept].astype(np.uint8)))
    return _Postings(np.concatenate([own for own, _ in parts]), np.concatenate([own for _, own in parts]), sizes, pairs)


def _distinct(shingles: NDArray[np.uint64], tunes: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """The tunes of each shingle, one shingle after the other and no tune twice; and where the next shingle begins.

    tunes: the tune of each of `shingles`, ascending.
    """
    order = np.argsort(shingles, kind="stable")
    shingles, tunes = shingles[order], tunes[order]
    first, once = (np.ones(len(tunes), dtype=bool) for _ in range(2))
    first[1:] = shingles[1:] != shingles[:-1]
    once[1:] = first[1:] | (tunes[1:] != tunes[:-1])
    return tunes[once], first[once]


def _shared_shingles(postings: _Postings) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]]:
    """Pairs of tunes that share shingles: the first tune of each, the second, and how many; every pair once."""
    count, places = len(postings.sizes), np.arange(len(postings.tunes), dtype=np.uint32)
    by_tune = postings.tunes.astype(np.int64) << _PLACE_BITS
    by_tune |= places
    by_tune.sort()
    blocks = np.cumsum(postings.pairs) // PAIRS_AT_ONCE
    borders = np.searchsorted(by_tune, (np.flatnonzero(np.diff(blocks)) + 1) << _PLACE_BITS)
    for some in np.split(by_tune, borders):  # views, each with all postings of its tunes
        place = some & ((1 << _PLACE_BITS) - 1)
        later = postings.later[place].astype(np.int64)
        within = np.arange(later.sum()) - np.repeat(np.cumsum(later) - later, later)
        second = postings.tunes[np.repeat(place, later) + 1 + within]
        pairs, shared = np.unique(np.repeat(some >> _PLACE_BITS, later) * count + second, return_counts=True)
        yield pairs // max(1, count), pairs % max(1, count), shared


def _root(parents: list[int], index: int) -> int:
    while parents[index] != index:
        parents[index] = parents[parents[index]]
        index = parents[index]
    return index
