"""`songrnn search` as people type it, and what it finds as `songrnn train --settings` takes it."""

import json
import shlex
import signal
import sys
from pathlib import Path

import pytest

from songrnn.cli import search, train
from songrnn.cli.main import parse
from songrnn.training.journal import Journal

SMALL = (
    "--hidden-size 8 --embedding-size 4 --batch-size 8 --epochs 1 --threads 1 --device cpu --axes dropout cell=rnn,gru"
)


def assert_one_clear_line(result, *parts):
    status, _, said = result
    assert status == 2
    assert said.startswith("songrnn: ")
    assert said.count("\n") == 1, said
    for part in parts:
        assert part in said


def test_a_search_is_continued_and_train_takes_what_it_found(songrnn_command, tunebook, tmp_path):
    out = tmp_path / "s"
    arguments = ["search", tunebook, *SMALL.split(), "--out", out]
    status, output, said = songrnn_command(*arguments, "--trials", 2)
    assert status == 0, said
    assert said.count(" finished: ") == 2
    assert "best so far" in said
    assert f"train longer: songrnn train {tunebook} --settings {out / 'best-settings.json'}" in output
    status, output, said = songrnn_command(*arguments, "--trials", 3, "--json")
    assert "continuing: 2 trials finished" in said
    found = json.loads(output)
    assert found["states"] == {"finished": 3, "pruned": 0, "failed": 0}
    status, output, said = songrnn_command(
        "train", tunebook, "--settings", found["settings"], "--threads", 1, "--out", tmp_path / "run", "--json"
    )
    assert status == 0, said
    assert json.loads(output)["bits_per_character"] == found["bits_per_character"]
    settings = json.loads((tmp_path / "run" / "run.json").read_text())
    assert settings["model"]["hidden_size"] == 8
    assert settings["model"]["dropout"] == found["values"]["dropout"]


def test_flags_change_what_a_settings_file_says(tmp_path):
    (tmp_path / "s.json").write_text('{"model": {"hidden_size": 9, "layers": 2}, "corpus": {"form": "raw"}}')
    command = parse(train, "train", ["--settings", str(tmp_path / "s.json"), "--hidden-size", "7"])
    assert (command.model.hidden_size, command.model.layers, command.corpus.form) == (7, 2, "raw")


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["train", "TUNES", "--settings", "nowhere.json"], ["cannot read the settings nowhere.json"]),
        (["train", "TUNES", "--settings=BAD"], ["bad.json", "hidden_size is 'wide'"]),
        (["train", "TUNES", "--settings", "BAD", "--preset", "paper"], ["--preset paper", "give one of them"]),
        (["search", "nowhere.abc"], ["nowhere.abc"]),
        (["search", "TUNES", "--axes", "size"], ["no axis 'size'"]),
        (["search", "TUNES", "--axes", "dropout", "--dropout", "0.5"], ["dropout is both an axis and fixed"]),
        (["search", "TUNES", "--storage", "sqlite:///nowhere/x.db"], ["no folder nowhere"]),
        (["search", "TUNES", "--storage", "postgresql+psycopg2://me:s3cret@localhost:1/x"], ["me:***@localhost"]),
        (["search", "TUNES", "--out", "BAD/x"], ["cannot make the folder", "not a directory"]),
        (["search", "TUNES", "--trials", "0"], ["--trials is 0, but it must be at least 1"]),
    ],
)
def test_a_mistake_is_one_clear_line(songrnn_command, tunebook, tmp_path, arguments, parts, monkeypatch):
    monkeypatch.chdir(tmp_path)
    bad = tmp_path / "bad.json"
    bad.write_text('{"model": {"hidden_size": "wide"}}')
    before = sorted(tmp_path.rglob("*"))
    given = [argument.replace("TUNES", str(tunebook)).replace("BAD", str(bad)) for argument in arguments]
    result = songrnn_command(*given)
    assert_one_clear_line(result, *parts)
    assert "s3cret" not in result[2]
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    "line",
    [
        "songrnn search folk",
        "songrnn search a.txt 'my tunes.abc' --validation v.txt --no-copying --ngrams 1 3 --minutes-per-trial 2.5 "
        "--seed 3 --axes dropout cell=gru,rnn --minutes 7.0 --trials 4 --name s --out o",
    ],
)
def test_the_command_to_continue_asks_for_the_same(line):
    command = parse(search, "search", shlex.split(line)[2:])
    again = search.typed(command, None)
    assert parse(search, "search", shlex.split(again)[2:]) == command
    assert set(shlex.split(again)) == set(shlex.split(line))


def test_the_command_to_continue_hides_the_password():
    address = "mysql+pymysql://me:s3cret@host/x"
    command = parse(search, "search", ["folk", "--storage", address])
    assert search.typed(command, search._without_password(address)).endswith(
        "--storage 'mysql+pymysql://me:***@host/x'"
    )


def test_a_stopped_search_ends_with_130_and_says_how_to_continue(songrnn_command, tunebook, tmp_path, monkeypatch):
    def write_and_interrupt(journal, kind, **record):
        record = write(journal, kind, **record)
        if kind == "start":
            signal.raise_signal(signal.SIGINT)
        return record

    write = Journal.write
    monkeypatch.setattr(Journal, "write", write_and_interrupt)
    monkeypatch.chdir(tmp_path)
    arguments = [*SMALL.replace("--epochs 1", "--epochs 100000").split(), "--patience", "0", "--out", "o"]
    status, output, said = songrnn_command("search", tunebook, *arguments)
    assert (status, output) == (130, ""), said
    last = said.strip().splitlines()[-1]
    assert last.startswith("songrnn: stopped with 0 trials finished, 0 pruned; all of it is in o.")
    again = parse(search, "search", shlex.split(last.partition("To resume: ")[2])[2:])
    assert again == parse(search, "search", [str(tunebook), *arguments])
    assert "stopped; to be tried again" in (tmp_path / "o" / "search.csv").read_text()


def test_the_program_without_optuna_says_what_to_install(songrnn_command, tunebook, monkeypatch):
    monkeypatch.setitem(sys.modules, "songrnn.search.search", None)
    monkeypatch.delattr("songrnn.search.search", raising=False)
    assert_one_clear_line(songrnn_command("search", tunebook), "pip install 'songrnn[train]'")
    assert not Path("searches").exists()
