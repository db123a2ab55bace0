"""N-grams: distributions over the next character after the last few, counted in the tunebook once, never learned.

Trained on so few tunes, a network spends most of its training on statistics that can be counted. So the counts are an
input, and a term of the logits, and the network learns what they do not contain. With p_k the distribution
after the last k characters, for each k of K chosen lengths:

    x        = embedding[character] + W_n [sqrt(p_1) ... sqrt(p_K)] + ...
    logits   = W_o h + b_o + sum_k (u_k . h + d_k) log p_k

A count is a number of *tunes*, not of places: what one tune repeats says nothing about the next. p_k is interpolated
from the empty context upwards with absolute discounting (Ney, Essen & Kneser 1994):

    p_k(c) = (max(n(context, c) - D, 0) + D * |{c : n(context, c) > 0}| * p_{k-1}(c)) / sum_c n(context, c)

While learning, a tune sees counts without itself and every FOLDS-th other tune, or the network would learn to trust
them as they deserve on known tunes only. Feeding the probabilities of an n-gram model to a recurrent network goes back
to RNNME (Mikolov et al. 2011), which learned its n-gram weights; counts of other tunes do not overfit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from songrnn.vocabulary import Ids

Floats = NDArray[np.float32]
Counts = tuple[NDArray[np.int64], ...]

DISCOUNT = 0.8
FOLDS = 8
NOWHERE = -1


@dataclass(frozen=True)
class Level:
    """The N n-grams of one length, sorted by what they extend, then by character.

    parents: [N] the n-gram one shorter, as its index in the level below, that each extends (0 in the lowest).
    characters: [N] the id at its end.
    counts: [N] how many tunes have it.
    """

    parents: NDArray[np.int64]
    characters: NDArray[np.int64]
    counts: NDArray[np.int64]

    def children(self, size_below: int) -> NDArray[np.int64]:
        """Where the n-grams that extend each of the `size_below` shorter ones begin; one more number at the end."""
        return np.searchsorted(self.parents, np.arange(size_below + 1))


@dataclass(frozen=True)
class Ngrams:
    """Counts of all n-grams up to one length; `levels[k]` has those of k + 1 characters."""

    levels: tuple[Level, ...]
    vocabulary_size: int

    @classmethod
    def count(
        cls, tunes: Sequence[Ids], *, vocabulary_size: int, longest_context: int
    ) -> tuple["Ngrams", tuple[Counts, ...]]:
        """Count in `tunes`, ids [T] each, n-grams of up to `longest_context` + 1 characters.

        Returns them, and for each of the FOLDS folds what its tunes counted (`counts_of`); tune i is in fold i % FOLDS.
        """
        ids = np.concatenate([*tunes, np.zeros(0, dtype=np.int64)])
        owner = np.repeat(np.arange(len(tunes)), [len(tune) for tune in tunes])
        first = np.r_[True, owner[1:] != owner[:-1]] if len(ids) else np.zeros(0, dtype=bool)
        nodes = np.zeros(len(ids), dtype=np.int64)  # of the n-gram one shorter that ends just before each place
        levels: list[Level] = []
        by_fold: list[NDArray[np.int64]] = []
        for _ in range(longest_context + 1):
            here = np.flatnonzero(nodes != NOWHERE)
            keys = nodes[here] * vocabulary_size + ids[here]
            level, in_folds, index = _tally(keys, owner[here], vocabulary_size)
            levels.append(level)
            by_fold.append(in_folds)
            ends = np.full(len(ids), NOWHERE, dtype=np.int64)
            ends[here] = index
            nodes = np.r_[NOWHERE, ends[:-1]] if len(ids) else ends
            nodes[first] = NOWHERE
        folds = tuple(tuple(in_folds[fold] for in_folds in by_fold) for fold in range(FOLDS))
        return cls(tuple(levels), vocabulary_size), folds

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], *, vocabulary_size: int, longest_context: int) -> "Ngrams":
        """The inverse of `arrays`; raises ValueError if they are not such counts."""
        levels, below = [], 1
        for number in range(longest_context + 1):
            characters, counts, offspring = (
                arrays[f"ngrams.{number}.{name}"].astype(np.int64) for name in ("characters", "counts", "offspring")
            )
            if offspring.shape != (below,) or characters.shape != counts.shape or offspring.min(initial=0) < 0:
                raise ValueError(f"ngrams.{number} does not fit the level below")
            if offspring.sum() != len(characters) or characters.ndim != 1:
                raise ValueError(f"ngrams.{number} has {len(characters)} n-grams where {offspring.sum()} are announced")
            level = Level(np.repeat(np.arange(below), offspring), characters, counts)
            keys = level.parents * vocabulary_size + characters
            if len(keys) and (
                characters.min() < 0
                or characters.max() >= vocabulary_size
                or counts.min() < 1
                or np.diff(keys).min(initial=1) < 1
            ):
                raise ValueError(f"ngrams.{number} has n-grams out of order or range")
            levels.append(level)
            below = len(characters)
        if not len(levels[0].characters):
            raise ValueError("ngrams.0 is empty")
        return cls(tuple(levels), vocabulary_size)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Small arrays that hold everything, by name: for each level the characters, the counts (up to 65,535), and
        `offspring`, how many n-grams of this level extend each of the level below."""
        arrays: dict[str, NDArray[Any]] = {}
        below = 1
        for number, level in enumerate(self.levels):
            arrays[f"ngrams.{number}.characters"] = level.characters.astype(_smallest(self.vocabulary_size))
            arrays[f"ngrams.{number}.counts"] = np.minimum(level.counts, 65_535).astype(np.uint16)
            offspring = np.diff(level.children(below))
            arrays[f"ngrams.{number}.offspring"] = offspring.astype(_smallest(int(offspring.max(initial=0))))
            below = len(level.characters)
        return arrays

    def renumbered(self, places: Ids, vocabulary_size: int) -> "Ngrams":
        """The same counts in a larger vocabulary, in which id i has become `places[i]`; their order stays."""
        assert (np.diff(places) > 0).all()
        levels = tuple(Level(level.parents, places[level.characters], level.counts) for level in self.levels)
        return Ngrams(levels, vocabulary_size)

    def joined(self, other: "Ngrams") -> "Ngrams":
        """The counts of both, of the same vocabulary and length, together."""
        levels: list[Level] = []
        ours, theirs = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)  # index below -> index in the joined
        for mine, yours in zip(self.levels, other.levels, strict=True):
            parents = np.r_[ours[mine.parents], theirs[yours.parents]]
            keys = parents * self.vocabulary_size + np.r_[mine.characters, yours.characters]
            kinds, index = np.unique(keys, return_inverse=True)
            counts = np.bincount(index, np.r_[mine.counts, yours.counts], minlength=len(kinds)).astype(np.int64)
            levels.append(Level(kinds // self.vocabulary_size, kinds % self.vocabulary_size, counts))
            ours, theirs = index[: len(mine.counts)], index[len(mine.counts) :]
        return Ngrams(tuple(levels), self.vocabulary_size)

    def contexts(self, ids: Ids) -> NDArray[np.int64]:
        """At each place of a tune, the n-grams of 1, 2, ... characters that end there: [T, len(levels) - 1] indices.

        NOWHERE where the n-gram does not exist, or would begin before the tune.
        """
        found = np.full((len(ids), len(self.levels)), NOWHERE, dtype=np.int64)
        before = np.zeros(len(ids), dtype=np.int64)
        for number in range(len(self.levels)):
            found[:, number] = self.extended(number, before, ids)
            before = np.r_[NOWHERE, found[:-1, number]]
        return found

    def extended(self, number: int, before: NDArray[np.int64], ids: Ids) -> NDArray[np.int64]:
        """The n-grams of level `number` that extend `before` by `ids`, NOWHERE if there is none."""
        keys = self._keys[number]
        if not len(keys):
            return np.full(len(ids), NOWHERE, dtype=np.int64)
        wanted = before * self.vocabulary_size + ids
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.where((before != NOWHERE) & (keys[at] == wanted), at, NOWHERE)

    def expected(self, ids: Ids, chosen: Sequence[int], without: Counts | None = None) -> Floats:
        """Natural logarithms of the probability of each next character, after every place of a tune: [T, K, V].

        chosen: the K lengths of context. without: to be taken off the counts (`counts_of`).
        """
        found = self.contexts(ids)
        nodes = np.concatenate([np.zeros((len(ids), 1), dtype=np.int64), found[:, :-1]], axis=1)
        return self.expected_after(nodes, chosen, without)

    def counts_of(self, tunes: Sequence[Ids]) -> Counts:
        """How many of `tunes` have each n-gram, by level."""
        counts = tuple(np.zeros(len(level.characters), dtype=np.int64) for level in self.levels)
        for ids in tunes:
            for level, found in zip(counts, self.contexts(ids).T, strict=True):
                level[np.unique(found[found != NOWHERE])] += 1
        return counts

    def expected_after(self, nodes: NDArray[np.int64], chosen: Sequence[int], without: Counts | None = None) -> Floats:
        """`expected` after contexts given as indices [T, len(levels)]: column k is one of k characters.

        Places with the same context are computed once: a tune comes back to the same few.
        """
        shares = np.full((1, self.vocabulary_size), 1 / self.vocabulary_size, dtype=np.float32)  # of each group
        group = np.zeros(len(nodes), dtype=np.int64)  # of each place
        expected = np.empty((len(nodes), len(chosen), self.vocabulary_size), dtype=np.float32)
        for length in range(max(chosen) + 1):
            level, starts = self.levels[length], self.children[length]
            context = np.where(nodes[:, length] != NOWHERE, nodes[:, length], -1 - group)
            _, place, after = np.unique(context, return_index=True, return_inverse=True)
            shares, group = shares[group[place]], after
            here = np.flatnonzero(context[place] >= 0)
            begin = starts[context[place[here]]]
            sizes = starts[context[place[here]] + 1] - begin
            row = np.repeat(here, sizes)
            entry = np.arange(sizes.sum()) + np.repeat(begin - (np.cumsum(sizes) - sizes), sizes)
            counts = level.counts[entry].astype(np.float32)
            if without is not None:
                counts -= without[length][entry]
            total = np.bincount(row, counts, minlength=len(place)).astype(np.float32)
            kinds = np.bincount(row, counts > 0, minlength=len(place)).astype(np.float32)
            known = total > 0
            total[~known] = 1
            shares *= np.where(known, DISCOUNT * kinds / total, 1)[:, None]
            shares[row, level.characters[entry]] += np.maximum(counts - DISCOUNT, 0) / total[row]
            if length in chosen:
                expected[:, chosen.index(length)] = np.log(shares)[group]
        return expected

    @cached_property
    def _keys(self) -> tuple[NDArray[np.int64], ...]:
        return tuple(level.parents * self.vocabulary_size + level.characters for level in self.levels)

    @cached_property
    def children(self) -> tuple[NDArray[np.int64], ...]:
        """[k][i]: where in `levels[k]` the n-grams begin that extend context i of k characters; one more at the end."""
        sizes = [1, *(len(level.characters) for level in self.levels)]
        return tuple(level.children(below) for level, below in zip(self.levels, sizes, strict=False))


class NgramReader:
    """Reads a tune character by character and says what the n-grams expect next, as `Ngrams.expected` does."""

    def __init__(self, ngrams: Ngrams, chosen: Sequence[int]) -> None:
        self._ngrams, self._chosen = ngrams, chosen
        self._nodes = [0, *[NOWHERE] * (len(ngrams.levels) - 1)]  # [k]: the context of k characters

    def read(self, character: int) -> Floats:
        """Add a character to the tune; returns the logarithms [K, V] for the next one."""
        for length in range(len(self._nodes) - 1, 0, -1):
            self._nodes[length] = self._extended(length - 1, self._nodes[length - 1], character)
        size = self._ngrams.vocabulary_size
        shares = np.full(size, 1 / size, dtype=np.float32)
        expected = np.empty((len(self._chosen), size), dtype=np.float32)
        for length, node in enumerate(self._nodes):
            begin, end = self._below(length, node)
            if end > begin:
                counts = self._ngrams.levels[length].counts[begin:end].astype(np.float32)
                total = counts.sum()
                shares *= DISCOUNT * np.float32(end - begin) / total
                shares[self._ngrams.levels[length].characters[begin:end]] += (counts - DISCOUNT) / total
            if length in self._chosen:
                np.log(shares, out=expected[self._chosen.index(length)])
        return expected

    def _extended(self, length: int, node: int, character: int) -> int:
        """The n-gram that extends the context `node` by a character, or NOWHERE."""
        begin, end = self._below(length, node)
        characters = self._ngrams.levels[length].characters[begin:end]
        at = int(characters.searchsorted(character))
        return begin + at if at < len(characters) and characters[at] == character else NOWHERE

    def _below(self, length: int, node: int) -> tuple[int, int]:
        """Where the n-grams that extend a context begin and end."""
        if node == NOWHERE:
            return 0, 0
        begin, end = self._ngrams.children[length][node : node + 2]
        return int(begin), int(end)


def _tally(
    keys: NDArray[np.int64], owner: NDArray[np.int64], vocabulary_size: int
) -> tuple[Level, NDArray[np.int64], NDArray[np.int64]]:
    """The level of the N n-grams with these keys, each count a number of owners; the counts by fold, [FOLDS, N]; and
    for each key its index in the level."""
    order = np.argsort(keys * (int(owner.max(initial=0)) + 1) + owner)
    keys, owner = keys[order], owner[order]
    is_first = np.diff(keys, prepend=-1) != 0
    number = np.cumsum(is_first) - 1
    index = np.empty_like(number)
    index[order] = number
    is_first_in_tune = is_first | (np.diff(owner, prepend=-1) != 0)
    kinds = keys[is_first]
    in_folds = np.bincount(
        owner[is_first_in_tune] % FOLDS * len(kinds) + number[is_first_in_tune], minlength=FOLDS * len(kinds)
    ).reshape(FOLDS, len(kinds))
    return Level(kinds // vocabulary_size, kinds % vocabulary_size, in_folds.sum(0)), in_folds, index


def _smallest(highest: int) -> type[np.unsignedinteger[Any]]:
    return np.uint8 if highest < 2**8 else np.uint16 if highest < 2**16 else np.uint32
