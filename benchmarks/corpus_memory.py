"""How much memory and time does `songrnn.corpus.variants.group_variants` take, and do its families hold?

Synthetic corpora of distinct tunes: random walks over the scale, every fifth an earlier one with some notes changed.
Each corpus is grouped twice: by `group_variants`, and by its definition written down directly (`by_sets`: a set of
tuples for each tune and one table of pairs). One JSON line each: seconds, and, in a further run, the peak of the memory
that Python and NumPy allocate (tracemalloc) for each tune; then whether both found the same families.

Three minutes on one core; `by_sets` is left out beyond LARGEST_BY_SETS tunes.

Run: python benchmarks/corpus_memory.py [tunes ...]
"""

import json
import random
import sys
import time
import tracemalloc
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

from songrnn.corpus.variants import (
    COMMON_SHINGLE,
    MIN_SHARED,
    SHINGLE_STEPS,
    VARIANT_SHARE,
    group_variants,
    melody_steps,
)

TUNES = (1_000, 5_000, 20_000)
LARGEST_BY_SETS = 20_000
SCALE = ["C", "D", "E", "F", "G", "A", "B", "c", "d", "e", "f", "g", "a", "b"]
BARS, NOTES_IN_A_BAR = 16, 8
SEED = 1

Families = list[list[int]]


def main(arguments: Sequence[str]) -> None:
    for count in [int(argument) for argument in arguments] or TUNES:
        tunes = synthetic(count, random.Random(SEED))
        mean = sum(map(len, tunes)) / count
        print(json.dumps({"name": "corpus", "tunes": count, "characters_a_tune": round(mean, 1)}), flush=True)
        found = measured("group_variants", group_variants, tunes)
        if count <= LARGEST_BY_SETS:
            same = measured("by_sets", by_sets, tunes) == found
            print(json.dumps({"name": "families", "tunes": count, "families": len(found), "same": same}), flush=True)


def synthetic(count: int, rng: random.Random) -> list[str]:
    """`count` tunes in tunebook form, a fifth of them variants of others."""
    melodies: list[list[int]] = []
    for number in range(count):
        melody = varied(rng.choice(melodies), rng) if number % 5 == 4 else walk(rng)
        melodies.append(melody)
    return [text_of(melody) for melody in melodies]


def walk(rng: random.Random) -> list[int]:
    place, melody = rng.randrange(4, 10), []
    for _ in range(BARS * NOTES_IN_A_BAR):
        place = min(max(place + rng.choice((-4, -2, -1, -1, 1, 1, 2, 4)), 0), len(SCALE) - 1)
        melody.append(place)
    return melody


def varied(melody: list[int], rng: random.Random) -> list[int]:
    return [place if rng.random() < 0.95 else rng.randrange(len(SCALE)) for place in melody]


def text_of(melody: list[int]) -> str:
    bars = [melody[begin : begin + NOTES_IN_A_BAR] for begin in range(0, len(melody), NOTES_IN_A_BAR)]
    lines = [
        "|".join("".join(SCALE[place] for place in bar) for bar in bars[part : part + 4]) for part in (0, 4, 8, 12)
    ]
    return "R:reel\nM:4/4\nL:1/8\nK:Cmaj\n" + "".join(f"{line}|\n" for line in lines)


def measured(name: str, group: Callable[[Sequence[str]], Families], tunes: Sequence[str]) -> Families:
    """The families; prints what they cost."""
    begun = time.perf_counter()
    found = group(tunes)
    seconds = time.perf_counter() - begun
    tracemalloc.start()
    group(tunes)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    row = {"name": name, "tunes": len(tunes), "seconds": round(seconds, 2), "bytes_a_tune": round(peak / len(tunes))}
    print(json.dumps(row), flush=True)
    return found


def by_sets(tunes: Sequence[str]) -> Families:
    """The families by the definition, without regard to memory."""
    shingles = [shingles_of(tune) for tune in tunes]
    holders: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
    for index, own in enumerate(shingles):
        for shingle in own:
            holders[shingle].append(index)
    shared: Counter[tuple[int, int]] = Counter()
    for having in holders.values():
        if len(having) <= COMMON_SHINGLE:
            shared.update((first, second) for place, first in enumerate(having) for second in having[place + 1 :])
    family = list(range(len(tunes)))
    members = {index: [index] for index in family}
    for (first, second), count in shared.items():
        smaller = min(len(shingles[first]), len(shingles[second]))
        one, other = family[first], family[second]
        if one != other and count >= VARIANT_SHARE * smaller and count >= min(MIN_SHARED, smaller):
            for index in members[other]:
                family[index] = one
            members[one] += members.pop(other)
    return sorted(sorted(own) for own in members.values())


def shingles_of(tune: str) -> set[tuple[int, ...]]:
    steps = melody_steps(tune)
    count = max(1, len(steps) - SHINGLE_STEPS + 1) if steps else 0
    return {tuple(steps[begin : begin + SHINGLE_STEPS]) for begin in range(count)}


if __name__ == "__main__":
    main(sys.argv[1:])
