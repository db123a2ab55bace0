"""Counting in parts is counting at once."""

import numpy as np
import pytest

from songrnn.model import counting
from songrnn.model.counting import count_in_parts, read_counts, write_counts
from songrnn.model.ngrams import FOLDS, Ngrams

V = 4
RNG = np.random.default_rng(3)
TUNES = [RNG.integers(0, V, length) for length in RNG.integers(1, 30, 50)]


def assert_same(ours, theirs):
    for one, other in zip(ours[0].levels, theirs[0].levels, strict=True):
        for name in ("parents", "characters", "counts"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    for one, other in zip(ours[1], theirs[1], strict=True):
        for mine, yours in zip(one, other, strict=True):
            np.testing.assert_array_equal(mine, yours)


@pytest.mark.parametrize("size", [1, 50, 10_000])
def test_counts_of_parts_are_those_of_the_whole(monkeypatch, tmp_path, size):
    monkeypatch.setattr(counting, "CHARACTERS_AT_ONCE", size)
    counted = count_in_parts(iter(TUNES), vocabulary_size=V, longest_context=3)
    assert_same(counted, Ngrams.count(TUNES, vocabulary_size=V, longest_context=3))
    write_counts(tmp_path / "counts", *counted)
    assert_same(read_counts(tmp_path / "counts", longest_context=3), counted)
    shorter = Ngrams.count(TUNES, vocabulary_size=V, longest_context=1)
    assert_same(read_counts(tmp_path / "counts", longest_context=1), shorter)
    assert read_counts(tmp_path / "counts", longest_context=4) is None


def test_too_many_n_grams_lose_the_rarest_and_stay_a_tree(monkeypatch):
    whole, _ = Ngrams.count(TUNES, vocabulary_size=V, longest_context=3)
    monkeypatch.setattr(counting, "LARGEST", sum(len(level.counts) for level in whole.levels) // 2)
    pruned, folds = count_in_parts(iter(TUNES), vocabulary_size=V, longest_context=3)
    assert sum(len(level.counts) for level in pruned.levels) <= counting.LARGEST
    again = Ngrams.from_arrays(pruned.arrays(), vocabulary_size=V, longest_context=3)  # which checks the tree
    for number, level in enumerate(again.levels):
        np.testing.assert_array_equal(level.counts, sum(folds[fold][number].astype(int) for fold in range(FOLDS)))
        assert level.counts.min() > whole.levels[number].counts.min(initial=9) or number < 2
    known = dict(zip(*spelled(whole), strict=True))
    assert all(known[gram] == count for gram, count in zip(*spelled(pruned), strict=True))


def spelled(ngrams):
    """Every n-gram as its characters, and its count."""
    below, grams, counts = [()], [], []
    for level in ngrams.levels:
        below = [(*below[parent], character) for parent, character in zip(level.parents, level.characters, strict=True)]
        grams += below
        counts += level.counts.tolist()
    return grams, counts
