"""What a fiddler sees: a line below each tune, a table, marks on the page; and what is refused."""

import json
import shutil
from pathlib import Path

import pytest

from songrnn.cli.main import main
from songrnn.composing.composition import without_overlaps
from songrnn.corpus.sources import read_sources
from songrnn.notation.read import read_tune
from songrnn.originality.index import Index, index_path

ONE = "M:4/4\nL:1/8\nK:Gmaj\nGABc dBGB|cAFA BGEG|FDEF GABG|AFD2 G4|\n"
KEPT_BACK = "M:4/4\nL:1/8\nK:Gmaj\nG8|A8|B8|GABc d4|FDEc A4|\n"


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    """A run that has learned one short tune."""
    folder = tmp_path_factory.mktemp("by-heart")
    for name, tune in (("one", ONE), ("kept-back", KEPT_BACK)):
        (folder / f"{name}.abc").write_text(f"X:1\nT:The Only One\n{tune}")
    arguments = ["train", folder / "one.abc", "--validation", folder / "kept-back.abc", "--out", folder / "run"]
    arguments += ["--epochs", 12, "--hidden-size", 16, "--batch-size", 1, "--ensemble", 1, "--validate-every", 1000]
    with pytest.raises(SystemExit) as end:
        main([str(argument) for argument in arguments])
    assert end.value.code == 0
    return folder / "run"


@pytest.fixture
def by_heart(run_folder, tmp_path):
    """The checkpoint of a copy of this run."""
    return Path(shutil.copytree(run_folder, tmp_path / "run")) / "checkpoint.safetensors"


def test_training_leaves_the_melodies_beside_the_checkpoint(by_heart, songrnn_command):
    index = Index.beside(by_heart)
    assert index.names == ("The Only One (one.abc 1)",)
    assert len(index.held_out_bits) == 1
    written = index_path(by_heart).stat().st_mtime_ns
    assert songrnn_command("train", "--resume", by_heart.parent)[0] == 0
    assert index_path(by_heart).stat().st_mtime_ns == written
    index_path(by_heart).unlink()
    assert songrnn_command("train", "--resume", by_heart.parent)[0] == 0
    assert Index.beside(by_heart).names == index.names


def test_a_composed_tune_states_what_it_shares_in_a_comment_and_in_json(by_heart, songrnn_command):
    status, output, _ = songrnn_command("compose", by_heart, "--temperature", 0, "--count", 2)
    assert status == 0
    first, second = output.split("\n\n")
    for text in (first, second):
        lines = text.splitlines()
        assert lines[-1].startswith("% longest shared run: ")
        assert lines[-1].endswith("as in The Only One (one.abc 1)")
        assert read_tune(text) == read_tune("\n".join(lines[:-1]) + "\n")
    _, output, _ = songrnn_command("compose", by_heart, "--temperature", 0, "--json")
    [made] = json.loads(output)["compositions"]
    run = made["originality"]["longest"]
    assert run["sources"] == ["The Only One (one.abc 1)"]
    assert run["notes"] >= 20
    assert made["abc"][run["begin"] : run["end"]][:1] == "G"


def test_a_tune_that_is_always_copied_is_refused_with_one_clear_line(by_heart, songrnn_command, tmp_path):
    for arguments in ((), ("--out", tmp_path / "tunes.abc")):
        status, output, said = songrnn_command(
            "compose", by_heart, "--temperature", 0, "--original", "2bars", "--tries", 3, *arguments
        )
        assert (status, output) == (2, "")
        assert said.startswith(
            "songrnn: tune 1 of seed 0 could not be composed with no shared run over 2 bars in 3 tries"
        )
        assert len(said.splitlines()) == 1
    assert not (tmp_path / "tunes.abc").exists()


def test_what_is_original_enough_is_written_with_its_remark_and_without_original_there_is_none(
    by_heart, songrnn_command, tmp_path
):
    out = tmp_path / "tunes.abc"
    common = ("compose", by_heart, "--temperature", 2, "--count", 6, "--max-characters", 60, "--out", out)
    assert songrnn_command(*common)[0] == 0
    assert "\n% " not in out.read_text()
    assert songrnn_command(*common, "--replace", "--original", "12notes", "--tries", 50)[0] == 0
    assert out.read_text().count("\n% ") == 6
    assert len(read_sources((str(out),)).tunes) == 6
    _, output, _ = songrnn_command("originality", out, "--against", by_heart, "--json")
    for tune in json.loads(output)["tunes"]:
        assert tune["longest_uncommon"] is None or tune["longest_uncommon"]["notes"] <= 12


def test_without_melodies_nothing_is_said_and_original_says_how_to_make_them(checkpoint_file, songrnn_command):
    _, output, _ = songrnn_command("compose", checkpoint_file)
    assert "%" not in output.splitlines()[-1][:1]
    _, output, _ = songrnn_command("compose", checkpoint_file, "--json")
    assert json.loads(output)["compositions"][0]["originality"] is None
    status, output, said = songrnn_command("compose", checkpoint_file, "--original", "3bars")
    assert (status, output) == (2, "")
    assert "songrnn originality TUNES --against" in said


def test_damaged_melodies_are_a_note_and_with_original_a_mistake(by_heart, songrnn_command):
    index_path(by_heart).write_bytes(b"nothing")
    status, output, said = songrnn_command("compose", by_heart, "--count", 2)
    assert (status, output.count("X:")) == (0, 2)
    assert said.count("note: ") == 1
    assert "checkpoint.melodies is not a whole safetensors file; delete it" in said
    status, output, said = songrnn_command("compose", by_heart, "--original", "3bars")
    assert (status, output) == (2, "")
    assert said.startswith("songrnn: ")


@pytest.mark.parametrize("wrong", ["three", "3", "-3bars"])
def test_a_threshold_that_is_none_is_one_clear_line(songrnn_command, checkpoint_file, wrong):
    status, _, said = songrnn_command("compose", checkpoint_file, f"--original={wrong}")
    assert status == 2
    assert "such as 3bars, 2.5bars or 20notes" in " ".join(said.split())


def test_tunes_of_a_file_are_judged_against_a_checkpoint_whose_melodies_are_made_and_kept(
    by_heart, songrnn_command, tmp_path
):
    index_path(by_heart).unlink()
    path = tmp_path / "copy.abc"
    path.write_text("X:1\nT:Mine\nM:2/4\nL:1/8\nK:D\nDEFG|AFDF|GECE|FDB,D|\n\nX:2\nT:Short\nK:D\nDEF|\n")
    status, output, _ = songrnn_command("originality", path, "--against", by_heart)
    assert status == 0
    assert index_path(by_heart).is_file()
    said = " ".join(output.split())
    assert "Mine 4.0 bars (16 notes), bars 1-4" in said or "bars 1-4" in said
    assert "Short none" in said
    _, output, _ = songrnn_command("originality", path, "--against", by_heart, "--json")
    first, second = json.loads(output)["tunes"]
    assert (first["longest"]["notes"], first["longest"]["transposed_by"]) == (16, -5)
    assert (second["title"], second["longest"]) == ("Short", None)


def test_tunes_can_be_judged_against_other_tunes_and_shown_on_a_page(songrnn_command, tunebook, tmp_path):
    mine = tmp_path / "mine.abc"
    mine.write_text("X:1\nT:Mine\nM:4/4\nL:1/8\nK:G\nGdefg2ag|f2e2d4|cBAGFEDC|\n")
    theirs = tmp_path / "theirs.abc"
    theirs.write_text("X:1\nT:Theirs\nM:4/4\nL:1/8\nK:G\nc2B2|Gdefg2ag|f2e2d4|\n")
    status, output, _ = songrnn_command("originality", mine, "--against", theirs, tunebook, "--out", tmp_path / "page")
    assert status == 0
    assert "Theirs" in output
    html = (tmp_path / "page" / "index.html").read_text()
    assert (
        '<mark class="shared" title="2.0 bars (10 notes), bars 1-2, as in Theirs (theirs.abc 1)">Gdefg2ag|f2e2d4'
        in html
    )


def test_tunes_that_are_not_to_be_had_are_reported(songrnn_command, checkpoint_file, tmp_path):
    mine = tmp_path / "mine.abc"
    mine.write_text("X:1\nK:G\nGdefg2ag|\n")
    status, _, said = songrnn_command("originality", mine, "--against", checkpoint_file)
    assert status == 2
    assert "cannot be read: it does not say from which" in said
    empty = tmp_path / "empty.abc"
    empty.write_text("nothing\n")
    status, _, said = songrnn_command("originality", empty, "--against", mine)
    assert status == 2
    assert "no tune in" in said


def test_of_the_marks_of_one_kind_only_what_no_mark_of_the_other_covers_is_left():
    assert without_overlaps([(5, 10, "a")], [(0, 4, "b"), (4, 12, "c"), (6, 8, "d"), (9, 20, "e")]) == [
        (0, 4, "b"),
        (4, 5, "c"),
        (10, 12, "c"),
        (10, 20, "e"),
    ]
    assert without_overlaps([], [(1, 2, "x")]) == [(1, 2, "x")]


def test_a_network_that_continues_learning_keeps_the_melodies_of_both_tunebooks(
    by_heart, songrnn_command, tunebook, tmp_path
):
    out = tmp_path / "second"
    status, _, said = songrnn_command("train", tunebook, "--from", by_heart, "--out", out, "--epochs", 1)
    assert status == 0, said
    index_path(out / "checkpoint.safetensors").unlink()
    assert songrnn_command("train", "--resume", out)[0] == 0
    names = Index.beside(out / "checkpoint.safetensors").names
    assert "The Only One (one.abc 1)" in names
    assert "Tune 1 (tunes.abc 1)" in names or "Tune 2 (tunes.abc 2)" in names
    third = tmp_path / "third"
    assert (
        songrnn_command("train", tunebook, "--from", out / "checkpoint.safetensors", "--out", third, "--epochs", 1)[0]
        == 0
    )
    assert "The Only One (one.abc 1)" in Index.beside(third / "checkpoint.safetensors").names
