"""`songrnn render`: files, summary, page, and one clear line for every mistake."""

import json
import sys
from pathlib import Path

import pytest

from songrnn.cli import bar
from songrnn.cli import render as render_command
from songrnn.cli.render import Command, run
from songrnn.errors import CorpusError, RenderingError, RunError, SettingsError
from songrnn.rendering.sound_settings import SoundSettings

TUNEBOOK = "X:1\nT:The Brown Thorn\nM:4/4\nL:1/4\nK:G\nGABd|g4|\n\nX:2\nT:No [notes]\nM:4/4\nL:1/4\nK:G\nz4|z3|\n"


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
        ".songrnn-files",
        "001-the-brown-thorn.abc",
        "001-the-brown-thorn.mid",
        "001-the-brown-thorn.svg",
        "002-no-notes.abc",
        "index.html",
    ]
    said = capsys.readouterr().out
    assert "2 tunes, written into" in said
    assert "tune 2 (No [notes]), midi: the tune has no notes" in said
    assert "tune 2 (No [notes]): line 6, column 4: expected a bar that lasts 1, found one that lasts 3/4" in said


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
def test_many_tunes_get_a_page_only_on_request(tunebook, tmp_path, monkeypatch, page, written):
    monkeypatch.setattr(render_command, "MOST_TUNES_ON_AUTOMATIC_PAGE", 1)
    run(Command(files=(tunebook,), out=tmp_path / "out", formats=("midi",), page=page))
    assert (tmp_path / "out" / "index.html").exists() == written


def test_many_failures_are_cut_on_the_screen(tmp_path, capsys):
    path = tmp_path / "bad.abc"
    path.write_text("X:1\nM:4/4\nL:1/4\nK:C\nz3|z4|z3|\n\n" * 25)
    with pytest.raises(RenderingError, match=r"nothing could be rendered of .*bad\.abc: the tune has no notes"):
        run(Command(files=(str(path),), out=tmp_path / "out", formats=("midi",), page="never"))
    said = capsys.readouterr().out
    assert said.count("the tune has no notes") == 20
    assert said.count("expected a bar that lasts 1") == 20
    assert "... and 5 more tunes with problems; --json lists them all" in said
    assert "... and 5 more failures; --json lists them all" in said


def test_an_output_folder_that_is_a_file_is_one_clear_error(tunebook, tmp_path):
    with pytest.raises(RunError, match=r"cannot write .*tunes\.abc: it is no folder$"):
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
        run(Command(files=(tunebook,), out=tmp_path / "out", sound=SoundSettings(soundfont=Path("nowhere.sf2"))))


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


def test_rendering_again_leaves_no_file_of_the_former_run_and_keeps_foreign_ones(tunebook, tmp_path):
    out = tmp_path / "out"
    run(Command(files=(tunebook,), out=out, formats=("midi", "musicxml")))
    (out / "notes.txt").write_text("mine")
    Path(tunebook).write_text("X:1\nT:Another\nM:4/4\nL:1/4\nK:G\nGABd|g4|\n")
    run(Command(files=(tunebook,), out=out, formats=("midi",), page="never"))
    assert names(out) == [".songrnn-files", "001-another.abc", "001-another.mid", "notes.txt"]


def test_a_file_of_somebody_else_is_never_overwritten(tunebook, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "001-the-brown-thorn.mid").write_text("mine")
    with pytest.raises(RunError, match=r"001-the-brown-thorn\.mid is there and is not from songrnn; move it away"):
        run(Command(files=(tunebook,), out=out, formats=("midi",)))
    assert names(out) == ["001-the-brown-thorn.mid"]


def test_a_tune_is_never_rendered_over_its_own_source(tmp_path):
    source = tmp_path / "001-mine.abc"
    source.write_text("X:1\nT:Mine\nM:4/4\nL:1/4\nK:G\nGABd|\n")
    with pytest.raises(RunError, match="is not from songrnn"):
        run(Command(files=(str(source),), out=tmp_path, formats=("midi",)))


def test_nothing_rendered_is_status_2_with_json_too(tmp_path, capsys):
    path = tmp_path / "rests.abc"
    path.write_text("X:1\nM:4/4\nL:1/4\nK:C\nz4|z3|z5|\n")
    with pytest.raises(RenderingError, match="nothing could be rendered"):
        run(Command(files=(str(path),), out=tmp_path / "out", formats=("midi", "svg"), as_json=True))
    report = json.loads(capsys.readouterr().out)
    assert report["rendered"] == {"midi": 0, "svg": 0}
    assert len(report["faulty"][0]["problems"]) == 2


def test_the_page_states_tempo_instrument_and_problems(tmp_path):
    path = tmp_path / "t.abc"
    path.write_text("X:1\nR:hornpipe\nM:4/4\nL:1/4\nK:C\nCDEF|CDE|CDEF|\n")
    sound = SoundSettings(instrument="flute", swing=True)
    run(Command(files=(str(path),), out=tmp_path / "out", formats=("midi",), sound=sound))
    html = (tmp_path / "out" / "index.html").read_text()
    assert "Tempo and instrument: 1/4=168, swung, flute" in html
    assert "line 6, column 6: expected a bar that lasts 1, found one that lasts 3/4" in html


def test_a_file_without_a_tune_among_others_is_named(tunebook, tmp_path, capsys):
    words = tmp_path / "words.abc"
    words.write_text("nothing but words\n")
    run(Command(files=(tunebook, str(words)), out=tmp_path / "out", formats=("midi",), page="never"))
    assert capsys.readouterr().err == f"note: {words} has no tune; in ABC a tune begins with a line such as X:1\n"
