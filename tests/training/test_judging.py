"""Tunes judged while a network learns: beside the loss, chosen by, and never in the way."""

import json

import pytest

from songrnn.checkpoint import Checkpoint
from songrnn.cli.progress import TrainingProgress
from songrnn.corpus.corpus import Corpus
from songrnn.errors import Interrupted, SettingsError
from songrnn.model.settings import ModelSettings
from songrnn.training.folder import RunFolder
from songrnn.training.judging import Judge
from songrnn.training.loop import resume, train
from songrnn.training.plots import loss_plot
from songrnn.training.settings import TrainingSettings
from songrnn.training.snapshot import StepPosition
from tiny import TUNES, make_checkpoint

CORPUS = Corpus("tunebook", tuple(TUNES[:10]), tuple(TUNES[:3]), (), (), {}, ("test",))
MODEL = ModelSettings(hidden_size=8, embedding_size=4, dropout=0.1)
QUICK = TrainingSettings(epochs=4, window=16, batch_size=4, seed=5, device="cpu", threads=1, judge_tunes=2)


def judged(run):
    return [(r["step"], r["music"]) for r in run.records if r["kind"] == "validation" and "music" in r]


def test_every_nth_validation_and_the_last_are_judged_and_nothing_else_changes(tmp_path):
    plain = train(CORPUS, out=tmp_path / "plain", model=MODEL, training=QUICK)
    run = train(CORPUS, out=tmp_path / "judged", model=MODEL, training=QUICK.replace(judge_every=3))
    assert judged(plain) == []
    assert [step for step, _ in judged(run)] == [steps_of(run)[2], steps_of(run)[3]]
    assert [r.get("bits_per_character") for r in run.records] == [r.get("bits_per_character") for r in plain.records]
    one, other = (Checkpoint.load(r.checkpoint).weights for r in (plain, run))
    assert all((one[name] == other[name]).all() for name in one)
    figures = judged(run)[0][1]
    assert 0 <= figures["unlikeness"] <= 1
    assert {"reads", "bars_add_up", "ends_on_tonic", "self_similarity"} <= figures.keys()
    json.dumps(figures, allow_nan=False)


def steps_of(run):
    return [record["step"] for record in run.records if record["kind"] == "validation"]


def test_chosen_by_music_the_checkpoint_is_that_of_the_lowest_unlikeness(tmp_path, monkeypatch):
    figures = iter([0.5, 0.2, 0.4, 0.3])
    monkeypatch.setattr(Judge, "__call__", lambda *_: {"unlikeness": next(figures)})
    run = train(CORPUS, out=tmp_path / "run", model=MODEL, training=QUICK.replace(judge_every=1, choose_by="music"))
    assert run.step == steps_of(run)[1]
    [best] = [r for r in run.records if r["kind"] == "validation" and r["step"] == run.step]
    assert run.bits_per_character == best["bits_per_character"]
    assert Checkpoint.load(run.checkpoint).training["best"]["step"] == run.step
    assert [r["best"] for r in run.records if r["kind"] == "validation"] == [True, True, False, False]


def test_patience_counts_judged_validations_only(tmp_path, monkeypatch):
    monkeypatch.setattr(Judge, "__call__", lambda *_: {"unlikeness": 0.5})
    settings = QUICK.replace(epochs=20, judge_every=2, choose_by="music", patience=2)
    run = train(CORPUS, out=tmp_path / "run", model=MODEL, training=settings)
    assert run.reason == "no better validation in 2"
    assert len(steps_of(run)) == 6  # judged at 2, 4 and 6


def test_a_validation_without_a_figure_is_neither_better_nor_worse():
    position = StepPosition(step=7)
    assert not position.compare(1.0, None)
    assert position.stale == 0
    assert position.compare(1.5, 0.3)
    assert not position.compare(1.0, 0.3)
    assert (position.best_bits, position.best_step, position.stale) == (1.5, 7, 1)


@pytest.mark.parametrize("ensemble", [1, 2])
def test_stopped_and_resumed_it_is_judged_and_chosen_as_if_it_had_not_been_stopped(tmp_path, ensemble):
    settings = QUICK.replace(judge_every=2, choose_by="music", ensemble=ensemble)
    whole = train(CORPUS, out=tmp_path / "whole", model=MODEL, training=settings)
    left = iter([False] * 8)
    with pytest.raises(Interrupted):
        train(CORPUS, out=tmp_path / "pieces", model=MODEL, training=settings, stop=lambda: next(left, True))
    pieces = resume(tmp_path / "pieces")
    assert judged(pieces) == judged(whole)
    assert pieces.step == whole.step
    one, other = (Checkpoint.load(run.checkpoint).weights for run in (whole, pieces))
    assert all((one[name] == other[name]).all() for name in one)
    assert RunFolder(tmp_path / "pieces").read()[2] == settings


def test_the_same_network_is_judged_the_same(checkpoint):
    first, second = (Judge(TUNES[:5], QUICK)(checkpoint) for _ in range(2))
    assert first == second
    raw = make_checkpoint(form="raw", texts=tuple(f"<start>\n{tune}<end>\n" for tune in TUNES))
    assert 0 < Judge([f"<start>\n{TUNES[0]}<end>\n"], QUICK)(raw)["unlikeness"] <= 1


def test_to_choose_by_music_needs_judging():
    with pytest.raises(SettingsError, match="with --choose-by music give --judge-every 1, or more"):
        TrainingSettings(choose_by="music")


def test_the_figures_stand_in_the_progress_and_in_the_plot(capsys):
    music = {"unlikeness": 0.125, "reads": 0.75, "bars_add_up": None}
    record = {"kind": "validation", "step": 3, "epoch": 1.0, "seconds": 2.0, "bits_per_character": 2.0, "best": True}
    with TrainingProgress() as progress:
        progress.report(record | {"music": music}, 0.5)
    assert "75 % read, 0 % add up, unlikeness 0.125" in " ".join(capsys.readouterr().err.split())
    assert loss_plot({"": [record]})["svg"] != loss_plot({"": [record | {"music": music}]})["svg"]
