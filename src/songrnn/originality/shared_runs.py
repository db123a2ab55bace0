"""The longest runs of notes that a tune shares with training tunes, in any key.

A **shared run** is a stretch of SHORTEST_RUN notes or more with the same steps in semitones as a stretch of a training
tune, of which at least RHYTHM_SHARE have the same duration, up to one factor for the whole run (a copy in 2/4 of a tune
in 4/4 has halved them all); it begins and ends with such a note. Transposition, other bar lines, another meter and
other lengths of some notes make no difference; a scale in another rhythm is no shared run.

The length of a run is given in notes, and in bars of the tune: exact fractions of its meter, from
the beginning of the first note to the end of the last.

A run is **common stock** of the tradition when COMMON_SHARE of it or more, in one piece, is also in a held-out
tune, from which no network can have copied, or in training tunes of COMMON_FAMILIES families of variants or more:
cadences, scales, the phrases that many tunes share. Common stock is reported, and never counts as a copy. The rule
looks at the run as a whole: two fifths of a human tune lie in short runs that are common stock (docs/experiments.md),
so its pieces are no evidence of its origin.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from songrnn.errors import SettingsError
from songrnn.originality.index import HELD_OUT, SHORTEST_RUN, Chains, Index
from songrnn.originality.melody import Melody, melody_of

RHYTHM_SHARE = 2 / 3
COMMON_SHARE = 3 / 4
COMMON_FAMILIES = 3
MOST_SOURCES = 5
"""Named for one run, those of the largest stretches first."""


@dataclass(frozen=True)
class SharedRun:
    """A stretch of a tune that training tunes have too, and that cannot be extended at either end in any of them.

    notes:         how many.
    bars:          how long, in bars of the tune.
    first_bar, last_bar: the written bars that it touches, from 1; a pickup is bar 0.
    begin, end:    its characters in the tune's text; `end` is after the last.
    same_rhythm:   share of its notes with the duration that they have in the first source, RHYTHM_SHARE..1.
    sources:       the training tunes that have all of it, at most MOST_SOURCES of them.
    transposed_by: semitones from the first source to this tune; 0 for the same key.
    common:        whether it is common stock.
    """

    notes: int
    bars: Fraction
    first_bar: int
    last_bar: int
    begin: int
    end: int
    same_rhythm: float
    sources: tuple[str, ...]
    transposed_by: int
    common: bool

    def as_json(self) -> dict[str, Any]:
        """The run as a JSON object."""
        return {**vars(self), "bars": float(self.bars), "sources": list(self.sources)}


@dataclass(frozen=True)
class Originality:
    """What a tune shares with training tunes. runs: the longest first; none lies within another.

    notes: how many the tune has.
    """

    notes: int
    runs: tuple[SharedRun, ...]

    @property
    def longest(self) -> SharedRun | None:
        """The longest shared run of all, in bars."""
        return self.runs[0] if self.runs else None

    @cached_property
    def closest(self) -> SharedRun | None:
        """The longest that is not common stock."""
        return next((run for run in self.runs if not run.common), None)

    @property
    def foremost(self) -> SharedRun | None:
        """The one to report: the longest that is not common stock, else the longest."""
        return self.closest or self.longest

    def as_json(self) -> dict[str, Any]:
        """As a JSON object: null where there is no run."""
        return {
            "notes": self.notes,
            "longest": self.longest and self.longest.as_json(),
            "longest_uncommon": self.closest and self.closest.as_json(),
            "runs": [run.as_json() for run in self.runs],
        }


@dataclass(frozen=True)
class Threshold:
    """How long a shared run may be that is not common stock: an amount of "bars" or "notes"."""

    amount: Fraction
    unit: str

    @classmethod
    def read(cls, text: str) -> "Threshold":
        """From "3bars", "2.5 bars", "1bar" or "20notes"; raises SettingsError for anything else."""
        found = re.fullmatch(r"\s*(\d{1,4}(?:\.\d{1,4})?)\s*(bar|note)s?\s*", text, re.ASCII)
        if found is None:
            raise SettingsError(
                f"original is {text!r}; expected the longest run that may be shared with a training tune, in bars or "
                "notes, such as 3bars, 2.5bars or 20notes",
                "original",
                "--original",
            )
        return cls(Fraction(found[1]), found[2] + "s")

    def exceeded_by(self, originality: Originality) -> bool:
        """Whether a tune has an uncommon run that is longer."""
        runs = (run for run in originality.runs if not run.common)
        return any((run.bars if self.unit == "bars" else run.notes) > self.amount for run in runs)

    def __str__(self) -> str:
        return f"{float(self.amount):g} {self.unit if self.amount != 1 else self.unit[:-1]}"


class _Stretches(NamedTuple):
    """S stretches that a melody shares with tunes of the index; notes first..last of it, from `place` in the tune."""

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    tune: NDArray[np.int64]
    place: NDArray[np.int64]
    same_rhythm: NDArray[np.float64]

    def overlapping(self, first: int, last: int, order: NDArray[np.int64], longest: int) -> NDArray[np.int64]:
        """Numbers of the stretches that have one of these notes, ascending, among others that have none.

        order: all numbers by `first`. longest: how many notes the longest stretch has.
        """
        begin, end = np.searchsorted(self.first, [first - longest, last], side="right", sorter=order)
        return np.sort(order[begin:end])


def shared_runs_of(text: str, index: Index) -> Originality:
    """What the tune `text`, in any form, shares with the training tunes of the index. Raises nothing."""
    melody = melody_of(text)
    stretches = _in_rhythm(index.chains(melody), melody, index)
    order = np.argsort(stretches.first, kind="stable")
    longest = int((stretches.last - stretches.first).max(initial=0)) + 1
    runs = [
        _shared_run(number, stretches, order, longest, melody, index)
        for number in _outermost(stretches, index.families[stretches.tune] != HELD_OUT)
    ]
    return Originality(len(melody), tuple(sorted(runs, key=lambda run: (-run.bars, run.begin))))


def _in_rhythm(chains: Chains, melody: Melody, index: Index) -> _Stretches:
    """The part of each chain that is a shared run; chains without one are left out."""
    chain = np.repeat(np.arange(len(chains.first)), chains.notes)
    begins = np.cumsum(chains.notes) - chains.notes
    within = np.arange(len(chain)) - np.repeat(begins, chains.notes)
    ours = melody.durations[np.repeat(chains.first, chains.notes) + within]
    theirs = index.durations_at(np.repeat(index.first_notes[chains.tune] + chains.place, chains.notes) + within)
    same = _at_the_commonest_factor(ours, theirs, chain)
    enough = np.bincount(chain[same], minlength=len(begins)) >= RHYTHM_SHARE * SHORTEST_RUN
    found: list[tuple[int, int, int, float]] = []
    for number in np.flatnonzero(enough).tolist():
        own = same[begins[number] : begins[number] + chains.notes[number]]
        span = _longest_mostly_true(own)
        if span is not None:
            share = np.count_nonzero(own[span[0] : span[1] + 1]) / (span[1] - span[0] + 1)
            found.append((number, *span, share))
    numbers, firsts, lasts = (np.array([row[k] for row in found], dtype=np.int64) for k in range(3))
    return _Stretches(
        first=chains.first[numbers] + firsts,
        last=chains.first[numbers] + lasts,
        tune=chains.tune[numbers],
        place=chains.place[numbers] + firsts,
        same_rhythm=np.array([row[3] for row in found], dtype=np.float64),
    )


def _at_the_commonest_factor(
    ours: NDArray[np.int64], theirs: NDArray[np.int64], chain: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """For each pair of durations whether the one is the other times the factor that is the commonest of its chain.

    Of factors that are equally common the smallest counts. A duration that is not known (0) is equal to none.
    """
    shared = np.gcd(ours, np.maximum(theirs, 1))
    factor = (ours // shared) * (1 << 24) + theirs // shared
    known = (ours > 0) & (theirs > 0)
    distinct, which = np.unique(factor, return_inverse=True)
    pairs, pair, counts = np.unique(chain * len(distinct) + which, return_inverse=True, return_counts=True)
    commonest = np.zeros(int(chain[-1]) + 1 if len(chain) else 0, dtype=np.int64)
    of_chain = pairs // max(1, len(distinct))
    by_count = np.lexsort((-pairs, counts, of_chain))  # the last of each chain is its commonest factor
    commonest[of_chain[by_count]] = by_count
    same: NDArray[np.bool_] = known & (pair == commonest[chain])
    return same


def _longest_mostly_true(same: NDArray[np.bool_]) -> tuple[int, int] | None:
    """First and last place of the longest stretch that begins and ends with True and is so at RHYTHM_SHARE or more.

    None where none has SHORTEST_RUN places. Raises nothing if some place is True.
    """
    true = same.nonzero()[0]
    if len(true) >= RHYTHM_SHARE * (true[-1] - true[0] + 1):
        span = int(true[0]), int(true[-1])
    else:
        lengths = true[None, :] - true[:, None] + 1
        counts = np.arange(len(true))[None, :] - np.arange(len(true))[:, None] + 1
        lengths = np.where(counts >= RHYTHM_SHARE * lengths, lengths, 0)
        begin, end = np.unravel_index(int(lengths.argmax()), lengths.shape)
        span = int(true[begin]), int(true[end])
    return span if span[1] - span[0] + 1 >= SHORTEST_RUN else None


def _outermost(stretches: _Stretches, training: NDArray[np.bool_]) -> list[int]:
    """The stretches of training tunes that lie within no other; of equal ones the first."""
    numbers = np.flatnonzero(training)
    order = numbers[np.lexsort((numbers, -stretches.last[numbers], stretches.first[numbers]))]
    reached = np.maximum.accumulate(stretches.last[order])  # by those that begin no later
    kept: list[int] = order[np.diff(reached, prepend=-1) > 0].tolist()
    return kept


def _shared_run(
    number: int, stretches: _Stretches, order: NDArray[np.int64], longest: int, melody: Melody, index: Index
) -> SharedRun:
    first, last = int(stretches.first[number]), int(stretches.last[number])
    notes = last - first + 1
    near = stretches.overlapping(first, last, order, longest)
    overlap = np.minimum(stretches.last[near], last) - np.maximum(stretches.first[near], first) + 1
    holding = stretches.tune[near[overlap == notes]]
    sources = dict.fromkeys(tune for tune in holding.tolist() if index.families[tune] != HELD_OUT)
    begin, end = melody.characters(first, last)
    return SharedRun(
        notes=notes,
        bars=melody.bars_between(first, last),
        first_bar=melody.bar_of(first),
        last_bar=melody.bar_of(last),
        begin=begin,
        end=end,
        same_rhythm=float(stretches.same_rhythm[number]),
        sources=_named(index, [int(stretches.tune[number]), *sources]),
        transposed_by=index.transposed_by(
            melody.pitches[first : last + 1], int(stretches.tune[number]), int(stretches.place[number])
        ),
        common=_is_common(index.families[stretches.tune[near[overlap >= COMMON_SHARE * notes]]]),
    )


def _is_common(families: NDArray[np.int32]) -> bool:
    """Whether these are the families that have COMMON_SHARE of a run that is common stock."""
    return bool((families == HELD_OUT).any()) or len(set(families.tolist())) >= COMMON_FAMILIES


def _named(index: Index, tunes: Sequence[int]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(index.names[tune] for tune in tunes))[:MOST_SOURCES]
