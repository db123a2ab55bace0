"""Which tunes are variants of one another, whatever their key, octave, ornaments and note lengths.

A melody is taken as its diatonic steps: from each note to the next one that differs, counted in scale degrees (c to e
is 2 in any key). Repeated notes count once, because variants differ in rhythm first. Every SHINGLE_STEPS steps in a
row make a shingle. Two tunes are variants when the smaller of their two sets of shingles shares at least
VARIANT_SHARE with the other (containment, not Jaccard: one printed book gives a tune two parts and another four).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise

from songrnn.corpus.body import music_alone

SHINGLE_STEPS = 8
# In three old printed books, pairs of one title share much or nothing; from 0.25 on nearly every pair looked at by eye
# is one tune (a reel and its hornpipe, say), below 0.2 it is a family likeness. Grouping too much costs nothing.
VARIANT_SHARE = 0.25
MIN_SHARED = 6  # shingles; fewer in common is a cadence, not a tune
COMMON_SHINGLE = 60  # tunes; a run of notes in more tunes than this (a scale) tells nothing

_SKIPPED = re.compile(r"\{[^}\n]*\}|%.*|^<(?:start|end)>$", re.MULTILINE)  # grace notes, comments, markers
_CHORD = re.compile(r"\[([_=^]*[A-Ga-g][,']*)[^\]\n|:]*\]")
_NOTE = re.compile(r"([A-Ga-g])([,']*)")
_DEGREE = {letter: degree for degree, letter in enumerate("CDEFGABcdefgab")}


def group_variants(tunes: Sequence[str]) -> list[list[int]]:
    """Families of variants, as positions in `tunes`: every tune is in one, alone if it has no variant.

    tunes: texts in raw or tunebook form.
    A variant of a variant belongs to the family too. Families are in the order of their first tunes.
    """
    shingles = [_shingles(tune) for tune in tunes]
    parents = list(range(len(tunes)))
    for (first, second), shared in _shared_shingles(shingles).items():
        smaller = min(len(shingles[first]), len(shingles[second]))
        if shared >= VARIANT_SHARE * smaller and shared >= min(MIN_SHARED, smaller):
            parents[_root(parents, second)] = _root(parents, first)
    families: defaultdict[int, list[int]] = defaultdict(list)
    for index in range(len(tunes)):
        families[_root(parents, index)].append(index)
    return sorted(families.values())


def melody_steps(tune: str) -> list[int]:
    """Diatonic steps between successive notes that differ; grace notes are skipped, a chord is its first note."""
    body = _CHORD.sub(r"\1", _SKIPPED.sub("", music_alone(tune)))
    degrees = [_DEGREE[letter] + 7 * (octave.count("'") - octave.count(",")) for letter, octave in _NOTE.findall(body)]
    return [after - before for before, after in pairwise(degrees) if after != before]


def _shingles(tune: str) -> set[tuple[int, ...]]:
    steps = melody_steps(tune)
    if not steps:
        return set()
    return {tuple(steps[start : start + SHINGLE_STEPS]) for start in range(max(1, len(steps) - SHINGLE_STEPS + 1))}


def _shared_shingles(shingles: Sequence[set[tuple[int, ...]]]) -> Counter[tuple[int, int]]:
    """(first tune, second tune) -> how many shingles both have, the commonest shingles left out."""
    holders: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
    for index, own in enumerate(shingles):
        for shingle in own:
            holders[shingle].append(index)
    shared: Counter[tuple[int, int]] = Counter()
    for tunes in holders.values():
        if len(tunes) <= COMMON_SHINGLE:
            shared.update((first, second) for position, first in enumerate(tunes) for second in tunes[position + 1 :])
    return shared


def _root(parents: list[int], index: int) -> int:
    while parents[index] != index:
        parents[index] = parents[parents[index]]
        index = parents[index]
    return index
