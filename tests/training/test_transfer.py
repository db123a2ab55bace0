"""A network that goes on learning on another tunebook."""

import numpy as np
import pytest

from songrnn.checkpoint import Checkpoint
from songrnn.corpus.corpus import Corpus
from songrnn.errors import CorpusError, Interrupted, RunError, SettingsError
from songrnn.evaluation.bits_per_character import bits_per_character
from songrnn.model.equations import forward
from songrnn.model.ngrams import Ngrams
from songrnn.model.settings import ModelSettings
from songrnn.training.loop import resume, train
from songrnn.training.settings import TrainingSettings
from songrnn.training.transfer import joined_counts, prepared
from tiny import JIG, PLACES, REEL, make_checkpoint

QUICK = TrainingSettings(epochs=3, window=16, batch_size=4, seed=5, device="cpu", threads=1, ensemble=1)
NEW = REEL.replace("Gmaj", "Àmaj").replace("e", "é")  # one new character sorts between the old ones, one after them


def corpus_of(training=(JIG, REEL), form="tunebook"):
    return Corpus(form, tuple(training), (JIG, REEL), (), (), {}, ("test",))


def start(form="tunebook", **settings):
    return make_checkpoint(form=form, texts=(JIG, REEL, "~z"), **settings)


@pytest.mark.parametrize("form", ["tunebook", "raw"])
@pytest.mark.parametrize("reads", [{"copying": True}, {"copying": False}, *PLACES], ids=str)
def test_added_characters_change_nothing_about_the_others(form, reads):
    before = start(form, **{"ngrams": (), "copying": False} | reads)
    after, added = prepared(before, corpus_of([NEW], form=form))
    assert added == "Àé"
    places = [after.vocabulary.characters.index(c) for c in before.vocabulary.characters]
    logits = []
    for checkpoint in (before, after):
        read = checkpoint.reader.read(checkpoint.vocabulary.encode_tune(JIG))
        logits.append(forward(checkpoint.weights, checkpoint.model.replace(floor=0), checkpoint.vocabulary, read)[0])
    np.testing.assert_allclose(logits[0][:, : len(places)], logits[1][:, places], atol=1e-5)


def test_what_the_network_made_of_each_character_of_an_n_gram_it_still_does():
    before = start()
    after, _ = prepared(before, corpus_of([NEW]))
    name, contexts = "ngrams.input.weight", len(before.model.ngrams)
    old, new = (np.split(checkpoint.weights[name], contexts, axis=1) for checkpoint in (before, after))
    for i, character in enumerate(before.vocabulary.characters):
        place = after.vocabulary.characters.index(character)
        for context in range(contexts):
            np.testing.assert_array_equal(old[context][:, i], new[context][:, place])
    known = before.vocabulary.encode_tune(JIG)
    shares = (
        np.exp(before.reader.read(known).expected),
        np.exp(after.reader.read(after.vocabulary.encode_tune(JIG)).expected),
    )
    assert np.abs(shares[0].max(axis=-1) - shares[1].max(axis=-1)).max() < 0.05


def test_added_characters_can_be_read_and_composed():
    after, _ = prepared(start(), corpus_of([NEW]))
    assert bits_per_character(after, [NEW]) < 20
    assert set("Àé") <= set(after.vocabulary.characters)


def test_a_prepared_checkpoint_can_be_saved_and_loaded(tmp_path):
    after, _ = prepared(start(), corpus_of([NEW]))
    after.save(tmp_path / "start.safetensors")
    again = Checkpoint.load(tmp_path / "start.safetensors")
    assert bits_per_character(again, [NEW]) == bits_per_character(after, [NEW])


def test_a_tunebook_without_new_characters_leaves_the_network_as_it_is():
    before = start()
    after, added = prepared(before, corpus_of([JIG]))
    assert (after, added) == (before, "")


def test_counts_that_are_joined_are_those_of_all_tunes_together():
    first, second = ([np.array(tune) for tune in tunes] for tunes in ([[0, 1, 2], [1, 2]], [[1, 2, 2], [0, 3]]))
    of = {"vocabulary_size": 4, "longest_context": 2}
    joined = Ngrams.count(first, **of)[0].joined(Ngrams.count(second, **of)[0])
    for ours, wanted in zip(joined.levels, Ngrams.count([*first, *second], **of)[0].levels, strict=True):
        for name in ("parents", "characters", "counts"):
            np.testing.assert_array_equal(getattr(ours, name), getattr(wanted, name))


def test_a_network_without_n_grams_gets_none():
    assert joined_counts(start(ngrams=()), []) == (None, ())


def test_it_begins_where_the_other_training_ended_and_says_so(tmp_path):
    before = start(ngrams=())  # whose counts would be joined by those of the new tunes
    run = train(corpus_of(), start=before, out=tmp_path / "run", training=QUICK.replace(learning_rate=1e-5))
    record = run.records[0]
    assert record["added_characters"] == ""
    assert record["bits_per_character_before"] == pytest.approx(
        bits_per_character(before, corpus_of().validation), abs=1e-3
    )
    assert run.bits_per_character == pytest.approx(record["bits_per_character_before"], abs=0.5)
    assert Checkpoint.load(run.checkpoint).model == before.model


@pytest.mark.parametrize("places", [{}, PLACES[-1]], ids=["", "places"])
def test_it_resumes_to_the_same_weights(tmp_path, places):
    whole = train(corpus_of([NEW] * 8), start=start(**places), out=tmp_path / "whole", training=QUICK)
    requested = iter([False] * 3 + [True])
    with pytest.raises(Interrupted, match="stopped after"):
        train(
            corpus_of([NEW] * 8),
            start=start(**places),
            out=tmp_path / "cut",
            training=QUICK,
            stop=lambda: next(requested),
        )
    again = resume(tmp_path / "cut")
    for name, array in Checkpoint.load(whole.checkpoint).weights.items():
        np.testing.assert_array_equal(array, Checkpoint.load(again.checkpoint).weights[name])


def test_a_run_killed_before_its_first_save_still_knows_what_it_began_from(tmp_path):
    run = train(corpus_of([NEW] * 8), start=start(), out=tmp_path / "run", training=QUICK)
    (tmp_path / "run" / "resume.safetensors").unlink()
    again = resume(tmp_path / "run")
    assert again.records[0]["added_characters"] == "Àé"
    assert again.bits_per_character == run.bits_per_character


def test_a_run_whose_beginning_was_lost_says_so(tmp_path):
    train(corpus_of(), start=start(), out=tmp_path / "run", training=QUICK)
    (tmp_path / "run" / "start.safetensors").unlink()
    with pytest.raises(RunError, match=r"start\.safetensors"):
        resume(tmp_path / "run")


def test_another_form_of_text_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(CorpusError, match="learned text in raw form, and the corpus is in tunebook form"):
        train(corpus_of(), start=start("raw"), out=tmp_path / "run", training=QUICK)
    assert not (tmp_path / "run").exists()


def test_a_network_keeps_its_shape(tmp_path):
    with pytest.raises(SettingsError, match="model settings or start, not both"):
        train(corpus_of(), start=start(), model=ModelSettings(hidden_size=99), out=tmp_path / "run")
