"""Tunes -> windows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from songrnn.batches import IGNORED, RandomWindows, Streams


def tune(*ids):
    """Rows of a tune: the id, and two more numbers that belong to it."""
    ids = np.array(ids)
    return np.stack([ids, ids + 1000, -ids], axis=1)


TUNES = [tune(*range(100, 150)), tune(*range(200, 230)), tune(*range(300, 377))]


def all_windows(windows):
    return [windows[i] for i in range(len(windows))]


@given(window=st.integers(1, 60), batch_size=st.integers(1, 20), seed=st.integers(0, 5))
def test_streams_show_every_character_at_most_once_and_leave_out_fewer_than_the_batch_size(window, batch_size, seed):
    windows = Streams(TUNES, window=window, batch_size=batch_size, rng=np.random.default_rng(seed))
    rows = np.concatenate([w.inputs.reshape(-1, 3) for w in all_windows(windows)])
    seen = rows[:, 0]
    assert len(set(seen)) == len(seen)
    assert set(seen) <= set(np.concatenate(TUNES)[:, 0])
    np.testing.assert_array_equal(rows, tune(*seen))  # what belongs to a character stays with it
    assert sum(map(len, TUNES)) - len(seen) < batch_size


def test_the_target_is_the_character_that_follows_within_a_tune_and_between_windows():
    windows = all_windows(Streams(TUNES, window=7, batch_size=3, rng=np.random.default_rng(0)))
    inputs = np.concatenate([w.inputs[..., 0] for w in windows])
    targets = np.concatenate([w.targets for w in windows])
    np.testing.assert_array_equal(targets[:-1], inputs[1:])  # one window is the start of the next
    last_of_a_tune = {149, 229, 376}
    for now, following in zip(inputs.ravel(), targets.ravel(), strict=True):
        assert following == now + 1 or now in last_of_a_tune


def test_only_the_first_window_of_an_epoch_starts_fresh_in_streams():
    windows = all_windows(Streams(TUNES, window=10, batch_size=2, rng=np.random.default_rng(0)))
    assert [w.fresh for w in windows] == [True] + [False] * (len(windows) - 1)


def test_epochs_differ_in_order_and_offset():
    first = [Streams(TUNES, window=10, batch_size=2, rng=np.random.default_rng([0, epoch]))[0] for epoch in range(4)]
    assert len({w.inputs.tobytes() for w in first}) == 4


def test_random_windows_are_one_stretch_of_each_tune():
    windows = all_windows(RandomWindows(TUNES, window=10, batch_size=1, rng=np.random.default_rng(0)))
    assert len(windows) == len(TUNES)
    assert sorted(w.inputs[0, 0, 0] // 100 for w in windows) == [1, 2, 3]
    for w in windows:
        assert w.fresh
        assert w.inputs.shape == (10, 1, 3)
        np.testing.assert_array_equal(w.targets, w.inputs[..., 0] + 1)


def test_random_windows_reach_the_first_and_the_last_character_of_a_tune():
    seen = [
        RandomWindows([tune(*range(12))], window=10, batch_size=1, rng=np.random.default_rng(s))[0] for s in range(40)
    ]
    assert min(w.inputs[..., 0].min() for w in seen) == 0
    assert max(w.targets.max() for w in seen) == 11


def test_shorter_tunes_are_padded_with_targets_that_do_not_count():
    tunes = [tune(*range(5)), tune(*range(50))]
    window = RandomWindows(tunes, window=10, batch_size=2, rng=np.random.default_rng(0))[0]
    short = int(np.argmin((window.targets != IGNORED).sum(axis=0)))
    assert list(window.targets[:, short]) == [1, 2, 3, 4] + [IGNORED] * 6


def test_a_tune_of_one_character_has_nothing_to_predict_and_is_left_out():
    windows = RandomWindows([tune(3), tune(*range(9))], window=4, batch_size=1, rng=np.random.default_rng(0))
    assert len(windows) == 1


@pytest.mark.parametrize("batch_size", [1, 1000])
def test_more_streams_than_characters_are_as_many_as_there_are_characters(batch_size):
    windows = Streams([tune(*range(20))], window=5, batch_size=batch_size, rng=np.random.default_rng(0))
    assert windows[0].inputs.shape[1] == min(batch_size, 20)
