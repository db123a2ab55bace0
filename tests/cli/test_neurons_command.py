"""`songrnn neurons`: the page with its labels, by default of tunes that were not learned from."""

import json
import os
import re
from dataclasses import replace

import pytest

from planted import tunes
from songrnn.corpus.corpus import read_corpus
from tiny import make_checkpoint

HEADER = "X:1\nM:4/4\nL:1/8\nK:C\n"
FEW = ("--shown", 2, "--ablated", 1, "--directions", "bar-line")
FILES = {"neurons.html", "labels.json", "labels.csv"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A file of tunes, and a checkpoint that says that it has learned from a part of them."""
    place = tmp_path_factory.mktemp("neurons")
    texts = tunes(130)
    (place / "tunes.abc").write_text("\n".join(f"X:{number}\n{text}" for number, text in enumerate(texts, start=1)))
    corpus = read_corpus(str(place / "tunes.abc"))
    checkpoint = make_checkpoint(texts=tuple(corpus.training))
    replace(checkpoint, training={"corpus": corpus.record()}).save(place / "checkpoint.safetensors")
    return place


def test_the_page_comes_with_the_labels_of_all_neurons_as_json_and_csv(songrnn_command, folder, tmp_path, monkeypatch):
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    out = tmp_path / "page"
    arguments = ("neurons", folder / "checkpoint.safetensors", folder / "tunes.abc", *FEW, "--labelled", 20)
    status, output, said = songrnn_command(*arguments, "--out", out)
    assert status == 0, said
    assert {path.name for path in out.iterdir()} == FILES
    assert "of 12 neurons follow a concept" in output
    assert output.splitlines()[-3:] == [str(out / name) for name in ("neurons.html", "labels.json", "labels.csv")]
    assert len(json.loads((out / "labels.json").read_text())["labels"]) == 12
    assert os.environ["OPENBLAS_NUM_THREADS"] == "1"
    head, *rows = (out / "labels.csv").read_text().splitlines()
    assert head.startswith("layer,quantity,neuron,found,concept,measure,score,low,high,")
    assert len(rows) == 12
    refused = songrnn_command(*arguments, "--out", out)
    assert refused[0] == 2
    assert "neurons.html is there already; choose another --out, or replace it: --replace" in refused[2]


def test_by_default_it_shows_tunes_that_were_not_learned_from(songrnn_command, folder, tmp_path):
    out = tmp_path / "page"
    few = ("--shown", 2, "--ablated", 0, "--directions")
    status, output, said = songrnn_command("neurons", folder / "checkpoint.safetensors", *few, "--out", out, "--json")
    assert status == 0, said
    found = json.loads(output)
    corpus = read_corpus(str(folder / "tunes.abc"))
    assert found["chosen_on"][0] + found["reported_on"][0] == len(corpus.validation) + len(corpus.test)
    assert {path.name for path in out.iterdir()} == FILES


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        (HEADER + "CDEF|\n", (), "too few to choose labels on some and report them on others"),
        (HEADER + "CDEF^c|\n", (), "tune 1: character '^'"),
        ("", (), "empty"),
        (HEADER + "CDEF|\n", ("--directions", "mood"), "there is no concept 'mood'; there are header, field"),
        (HEADER + "CDEF|\n", ("--layer", 3), "layer 3 does not exist; this network has layers 1 to 1"),
        (HEADER + "CDEF|\n", ("--neurons", 12), "neuron 12 does not exist; layer 1 has neurons 0 to 11"),
        (HEADER + "CDEF|\n", ("--quantity", "reset-gate"), "has no 'reset_gate'; it has hidden, cell"),
    ],
)
def test_a_mistake_is_one_clear_line_and_nothing_is_written(songrnn_command, folder, tmp_path, text, options, said):
    path = tmp_path / "given.abc"
    path.write_text(text)
    out = tmp_path / "page"
    result = songrnn_command("neurons", folder / "checkpoint.safetensors", path, *options, "--out", out)
    assert result[:2] == (2, "")
    [line] = result[2].strip().splitlines()
    assert said in line
    assert not out.exists()


def test_a_checkpoint_of_another_format_version_is_reported_in_a_line(songrnn_command, folder, tmp_path):
    content = (folder / "checkpoint.safetensors").read_bytes()
    later = re.sub(rb"(format_version\W+)\d", rb"\g<1>9", content, count=1)
    path = tmp_path / "later.safetensors"
    path.write_bytes(later)
    status, output, said = songrnn_command("neurons", path, folder / "tunes.abc", "--out", tmp_path / "page")
    assert (status, output) == (2, "")
    assert len(said.strip().splitlines()) == 1
    assert "is of format version 9; this songrnn reads up to 2" in said
