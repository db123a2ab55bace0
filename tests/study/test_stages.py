"""A whole study, in this process: ended, interrupted, resumed, with failures, and what it writes."""

import csv
import json
import re
import shutil
from dataclasses import replace

import pytest

from songrnn.errors import CorpusError, Interrupted, RunError, SettingsError
from songrnn.model.settings import ModelSettings
from songrnn.study import calibration, compositions, stages, worker
from songrnn.study import run as run_module
from songrnn.study.folder import StudyFolder
from songrnn.study.pool import Workers
from songrnn.study.space import StudySettings
from songrnn.training.settings import TrainingSettings
from study_here import HERE

SMALL = StudySettings(cells=("rnn", "gru"), hidden_sizes=(8,), dropouts=(0.1,), seeds=2, epochs=2, processes=1)
MODEL, TRAINING = ModelSettings(embedding_size=8), TrainingSettings(window=16, batch_size=8, device="cpu")


@pytest.fixture(autouse=True, scope="module")
def quick():
    with pytest.MonkeyPatch.context() as monkeypatch:
        make_quick(monkeypatch)
        yield


def make_quick(monkeypatch):
    monkeypatch.setattr(compositions, "TUNES", 1)
    monkeypatch.setattr(compositions, "LONGEST", 60)
    monkeypatch.setattr(compositions, "FORMATS", ("midi", "svg"))
    monkeypatch.setattr(calibration, "CHARACTERS", 1_000)


def begin(corpus, out, settings=SMALL, **more):
    more = {"workers": HERE, **more}
    return stages.begin_study(corpus, out=out, settings=settings, model=MODEL, training=TRAINING, **more)


def resume(folder, **more):
    return stages.resume_study(folder, workers=HERE, **more)


def content_of(folder):
    """study.json without what depends on the clock."""
    content = json.loads((folder / "study.json").read_text(encoding="utf-8"))
    for trial in content["trials"]:
        assert trial.pop("seconds") > 0
    return content


def rounded(content):
    """Numbers to six digits: how NumPy adds up depends on where in memory an array lies."""
    if isinstance(content, dict):
        return {name: rounded(value) for name, value in content.items()}
    if isinstance(content, list):
        return [rounded(value) for value in content]
    return pytest.approx(content, abs=1e-6) if isinstance(content, float) else content


@pytest.fixture(scope="module")
def whole(tmp_path_factory, small_corpus):
    """The folder of a study that was never interrupted; not to be changed."""
    return begin(small_corpus, tmp_path_factory.mktemp("studies") / "whole").folder


def test_interrupted_and_resumed_it_finds_what_an_uninterrupted_one_finds(tmp_path, small_corpus, whole):
    steps = iter([False] * 25)  # into the second training
    with pytest.raises(Interrupted, match=r"stopped after [12] of 4 trainings; .* songrnn study --resume .*pieces"):
        begin(small_corpus, tmp_path / "pieces", stop=lambda: next(steps, True))
    assert not (tmp_path / "pieces" / "study.json").exists()
    for count in (3, 30):
        more = iter([False] * count)
        with pytest.raises(Interrupted):
            resume(tmp_path / "pieces", stop=lambda more=more: next(more, True))
    study = resume(tmp_path / "pieces")
    assert study.page == tmp_path / "pieces" / "index.html"
    assert content_of(tmp_path / "pieces") == rounded(content_of(whole))


def test_a_finished_study_only_writes_its_report_again(tmp_path, whole, monkeypatch):
    shutil.copytree(whole, tmp_path / "s")
    before = (tmp_path / "s" / "study.json").read_bytes()
    (tmp_path / "s" / "index.html").unlink()
    monkeypatch.setattr(worker, "JOBS", {})
    assert resume(tmp_path / "s").page.exists()
    assert (tmp_path / "s" / "study.json").read_bytes() == before


def test_the_report_has_every_part_in_every_form(whole):
    page = (whole / "index.html").read_text(encoding="utf-8")
    text = (whole / "study.md").read_text(encoding="utf-8")
    parts = ["Plain RNN against GRU", "In sentences", "Every network", "How they learned"]
    parts += ["What size and dropout change", "What they compose", "What the neurons do"]
    for part in parts:
        assert f"<h2>{part}</h2>" in page
        assert f"\n## {part}\n" in text
    for question in ("learn better than the plain RNN?", "dropout change?", "temperature change?", "neurons follow?"):
        assert question in page
        assert question in text
    assert "GRU − RNN" in page
    rows = list(csv.DictReader((whole / "study.csv").read_text().splitlines()))
    assert [(row["cell"], row["seed"]) for row in rows] == [("rnn", "0"), ("rnn", "1"), ("gru", "0"), ("gru", "1")]
    assert all(float(row["validation"]) > 0 and float(row["test"]) > 0 for row in rows)


def test_what_the_report_links_to_is_there(whole):
    page = (whole / "index.html").read_text(encoding="utf-8")
    links = re.findall(r'href="([^#"][^"]*)"', page)
    assert links == ["compositions/rnn-8-dropout-0.1/index.html", "compositions/gru-8-dropout-0.1/index.html"]
    named = re.findall(r"\]\(([^)]+)\)", (whole / "study.md").read_text(encoding="utf-8"))
    assert set(links) < set(named)
    assert all((whole / name).is_file() for name in named)
    assert "Temperature 2" in (whole / links[0]).read_text(encoding="utf-8")


def test_numbers_are_means_over_seeds_of_what_the_trainings_say(whole):
    content = content_of(whole)
    row = next(row for row in content["table"] if row["cell"] == "gru")
    scores = [trial["validation"] for trial in content["trials"] if trial["cell"] == "gru"]
    assert row["validation"]["mean"] == pytest.approx(sum(scores) / 2)
    assert row["validation"]["half_width"] == pytest.approx(12.706 * abs(scores[0] - scores[1]) / 2)
    assert (row["failed"], row["validation"]["count"]) == (0, 2)
    assert [row["composed"] for row in content["temperatures"]] == [2, 2, 2, 2]
    assert [len(network["varying_most"]) for network in content["neurons"]] == [3, 3]
    assert all(len((network["labels"] or {"labels": range(8)})["labels"]) == 8 for network in content["neurons"])
    assert content["epochs"] == 2
    overall = next(d for d in content["differences"] if d["factor"] == "cell" and d["score"] == "validation")
    assert (overall["one"], overall["other"], overall["count"]) == ("gru", "rnn", 2)


def test_a_training_that_fails_is_in_the_table_and_ends_nothing(tmp_path, small_corpus, monkeypatch):
    train = run_module.train

    def unlucky(corpus, **settings):
        if settings["model"].cell == "gru" and settings["training"].seed == 1:
            raise RunError("the training diverged: <nan>")
        return train(corpus, **settings)

    monkeypatch.setattr(run_module, "train", unlucky)
    begin(small_corpus, tmp_path / "s")
    page = (tmp_path / "s" / "index.html").read_text(encoding="utf-8")
    assert "4 trainings, 1 of which failed" in page
    assert "gru-8-dropout-0.1-seed-1" in page
    assert "the training diverged: &lt;nan&gt;" in page
    assert "The GRU and the plain RNN cannot be compared" in page
    assert (tmp_path / "s" / "compositions" / "gru-8-dropout-0.1" / "index.html").exists()


def test_when_every_training_fails_the_report_says_why(tmp_path, small_corpus, monkeypatch):
    def diverge(*_, **__):
        raise RunError("the training diverged")

    monkeypatch.setattr(run_module, "train", diverge)
    study = begin(small_corpus, tmp_path / "s")
    assert [result.failure for result in study.results] == ["the training diverged"] * 4
    assert "All trainings failed" in study.page.read_text(encoding="utf-8")


def test_epochs_are_chosen_from_the_minutes_and_stay(tmp_path, small_corpus, monkeypatch):
    monkeypatch.setattr(stages, "REPORT_SECONDS", 0.0)
    monkeypatch.setattr(compositions, "SECONDS", 0.0)
    steps = []
    begun = iter([False] * 10)  # past the calibration
    settings = SMALL.replace(epochs=None, minutes=1.5)
    with pytest.raises(Interrupted, match="of 4 trainings"):
        begin(small_corpus, tmp_path / "s", settings, report=steps.append, stop=lambda: next(begun, True))
    plan = StudyFolder(tmp_path / "s").read()
    assert plan.epochs > 2
    assert plan.timing["expected_seconds"] <= 90
    assert {trial.training.epochs for trial in plan.trials()} == {plan.epochs}
    assert any(f"{plan.epochs:g} epoch(s) for each of 4 trainings fit" in step.line for step in steps)


def test_minutes_in_which_not_one_epoch_fits_are_refused_and_nothing_is_written(tmp_path, small_corpus):
    with pytest.raises(
        SettingsError, match=r"minutes are 0\.01, but 4 trainings of a tenth of an epoch.* Give --minutes \d+ or"
    ):
        begin(small_corpus, tmp_path / "s", SMALL.replace(epochs=None, minutes=0.01))
    assert not (tmp_path / "s").exists()


def test_a_corpus_without_tunes_is_refused_and_nothing_is_written(tmp_path, small_corpus):
    with pytest.raises(CorpusError, match="has no validation tune"):
        begin(replace(small_corpus, validation=()), tmp_path / "s")
    assert not (tmp_path / "s").exists()


def test_a_folder_in_use_is_refused_before_anything_is_timed(tmp_path, small_corpus, small_plan):
    def no_pool(processes):
        raise AssertionError("a pool was made")

    small_plan(tmp_path / "s")
    with pytest.raises(RunError, match="already holds a study: resume it by --resume"):
        begin(small_corpus, tmp_path / "s", workers=Workers(lambda: 1, no_pool))
