"""Several processes train as one: the same loss, each character once, stopped, killed and resumed."""

import os
import signal
import threading
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from torch import distributed

from songrnn.batches import NOTHING, Lanes
from songrnn.cli.train import defaults
from songrnn.corpus.corpus import Corpus
from songrnn.errors import CorpusError, Interrupted, RunError, SettingsError
from songrnn.model.settings import ModelSettings
from songrnn.training.folder import RunFolder
from songrnn.training.loop import resume, train
from songrnn.training.settings import TrainingSettings
from songrnn.training.workers import launch
from songrnn.training.workers.team import says_another_is_lost
from tiny import TUNES

TOLERANCE = 1e-4
"""Bits per character: sums in another order differ in the last digits, and training enlarges that."""
DROPS = ("dropout", "input_dropout", "weight_dropout", "plan_dropout")
SMALL = ModelSettings(hidden_size=12, embedding_size=8, **dict.fromkeys(DROPS, 0.0))
QUICK = TrainingSettings(
    epochs=2, window=16, batch_size=4, seed=5, device="cpu", threads=2, batching="lanes", precision="float32"
)
CORPUS = Corpus("tunebook", tuple(TUNES[:21]), tuple(TUNES[:5]), (), (), {}, ("test",))


def bits(folder: Path):
    records = RunFolder(folder).journal.read()
    return {(r["kind"], r["step"]): r["bits_per_character"] for r in records if "bits_per_character" in r}


def assert_same_curve(one: Path, other: Path, tolerance=TOLERANCE):
    ours, theirs = bits(one), bits(other)
    assert ours.keys() == theirs.keys()
    assert max(abs(ours[key] - theirs[key]) for key in ours) < tolerance


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_workers_together_predict_every_character_but_the_first_of_a_tune_once(processes):
    lengths, rng = [9, 1, 40, 2, 17, 3, 3, 60, 5], partial(np.random.default_rng, 3)
    shares = [
        Lanes(lengths, window=8, batch_size=5, rng=rng(), rank=rank, processes=processes) for rank in range(processes)
    ]
    assert len({len(share) for share in shares}) == 1
    targets = np.concatenate([share[i].targets.ravel() for share in shares for i in range(len(share))])
    ends = np.cumsum(lengths)
    assert sorted(targets[targets != NOTHING]) == sorted(set(range(ends[-1])) - set(ends - lengths))


def test_each_tune_in_a_lane_begins_a_window_with_a_fresh_state():
    lanes = Lanes([9, 40, 17], window=8, batch_size=2, rng=np.random.default_rng(0))
    for window in (lanes[i] for i in range(len(lanes))):
        begins = np.isin(window.inputs[0], [0, 9, 49])
        there = (window.targets != NOTHING).any(0)
        np.testing.assert_array_equal(np.asarray(window.fresh)[there], begins[there])


def test_the_lanes_of_a_corpus_are_fixed_and_only_the_order_within_them_changes():
    epochs = [Lanes([9] * 12, window=9, batch_size=3, rng=np.random.default_rng(seed)) for seed in (0, 1)]
    seen = [np.array([lanes[i].inputs[0] for i in range(len(lanes))]) for lanes in epochs]
    assert (seen[0] != seen[1]).any()
    np.testing.assert_array_equal(np.sort(seen[0], 0), np.sort(seen[1], 0))


def test_two_workers_have_the_loss_curve_of_one_with_the_same_batch(tmp_path):
    for workers in (1, 2):
        train(CORPUS, out=tmp_path / f"{workers}", model=SMALL, training=QUICK.replace(workers=workers))
    assert_same_curve(tmp_path / "1", tmp_path / "2")


def test_stopped_workers_resume_where_they_stood(tmp_path):
    training = QUICK.replace(workers=2, save_seconds=1000)
    with pytest.raises(Interrupted, match=r"stopped after \d+ steps; everything is saved"):
        train(CORPUS, out=tmp_path / "pieces", model=SMALL, training=training, stop=lambda: True)
    with pytest.raises(RunError, match="already holds a run"):
        train(CORPUS, out=tmp_path / "pieces", model=SMALL, training=training)
    resume(tmp_path / "pieces")
    train(CORPUS, out=tmp_path / "whole", model=SMALL, training=QUICK)
    ours, theirs = bits(tmp_path / "pieces"), bits(tmp_path / "whole")
    assert max(abs(ours[key] - theirs[key]) for key in ours) < TOLERANCE


def test_a_killed_worker_is_replaced_and_all_continue_from_the_last_save(tmp_path, monkeypatch):
    killed, processes = [], launch._processes

    @launch.contextmanager
    def with_a_loss(job, meeting):
        with processes(job, meeting) as started:
            if not killed:
                killed.append(list(started.values())[1])
                threading.Thread(target=kill_after_a_step, args=(killed[0], tmp_path / "run")).start()
            yield started

    monkeypatch.setattr(launch, "_processes", with_a_loss)
    training = QUICK.replace(workers=2, save_seconds=0.0)
    run = train(CORPUS, out=tmp_path / "run", model=SMALL, training=training)
    assert killed[0].exitcode == -signal.SIGKILL
    assert run.reason == "2 epochs"
    assert "resumed" in {record["kind"] for record in run.records}


@pytest.mark.parametrize(
    ("error", "lost"),
    [
        (RuntimeError("[/src/gloo/transport/tcp/pair.cc:534] Connection closed by peer [127.0.0.1]:4711"), True),
        (RuntimeError("[/src/gloo/transport/tcp/pair.cc:144] writev [127.0.0.1]:4711: Broken pipe"), True),
        (distributed.DistNetworkError("failed to recv, got 0 bytes"), True),
        (RuntimeError("size mismatch for output.weight"), False),
    ],
)
def test_an_error_of_a_connection_says_that_another_process_is_lost(error, lost):
    assert says_another_is_lost(error) is lost


def kill_after_a_step(process, folder: Path):
    while not bits(folder) or not (folder / "resume.safetensors").exists():
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)


def test_too_few_tunes_or_windows_for_the_workers_are_named_and_nothing_is_written(tmp_path):
    few = Corpus("tunebook", TUNES[:3], TUNES[:3], (), (), {}, ("test",))
    with pytest.raises(CorpusError, match=r"^4 workers need as many training tunes .* there are 3: use --workers 3$"):
        train(few, out=tmp_path / "run", model=SMALL, training=QUICK.replace(workers=4))
    with pytest.raises(CorpusError, match=r"as many windows in a batch \(--batch-size\) at least, and there are 2"):
        train(CORPUS, out=tmp_path / "run", model=SMALL, training=QUICK.replace(workers=3, batch_size=2))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("workers", [0, 1025])
def test_a_number_of_workers_out_of_range_is_named(workers):
    with pytest.raises(SettingsError, match=f"workers is {workers}, but it must be at"):
        TrainingSettings(workers=workers, batching="lanes")


@pytest.mark.parametrize(
    ("arguments", "batching"),
    [
        ([], "streams"),
        (["--workers", "1"], "streams"),
        (["--workers=2"], "lanes"),
        (["--preset", "paper"], "random-windows"),
    ],
)
def test_on_the_command_line_several_workers_share_lanes_unless_told_otherwise(arguments, batching):
    assert defaults(arguments).training.batching == batching


def test_workers_need_lanes():
    with pytest.raises(SettingsError, match="2 workers share lanes: with --workers give --batching lanes, not streams"):
        TrainingSettings(workers=2)
