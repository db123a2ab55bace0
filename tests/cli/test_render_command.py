"""`songrnn render`: files, summary, page, and one clear line for every mistake."""

import json
import sys
from pathlib import Path

import pytest

from songrnn.cli import bar
from songrnn.cli import render as render_command
from songrnn.cli.render import Command, run
from songrnn.errors import CorpusError, RenderingError, RunError, SettingsError

TUNEBOOK = "X:1\nT:The Brown Thorn\nM:4/4\nL:1/4\nK:G\nGABd|g4|\n\nX:2\nT:No [key]\nM:4/4\nK:\nGABd|\n"


@pytest.fixture
def tunebook(tmp_path):
    path = tmp_path / "tunes.abc"
    path.write_text(TUNEBOOK)
    return str(path)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_every_tune_is_written_under_a_name_that_says_what_it_is(tunebook, tmp_path, capsys):
    out = tmp_path / "deep" / "out"
    run(Command(files=(tunebook,), out=out, formats=("midi", "svg")))
    assert names(out) == [
        "001-the-brown-thorn.abc",
        "001-the-brown-thorn.mid",
        "001-the-brown-thorn.svg",
        "002-no-key.abc",
        "002-no-key.svg",
        "index.html",
    ]
    said = capsys.readouterr().out
    assert "2 tunes, written into" in said
    assert "tune 2 (No [key]), midi: abc2midi made no notes: Error in line-char 4-0" in said


def test_json_is_one_object_that_lists_every_failure(tunebook, tmp_path, capsys):
    out = tmp_path / "out"
    run(Command(files=(tunebook,), out=out, formats=("midi", "wav"), as_json=True))
    report = json.loads(capsys.readouterr().out)
    assert report["tunes"] == 2
    assert report["rendered"] == {"midi": 1, "wav": 1}
    assert report["page"] == str(out / "index.html")
    assert [(failure["tune"], failure["format"]) for failure in report["failures"]] == [(2, "midi"), (2, "wav")]
    assert report["failures"][0]["origin"] == f"{tunebook}, tune 2"


def test_the_page_plays_mp3_that_is_not_written_as_a_file(tunebook, tmp_path):
    run(Command(files=(tunebook,), out=tmp_path / "out", formats=("wav",)))
    html = (tmp_path / "out" / "index.html").read_text()
    assert "data:audio/mpeg" in html
    assert not any(name.endswith(".mp3") for name in names(tmp_path / "out"))


def test_the_page_can_be_left_out_and_an_older_one_stays(tunebook, tmp_path):
    (tmp_path / "index.html").write_text("mine")
    run(Command(files=(tunebook,), out=tmp_path, formats=("midi",), page="never"))
    assert (tmp_path / "index.html").read_text() == "mine"


@pytest.mark.parametrize(("page", "written"), [("auto", False), ("always", True)])
def test_many_tunes_get_a_page_only_when_asked(tunebook, tmp_path, monkeypatch, page, written):
    monkeypatch.setattr(render_command, "MOST_TUNES_ON_AUTOMATIC_PAGE", 1)
    run(Command(files=(tunebook,), out=tmp_path / "out", formats=("midi",), page=page))
    assert (tmp_path / "out" / "index.html").exists() == written


def test_many_failures_are_cut_on_the_screen(tmp_path, capsys):
    path = tmp_path / "bad.abc"
    path.write_text("X:1\nK:\nabc|\n\n" * 25)
    run(Command(files=(str(path),), out=tmp_path / "out", formats=("midi",), page="never"))
    said = capsys.readouterr().out
    assert said.count("abc2midi made no notes") == 20
    assert "... and 5 more failures; --json lists them all" in said


def test_an_output_folder_that_is_a_file_is_one_clear_error(tunebook, tmp_path):
    with pytest.raises(RunError, match=r"cannot write into .*tunes\.abc"):
        run(Command(files=(tunebook,), out=Path(tunebook)))


def test_a_file_without_a_tune_says_how_a_tune_begins(tmp_path):
    path = tmp_path / "prose.abc"
    path.write_text("no music\n")
    with pytest.raises(CorpusError, match="in ABC a tune begins with a line such as X:1"):
        run(Command(files=(str(path),), out=tmp_path / "out"))


def test_text_outside_the_markers_is_no_tune(tmp_path, capsys):
    path = tmp_path / "marked.txt"
    path.write_text("<start>\nX:1\nT:Inside\nM:4/4\nK:G\nGABd|\n<end>\nsome words outside\n")
    run(Command(files=(str(path),), out=tmp_path / "out", formats=("midi",), as_json=True))
    assert json.loads(capsys.readouterr().out)["tunes"] == 1


def test_a_missing_soundfont_is_one_clear_error(tunebook, tmp_path):
    with pytest.raises(RenderingError, match=r"soundfont 'nowhere\.sf2' is no file"):
        run(Command(files=(tunebook,), out=tmp_path / "out", soundfont=Path("nowhere.sf2")))


def test_no_file_at_all_is_refused():
    with pytest.raises(SettingsError, match="files is"):
        Command(files=())


def test_a_progress_bar_appears_once_patience_ends(tunebook, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr(bar, "PATIENCE_SECONDS", -1.0)
    run(Command(files=(tunebook,), out=tmp_path / "out", formats=("midi",), page="never"))
    assert "rendering" in capsys.readouterr().err
