"""`songrnn study` as one types it, with real worker processes."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from songrnn.cli import study as module
from songrnn.cli.main import parse
from songrnn.corpus.packed.pack import pack_corpus
from songrnn.corpus.settings import CorpusSettings
from songrnn.errors import SettingsError
from songrnn.model.counting import count_packed
from tiny import TUNES, abc_file_of

SMALL = ["--cells", "lstm", "rnn", "--hidden-sizes", 8, "--dropouts", 0, "--seeds", 2, "--batch-size", 4]


def test_a_study_ends_with_its_page(songrnn_command, tunebook, tmp_path):
    out = tmp_path / "study"
    arguments = [
        tunebook,
        "--validation",
        tunebook,
        "--test",
        tunebook,
        "--out",
        out,
        "--epochs",
        1,
        "--json",
        "--processes",
        1,
    ]
    status, output, said = songrnn_command("study", *arguments, *SMALL)
    assert status == 0, said
    content = json.loads(output)
    assert content == {
        "folder": str(out),
        "page": str(out / "index.html"),
        "epochs": 1,
        "trials": 4,
        "converged": False,
        "failed": [],
    }
    for report in ("study.md", "index.html"):  # what it is worth is said before what it found
        text = (out / report).read_text(encoding="utf-8")
        assert text.index("These trainings ended before they had converged, after 1 epoch(s): ") < text.index("neurons")
    assert (out / "index.html").exists()
    assert "4/4 " in said
    assert said.count("validation ") == 4
    trials = json.loads((out / "study.json").read_text())["trials"]
    assert all(trial["test"] == pytest.approx(trial["validation"], abs=1e-4) for trial in trials)


@pytest.mark.skipif(os.name != "posix", reason="POSIX signals")
@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGKILL])
def test_stopped_by_a_signal_it_loses_nothing_and_leaves_no_process(tunebook, tmp_path, kind):
    out = tmp_path / "study"
    command = [sys.executable, "-m", "songrnn", "study", tunebook, "--validation", tunebook, "--out", out, *SMALL]
    command += ["--epochs", 100_000, "--processes", 1]
    process = subprocess.Popen([str(part) for part in command], stderr=subprocess.PIPE, text=True)
    journal = out / "trials" / "lstm-8-dropout-0-seed-0" / "journal.jsonl"
    wait_for(lambda: journal.exists() and '"validation"' in journal.read_text(), process)
    process.send_signal(kind)
    _, said = process.communicate(timeout=60)
    if kind == signal.SIGINT:
        assert process.returncode == 130
        assert f"stopped after 0 of 4 trainings; everything is saved. To resume: songrnn study --resume {out}" in said
        assert "Traceback" not in said
    wait_for(lambda: is_quiet(journal))
    assert (journal.parent / "resume.safetensors").exists()


def wait_for(condition, process=None):
    deadline = time.monotonic() + 60
    while not condition():
        assert process is None or process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_quiet(journal):
    """Whether nobody writes into it any more; a training writes several times a second."""
    before = journal.stat().st_size
    time.sleep(1)
    return journal.stat().st_size == before


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["nowhere.abc"], ["nowhere.abc"]),
        (["TUNES", "--test", "nowhere.abc"], ["nowhere.abc"]),
        (["ONE"], ["cannot be split", "there is 1.", "--validation FILE"]),
        (["TUNES", "--seeds", "1"], ["--seeds is 1, but it must be at least 2"]),
        (["TUNES", "--dropouts", "0.1", "0.1"], ["each may be given once"]),
        (["TUNES", "--dropouts", "1"], ["dropout is 1.0", "less than 1"]),
        (["TUNES", "--out", "FOLDER"], ["is no empty folder; choose another --out"]),
        (["TUNES", "--out", "FILE/study", "--epochs", "1"], ["cannot write", "is no folder"]),
        (["--resume", "FOLDER"], ["holds no study to resume"]),
        (
            ["--resume", "FOLDER", "--seeds", "5"],
            ["takes all settings but --processes and --ray from that study", "about study"],
        ),
        (["--resume", "FOLDER", "--window", "9"], ["nothing about training"]),
    ],
)
def test_a_mistake_is_one_clear_line_and_nothing_is_written(
    songrnn_command, tmp_path, tunebook, arguments, parts, monkeypatch
):
    (tmp_path / "one.abc").write_text(f"X:1\nT:One\n{TUNES[0]}")
    (tmp_path / "file").write_text("a file")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "notes.txt").write_text("keep")
    monkeypatch.chdir(tmp_path)
    places = {"TUNES": "tunes.abc", "ONE": "one.abc", "FILE": "file", "FOLDER": "folder"}
    for name, path in places.items():
        arguments = [argument.replace(name, path) for argument in arguments]
    before = sorted(tmp_path.rglob("*"))
    status, output, said = songrnn_command("study", *arguments)
    assert status == 2
    assert output == ""
    lines = said.strip().splitlines()
    assert len(lines) == 1, said
    for part in parts:
        assert part in lines[0]
    assert sorted(tmp_path.rglob("*")) == before


def test_the_papers_preset_leaves_to_the_study_what_it_decides():
    command = parse(module, "study", ["t.txt", "--preset", "paper", "--window", "20"])
    assert command.corpus.form == "raw"
    assert command.model.embedding_size == 150
    assert (command.training.batching, command.training.window) == ("random-windows", 20)
    assert command.study.epochs is None
    assert not hasattr(command.training, "epochs")


def test_test_tunes_do_not_replace_those_of_a_packed_corpus(tmp_path):
    (tmp_path / "tunes.abc").write_text(abc_file_of(), encoding="utf-8")
    packed = pack_corpus(
        CorpusSettings(sources=(str(tmp_path / "tunes.abc"),)), tmp_path / "packed", finish=count_packed
    )
    command = parse(module, "study", [str(packed), "--test", str(tmp_path / "tunes.abc"), "--out", str(tmp_path / "s")])
    with pytest.raises(
        SettingsError, match=r"--test goes with files of tunes: \S+packed is packed, with test tunes of"
    ):
        module.run(command)
    assert not (tmp_path / "s").exists()
