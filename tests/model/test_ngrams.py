"""N-grams: counted and interpolated in one way that is fast, and in one that is plain."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from songrnn.model.inputs import Reader
from songrnn.model.ngrams import DISCOUNT, FOLDS, NgramReader, Ngrams
from songrnn.model.settings import NO_PLACES, ModelSettings
from tiny import vocabulary_of

V = 4
TUNES = st.lists(st.lists(st.integers(0, V - 1), min_size=1, max_size=20), min_size=1, max_size=5)


def count(tunes, longest=3):
    return Ngrams.count([np.array(tune) for tune in tunes], vocabulary_size=V, longest_context=longest)[0]


def plain_probability(tunes, context, character):
    """What model/ngrams.py says, with text search; `tunes` are those that count."""
    below = plain_probability(tunes, context[1:], character) if context else 1 / V
    having = [sum(has(tune, [*context, c]) for tune in tunes) for c in range(V)]
    if sum(having) == 0:
        return below
    kinds = sum(number > 0 for number in having)
    return (max(having[character] - DISCOUNT, 0) + DISCOUNT * kinds * below) / sum(having)


def has(tune, part):
    return any(tune[i : i + len(part)] == part for i in range(len(tune)))


@given(TUNES)
def test_the_probabilities_are_those_of_the_equation(tunes):
    tune = tunes[0]
    expected = np.exp(count(tunes).expected(np.array(tune), (0, 1, 3)))
    for place in range(len(tune)):
        for column, length in enumerate((0, 1, 3)):
            context = tune[max(0, place + 1 - length) : place + 1] if length else []
            wanted = [plain_probability(tunes, context, c) for c in range(V)]
            np.testing.assert_allclose(expected[place, column], wanted, rtol=1e-5)


@given(TUNES)
def test_every_distribution_sums_to_one_with_and_without_tunes_taken_out(tunes):
    ngrams, arrays = count(tunes), [np.array(tune) for tune in tunes]
    for without in (None, ngrams.counts_of(arrays[:1]), ngrams.counts_of(arrays)):
        sums = np.exp(ngrams.expected(arrays[0], (0, 2), without)).sum(axis=-1)
        np.testing.assert_allclose(sums, 1, rtol=1e-4)


@given(TUNES)
def test_a_fold_counts_what_its_tunes_have(tunes):
    arrays = [np.array(tune) for tune in [*tunes, *tunes, [0]]]
    ngrams, folds = Ngrams.count(arrays, vocabulary_size=V, longest_context=3)
    for fold, counts in enumerate(folds):
        for ours, wanted in zip(counts, ngrams.counts_of(arrays[fold::FOLDS]), strict=True):
            np.testing.assert_array_equal(ours, wanted)


@given(TUNES, st.lists(st.integers(0, V - 1), min_size=1, max_size=30))
def test_following_a_tune_is_reading_it(tunes, tune):
    ngrams = count(tunes)
    follower = NgramReader(ngrams, (1, 3))
    read = ngrams.expected(np.array(tune), (1, 3))
    for place, character in enumerate(tune):
        np.testing.assert_allclose(follower.read(character), read[place], atol=1e-5)


@given(TUNES)
def test_arrays_hold_everything(tunes):
    ngrams = count(tunes)
    again = Ngrams.from_arrays(ngrams.arrays(), vocabulary_size=V, longest_context=3)
    for before, after in zip(ngrams.levels, again.levels, strict=True):
        for name in ("parents", "characters", "counts"):
            np.testing.assert_array_equal(getattr(before, name), getattr(after, name))


def test_what_one_tune_repeats_counts_once():
    assert count([[0, 0, 0, 0, 1]], longest=0).levels[0].counts.tolist() == [1, 1]
    assert count([[0, 0, 0, 0, 1], [0]], longest=0).levels[0].counts.tolist() == [2, 1]


def test_a_tune_that_is_learned_sees_the_counts_of_other_tunes_only():
    settings = ModelSettings(ngrams=(1,), copying=False, **NO_PLACES)
    tunes = [np.array(tune) for tune in [[0, 1, 0, 1], [0, 2], [0, 2], *[[1]] * (FOLDS - 3)]]
    reader, folds = Reader.counting(settings, vocabulary_of(V), tunes)
    learned = reader.read(tunes[0], folds[0]).expected
    np.testing.assert_array_equal(
        learned, Reader.counting(settings, vocabulary_of(V), tunes[1:])[0].read(tunes[0]).expected
    )
    assert (learned[0, 0] != reader.read(tunes[0]).expected[0, 0]).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ngrams.1.offspring": np.array([1, 2, 1, 2], np.uint8)}, "has 5 n-grams where 6 are announced"),
        ({"ngrams.1.offspring": np.array([2, 1], np.uint8)}, "does not fit the level below"),
        ({"ngrams.0.characters": np.array([1, 0, 2, 3], np.uint8)}, "out of order or range"),
        ({"ngrams.0.characters": np.array([0, 1, 2, V], np.uint8)}, "out of order or range"),
        ({"ngrams.0.counts": np.array([1, 1, 1, 0], np.uint16)}, "out of order or range"),
    ],
)
def test_counts_that_do_not_fit_together_are_refused(change, message):
    arrays = count([[0, 1, 2, 3], [0, 1, 3, 2]], longest=1).arrays()  # 01, 12, 13, 23, 32
    with pytest.raises(ValueError, match=message):
        Ngrams.from_arrays(arrays | change, vocabulary_size=V, longest_context=1)
