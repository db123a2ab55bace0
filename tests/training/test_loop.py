"""Learning something tiny, limits, and going on after any kind of end."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

import songrnn
import tiny
from processes import begin_process
from songrnn.checkpoint import Checkpoint
from songrnn.corpus.corpus import Corpus
from songrnn.errors import CorpusError, Interrupted, RunError, SettingsError
from songrnn.evaluation.bits_per_character import Score, bits_per_character
from songrnn.model.settings import GATES, ModelSettings
from songrnn.training import learner
from songrnn.training.folder import RunFolder
from songrnn.training.journal import Journal
from songrnn.training.loop import resume, train
from songrnn.training.settings import PRESETS, TrainingSettings

TUNES = tuple(tiny.TUNES[:28])
SMALL = ModelSettings(hidden_size=16, embedding_size=8, dropout=0.1)
QUICK = TrainingSettings(epochs=3, window=16, batch_size=4, seed=5, device="cpu", threads=1)


def corpus_of(training=TUNES, validation=TUNES[:3], form="tunebook"):
    return Corpus(form, tuple(training), tuple(validation), (), (), {}, ("test",))


def weights_of(folder: Path):
    return {name: load_file(folder / name) for name in ("checkpoint.safetensors", "resume.safetensors")}


def assert_same_weights(one: Path, other: Path):
    for name, arrays in weights_of(one).items():
        others = weights_of(other)[name]
        assert arrays.keys() == others.keys()
        for key, array in arrays.items():
            np.testing.assert_array_equal(array, others[key], err_msg=f"{name}: {key}")


@pytest.mark.parametrize("cell", GATES)
def test_every_cell_learns_two_tunes_by_heart(tmp_path, cell):
    jig, reel = "R:jig\nM:6/8\nL:1/8\nK:Dmaj\nAFD GEC|Bgf aed|\n", "R:reel\nM:4/4\nL:1/8\nK:Gmaj\nGbca DFdg|BAec f4|\n"
    run = train(
        corpus_of([jig, reel] * 8, [jig, reel]),
        out=tmp_path / "run",
        model=ModelSettings(cell=cell, hidden_size=32, embedding_size=16, dropout=0),
        training=QUICK.replace(epochs=20, learning_rate=0.02, patience=0, window=32, validate_every=80, ensemble=1),
    )
    assert run.bits_per_character < 0.1
    composer = songrnn.load(run.checkpoint)
    assert composer.compose(jig[:27], temperature=0, max_characters=200).text == jig
    assert composer.compose(reel[:28], temperature=0, max_characters=200).text == reel


def test_an_ensemble_too_large_for_one_network_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(SettingsError, match=r"ensemble of 2 makes one network .* hidden_size is 10000"):
        train(corpus_of(), out=tmp_path / "run", model=SMALL.replace(hidden_size=5000), training=QUICK)
    assert not (tmp_path / "run").exists()


def test_a_run_says_what_the_n_grams_alone_know(tmp_path):
    know = {
        ngrams: train(
            corpus_of(), out=tmp_path / f"{len(ngrams)}", model=SMALL.replace(ngrams=ngrams), training=QUICK
        ).records[0]
        for ngrams in ((), (2, 5))
    }
    assert "bits_per_character_before" not in know[()]
    assert 0 < know[2, 5]["bits_per_character_before"] < np.log2(len(set("".join(TUNES)))) - 1


def test_the_checkpoint_scores_what_the_run_says(tmp_path):
    run = train(corpus_of(), out=tmp_path / "run", model=SMALL, training=QUICK)
    checkpoint = Checkpoint.load(run.checkpoint)
    assert bits_per_character(checkpoint, TUNES[:3]) == pytest.approx(run.bits_per_character, abs=1e-3)  # float16
    assert checkpoint.training["best"]["bits_per_character"] == run.bits_per_character
    assert checkpoint.training["corpus"]["tunes"] == {"training": len(TUNES), "validation": 3, "test": 0}


def test_the_run_folder_holds_curves_and_a_journal_that_ends(tmp_path, loss_plots):
    run = train(corpus_of(), out=tmp_path / "run", model=SMALL, training=QUICK)
    assert (run.folder / "loss.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (run.folder / "loss.svg").read_text(encoding="utf-8")
    kinds = [record["kind"] for record in run.records]
    assert kinds[0] == "start"
    assert kinds[-1] == "end"
    assert kinds.count("validation") == 3
    bits = [record["bits_per_character"] for record in run.records if record["kind"] == "learning"]
    assert bits[-1] < bits[0]


def test_the_same_seed_trains_the_same_weights_and_another_seed_others(tmp_path):
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        train(corpus_of(), out=tmp_path / name, model=SMALL, training=QUICK.replace(seed=seed))
    assert_same_weights(tmp_path / "a", tmp_path / "b")
    with pytest.raises(AssertionError):
        assert_same_weights(tmp_path / "a", tmp_path / "c")


def test_training_leaves_the_callers_random_numbers_alone(tmp_path):
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    train(corpus_of(), out=tmp_path / "run", model=SMALL, training=QUICK.replace(epochs=1))
    assert torch.equal(torch.rand(3), expected)


def stop_after(count):
    """A `stop` that says yes at its `count`-th call."""
    left = iter([False] * (count - 1))
    return lambda: next(left, True)


@pytest.mark.parametrize("batching", ["streams", "random-windows"])
@pytest.mark.parametrize("cell", GATES)
def test_stopped_and_resumed_again_and_again_it_ends_with_the_same_weights(tmp_path, cell, batching):
    model, training = SMALL.replace(cell=cell, layers=2), QUICK.replace(batching=batching)
    train(corpus_of(), out=tmp_path / "whole", model=model, training=training)
    with pytest.raises(Interrupted, match="To go on: songrnn train --resume"):
        train(corpus_of(), out=tmp_path / "pieces", model=model, training=training, stop=stop_after(3))
    for count in (1, 4, 8):
        with pytest.raises(Interrupted):
            resume(tmp_path / "pieces", stop=stop_after(count))
    resume(tmp_path / "pieces")
    assert_same_weights(tmp_path / "whole", tmp_path / "pieces")
    journals = [
        [(r["kind"], r["step"], r.get("bits_per_character")) for r in RunFolder(tmp_path / name).journal.read()]
        for name in ("whole", "pieces")
    ]
    assert [r for r in journals[1] if r[0] != "resumed"] == journals[0]


def test_killed_at_random_moments_and_resumed_it_ends_with_the_same_weights(tmp_path):
    settings: dict[str, Any] = {"model": SMALL, "training": QUICK.replace(epochs=6, save_seconds=0.05, patience=0)}
    train(corpus_of(), out=tmp_path / "whole", **settings)
    rng, folder = np.random.default_rng(), tmp_path / "killed"
    process = begin_process(train, corpus_of(), out=folder, **settings)
    for _ in range(2):
        step_before = last_step(folder)
        while process.is_alive() and last_step(folder) <= step_before:
            time.sleep(0.01)
        time.sleep(float(rng.uniform(0, 0.05)))
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL, "it ended before it was killed"
        process = begin_process(resume, folder)
    process.join()
    assert process.exitcode == 0
    assert_same_weights(tmp_path / "whole", folder)


def last_step(folder: Path) -> int:
    journal = RunFolder(folder).journal
    return max((record["step"] for record in journal.read()), default=-1)


def test_a_run_killed_before_its_first_save_begins_again(tmp_path):
    train(corpus_of(), out=tmp_path / "whole", model=SMALL, training=QUICK)
    RunFolder(tmp_path / "young").begin(corpus_of(), SMALL, QUICK)
    resume(tmp_path / "young")
    assert_same_weights(tmp_path / "whole", tmp_path / "young")


def test_a_finished_run_stays_finished(tmp_path):
    run = train(corpus_of(), out=tmp_path / "run", model=SMALL, training=QUICK)
    before = run.checkpoint.read_bytes()
    again = resume(tmp_path / "run")
    assert again.reason == run.reason == "3 epochs"
    assert run.checkpoint.read_bytes() == before


def test_minutes_end_a_training_before_its_epochs(tmp_path):
    begun = time.monotonic()
    training = QUICK.replace(epochs=100_000, minutes=0.02, patience=0)
    run = train(corpus_of(), out=tmp_path / "run", model=SMALL, training=training)
    assert run.reason == "0.02 minutes"
    assert time.monotonic() - begun < 20
    rates = [record["learning_rate"] for record in run.records if record["kind"] == "learning"]
    assert rates[-1] < 0.2 * max(rates)  # the schedule came to its end with the time


def test_patience_ends_a_training_that_gets_no_better(tmp_path):
    training = QUICK.replace(epochs=1_000, learning_rate=1e-9, patience=2, warmup_steps=0)
    run = train(corpus_of(validation=["zzzz\n"]), out=tmp_path / "run", model=SMALL, training=training)
    assert run.reason == "no better validation in 2"


def test_validation_every_few_steps_finds_the_best(tmp_path):
    run = train(corpus_of(), out=tmp_path / "run", model=SMALL, training=QUICK.replace(validate_every=10))
    validations = [record for record in run.records if record["kind"] == "validation"]
    assert [record["step"] for record in validations[:2]] == [10, 20]
    assert validations[-1]["step"] == max(record["step"] for record in run.records)
    assert run.bits_per_character == min(record["bits_per_character"] for record in validations)


def test_a_training_that_diverges_says_so_and_keeps_its_best(tmp_path, monkeypatch):
    scores = iter([4.0, 3.0, float("nan")])  # before it learns, then twice
    monkeypatch.setattr(learner, "validate", lambda *_, **__: Score(next(scores), 10, 0, 1))
    with pytest.raises(RunError, match=r"diverged: .* is nan .* of step \d+, is kept\. .* lower --learning-rate"):
        train(corpus_of(), out=tmp_path / "run", model=SMALL, training=QUICK)
    assert Checkpoint.load(tmp_path / "run" / "checkpoint.safetensors").training["best"]["bits_per_character"] == 3.0


def test_unknown_validation_characters_are_counted_and_cost_twenty_bits_each(tmp_path):
    tune = TUNES[0].rstrip("\n")
    plain = train(corpus_of(validation=[tune]), out=tmp_path / "plain", model=SMALL, training=QUICK)
    strange = train(corpus_of(validation=[tune + "€€"]), out=tmp_path / "strange", model=SMALL, training=QUICK)
    assert strange.records[0]["unknown_validation_characters"] == 2
    size = len(tune) + 1
    assert strange.bits_per_character * (size + 2) == pytest.approx(plain.bits_per_character * size + 40)


def test_the_papers_preset_is_the_papers_recipe():
    model, training = ModelSettings(**PRESETS["paper"]["model"]), TrainingSettings(**PRESETS["paper"]["training"])
    assert (model.hidden_size, model.layers, model.dropout) == (150, 1, 0)
    assert (training.batching, training.window, training.batch_size) == ("random-windows", 30, 1)
    assert (training.learning_rate, training.weight_decay, training.schedule) == (1e-3, 0, "constant")


def test_a_folder_with_a_run_is_not_overwritten(tmp_path):
    train(corpus_of(), out=tmp_path / "run", model=SMALL, training=QUICK.replace(epochs=1))
    before = (tmp_path / "run" / "checkpoint.safetensors").read_bytes()
    with pytest.raises(RunError, match="already holds a run: go on with it by --resume"):
        train(corpus_of(), out=tmp_path / "run", model=SMALL, training=QUICK)
    assert (tmp_path / "run" / "checkpoint.safetensors").read_bytes() == before


def test_a_folder_without_a_run_cannot_be_resumed(tmp_path):
    with pytest.raises(RunError, match=r"holds no run to resume: there is no run\.json"):
        resume(tmp_path)


@pytest.mark.parametrize("content", ["", "{}", '{"model": 3}', "\0"])
def test_a_damaged_run_is_named(tmp_path, content):
    (tmp_path / "run.json").write_text(content)
    with pytest.raises(RunError, match=r"run\.json is damaged or of another version"):
        resume(tmp_path)


def test_a_damaged_snapshot_is_named(tmp_path):
    with pytest.raises(Interrupted):
        train(corpus_of(), out=tmp_path / "run", model=SMALL, training=QUICK, stop=stop_after(2))
    path = tmp_path / "run" / "resume.safetensors"
    whole = path.read_bytes()
    for content in (whole[:-100], b"", whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:]):
        path.write_bytes(content)
        with pytest.raises(RunError, match=r"resume\.safetensors cannot be resumed from; it is damaged"):
            resume(tmp_path / "run")


def test_a_run_whose_tunes_were_altered_is_not_resumed(tmp_path):
    with pytest.raises(Interrupted):
        train(corpus_of(), out=tmp_path / "run", model=SMALL, training=QUICK, stop=stop_after(2))
    path = tmp_path / "run" / "run.json"
    content = json.loads(path.read_text())
    for altered in (content["corpus"]["training"][0] + "A", 3, None):
        content["corpus"]["training"][0] = altered
        path.write_text(json.dumps(content))
        with pytest.raises(RunError, match=r"run\.json is damaged or of another version"):
            resume(tmp_path / "run")


@pytest.mark.parametrize("line", ["\xff", "[]", "[" * 100_000, '{"kind": "learning", "step": 1}', '{"kind": 3}', "3"])
def test_a_damaged_line_of_a_journal_costs_that_line(tmp_path, line):
    journal = Journal(tmp_path / "journal.jsonl")
    record = {"step": 1, "epoch": 0.5, "seconds": 0.1}
    journal.write("learning", **record, bits_per_character=2.0)
    with journal.path.open("a", encoding="latin-1") as file:
        file.write(f"{line}\n")
    journal.write("end", **record)
    assert [record["kind"] for record in journal.read()] == ["learning", "end"]
    journal.cut(1)
    assert [record["kind"] for record in journal.read()] == ["learning"]


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RunError, match=r"cannot write .*file: it is no folder$"):
        train(corpus_of(), out=tmp_path / "file", model=SMALL, training=QUICK)


@pytest.mark.parametrize("empty", ["training", "validation"])
def test_a_corpus_without_tunes_is_named_and_nothing_is_written(tmp_path, empty):
    with pytest.raises(CorpusError, match=f"has no {empty} tune"):
        train(corpus_of(**{empty: ()}), out=tmp_path / "run", model=SMALL, training=QUICK)
    assert not (tmp_path / "run").exists()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_a_device_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SettingsError, match="PyTorch finds no CUDA device here: use --device cpu or auto"):
        train(corpus_of(), out=tmp_path / "run", training=QUICK.replace(device="cuda"))


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
def test_control_c_saves_and_says_how_to_continue(tmp_path):
    (tmp_path / "tunes.abc").write_text(tiny.abc_file_of(TUNES))
    command = [sys.executable, "-m", "songrnn", "train", str(tmp_path / "tunes.abc"), "--validation"]
    command += [str(tmp_path / "tunes.abc"), "--out", str(tmp_path / "run"), "--epochs", "100000", "--patience", "0"]
    process = subprocess.Popen([*command, "--hidden-size", "16"], stderr=subprocess.PIPE, text=True)
    while last_step(tmp_path / "run") < 5:
        time.sleep(0.05)
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert f"To go on: songrnn train --resume {tmp_path / 'run'}" in said
    assert "Traceback" not in said
    assert (tmp_path / "run" / "resume.safetensors").exists()


def test_the_journal_survives_a_line_that_a_kill_cut_short(tmp_path):
    journal = RunFolder(tmp_path).journal
    now = {"epoch": 0.0, "seconds": 0.0}
    journal.write("start", step=0, **now)
    journal.write("learning", step=10, bits_per_character=2.0, **now)
    with journal.path.open("a") as file:
        file.write('{"kind": "learni')
    assert [record["step"] for record in journal.read()] == [0, 10]
    journal.cut(5)
    assert [json.loads(line)["step"] for line in journal.path.read_text().splitlines()] == [0]
