"""Existing outputs are kept, added to or replaced, as the flags say, and written by one process."""

import json
import subprocess
import sys
from contextlib import contextmanager

import pytest

import songrnn.storage
from songrnn.composing.bulk import BulkFile
from songrnn.composing.composer import Composer
from songrnn.composing.request import Request
from songrnn.engines.settings import SamplingSettings
from songrnn.errors import RunError
from songrnn.storage import LOCK, PACKAGE, is_free, locked_file, locked_folder, refuse_to_overwrite
from tiny import TUNES, make_checkpoint

MINE = "X:7\nT:Mine\nK:D\nDFA|\n\nX:12\nT:Also mine\nK:D\nAFD|"


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(songrnn.storage, "LOCK_TIMEOUT_SECONDS", 0.05)


@pytest.fixture
def compose(songrnn_command, checkpoint_file, tmp_path):
    def run(*arguments, out=tmp_path / "tunes.abc"):
        return songrnn_command("compose", checkpoint_file, "--max-characters", 30, "--out", out, *arguments)

    return run


@pytest.fixture
def reader(tmp_path):
    """A checkpoint that knows the characters of the tunebook."""
    make_checkpoint(texts=TUNES).save(tmp_path / "reader.safetensors")
    return tmp_path / "reader.safetensors"


def assert_refused(result, *parts):
    status, output, said = result
    assert (status, output) == (2, "")
    [line] = said.splitlines()
    for part in parts:
        assert part in line


def test_a_tunebook_that_is_there_is_kept_unless_the_flag_says_so(compose, tmp_path):
    out = tmp_path / "tunes.abc"
    out.write_text(MINE)
    assert_refused(compose(), "tunes.abc is there already", "--replace", "--append")
    assert out.read_text() == MINE
    assert_refused(compose("--append", "--replace"), "--append or --replace, not both")
    assert compose("--append", "--count", 2)[0] == 0
    assert out.read_text().startswith(f"{MINE}\n\nX:13\nT:Composition 1 of seed 0\n")
    assert "\n\nX:14\nT:Composition 2 of seed 0\n" in out.read_text()
    assert compose("--replace")[0] == 0
    assert out.read_text().startswith("X:1\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint.safetensors", "tunes.abc"]


def test_what_songrnn_wrote_is_kept_too(compose, tmp_path):
    assert compose("--seed", 1)[0] == 0
    before = (tmp_path / "tunes.abc").read_bytes()
    assert_refused(compose("--seed", 1), "is there already")
    assert (tmp_path / "tunes.abc").read_bytes() == before


@pytest.mark.parametrize("ends", ["", "\n", "\n\n", "\r\n\r\n"])
def test_tunes_are_added_after_one_empty_line(compose, tmp_path, ends):
    (tmp_path / "tunes.abc").write_bytes(f"X:1\nK:D\nD|{ends}".encode())
    assert compose("--append")[0] == 0
    between = {"": "\n\n", "\n": "\n\n"}.get(ends, ends)
    assert (tmp_path / "tunes.abc").read_bytes().startswith(f"X:1\nK:D\nD|{between}X:2\n".encode())


def test_to_add_to_a_file_that_is_not_there_makes_it(compose, tmp_path):
    assert compose("--append")[0] == 0
    assert (tmp_path / "tunes.abc").read_text().startswith("X:1\n")


@pytest.mark.parametrize(
    ("flag", "said"), [("--append", "the file --out; name one"), ("--replace", "or of the folder --render; name one")]
)
def test_what_becomes_of_a_file_needs_a_file(songrnn_command, checkpoint_file, flag, said):
    assert_refused(songrnn_command("compose", checkpoint_file, flag), said)


def test_only_texts_are_added_to_and_only_files_replaced(compose, tmp_path):
    (tmp_path / "wide.abc").write_bytes("X:1".encode("utf-16"))
    assert_refused(compose("--append", out=tmp_path / "wide.abc"), "not a text in UTF-8 or Latin-1")
    for flags in ([], ["--append"], ["--replace"]):
        assert_refused(compose(*flags, out="/dev/null"), "/dev/null")


@pytest.mark.parametrize("nameless", ["", ".", "..", "/"])
def test_a_place_without_a_name_is_a_folder_and_no_file(compose, nameless):
    assert_refused(compose(out=nameless), "it is a folder; name a file in it, such as")


def test_nothing_is_written_into_the_package(compose, songrnn_command, tunebook):
    assert_refused(compose(out=PACKAGE / "tunes.abc"), "belongs to the installed package")
    assert_refused(songrnn_command("classifier", "folk"), "belongs to the installed package", "copy the checkpoint")
    assert_refused(songrnn_command("train", tunebook, "--out", PACKAGE / "run"), "belongs to the installed package")
    assert_refused(songrnn_command("judge", tunebook, "--out", PACKAGE / "j"), "belongs to the installed package")


def test_a_file_that_changes_while_tunes_for_it_are_composed_is_kept(checkpoint, tmp_path):
    out = tmp_path / "tunes.abc"
    for former, meanwhile in (("refuse", ""), ("append", MINE)):
        request = Request(sampling=SamplingSettings(max_characters=30), count=3)
        tunes = BulkFile(Composer(checkpoint), request, out, former=former).compose()  # type: ignore[arg-type]
        next(tunes)
        out.write_text(f"{meanwhile}edited")
        with pytest.raises(RunError, match=r"(there already|changed meanwhile).*the tunes are in .*tunes.abc.part"):
            list(tunes)
        assert out.read_text() == f"{meanwhile}edited"
        for path in tmp_path.glob("tunes.abc*"):
            path.unlink()


@pytest.mark.parametrize("former", ["refuse", "append", "replace"])
def test_a_call_that_was_killed_just_before_its_end_is_finished(checkpoint, tmp_path, former):
    out, record = tmp_path / "tunes.abc", tmp_path / "tunes.abc.part.json"
    if former != "refuse":
        out.write_text(MINE)
    request = Request(sampling=SamplingSettings(max_characters=30), count=3)
    tunes = BulkFile(Composer(checkpoint), request, out, former=former).compose()
    for _ in range(3):
        next(tunes)
    tunes.close()
    kept = record.read_bytes()
    list(BulkFile(Composer(checkpoint), request, out, former=former).compose())
    written = out.read_bytes()
    record.write_bytes(kept)  # as a kill between the two last steps leaves it
    assert list(BulkFile(Composer(checkpoint), request, out, former=former).compose()) == []
    assert out.read_bytes() == written
    assert [path.name for path in tmp_path.iterdir()] == ["tunes.abc"]


def test_a_half_composed_file_that_another_call_would_add_to_another_tunebook_is_left_alone(checkpoint, tmp_path):
    out = tmp_path / "tunes.abc"
    request = Request(sampling=SamplingSettings(max_characters=30), count=3)
    out.write_text(MINE)
    tunes = BulkFile(Composer(checkpoint), request, out, former="append").compose()
    next(tunes)
    tunes.close()
    out.write_text(f"{MINE}\n")
    with pytest.raises(RunError, match="holds 1 tunes of another call, with the file before"):
        BulkFile(Composer(checkpoint), request, out, former="append")


def test_a_second_process_is_refused_and_changes_nothing(compose, tmp_path, impatient):
    with another_process_with(f"locked_file(Path({str(tmp_path / 'tunes.abc')!r}))"):
        before = sorted(tmp_path.iterdir())
        assert_refused(compose(), "another process is writing", "tunes.abc")
        assert sorted(tmp_path.iterdir()) == before
    assert compose()[0] == 0


@pytest.mark.parametrize("command", ["train", "--resume", "judge", "neurons", "demo", "study", "classifier"])
def test_every_command_that_takes_long_keeps_its_output_to_itself(
    songrnn_command, tunebook, checkpoint_file, reader, tmp_path, impatient, command
):
    out = tmp_path / "out"
    small = ["--epochs", 1, "--hidden-size", 8]
    arguments = {
        "train": ["train", tunebook, *small, "--out", out],
        "--resume": ["train", "--resume", out],
        "judge": ["judge", tunebook, "--against", tunebook, "--out", out],
        "neurons": ["neurons", reader, tunebook, "--out", out],
        "demo": ["demo", tunebook, "--out", out],
        "study": ["study", tunebook, "--epochs", 1, "--out", out],
        "classifier": ["classifier", checkpoint_file],
    }[command]
    if command == "--resume":
        assert songrnn_command("train", tunebook, *small, "--out", out)[0] == 0
    kept = f"locked_folder(Path({str(out)!r}))"
    if command == "classifier":
        kept = f"locked_file(Path({str(checkpoint_file.with_suffix('.classifier'))!r}))"
    with another_process_with(kept):
        before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
        status, _, said = songrnn_command(*arguments)
        assert status == 2
        assert "another process is writing" in said
        assert before == {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}


@contextmanager
def another_process_with(lock):
    """While this is open, another process has the lock; then it is killed."""
    code = "from pathlib import Path; from songrnn.storage import locked_file, locked_folder\n"
    code += f"with {lock}: print('locked', flush=True); input()"
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert process.stdout.readline() == b"locked\n"
        yield
    finally:
        process.kill()
        process.communicate()


def test_the_lock_of_a_killed_process_is_no_obstacle(tmp_path, impatient):
    with (
        another_process_with(f"locked_folder(Path({str(tmp_path / 'run')!r}))"),
        pytest.raises(RunError, match="another process is writing"),
        locked_folder(tmp_path / "run"),
    ):
        pass
    assert (tmp_path / "run" / LOCK).exists()
    assert is_free(tmp_path / "run")
    with locked_folder(tmp_path / "run"):
        pass
    assert list((tmp_path / "run").iterdir()) == []


def test_of_many_processes_one_at_a_time_has_the_file(tmp_path):
    code = (
        "import sys, time; from pathlib import Path; from songrnn.storage import locked_file\n"
        "for _ in range(20):\n"
        "    with locked_file(Path(sys.argv[1])):\n"
        "        with open(sys.argv[1] + '.log', 'x'): pass\n"
        "        Path(sys.argv[1] + '.log').unlink()\n"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "f")]) for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert list(tmp_path.iterdir()) == []


def test_what_a_lock_had_made_and_left_empty_is_removed(tmp_path):
    with locked_file(tmp_path / "a" / "b" / "file"):
        assert (tmp_path / "a" / "b").is_dir()
    assert list(tmp_path.iterdir()) == []
    with locked_folder(tmp_path / "c" / "d"):
        (tmp_path / "c" / "mine").write_text("")
    assert [path.name for path in (tmp_path / "c").iterdir()] == ["mine"]


def test_where_a_file_system_has_no_locks_work_continues(tmp_path, monkeypatch):
    def without(*_):
        raise OSError(37, "No locks available")

    monkeypatch.setattr("filelock._unix.lock_fd_nonblocking", without)
    with locked_file(tmp_path / "file"):
        (tmp_path / "file").write_text("")


@pytest.mark.parametrize("made", ["folder", "file"])
def test_a_rule_for_every_output(tmp_path, made):
    path = tmp_path / "out"
    if made == "folder":
        path.mkdir()
        with pytest.raises(RunError, match="out: it is a folder"):
            refuse_to_overwrite([path], replace=True)
    else:
        refuse_to_overwrite([path])
        path.write_text("")
        with pytest.raises(RunError, match="out is there already; choose another --out, or replace it: --replace"):
            refuse_to_overwrite([tmp_path / "other", path])
        refuse_to_overwrite([path], replace=True)


def test_pictures_and_cards_are_kept_unless_the_flag_says_so(songrnn_command, reader, tunebook, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    draw = ["neurons", reader, tunebook, "--neurons", 1]
    assert [songrnn_command(*draw)[0] for _ in range(2)] == [0, 0]
    assert (tmp_path / "neurons-2").is_dir()
    assert_refused(songrnn_command(*draw, "--out", "neurons"), "layer1-hidden-all.png is there already", "--replace")
    assert songrnn_command(*draw, "--out", "neurons", "--replace")[0] == 0
    (tmp_path / "card").mkdir()
    (tmp_path / "card" / "index.html").write_text("my page")
    assert_refused(songrnn_command("judge", tunebook, "--out", "card"), "index.html is there already", "--replace")


def test_a_demo_replaces_a_demo_on_request_and_nothing_else(songrnn_command, tunebook, tmp_path):
    mine, demo = tmp_path / "runs", tmp_path / "demo"
    (mine / "lstm").mkdir(parents=True)
    (mine / "lstm" / "run.json").write_text("weeks of work")
    for flags in ([], ["--replace"]):
        assert_refused(songrnn_command("demo", tunebook, "--out", mine, *flags), "holds no demo")
    assert (mine / "lstm" / "run.json").read_text() == "weeks of work"
    demo.mkdir()
    (demo / "demo.json").write_text("{}")
    assert_refused(songrnn_command("demo", tunebook, "--out", demo), "demo.json is there already", "--replace")


@pytest.mark.parametrize("name", ["loss.png", "checkpoint.safetensors", "checkpoint.melodies", "journal.jsonl"])
def test_a_run_overwrites_nothing(songrnn_command, tunebook, tmp_path, name):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / name).write_text("mine")
    assert_refused(songrnn_command("train", tunebook, "--out", tmp_path / "mine"), f"{name} is there already")
    assert [path.read_text() for path in (tmp_path / "mine").iterdir()] == ["mine"]


def test_a_search_and_a_study_begin_in_a_folder_of_their_own(songrnn_command, tunebook, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "search.csv").write_text("mine")
    assert_refused(songrnn_command("search", tunebook, "--out", tmp_path / "mine"), "holds no search")
    assert_refused(songrnn_command("study", tunebook, "--out", tmp_path / "mine"), "is no empty folder")
    assert [path.read_text() for path in (tmp_path / "mine").iterdir()] == ["mine"]


def test_the_written_tunes_of_a_corpus_are_kept_unless_the_flag_says_so(songrnn_command, tunebook, tmp_path):
    assert songrnn_command("corpus", tunebook, "--write", tmp_path / "split")[0] == 0
    (tmp_path / "split" / "training.abc").write_text(MINE)
    result = songrnn_command("corpus", tunebook, "--write", tmp_path / "split")
    assert_refused(result, "training.abc is there already; choose another --write, or replace it: --replace")
    assert (tmp_path / "split" / "training.abc").read_text() == MINE
    assert songrnn_command("corpus", tunebook, "--write", tmp_path / "split", "--replace")[0] == 0


def test_a_resumed_run_ends_at_the_same_epoch(songrnn_command, tunebook, tmp_path):
    small = ["--epochs", 2, "--hidden-size", 8, "--out", tmp_path / "run"]
    assert songrnn_command("train", tunebook, *small)[0] == 0
    ends = []
    for _ in range(2):
        lines = (tmp_path / "run" / "journal.jsonl").read_text().splitlines()
        ends.append([json.loads(line)["epoch"] for line in lines if '"end"' in line])
        songrnn_command("train", "--resume", tmp_path / "run")
    assert ends == [[2.0], [2.0]]
