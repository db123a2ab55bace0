"""Reading a tune when it is first needed is reading it at once."""

import numpy as np
import torch

from songrnn.batches import NOTHING
from songrnn.model.inputs import Reader
from songrnn.model.ngrams import FOLDS
from songrnn.model.settings import ModelSettings
from songrnn.training.resident import IGNORED, ResidentTunes
from tiny import vocabulary_of

V = 5
RNG = np.random.default_rng(1)
TUNES = [RNG.integers(0, V, length) for length in [3, 30, 7, 12, 5, 9, 14, 4, 8, 21, 6]]


class CountingReader(Reader):
    """Remembers what it has read."""

    def read(self, ids, without=None, *, plan=None):
        self.done = [*getattr(self, "done", []), len(ids)]
        return super().read(ids, without, plan=plan)


def resident(*, counted=True, **settings):
    reader, folds = CountingReader.counting(ModelSettings(**settings), vocabulary_of(V), TUNES)
    return reader, folds, ResidentTunes(TUNES, reader, torch.device("cpu"), folds=folds if counted else ())


def test_in_whatever_order_positions_are_asked_for_each_gives_what_its_tune_reads_there():
    for counted in (True, False):
        reader, folds, tunes = resident(counted=counted)
        order = RNG.permutation(sum(map(len, TUNES)))
        got = tunes.inputs(order[:, None])
        whole = [Reader.read(reader, ids, folds[i % FOLDS] if counted else None) for i, ids in enumerate(TUNES)]
        rows = np.concatenate([read.rows for read in whole])
        expected = np.concatenate([read.expected for read in whole]).astype(np.float16)
        np.testing.assert_array_equal(got.rows[:, 0].numpy(), rows[order])
        np.testing.assert_array_equal(got.expected[:, 0].numpy(), expected[order])


def test_a_tune_is_read_once_and_only_when_it_is_asked_for():
    reader, _, tunes = resident()
    tunes.inputs(np.array([[0, 4], [1, 5]]))
    assert sorted(reader.done) == [3, 30]
    tunes.inputs(np.array([[32, 33, 39, 40]]))
    assert sorted(reader.done) == [3, 7, 12, 30]


def test_targets_need_no_reading_and_nothing_is_ignored():
    reader, _, tunes = resident(ngrams=(), copying=False)
    targets = tunes.targets(np.array([[3, NOTHING]]))
    assert targets.tolist() == [[TUNES[1][0], IGNORED]]
    assert not hasattr(reader, "done")
