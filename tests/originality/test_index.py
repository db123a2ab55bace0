"""The index: small, whole or refused, of the right corpus, and the same after it was written and read."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from melodies import abc, wandering
from songrnn.checkpoint import Checkpoint, Description
from songrnn.corpus.corpus import Corpus
from songrnn.engines.settings import FULL_PRECISION
from songrnn.errors import OriginalityError
from songrnn.evaluation.bits_per_character import bits_of_each, bits_per_character
from songrnn.originality.index import CHAIN, WINDOW, Index, NamedText, hashes, index_path
from songrnn.originality.indexing import index_checkpoint
from songrnn.originality.melody import melody_of
from songrnn.originality.shared_runs import shared_runs_of
from songrnn.signed_arrays import digest
from tiny import JIG, REEL, TUNES, make_checkpoint

TUNES_OF_INDEX = [NamedText(f"Tune {number} – é", abc(wandering(number))) for number in range(20)]


@pytest.fixture(scope="module")
def index():
    return Index.build(TUNES_OF_INDEX, [abc(wandering("held-out"))], corpus="abc")


def learned(corpus):
    """A checkpoint that says that it has learned the corpus."""
    made = make_checkpoint(texts=(JIG, REEL, *TUNES))
    return Checkpoint(made.weights, made.ngrams, made.model, made.vocabulary, made.form, {"corpus": corpus.record()})


def corpus_of(training, validation=(JIG, REEL), names=()):
    return Corpus("tunebook", tuple(training), tuple(validation), (), (), {}, ("test",), tuple(names))


def test_what_is_read_is_what_was_written(index, tmp_path):
    index.save(tmp_path / "a.melodies")
    again = Index.load(tmp_path / "a.melodies")
    for name, value in vars(index).items():
        if not name.startswith("_"):
            np.testing.assert_array_equal(getattr(again, name), value, err_msg=name)


def test_an_index_of_nothing_can_be_written_and_read(tmp_path):
    Index.build([]).save(tmp_path / "a.melodies")
    assert shared_runs_of(JIG, Index.load(tmp_path / "a.melodies")).runs == ()


def test_no_pitches_but_every_eighth_stand_in_the_file(index):
    notes = int(index.lengths.sum())
    assert len(index.pitches) == sum(-(-int(length) // 8) for length in index.lengths)
    assert index.windows.nbytes + index.durations.nbytes + index.pitches.nbytes < 3.2 * notes


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda path: path.write_bytes(b""), "is not a whole safetensors file"),
        (lambda path: path.write_bytes(path.read_bytes()[:-10]), "is not a whole safetensors file"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1] + b"~"), "was altered or damaged"),
        (lambda path: save_file({"a": np.zeros(1)}, path), "is a safetensors file, but holds no melodies"),
    ],
)
def test_a_file_that_is_no_whole_index_is_refused_with_what_to_do(index, tmp_path, damage, said):
    path = tmp_path / "checkpoint.melodies"
    index.save(path)
    damage(path)
    with pytest.raises(OriginalityError, match=rf"checkpoint\.melodies {said}.*songrnn originality"):
        Index.load(path)


def test_windows_of_different_steps_rarely_have_one_hash():
    pitches = np.array([pitch for pitch, _ in wandering(1, 20_000)])
    steps = {tuple(pitches[i + 1 : i + WINDOW + 1] - pitches[i : i + WINDOW]) for i in range(len(pitches) - WINDOW)}
    expected = (1 << 16) * (1 - np.exp(-len(steps) / (1 << 16)))  # as of balls thrown into so many boxes
    assert len(np.unique(hashes(pitches))) == pytest.approx(expected, rel=0.02)
    np.testing.assert_array_equal(hashes(pitches), hashes(pitches + 7))


def test_a_chain_never_runs_from_one_tune_into_the_next():
    whole = wandering("whole", 40)
    # the last window of the first tune and the first of the second are neighbours in the index and in the whole
    first, second = whole[:20], whole[20 - WINDOW :]
    index = Index.build([NamedText("first", abc(first)), NamedText("second", abc(second))])
    assert {run.notes for run in shared_runs_of(abc(whole), index).runs} == {20, 26}


def test_every_chain_is_as_long_as_a_search_note_by_note_finds_it(index):
    melody = melody_of(abc([*wandering(3)[10:30], *wandering(5)[20:45]]))
    found = set(zip(*(array.tolist() for array in index.chains(melody)), strict=True))
    steps = np.diff(melody.pitches)
    expected = set()
    for tune, named in enumerate([*TUNES_OF_INDEX, NamedText("", abc(wandering("held-out")))]):
        theirs = np.diff(melody_of(named.text).pitches)
        for shift in range(-len(steps), len(theirs)):
            same = [0 <= i + shift < len(theirs) and steps[i] == theirs[i + shift] for i in range(len(steps))]
            begin = None
            for i, equal in enumerate([*same, False]):
                if equal and begin is None:
                    begin = i
                if not equal and begin is not None:
                    if i - begin >= WINDOW + CHAIN - 1:
                        expected.add((begin, i - begin + 1, tune, begin + shift))
                    begin = None
    assert found == expected
    assert {3, 5} <= {chain[2] for chain in found}


def test_an_index_joined_to_that_of_the_network_it_began_from_has_the_training_tunes_of_both(index):
    own = Index.build([NamedText("mine", abc(wandering("mine")))], [abc(wandering("kept back"))], corpus="new")
    both = own.joined(index)
    assert both.corpus == "new"
    assert shared_runs_of(abc(wandering("mine")), both).longest.sources == ("mine",)
    run = shared_runs_of(abc(wandering(4)), both).longest
    assert (run.sources, run.notes, run.same_rhythm, run.transposed_by) == (("Tune 4 – é",), 64, 1, 0)
    for held_out in ("kept back", "held-out"):
        assert shared_runs_of(abc(wandering(held_out)), both).longest is None


def test_beside_a_checkpoint_lies_the_index_of_its_corpus_or_none(tmp_path):
    corpus, other = corpus_of(TUNES, names=[f"Tune {n}" for n in range(len(TUNES))]), corpus_of(TUNES[1:])
    path = tmp_path / "checkpoint.safetensors"
    learned(corpus).save(path)
    assert Index.beside(path) is None
    with pytest.raises(OriginalityError, match=r"checkpoint\.safetensors has learned from another corpus than test"):
        index_checkpoint(path, other)
    made = index_checkpoint(path, corpus)
    found = Index.beside(path)
    assert found.names == made.names == corpus.names
    learned(other).save(path)
    with pytest.raises(OriginalityError, match=r"is of another corpus than .*checkpoint\.safetensors has learned"):
        Index.beside(path)


def test_the_index_keeps_how_well_each_validation_tune_is_predicted(tmp_path):
    corpus = corpus_of(TUNES)
    path = tmp_path / "checkpoint.safetensors"
    checkpoint = learned(corpus)
    checkpoint.save(path)
    index = index_checkpoint(path, corpus)
    expected = [bits_per_character(checkpoint, [tune]) for tune in (JIG, REEL)]
    assert index.held_out_bits.tolist() == pytest.approx(expected, abs=0.02)  # int8
    assert bits_of_each(checkpoint, [JIG, REEL], FULL_PRECISION).tolist() == pytest.approx(expected, abs=1e-4)
    assert index.bits_of == Description.read(path).digest


def test_bits_of_a_tune_without_a_character_to_predict_are_undefined():
    bits = bits_of_each(make_checkpoint(form="raw"), [JIG, "D", "€"], FULL_PRECISION)
    assert np.isnan(bits).tolist() == [False, True, False]
    assert bits[2] == 20


def test_what_is_done_is_not_done_again_but_for_another_network(tmp_path):
    corpus = corpus_of(TUNES)
    path = tmp_path / "checkpoint.safetensors"
    learned(corpus).save(path)
    first = index_checkpoint(path, corpus)

    def unread(texts):
        pytest.fail("read again")

    written = index_path(path).stat().st_mtime_ns
    index_checkpoint(path, corpus, progress=unread)
    assert index_path(path).stat().st_mtime_ns == written
    other = make_checkpoint(texts=(JIG, REEL, *TUNES), seed=2)
    Checkpoint(other.weights, other.ngrams, other.model, other.vocabulary, other.form, learned(corpus).training).save(
        path
    )
    second = index_checkpoint(path, corpus, progress=unread)
    assert second.bits_of != first.bits_of
    assert second.held_out_bits.tolist() != first.held_out_bits.tolist()


def test_the_model_in_the_box_has_its_index_in_the_package():
    index = Index.beside("folk")
    assert len(index.names) == 3797
    assert index_path("folk").stat().st_size < 2_000_000
    assert len(index.held_out_bits) == 211
    assert 0.8 < index.held_out_bits.mean() < 1.6


def signed_again(path, **more):
    """The file with another record or other arrays, and a digest that fits them."""
    record = {"format_version": 1, "tunes": 20, "corpus": "abc", "bits_of": ""}
    arrays = load_file(path)
    for name, value in more.items():
        (arrays if name in arrays else record)[name] = value
    text = json.dumps(record)
    save_file(arrays, path, {"songrnn-melodies": text, "sha256": digest(text, arrays)})


ALTERED: dict[str, Callable[[Any], dict[str, Any]]] = {
    "another version": lambda _: {"format_version": 2},
    "a number that is none": lambda _: {"tunes": "20"},
    "fewer names": lambda _: {"tunes": 21},
    "a negative number of tunes": lambda _: {"tunes": -1},
    "a corpus that is no text": lambda _: {"corpus": 3},
    "another type": lambda arrays: {"windows": arrays["windows"].astype(np.int64)},
    "another shape": lambda arrays: {"durations": arrays["durations"].reshape(1, -1)},
    "fewer windows": lambda arrays: {"windows": arrays["windows"][1:]},
    "fewer durations": lambda arrays: {"durations": arrays["durations"][1:]},
    "fewer pitches": lambda arrays: {"pitches": arrays["pitches"][1:]},
    "fewer families": lambda arrays: {"families": arrays["families"][1:]},
    "longer tunes": lambda arrays: {"lengths": arrays["lengths"] + np.uint32(2**31)},
    "durations that are in no table": lambda arrays: {"duration_table": arrays["duration_table"][:1]},
    "families below none": lambda arrays: {"families": arrays["families"] - np.int32(5)},
    "names that are no text": lambda arrays: {"names": np.full_like(arrays["names"], 0xFF)},
    "bits that are no numbers": lambda _: {"held_out_bits": np.array([np.nan], dtype=np.float32)},
}


@pytest.mark.parametrize("altered", ALTERED)
def test_contents_that_do_not_fit_together_are_refused_although_they_are_signed(index, tmp_path, altered):
    path = tmp_path / "checkpoint.melodies"
    index.save(path)
    signed_again(path)
    assert Index.load(path).names == index.names
    signed_again(path, **ALTERED[altered](load_file(path)))
    with pytest.raises(OriginalityError, match=r"checkpoint\.melodies has contents that do not fit.*; delete it"):
        Index.load(path)


def test_a_damaged_index_of_the_model_in_the_box_is_not_to_be_made_again(tmp_path, monkeypatch):
    monkeypatch.setattr("songrnn.storage.PACKAGE", tmp_path)
    (tmp_path / "folk.melodies").write_bytes(b"")
    with pytest.raises(OriginalityError, match="it came with songrnn: install songrnn again"):
        Index.load(tmp_path / "folk.melodies")
