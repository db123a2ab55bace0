"""Tunes -> windows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from songrnn.batches import NOTHING, RandomWindows, Streams

LENGTHS = [50, 30, 77]
LAST = {49, 79, 156}


def all_windows(windows):
    return [windows[i] for i in range(len(windows))]


@given(window=st.integers(1, 60), batch_size=st.integers(1, 20), seed=st.integers(0, 5))
def test_streams_show_every_character_at_most_once_and_leave_out_fewer_than_the_batch_size(window, batch_size, seed):
    windows = Streams(LENGTHS, window=window, batch_size=batch_size, rng=np.random.default_rng(seed))
    seen = np.concatenate([w.inputs.ravel() for w in all_windows(windows)])
    assert len(set(seen)) == len(seen)
    assert set(seen) <= set(range(sum(LENGTHS)))
    assert sum(LENGTHS) - len(seen) < batch_size


def test_the_target_is_the_character_that_follows_within_a_tune_and_between_windows():
    windows = all_windows(Streams(LENGTHS, window=7, batch_size=3, rng=np.random.default_rng(0)))
    inputs = np.concatenate([w.inputs for w in windows])
    targets = np.concatenate([w.targets for w in windows])
    np.testing.assert_array_equal(targets[:-1], inputs[1:])  # one window is the start of the next
    for now, following in zip(inputs.ravel(), targets.ravel(), strict=True):
        assert following == now + 1 or now in LAST


def test_only_the_first_window_of_an_epoch_starts_fresh_in_streams():
    windows = all_windows(Streams(LENGTHS, window=10, batch_size=2, rng=np.random.default_rng(0)))
    assert [w.fresh for w in windows] == [True] + [False] * (len(windows) - 1)


def test_epochs_differ_in_order_and_offset():
    first = [Streams(LENGTHS, window=10, batch_size=2, rng=np.random.default_rng([0, epoch]))[0] for epoch in range(4)]
    assert len({w.inputs.tobytes() for w in first}) == 4


def test_random_windows_are_one_stretch_of_each_tune():
    windows = all_windows(RandomWindows(LENGTHS, window=10, batch_size=1, rng=np.random.default_rng(0)))
    assert len(windows) == len(LENGTHS)
    assert sorted(np.searchsorted([50, 80], w.inputs[0, 0], side="right") for w in windows) == [0, 1, 2]
    for w in windows:
        assert w.fresh
        assert w.inputs.shape == (10, 1)
        np.testing.assert_array_equal(w.targets, w.inputs + 1)


def test_random_windows_reach_the_first_and_the_last_character_of_a_tune():
    seen = [RandomWindows([12], window=10, batch_size=1, rng=np.random.default_rng(s))[0] for s in range(40)]
    assert min(w.inputs.min() for w in seen) == 0
    assert max(w.targets.max() for w in seen) == 11


def test_shorter_tunes_are_padded_with_targets_that_do_not_count():
    lengths = [5, 50]
    window = RandomWindows(lengths, window=10, batch_size=2, rng=np.random.default_rng(0))[0]
    short = int(np.argmin((window.targets != NOTHING).sum(axis=0)))
    assert list(window.targets[:, short]) == [1, 2, 3, 4] + [NOTHING] * 6


def test_a_tune_of_one_character_has_nothing_to_predict_and_is_left_out():
    windows = RandomWindows([1, 9], window=4, batch_size=1, rng=np.random.default_rng(0))
    assert len(windows) == 1


@pytest.mark.parametrize("batch_size", [1, 1000])
def test_more_streams_than_characters_are_as_many_as_there_are_characters(batch_size):
    windows = Streams([20], window=5, batch_size=batch_size, rng=np.random.default_rng(0))
    assert windows[0].inputs.shape[1] == min(batch_size, 20)
