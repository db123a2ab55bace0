"""Recordings of many tunes: in memory, in files, interrupted and gone on with."""

import json

import numpy as np
import pytest

from songrnn.engines.settings import EngineSettings
from songrnn.errors import CorpusError, RunError, SettingsError, VocabularyError
from songrnn.neurons import recording as recordings
from songrnn.neurons.record import record_activations
from songrnn.neurons.recording import INDEX, open_recording, quantities_of, record
from tiny import JIG, REEL, make_checkpoint

TEXTS = [JIG, REEL, JIG[:40], REEL[:30]]
NUMPY = EngineSettings(engine="numpy")


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("form", ["raw", "tunebook"])
def test_a_recording_holds_what_single_tunes_do(cell, form, tmp_path):
    checkpoint = make_checkpoint(cell, layers=2, form=form)
    quantities = quantities_of(checkpoint)
    found = record(checkpoint, TEXTS, tmp_path / "r", quantities=quantities)
    assert len(found) == sum(map(len, TEXTS))
    assert found.tune_of.tolist() == [i for i, text in enumerate(TEXTS) for _ in text]
    for number, text in enumerate(TEXTS):
        alone = record_activations(checkpoint, text)
        for name in quantities:
            for layer in (1, 2):
                np.testing.assert_allclose(found.of_tune(number, name, layer), alone.of(name, layer), atol=4e-3)
    assert np.isnan(found.bits[found.begins[:-1]]).all() == (form == "raw")
    slow = record(checkpoint, TEXTS, quantities=quantities, settings=NUMPY)
    np.testing.assert_allclose(slow.bits, found.bits, atol=5e-3)
    again = open_recording(tmp_path / "r", TEXTS)
    np.testing.assert_array_equal(again.quantities["hidden"], found.quantities["hidden"])
    with pytest.raises(RunError, match="holds no finished recording of these tunes"):
        open_recording(tmp_path / "r", [JIG])
    with pytest.raises(RunError, match="holds a recording of other tunes"):
        open_recording(tmp_path / "r", TEXTS[::-1])


def test_an_interrupted_recording_continues_where_it_stopped(tmp_path, monkeypatch):
    checkpoint = make_checkpoint("lstm")
    monkeypatch.setattr(recordings, "BETWEEN_INDICES", 1)

    def stop_after_two(done, total):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        record(checkpoint, TEXTS, tmp_path, progress=stop_after_two)
    with pytest.raises(RunError, match="no finished recording"):
        open_recording(tmp_path, TEXTS)
    seen = []
    found = record(checkpoint, TEXTS, tmp_path, progress=lambda done, total: seen.append((done, total)))
    assert seen[0][0] in (2, 3)
    assert seen[-1] == (4, 4)
    whole = record(checkpoint, TEXTS)
    np.testing.assert_array_equal(found.quantities["hidden"], whole.quantities["hidden"])
    np.testing.assert_array_equal(found.bits, whole.bits)


def test_what_cannot_be_recorded_is_refused_in_one_line(tmp_path):
    checkpoint = make_checkpoint("gru")
    with pytest.raises(
        VocabularyError, match=r"tune 2: character '€' \(position 1\) is not among .* leave the tune out"
    ):
        record(checkpoint, [JIG, "€"])
    with pytest.raises(CorpusError, match="tune 2 is empty; leave it out"):
        record(checkpoint, [JIG, ""])
    with pytest.raises(CorpusError, match="there is no tune to read"):
        record(checkpoint, [])
    with pytest.raises(SettingsError, match="no 'cell'; it has hidden, reset_gate"):
        record(checkpoint, [JIG], quantities=("cell",))
    found = record(checkpoint, [JIG])
    with pytest.raises(SettingsError, match="layer 2 does not exist; this network has layers 1 to 1"):
        found.matrix("hidden", 2)
    with pytest.raises(SettingsError, match="'update_gate' was not recorded; recorded: hidden"):
        found.matrix("update_gate")
    with pytest.raises(SettingsError, match="tune 1 does not exist; the recording has tunes 0 to 0"):
        found.of_tune(1)


def test_a_folder_with_something_else_is_left_alone(tmp_path):
    checkpoint = make_checkpoint("gru")
    record(checkpoint, [JIG], tmp_path / "r")
    before = (tmp_path / "r" / "hidden.npy").read_bytes()
    with pytest.raises(RunError, match="holds another recording; name another folder"):
        record(checkpoint, [REEL], tmp_path / "r")
    assert (tmp_path / "r" / "hidden.npy").read_bytes() == before
    index = json.loads((tmp_path / "r" / INDEX).read_text())
    index["identity"]["version"] = 9
    (tmp_path / "r" / INDEX).write_text(json.dumps(index))
    with pytest.raises(RunError, match="is of format version 9; this songrnn reads 1"):
        record(checkpoint, [JIG], tmp_path / "r")
    (tmp_path / "r" / INDEX).write_text("{")
    with pytest.raises(RunError, match="is damaged; delete the folder and record again"):
        open_recording(tmp_path / "r", [JIG])
    (tmp_path / "r" / INDEX).unlink()
    with pytest.raises(RunError, match="holds arrays without an index"):
        record(checkpoint, [JIG], tmp_path / "r")
