"""One training of a study, and its folder."""

import json
from dataclasses import replace

import pytest

from songrnn.checkpoint import Checkpoint
from songrnn.corpus.packed.folder import open_packed
from songrnn.corpus.packed.pack import pack_corpus
from songrnn.corpus.settings import CorpusSettings
from songrnn.errors import Interrupted, RunError
from songrnn.evaluation.bits_per_character import bits_per_character
from songrnn.model.counting import count_packed
from songrnn.study import run as run_module
from songrnn.study.folder import StudyFolder
from songrnn.study.run import read_result, run_trial
from songrnn.training.folder import RunFolder
from tiny import abc_file_of


@pytest.fixture
def trial(tmp_path, small_plan):
    return small_plan(tmp_path / "study")[1].trials()[0]


def test_a_trial_is_a_run_folder_with_a_result(tmp_path, trial, small_corpus):
    result = run_trial(trial, small_corpus, tmp_path / "t")
    checkpoint = Checkpoint.load(tmp_path / "t" / "checkpoint.safetensors")
    assert result.validation == checkpoint.training["best"]["bits_per_character"]
    assert result.test == pytest.approx(bits_per_character(checkpoint, small_corpus.test))
    assert (result.cell, result.hidden_size, result.dropout, result.seed) == ("gru", 8, 0.1, 0)
    assert (result.epochs, result.failure) == (2, "")
    assert result.parameters == sum(array.size for array in checkpoint.weights.values())
    assert RunFolder(tmp_path / "t").journal.read()[-1]["reason"] == "2 epochs"
    assert read_result(tmp_path / "t") == result


def test_run_again_it_does_nothing(tmp_path, trial, small_corpus, monkeypatch):
    result = run_trial(trial, small_corpus, tmp_path / "t")
    monkeypatch.setattr(run_module, "resume", None)
    monkeypatch.setattr(run_module, "train", None)
    assert run_trial(trial, small_corpus, tmp_path / "t") == result


def test_stopped_it_continues_to_the_same_result(tmp_path, trial, small_corpus):
    whole = run_trial(trial, small_corpus, tmp_path / "whole")
    for count in (3, 1, 2):
        steps = iter([False] * count)
        with pytest.raises(Interrupted):
            run_trial(trial, small_corpus, tmp_path / "pieces", stop=lambda steps=steps: next(steps, True))
    pieces = run_trial(trial, small_corpus, tmp_path / "pieces")
    assert (pieces.validation, pieces.test, pieces.best_epoch) == (whole.validation, whole.test, whole.best_epoch)


def test_a_training_that_diverges_is_a_result_and_is_tried_again(tmp_path, trial, small_corpus, monkeypatch):
    def diverge(*_, **__):
        raise RunError("the training diverged: after 7 steps\nthe validation is nan")

    with monkeypatch.context() as patched:
        patched.setattr(run_module, "train", diverge)
        result = run_trial(trial, small_corpus, tmp_path / "t")
    assert result.failure == "the training diverged: after 7 steps the validation is nan"
    assert (result.validation, result.test) == (None, None)
    assert read_result(tmp_path / "t") == result
    assert run_trial(trial, small_corpus, tmp_path / "t").failure == ""


def test_half_a_result_is_none(tmp_path):
    (tmp_path / "trial.json").write_text('{"configuration": "gru-8')
    assert read_result(tmp_path) is None


def test_a_plan_is_read_as_it_was_written(tmp_path, small_plan):
    folder, plan = small_plan(tmp_path / "study")
    assert folder.read() == plan


def test_a_plan_names_a_packed_corpus_and_does_not_repeat_it(tmp_path, small_plan):
    (tmp_path / "tunes.abc").write_text(abc_file_of(), encoding="utf-8")
    settings = CorpusSettings(sources=(str(tmp_path / "tunes.abc"),))
    packed = open_packed(pack_corpus(settings, tmp_path / "packed", finish=count_packed))
    plan = replace(small_plan(tmp_path / "other")[1], corpus=packed)
    folder = StudyFolder(tmp_path / "study")
    folder.begin(plan)
    assert json.loads(folder.plan.read_text())["corpus"] == {"packed": str(tmp_path / "packed")}
    assert folder.read().corpus.sha256 == packed.sha256


def test_a_folder_that_is_no_study_is_named(tmp_path):
    with pytest.raises(RunError, match=r"holds no study to resume: there is no plan\.json in it"):
        StudyFolder(tmp_path).read()


@pytest.mark.parametrize("change", [{"epochs": "many"}, {"settings": {"seeds": 0}}, {"corpus": {}}, {"model": 3}])
def test_a_damaged_plan_is_named(tmp_path, small_plan, change):
    folder, _ = small_plan(tmp_path / "study")
    folder.plan.write_text(json.dumps(json.loads(folder.plan.read_text()) | change))
    with pytest.raises(RunError, match=r"plan\.json is damaged or of another version"):
        folder.read()


def test_a_folder_in_use_is_not_begun_in(tmp_path, small_plan):
    folder, plan = small_plan(tmp_path / "study")
    with pytest.raises(RunError, match="already holds a study: resume it by --resume"):
        folder.begin(plan)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep")
    with pytest.raises(RunError, match="is there and is no empty folder; choose another --out"):
        StudyFolder(tmp_path / "mine").refuse_if_used()
