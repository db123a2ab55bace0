"""`songrnn judge` as people type it."""

import json
from dataclasses import replace

import pytest

from songrnn.checkpoint import names_checkpoint
from songrnn.cli import judge
from songrnn.corpus.corpus import read_corpus
from songrnn.errors import CorpusError
from songrnn.model.settings import ModelSettings
from songrnn.training.folder import RunFolder
from songrnn.training.held_out import held_out_corpus
from songrnn.training.settings import TrainingSettings
from tiny import TUNES, abc_file_of, make_checkpoint


@pytest.fixture
def composed(tmp_path):
    path = tmp_path / "composed.abc"
    path.write_text(abc_file_of(TUNES[:6]))
    return path


def test_a_file_is_judged_beside_another_and_the_page_is_written(songrnn_command, composed, tunebook, tmp_path):
    out = tmp_path / "judged"
    status, output, said = songrnn_command("judge", composed, "--against", tunebook, "--out", out)
    assert status == 0, said
    for part in ("all bars add up", "composed.abc", "distance of", "two-sample test", "are unreliable", "index.html"):
        assert part in output
    assert (out / "index.html").exists()
    assert json.loads((out / "scorecard.json").read_text())["composed"]["totals"]["reads"]["value"] == 1


def test_json_is_the_whole_card_and_nothing_is_written(songrnn_command, composed, tunebook, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status, output, _ = songrnn_command("judge", composed, "--against", tunebook, "--json")
    assert status == 0
    assert len(json.loads(output)["human"]["tunes"]) == len(TUNES)
    assert not (tmp_path / "judged").exists()


def test_the_default_folder_has_the_sources_name_and_a_number(songrnn_command, composed, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "judged" / "composed").mkdir(parents=True)
    assert songrnn_command("judge", composed, "--against", composed)[0] == 0
    assert (tmp_path / "judged" / "composed-2" / "index.html").exists()


@pytest.fixture
def corpus(tunebook):
    return read_corpus(str(tunebook))


@pytest.fixture
def learned(corpus, tmp_path):
    """A checkpoint that says that it has learned from the tunebook."""
    path = tmp_path / "run" / "checkpoint.safetensors"
    replace(make_checkpoint(texts=TUNES), training={"corpus": corpus.record()}).save(path)
    return path


def test_a_checkpoint_composes_and_is_held_against_tunes_that_it_did_not_learn_from(
    songrnn_command, corpus, learned, tunebook
):
    RunFolder(learned.parent).begin(corpus, ModelSettings(), TrainingSettings())
    tunebook.unlink()  # the run has them
    status, output, said = songrnn_command("judge", learned, "--count", 3, "--max-characters", 60, "--json")
    assert status == 0, said
    card = json.loads(output)
    assert len(card["composed"]["tunes"]) == 3
    assert [tune["text"] for tune in card["human"]["tunes"]] == [*corpus.validation, *corpus.test]


def test_a_checkpoint_away_from_its_run_finds_its_sources_again_or_says_that_they_changed(
    songrnn_command, corpus, learned, tunebook
):
    assert held_out_corpus(learned).validation == corpus.validation
    tunebook.write_text(tunebook.read_text() + "\nX:99\nT:New\nM:4/4\nL:1/8\nK:C\nCDEF GABc|\n")
    with pytest.raises(CorpusError, match=r"cannot be found again: .*tunes.abc have changed since"):
        held_out_corpus(learned)
    tunebook.unlink()
    status, output, said = songrnn_command("judge", learned)
    assert (status, output) == (2, "")
    assert len(said.strip().splitlines()) == 1
    assert "neither a file, a folder nor a collection" in said
    assert "--against FILE" in said


def test_the_run_of_another_checkpoint_beside_it_is_not_taken_for_its_own(corpus, learned):
    other = replace(corpus, validation=corpus.training[:2])
    RunFolder(learned.parent).begin(other, ModelSettings(), TrainingSettings())
    assert held_out_corpus(learned).validation == corpus.validation


def test_a_checkpoint_without_a_corpus_needs_human_tunes(songrnn_command, checkpoint_file):
    status, _, said = songrnn_command("judge", checkpoint_file)
    assert status == 2
    assert "does not say which tunes it has learned from; name human tunes to compare with: --against FILE" in said


@pytest.mark.parametrize(
    ("source", "complaint"),
    [("nowhere.abc", "neither a file"), ("nowhere.safetensors", "cannot read the checkpoint")],
)
def test_a_source_that_is_not_there_is_one_clear_line(songrnn_command, composed, source, complaint):
    status, output, said = songrnn_command("judge", source, "--against", composed)
    assert (status, output) == (2, "")
    assert complaint in said
    assert len(said.strip().splitlines()) == 1


def test_where_nothing_can_be_written_it_is_reported_before_anything_is_composed(
    songrnn_command, composed, learned, monkeypatch
):
    monkeypatch.setattr(judge, "with_bar", lambda items, *_, **__: (pytest.fail("it composed") for _ in items))
    status, output, said = songrnn_command("judge", learned, "--against", composed, "--out", composed)
    assert (status, output) == (2, "")
    assert "cannot write" in said


def test_a_wrong_source_leaves_no_folder(songrnn_command, composed, tmp_path):
    out = tmp_path / "judged"
    assert songrnn_command("judge", "nowhere.safetensors", "--against", composed, "--out", out)[0] == 2
    assert not out.exists()


def test_what_composes_is_distinguished_from_what_is_tunes():
    assert names_checkpoint("folk")
    assert names_checkpoint("runs/mine/checkpoint.safetensors")
    assert not names_checkpoint("./folk")
    assert not names_checkpoint("tunes.abc")


def test_a_checkpoint_in_raw_form_is_judged_in_the_same_form_as_people(songrnn_command, tmp_path):
    texts = tuple(f"<start>\nX:1\nT:One\n{tune}<end>\n" for tune in TUNES[:12])
    path, human = tmp_path / "raw.safetensors", tmp_path / "human.txt"
    make_checkpoint(form="raw", texts=texts).save(path)
    human.write_text("".join(texts))
    status, output, said = songrnn_command(
        "judge", path, "--against", human, "--count", 2, "--max-characters", 80, "--json"
    )
    assert status == 0, said
    assert [tune["text"] for tune in json.loads(output)["human"]["tunes"]] == list(TUNES[:12])
