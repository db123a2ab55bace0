"""N-grams of more tunes than fit into memory, counted some at a time, and the file that holds them.

The counts are those of `Ngrams.count` as long as there are at most LARGEST n-grams. Beyond that those that the fewest
tunes have are forgotten, as often as it is needed (lossy counting; Manku and Motwani 2002): this happens with very
large tunebooks only, where an n-gram of one tune is no evidence.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from songrnn.corpus.packed.folder import PackedCorpus
from songrnn.model.ngrams import FOLDS, Counts, Level, Ngrams
from songrnn.model.settings import ModelSettings
from songrnn.signed_arrays import read_signed, write_signed
from songrnn.vocabulary import Ids, Vocabulary

LARGEST = 4_000_000
CHARACTERS_AT_ONCE = 2_000_000
FILE_KEY = "songrnn-ngrams"


@dataclass
class _CountedLevel:
    """The n-grams of one length as in `Level`; in_folds: [FOLDS, N] how many tunes of each fold have them."""

    parents: NDArray[np.int32]
    characters: NDArray[np.uint16]
    in_folds: NDArray[np.uint32]


def count_in_parts(
    tunes: Iterable[Ids], *, vocabulary_size: int, longest_context: int
) -> tuple[Ngrams, tuple[Counts, ...]]:
    """As `Ngrams.count`, in memory that depends on LARGEST and CHARACTERS_AT_ONCE only."""
    levels: list[_CountedLevel] = []
    for some in _parts(tunes):
        more = _counted(some, vocabulary_size, longest_context)
        levels = _joined(levels, more, vocabulary_size) if levels else more
        fewest = 1
        while sum(len(level.characters) for level in levels) > LARGEST:
            _forget_rare(levels, fewest)
            fewest += 1
    return _as_ngrams(levels, vocabulary_size)


def count_packed(corpus: PackedCorpus) -> None:
    """Count in the training tunes of a packed corpus, for networks of the default settings, and write the file."""
    vocabulary = Vocabulary(corpus.training_characters, corpus.form == "tunebook")
    tunes = (vocabulary.encode_tune(text) for text in corpus.training)
    longest = max(ModelSettings().ngrams)
    write_counts(corpus.ngrams, *count_in_parts(tunes, vocabulary_size=len(vocabulary), longest_context=longest))


def write_counts(path: Path, ngrams: Ngrams, folds: tuple[Counts, ...]) -> None:
    """Write what `read_counts` reads; raises RunError where that is impossible."""
    arrays: dict[str, NDArray[Any]] = {}
    below = 1
    for number, level in enumerate(ngrams.levels):
        arrays[f"{number}.characters"] = level.characters.astype(np.uint16)
        arrays[f"{number}.offspring"] = np.diff(level.children(below)).astype(np.uint32)
        arrays[f"{number}.folds"] = np.array([fold[number] for fold in folds], dtype=np.uint32)
        below = len(level.characters)
    record = {"vocabulary_size": ngrams.vocabulary_size, "longest_context": len(ngrams.levels) - 1}
    write_signed(path, FILE_KEY, json.dumps(record), arrays)


def read_counts(path: Path, *, longest_context: int) -> tuple[Ngrams, tuple[Counts, ...]] | None:
    """The counts in a file up to a length of context, None if it has not so long ones; raises DamagedFile."""
    record, arrays = read_signed(path, FILE_KEY)
    content = json.loads(record)
    if content["longest_context"] < longest_context:
        return None
    levels, below = [], 1
    for number in range(longest_context + 1):
        parents = np.repeat(np.arange(below, dtype=np.int32), arrays[f"{number}.offspring"])
        levels.append(_CountedLevel(parents, arrays[f"{number}.characters"], arrays[f"{number}.folds"]))
        below = len(parents)
    return _as_ngrams(levels, content["vocabulary_size"])


def _parts(tunes: Iterable[Ids]) -> Iterator[list[Ids]]:
    """Some tunes at a time, always a multiple of FOLDS but at the end, so that each stays in its fold."""
    waiting = iter(tunes)
    part: list[Ids] = []
    size = 0
    while some := list(islice(waiting, FOLDS)):
        part += some
        size += sum(map(len, some))
        if size >= CHARACTERS_AT_ONCE:
            yield part
            part, size = [], 0
    if part:
        yield part


def _counted(tunes: list[Ids], vocabulary_size: int, longest_context: int) -> list[_CountedLevel]:
    counted, folds = Ngrams.count(tunes, vocabulary_size=vocabulary_size, longest_context=longest_context)
    return [
        _CountedLevel(
            level.parents.astype(np.int32),
            level.characters.astype(np.uint16),
            np.array([fold[number] for fold in folds], dtype=np.uint32),
        )
        for number, level in enumerate(counted.levels)
    ]


def _joined(levels: list[_CountedLevel], more: list[_CountedLevel], vocabulary_size: int) -> list[_CountedLevel]:
    """The counts of both together. Both lists are emptied, so that no level is in memory twice."""
    joined = []
    ours, theirs = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)  # index below -> index in the joined
    while levels:
        mine, yours = levels.pop(0), more.pop(0)
        keys = np.concatenate([ours[mine.parents], theirs[yours.parents]])
        keys *= vocabulary_size
        keys += np.concatenate([mine.characters, yours.characters])
        kinds, index = np.unique(keys, return_inverse=True)
        ours, theirs = index[: len(mine.parents)], index[len(mine.parents) :]
        in_folds = np.zeros((FOLDS, len(kinds)), dtype=np.uint32)
        in_folds[:, ours] = mine.in_folds
        in_folds[:, theirs] += yours.in_folds
        parents, characters = np.divmod(kinds, vocabulary_size)
        joined.append(_CountedLevel(parents.astype(np.int32), characters.astype(np.uint16), in_folds))
    return joined


def _forget_rare(levels: list[_CountedLevel], fewest: int) -> None:
    """Drop n-grams that `fewest` tunes have or fewer; what extends an n-gram is never in more tunes than it."""
    kept_below = np.ones(1, dtype=np.bool_)
    for number, level in enumerate(levels):
        keep = kept_below[level.parents] & (level.in_folds.sum(0) > fewest)
        numbers = np.cumsum(kept_below, dtype=np.int32) - 1
        levels[number] = _CountedLevel(numbers[level.parents[keep]], level.characters[keep], level.in_folds[:, keep])
        kept_below = keep


def _as_ngrams(levels: list[_CountedLevel], vocabulary_size: int) -> tuple[Ngrams, tuple[Counts, ...]]:
    counted = (
        Level(level.parents.astype(np.int64), level.characters.astype(np.int64), level.in_folds.sum(0, dtype=np.int64))
        for level in levels
    )
    folds = tuple(tuple(level.in_folds[fold] for level in levels) for fold in range(FOLDS))
    return Ngrams(tuple(counted), vocabulary_size), folds
