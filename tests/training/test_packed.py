"""Training from a packed corpus: the same network as from its files, by tunes that pass through memory."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from songrnn.corpus.corpus import read_corpus
from songrnn.corpus.packed.folder import open_packed
from songrnn.corpus.packed.pack import pack_corpus
from songrnn.corpus.settings import CorpusSettings
from songrnn.errors import Interrupted, RunError
from songrnn.model.counting import count_packed
from songrnn.model.inputs import Reader
from songrnn.model.settings import ModelSettings
from songrnn.training.loop import resume, train
from songrnn.training.settings import TrainingSettings
from songrnn.training.tunes import material
from songrnn.training.tunes.passing import PassingTunes
from songrnn.training.tunes.resident import ResidentTunes
from tiny import TUNES, vocabulary_of

SMALL = ModelSettings(hidden_size=12, embedding_size=8)
QUICK = TrainingSettings(epochs=2, window=16, batch_size=4, seed=5, device="cpu", threads=1)


@pytest.fixture(scope="module")
def settings(tmp_path_factory) -> CorpusSettings:
    path = tmp_path_factory.mktemp("sources") / "tunes.abc"
    path.write_text("\n".join(f"X:{number}\nT:{number}\n{tune}" for number, tune in enumerate(TUNES, 1)))
    return CorpusSettings(sources=(str(path),), validation_share=0.1)


@pytest.fixture(scope="module")
def packed(settings, tmp_path_factory) -> Path:
    return pack_corpus(settings, tmp_path_factory.mktemp("packed") / "tunes", finish=count_packed)


def test_a_packed_corpus_trains_the_same_weights_as_its_files(settings, packed, tmp_path, monkeypatch):
    train(read_corpus(settings), out=tmp_path / "files", model=SMALL, training=QUICK)
    train(open_packed(packed), out=tmp_path / "resident", model=SMALL, training=QUICK)
    monkeypatch.setattr(material, "LARGEST_RESIDENT", 0)
    train(open_packed(packed), out=tmp_path / "passing", model=SMALL, training=QUICK)
    for other in ("resident", "passing"):
        ours, theirs = (load_file(tmp_path / name / "checkpoint.safetensors") for name in ("files", other))
        assert ours.keys() == theirs.keys()
        for name, array in ours.items():
            np.testing.assert_array_equal(array, theirs[name], err_msg=f"{other}: {name}")


def test_a_run_from_a_packed_corpus_is_resumed_where_the_corpus_stays(packed, tmp_path):
    with pytest.raises(Interrupted):
        train(open_packed(packed), out=tmp_path / "run", model=SMALL, training=QUICK, stop=lambda: True)
    assert (tmp_path / "run" / "run.json").stat().st_size < 5_000
    moved = packed.with_name("moved")
    packed.rename(moved)
    with pytest.raises(RunError, match=r"run\.json is damaged .*is no whole packed corpus: corpus\.json is missing"):
        resume(tmp_path / "run")
    moved.rename(packed)
    assert resume(tmp_path / "run").reason == "2 epochs"


@pytest.mark.parametrize("room", [1, 40, 1000])
def test_passing_tunes_give_what_resident_ones_give(room):
    rng = np.random.default_rng(1)
    tunes = [rng.integers(0, 5, length) for length in [3, 30, 7, 12, 5, 9, 14, 4, 8, 21, 6]]
    reader, folds = Reader.counting(ModelSettings(), vocabulary_of(5), tunes)
    sizes = np.array([len(ids) for ids in tunes])
    resident = ResidentTunes(tunes, reader, torch.device("cpu"), folds=folds)
    passing = PassingTunes(tunes, sizes, reader, torch.device("cpu"), folds=folds, room=room)
    for _ in range(20):
        positions = rng.integers(0, sizes.sum(), (3, 2))
        for ours, theirs in zip(passing.inputs(positions), resident.inputs(positions), strict=True):
            assert torch.equal(ours, theirs)
        positions[0, 0] = -1
        assert torch.equal(passing.targets(positions), resident.targets(positions))
