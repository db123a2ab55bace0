"""`--from` and the model in the box, as people type them."""

import json
import re

import pytest

from songrnn.checkpoint import BUNDLED, Checkpoint
from songrnn.corpus.fields import names_a_key
from tiny import JIG, REEL, make_checkpoint

SMALL = ["--epochs", "1", "--batch-size", "4", "--window", "16"]


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def other(tmp_path):
    """A checkpoint that lacks some of the tunebook's characters."""
    make_checkpoint(texts=(JIG, REEL)).save(tmp_path / "other.safetensors")
    return tmp_path / "other.safetensors"


def test_training_continues_from_a_checkpoint_and_says_what_it_began_with(songrnn_command, tunebook, other):
    status, output, said = songrnn_command("train", tunebook, "--from", other, "--out", "run", "--json", *SMALL)
    assert status == 0, said
    assert re.search(r"before training on these tunes: validation \d+\.\d{3}", said)
    assert "characters are new to the network and were added: 'C" in said
    trained = Checkpoint.load(json.loads(output)["checkpoint"])
    assert trained.model == Checkpoint.load(other).model
    assert trained.training["settings"]["learning_rate"] == 0.002


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--hidden-size", "9"], "nothing about model can be given with it"),
        (["--preset", "paper"], "are each a start; give one of them"),
        (["--form", "raw"], "has learned text in tunebook form, and the corpus is in raw form"),
        (["--from", "nowhere.safetensors"], "cannot read the checkpoint nowhere.safetensors"),
    ],
)
def test_a_mistake_is_one_clear_line_and_nothing_is_written(songrnn_command, tunebook, other, arguments, complaint):
    status, output, said = songrnn_command("train", tunebook, "--from", other, "--out", "run", *SMALL, *arguments)
    assert (status, output) == (2, "")
    assert complaint in said
    assert len(said.strip().splitlines()) == 1
    assert sorted(path.name for path in tunebook.parent.iterdir()) == ["other.safetensors", "tunes.abc"]


def test_compose_without_arguments_composes_with_the_model_in_the_box(songrnn_command):
    status, output, said = songrnn_command("compose")
    assert status == 0, said
    assert output.startswith("X:1\nT:Composition 1 of seed 0\n")
    assert any(names_a_key(line[2:]) for line in output.splitlines() if line.startswith("K:"))


def test_the_model_in_the_box_keeps_to_the_meter_and_key_requested(songrnn_command):
    _, output, _ = songrnn_command("compose", "--prompt", "M:6/8", "K:Ador", "--seed", "3")
    assert "\nM:6/8\n" in output
    assert "\nK:Ador\n" in output


def test_the_model_in_the_box_is_small_and_says_where_it_comes_from():
    assert BUNDLED["folk"].stat().st_size <= 4_000_000
    folk = Checkpoint.load("folk")
    assert folk.form == "tunebook"
    assert folk.training["corpus"]["sources"] == ["folk"]
