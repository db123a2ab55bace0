"""Reading a tune when it is first needed is reading it at once."""

import numpy as np
import torch

from songrnn.batches import NOTHING
from songrnn.model.inputs import Reader
from songrnn.model.ngrams import FOLDS
from songrnn.model.settings import ModelSettings
from songrnn.tracking.plan import TunePlan
from songrnn.training.resident import IGNORED, ResidentTunes, revealed_plans
from songrnn.vocabulary import Vocabulary
from tiny import JIG, REEL, vocabulary_of

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


def test_in_whatever_order_positions_are_requested_each_gives_what_its_tune_reads_there():
    for counted in (True, False):
        reader, folds, tunes = resident(counted=counted)
        order = RNG.permutation(sum(map(len, TUNES)))
        got = tunes.inputs(order[:, None])
        whole = [Reader.read(reader, ids, folds[i % FOLDS] if counted else None) for i, ids in enumerate(TUNES)]
        rows = np.concatenate([read.rows for read in whole])
        expected = np.concatenate([read.expected for read in whole]).astype(np.float16)
        np.testing.assert_array_equal(got.rows[:, 0].numpy(), rows[order])
        np.testing.assert_array_equal(got.expected[:, 0].numpy(), expected[order])


def test_a_tune_is_read_once_and_only_when_it_is_requested():
    reader, _, tunes = resident()
    tunes.inputs(np.array([[0, 4], [1, 5]]))
    assert sorted(reader.done) == [3, 30]
    tunes.inputs(np.array([[32, 33, 39, 40]]))
    assert sorted(reader.done) == [3, 7, 12, 30]


def test_plans_are_read_as_far_as_they_are_revealed_and_nothing_else_changes():
    texts = [JIG, REEL]
    vocabulary = Vocabulary.of(texts, boundaries=True)
    tunes = [vocabulary.encode_tune(text) for text in texts]
    reader, _ = Reader.counting(ModelSettings(ngrams=()), vocabulary, tunes)
    resident, plan = ResidentTunes(tunes, reader, torch.device("cpu")), reader.columns.group("plan")
    at = np.array([[len(tunes[0]) - 10, len(tunes[0]) + 50]])
    withheld = resident.inputs(at).places
    assert not withheld[..., plan].any()
    np.testing.assert_array_equal(withheld[0, 0], reader.read(tunes[0]).places[-10])
    chosen = np.zeros((2, resident.plan_features), dtype=bool)
    chosen[1, 1] = True
    resident.reveal(chosen)
    revealed = resident.inputs(at).places
    known = reader.read(tunes[1], plan=TunePlan.of(REEL)).places[50, plan]
    assert known[1] > 0
    assert revealed[0, 1, plan].tolist() == [0, known[1], *[0] * (len(known) - 2)]
    resident.reveal(False)
    assert torch.equal(resident.inputs(at).places, withheld)


def test_plans_are_withheld_from_whole_tunes_and_then_by_feature():
    settings = ModelSettings(plan_dropout=0.4)
    revealed = revealed_plans(settings, 20_000, [1, 2])
    assert abs((~revealed.any(axis=1)).mean() - 0.4) < 0.02
    assert abs(revealed[revealed.any(axis=1)].mean() - 0.8) < 0.02
    np.testing.assert_array_equal(revealed, revealed_plans(settings, 20_000, [1, 2]))
    assert (revealed != revealed_plans(settings, 20_000, [1, 3])).any()
    assert revealed_plans(settings.replace(plan_dropout=0), 9, [1]).all()
    assert not revealed_plans(settings.replace(plan_dropout=1), 9, [1]).any()
    assert revealed_plans(settings.replace(plan=False), 9, [1]).shape == (9, 0)


def test_targets_need_no_reading_and_nothing_is_ignored():
    reader, _, tunes = resident(ngrams=(), copying=False)
    targets = tunes.targets(np.array([[3, NOTHING]]))
    assert targets.tolist() == [[TUNES[1][0], IGNORED]]
    assert not hasattr(reader, "done")
