"""Musical form: bars, their repetition, and the form of strains, all of the first voice as played.

A bar is the set of its onsets (`AnalysedTune.bars`). Two bars are as similar as their sets: twice the onsets in common
over the onsets of both (Dice), from 0, nothing in common, to 1, the same. Metrics of a tune; of each but the loops,
near human is better:

bars             how many bars sound, pickups left out.
self_similarity  mean similarity of every two bars, 0..1: 0 has no motif, 1 is one bar throughout. Undefined with fewer
                 than two bars.
similarity_at_4, similarity_at_8
                 mean similarity of each bar and the one 4, or 8, bars later, 0..1: related phrases have
                 bars in common at 4, repeated strains at 8. Undefined with no more bars than that.
longest_run      how many times in a row the same bar sounds at most. Undefined without a bar.
loops            1 for a tune in which a bar sounds more than LONGEST_RUN times in a row, else 0. Share over tunes;
                 lower is better. Undefined without a bar.
has_form, aabb   1 for a tune that has strains of eight bars, and for one whose form is AABB, else 0. Share over tunes;
                 0 for a tune that cannot be read.

`form_of` has letters for strains of eight bars, such as AABB: two strains have one letter when their bars, each with
its partner, are on average as similar as SAME_STRAIN. "" where the bars do not divide into eights.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from string import ascii_uppercase

import numpy as np
from numpy.typing import NDArray

from songrnn.evaluation.analysed import Onsets

STRAIN_BARS = 8
SAME_STRAIN = 0.65
"""A strain with another ending of two bars has 0.75 and more; strains that share four of their eight bars have 0.5."""
LONGEST_RUN = 4
"""More is a loop: of 1,022 tunes of `folk` none has one."""


def similarity(one: Onsets, other: Onsets) -> float:
    """Dice's coefficient, 0..1; of bars that have onsets."""
    return 2 * len(one & other) / (len(one) + len(other))


@lru_cache(maxsize=4)  # several metrics of one tune need it, one after the other
def similarities(bars: tuple[Onsets, ...]) -> NDArray[np.float64]:
    """[N, N] similarity of every two bars, not to be written to."""
    kinds = list(dict.fromkeys(bars))
    table = np.array([[similarity(one, other) for other in kinds] for one in kinds]).reshape(len(kinds), len(kinds))
    index = {kind: place for place, kind in enumerate(kinds)}
    order = [index[bar] for bar in bars]
    table = table[np.ix_(order, order)]
    table.flags.writeable = False
    return table


def bar_count(bars: Sequence[Onsets]) -> float:
    """0 and more."""
    return float(len(bars))


def self_similarity(bars: tuple[Onsets, ...]) -> float:
    """0..1, or NaN."""
    count = len(bars)
    if count < 2:
        return math.nan
    return float((similarities(bars).sum() - count) / (count * (count - 1)))


def similarity_at(bars: tuple[Onsets, ...], lag: int) -> float:
    """0..1, or NaN."""
    return float(np.diagonal(similarities(bars), lag).mean()) if len(bars) > lag else math.nan


def longest_run(bars: Sequence[Onsets]) -> float:
    """1 and more, or NaN."""
    longest = run = 0
    for index, bar in enumerate(bars):
        run = run + 1 if index and bar == bars[index - 1] else 1
        longest = max(longest, run)
    return float(longest) if longest else math.nan


def loops(bars: Sequence[Onsets]) -> float:
    """1, 0 or NaN."""
    longest = longest_run(bars)
    return math.nan if math.isnan(longest) else float(longest > LONGEST_RUN)


@lru_cache(maxsize=256)  # an entry holds all bars of a tune, 36 kB, which a server must not gather
def form_of(bars: tuple[Onsets, ...]) -> str:
    """Letters in order of first appearance, such as "AABB"; "" where there is no such form."""
    if not bars or len(bars) % STRAIN_BARS or len(bars) > STRAIN_BARS * len(ascii_uppercase):
        return ""
    table = similarities(bars)
    first: list[int] = []  # of each letter: the bar with which its first strain begins
    letters = ""
    for begin in range(0, len(bars), STRAIN_BARS):
        for letter, earlier in enumerate(first):
            if _strain_similarity(table, earlier, begin) >= SAME_STRAIN:
                letters += ascii_uppercase[letter]
                break
        else:
            letters += ascii_uppercase[len(first)]
            first.append(begin)
    return letters


def _strain_similarity(table: NDArray[np.float64], one: int, other: int) -> float:
    return float(np.mean([table[one + bar, other + bar] for bar in range(STRAIN_BARS)]))
