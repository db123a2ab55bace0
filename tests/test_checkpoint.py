"""The one file: what goes in comes out, and everything that is wrong with it is said."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load, save

from songrnn.checkpoint import METADATA_KEY, Checkpoint
from songrnn.composing.composer import Composer
from songrnn.errors import CheckpointError, RunError
from songrnn.model.settings import GATES, NO_PLACES
from songrnn.signed_arrays import DIGEST_KEY, digest
from tiny import PLACES, make_checkpoint


def parts(path):
    """Record and weights of a checkpoint file."""
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    record = json.loads(json.loads(content[8 : 8 + length])["__metadata__"][METADATA_KEY])
    return record, load(content)


def forge(path, record, weights):
    """Write a checkpoint whose digest is right, whatever it says."""
    text = json.dumps(record)
    path.write_bytes(save(weights, {METADATA_KEY: text, DIGEST_KEY: digest(text, weights)}))


@pytest.mark.parametrize("cell", GATES)
@pytest.mark.parametrize("form", ["raw", "tunebook"])
def test_what_was_saved_is_loaded(tmp_path, cell, form):
    checkpoint = make_checkpoint(cell, layers=2, form=form)
    checkpoint.save(tmp_path / "c.safetensors")
    loaded = Checkpoint.load(tmp_path / "c.safetensors")
    assert (loaded.model, loaded.vocabulary, loaded.form, loaded.training) == (
        checkpoint.model,
        checkpoint.vocabulary,
        form,
        checkpoint.training,
    )
    for name, array in checkpoint.weights.items():
        np.testing.assert_array_equal(loaded.weights[name], array)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CheckpointError, match=r"cannot read the checkpoint .*none\.safetensors: no such file"):
        Checkpoint.load(tmp_path / "none.safetensors")


def test_an_empty_file_is_named(tmp_path):
    (tmp_path / "c").write_bytes(b"")
    with pytest.raises(CheckpointError, match="is empty, not a checkpoint"):
        Checkpoint.load(tmp_path / "c")


@pytest.mark.parametrize("share", [0.01, 0.3, 0.99])
def test_a_truncated_file_is_named(checkpoint_file, share):
    content = checkpoint_file.read_bytes()
    checkpoint_file.write_bytes(content[: int(share * len(content))])
    with pytest.raises(CheckpointError, match="is not a whole safetensors file: it was cut short"):
        Checkpoint.load(checkpoint_file)


def test_a_file_of_another_kind_is_named(tmp_path):
    (tmp_path / "c").write_text("X:1\nK:C\nCDEF|\n" * 50)
    with pytest.raises(CheckpointError, match="or it is something else"):
        Checkpoint.load(tmp_path / "c")


def test_a_foreign_safetensors_file_is_named(tmp_path):
    (tmp_path / "c").write_bytes(save({"x": np.zeros(3)}, {"format": "pt"}))
    with pytest.raises(CheckpointError, match="is a safetensors file, but not one that songrnn wrote"):
        Checkpoint.load(tmp_path / "c")


def test_a_foreign_safetensors_file_with_types_that_numpy_lacks_is_named(tmp_path):
    header = json.dumps({"x": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}}).encode()
    (tmp_path / "c").write_bytes(len(header).to_bytes(8, "little") + header + b"\0\0\0\0")
    with pytest.raises(CheckpointError, match="not one that songrnn wrote"):
        Checkpoint.load(tmp_path / "c")


def test_one_changed_bit_anywhere_is_noticed(checkpoint_file):
    content = checkpoint_file.read_bytes()
    rng = np.random.default_rng(0)
    for position in rng.integers(8, len(content), 200):
        changed = bytearray(content)
        changed[position] ^= 1 << int(rng.integers(8))
        checkpoint_file.write_bytes(changed)
        try:
            loaded = Checkpoint.load(checkpoint_file)
        except CheckpointError as error:
            assert str(checkpoint_file) in str(error)  # noqa: PT017  (either outcome is right)
        else:  # a bit of the file's own padding
            assert loaded.vocabulary == make_checkpoint().vocabulary


def test_a_changed_weight_is_called_altered(checkpoint_file):
    content = bytearray(checkpoint_file.read_bytes())
    content[-1] ^= 1
    checkpoint_file.write_bytes(content)
    with pytest.raises(CheckpointError, match="was altered or damaged after it was written"):
        Checkpoint.load(checkpoint_file)


def test_a_file_of_version_1_knows_nothing_of_places_and_says_the_same(checkpoint_file):
    before = Checkpoint.load(checkpoint_file)
    record, weights = parts(checkpoint_file)
    for name in (*NO_PLACES, "plan_dropout", "position_size"):
        del record["model"][name]
    forge(checkpoint_file, record | {"format_version": 1}, weights)
    after = Checkpoint.load(checkpoint_file)
    assert {name: getattr(after.model, name) for name in NO_PLACES} == NO_PLACES
    assert Composer(after).compose(seed=1).text == Composer(before).compose(seed=1).text


@pytest.mark.parametrize("places", PLACES, ids=str)
def test_every_input_is_kept_in_the_file(tmp_path, places):
    checkpoint = make_checkpoint(**places)
    checkpoint.save(tmp_path / "c.safetensors")
    loaded = Checkpoint.load(tmp_path / "c.safetensors")
    assert loaded.model == checkpoint.model
    assert Composer(loaded).compose(seed=1) == Composer(checkpoint).compose(seed=1)


def test_a_newer_format_says_to_upgrade(checkpoint_file):
    record, weights = parts(checkpoint_file)
    forge(checkpoint_file, record | {"format_version": 99}, weights)
    with pytest.raises(CheckpointError, match="of format version 99; this songrnn reads up to 2: pip install -U"):
        Checkpoint.load(checkpoint_file)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"format_version": "1"}, "impossible format version '1'"),
        ({"model": {"cell": "transformer"}}, r"does not fit together \(cell is 'transformer'"),
        ({"model": {"width": 3}}, "no setting 'width'"),
        ({"vocabulary": {"characters": "ba", "boundaries": True}}, "must be sorted"),
        ({"vocabulary": {"characters": "ab"}}, "does not fit together"),
        ({"vocabulary": {"characters": ["a", "bc"], "boundaries": True}}, "must be one text"),
        ({"vocabulary": {"characters": 3, "boundaries": True}}, "must be one text"),
        ({"vocabulary": {"characters": "ab", "boundaries": 1}}, "its boundaries true or false"),
        ({"vocabulary": {"characters": "a\ud800", "boundaries": True}}, "lone surrogate"),
        ({"training": []}, "its training is no record"),
        ({"training": {"corpus": [1]}}, "its training is no record"),
        ({"training": {"corpus": {"sources": "folk"}}}, "its corpus is no record"),
        ({"training": {"corpus": {"sources": [1]}}}, "its corpus is no record"),
        ({"training": {"corpus": {"sha256": 1}}}, "its corpus is no record"),
        ({"form": "prose"}, "text form 'prose'"),
        ({"form": "raw"}, "does not go with its vocabulary"),
    ],
)
def test_a_record_that_does_not_fit_together_is_named(checkpoint_file, change, complaint):
    record, weights = parts(checkpoint_file)
    forge(checkpoint_file, record | change, weights)
    with pytest.raises(CheckpointError, match=complaint):
        Checkpoint.load(checkpoint_file)


@pytest.mark.parametrize("text", ["[]", "{}", "no JSON", "3"])
def test_a_record_that_is_no_record_is_named(checkpoint_file, text):
    _, weights = parts(checkpoint_file)
    checkpoint_file.write_bytes(save(weights, {METADATA_KEY: text, DIGEST_KEY: digest(text, weights)}))
    with pytest.raises(CheckpointError, match="has a damaged record"):
        Checkpoint.load(checkpoint_file)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda w: {n: a for n, a in w.items() if n != "output.bias"}, "lacks the weights output.bias"),
        (lambda w: w | {"attention": np.zeros(2, np.float32)}, "does not have|do not have: attention"),
        (lambda w: w | {"output.bias": np.zeros(3, np.float32)}, r"output.bias as float32 \[3\]; its settings say"),
        (lambda w: w | {"output.bias": w["output.bias"].astype(np.float64)}, "output.bias as float64"),
        (lambda w: w | {"output.bias": w["output.bias"] + np.float32(np.nan)}, "output.bias that are not finite"),
    ],
)
def test_weights_that_do_not_fit_the_settings_are_named(checkpoint_file, change, complaint):
    record, weights = parts(checkpoint_file)
    forge(checkpoint_file, record, change(weights))
    with pytest.raises(CheckpointError, match=complaint):
        Checkpoint.load(checkpoint_file)


@pytest.mark.parametrize(("weight", "small"), [(np.nan, False), (np.inf, True), (1e6, True)])
def test_weights_that_the_file_cannot_hold_are_not_written(tmp_path, checkpoint, weight, small):
    weights = {name: array.copy() for name, array in checkpoint.weights.items()}
    weights["output.bias"][0] = weight
    with pytest.raises(RunError, match=r"output\.bias has weights that float\d\d cannot hold"):
        replace(checkpoint, weights=weights).save(tmp_path / "c.safetensors", small=small)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_does_not_exist_is_made(tmp_path, checkpoint):
    checkpoint.save(tmp_path / "a" / "b" / "c.safetensors")
    assert Checkpoint.load(tmp_path / "a" / "b" / "c.safetensors").vocabulary == checkpoint.vocabulary


def test_a_place_that_cannot_be_written_is_named(tmp_path, checkpoint):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(RunError, match=r"cannot write .*c\.safetensors"):
        checkpoint.save(tmp_path / "file" / "c.safetensors")


@pytest.mark.skipif(os.name != "posix", reason="limits the size of files as a full disk would: POSIX only")
def test_on_a_full_disk_the_former_file_survives_and_nothing_is_left_beside_it(checkpoint_file):
    before = checkpoint_file.read_bytes()
    program = (
        "import resource, signal, sys\n"
        "from tiny import PLACES, make_checkpoint\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "from songrnn.errors import RunError\n"
        "try:\n"
        "    make_checkpoint(seed=2).save(sys.argv[1])\n"
        "except RunError as error:\n"
        "    print(error)\n"
    )
    environment = os.environ | {"PYTHONPATH": os.path.dirname(__file__)}  # noqa: PTH120
    result = subprocess.run(
        [sys.executable, "-c", program, str(checkpoint_file)],
        capture_output=True,
        text=True,
        check=True,
        env={k: v for k, v in environment.items() if not k.startswith("COVERAGE")},
    )
    assert "file too large; the former file is as it was" in result.stdout
    assert checkpoint_file.read_bytes() == before
    assert [path.name for path in checkpoint_file.parent.iterdir()] == [checkpoint_file.name]
