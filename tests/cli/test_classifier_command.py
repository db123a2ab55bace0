"""`songrnn classifier`, and what `songrnn compose --best-of` chooses with one beside the checkpoint and without."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from songrnn.checkpoint import Description
from songrnn.cli import classifier
from songrnn.cli.main import main
from songrnn.composing import reranking
from songrnn.composing.composer import Composer
from songrnn.composing.request import CANDIDATES
from songrnn.composing.reranking import choose
from songrnn.corpus.corpus import read_corpus
from songrnn.evaluation.classifier import Classifier, classifier_path
from songrnn.originality.index import Index, NamedText, index_path
from tiny import TUNES, abc_file_of, make_checkpoint


@pytest.fixture(scope="module")
def trained_once(tmp_path_factory):
    """A checkpoint that says that it has learned from 49 tunes, and its classifier."""
    folder = tmp_path_factory.mktemp("trained")
    tunes = folder / "tunes.abc"
    tunes.write_text(abc_file_of())
    path = folder / "checkpoint.safetensors"
    replace(make_checkpoint(texts=TUNES), training={"corpus": read_corpus(str(tunes)).record()}).save(path)
    with pytest.raises(SystemExit) as end:
        main(["classifier", str(path), "--tunes", "20"])
    assert end.value.code == 0
    return path


@pytest.fixture
def trained(trained_once, tmp_path):
    """A copy of both."""
    for path in (trained_once, classifier_path(trained_once)):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path / trained_once.name


def composed(songrnn_command, *arguments):
    """The tunes, and what was said."""
    status, output, said = songrnn_command("compose", *arguments, "--json")
    assert status == 0, said
    return json.loads(output)["compositions"], said


def candidates(checkpoint, count):
    return [made.candidate for made in Composer(checkpoint).compose_many(count=count, seed=3, best_of=1)]


def test_a_classifier_is_trained_with_tunes_of_both_sides_and_lies_beside_the_checkpoint(trained_once, songrnn_command):
    first = Classifier.beside(trained_once)
    assert first.trained_on == "20 tunes and 40 composed ones, one candidate each, default settings, seed 4294967296"
    status, output, said = songrnn_command("classifier", trained_once, "--tunes", 20)
    assert (status, said) == (0, "")
    assert output == f"{classifier_path(trained_once)}\n"
    again = Classifier.beside(trained_once)
    assert (again.weights == first.weights).all()
    assert again.usual_bits == first.usual_bits


def test_it_sees_all_training_tunes_no_held_out_one_and_tunes_of_a_seed_that_nobody_types(
    trained_once, songrnn_command, monkeypatch
):
    analysed = []

    def train(human, composed, **more):
        analysed.extend([[tune.text for tune in human], [tune.text for tune in composed]])
        raise KeyboardInterrupt

    monkeypatch.setattr(Classifier, "train", train)
    songrnn_command("classifier", trained_once)
    corpus = read_corpus(str(trained_once.with_name("tunes.abc")))
    assert sorted(analysed[0]) == sorted(corpus.training)
    made = Composer(trained_once).compose_many(count=2 * len(corpus.training), seed=2**32, best_of=1)
    assert analysed[1] == [tune.text for tune in made]


def test_of_several_the_one_that_the_classifier_prefers_is_composed(trained, songrnn_command, monkeypatch):
    monkeypatch.setattr(reranking, "MOST_REMOVED", 1.0)  # of what this network composes more is removed
    tunes, said = composed(songrnn_command, trained, "--seed", 3, "--count", 2, "--best-of", 4)
    assert said == ""
    made, requested = candidates(trained, 8), Classifier.beside(trained)
    expected = [choose(made[:4], requested), 4 + choose(made[4:], requested)]
    assert [tune["number"] for tune in tunes] == expected
    assert expected != [choose(made[:4]), 4 + choose(made[4:])]
    assert composed(songrnn_command, trained, "--seed", 3, "--count", 2) == (tunes, "")  # the default
    assert [tune["best_of"] for tune in tunes] == [CANDIDATES] * 2
    assert [tune["abc"].split("\n")[:2] for tune in tunes] == [
        [f"X:{number}", f"T:Composition {number} of seed 3"] for number in (1, 2)
    ]
    second = Composer(trained).compose(seed=3, number=1)
    assert [json.loads(json.dumps(second.as_json()))] == tunes[1:]
    assert composed(songrnn_command, trained, "--seed", 3, "--first", 2) == (tunes[1:], "")
    alone = Composer(trained).compose(seed=3, number=second.number, best_of=1)  # whatever the classifier
    assert alone.text == second.text


def test_without_a_classifier_the_first_whole_tune_is_kept_and_a_note_says_what_to_do(trained, songrnn_command):
    classifier_path(trained).unlink()
    tunes, said = composed(songrnn_command, trained, "--seed", 3, "--count", 2, "--best-of", 4)
    assert said.count("note: ") == 1
    assert (
        f"there is no classifier of this checkpoint at {classifier_path(trained)}, so --best-of keeps the first tune"
        in said
    )
    assert f"this trains one: songrnn classifier {trained}\n" in said
    made = candidates(trained, 8)
    assert [tune["number"] for tune in tunes] == [choose(made[:4]), 4 + choose(made[4:])]
    assert composed(songrnn_command, trained, "--best-of", 1)[1] == ""  # nothing to choose, nothing to say
    [tune], said = composed(songrnn_command, trained, "--seed", 3)
    assert (tune["best_of"], tune["number"], said) == (1, 0, "")


def test_the_classifier_of_another_checkpoint_is_not_used(trained, songrnn_command):
    make_checkpoint(texts=TUNES, seed=2).save(trained)
    assert "there is no classifier of this checkpoint at" in composed(songrnn_command, trained, "--best-of", 2)[1]


def test_a_damaged_classifier_is_one_clear_line_and_a_tune_alone_needs_none(trained, songrnn_command, tmp_path):
    classifier_path(trained).write_bytes(classifier_path(trained).read_bytes()[:100])
    out = tmp_path / "out.abc"
    for arguments in ((), ("--out", out)):
        status, output, said = songrnn_command("compose", trained, "--best-of", 2, *arguments)
        assert (status, output) == (2, "")
        assert said == (
            f"songrnn: {classifier_path(trained)} is not the classifier of a checkpoint; "
            "train it again: songrnn classifier CHECKPOINT\n"
        )
    assert not list(tmp_path.glob("out.abc*"))
    assert composed(songrnn_command, trained, "--best-of", 1)[1] == ""
    [tune], said = composed(songrnn_command, trained)
    assert tune["best_of"] == 1
    assert said == (
        f"note: {classifier_path(trained)} is not the classifier of a checkpoint; "
        "train it again: songrnn classifier CHECKPOINT\n"
    )


def test_what_is_copied_loses_where_the_melodies_lie_beside_the_checkpoint(trained, songrnn_command):
    common = (trained, "--seed", 3, "--best-of", 4)
    [first], _ = composed(songrnn_command, *common)
    learned = Description.read(trained).training["corpus"]["sha256"]
    Index.build([NamedText("Mine", first["abc"])], corpus=learned).save(index_path(trained))
    [other], _ = composed(songrnn_command, *common)
    assert other["number"] != first["number"]


def test_without_scikit_learn_training_names_the_remedy_and_choosing_works(trained, songrnn_command, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setattr(classifier, "with_bar", lambda *_, **__: pytest.fail("it began to hear"))
    before = classifier_path(trained).read_bytes()
    status, output, said = songrnn_command("classifier", trained)
    assert (status, output) == (2, "")
    assert said.startswith("songrnn: ")
    assert "pip install 'songrnn[judge]'" in said
    assert len(said.splitlines()) == 1
    assert classifier_path(trained).read_bytes() == before
    assert composed(songrnn_command, trained, "--best-of", 2)[1] == ""


def test_a_checkpoint_without_its_tunes_or_with_few_is_one_clear_line(songrnn_command, checkpoint_file, tmp_path):
    few = tmp_path / "few.abc"
    few.write_text(abc_file_of(TUNES[:3]))
    learned = tmp_path / "few.safetensors"
    replace(make_checkpoint(texts=TUNES), training={"corpus": read_corpus(str(few)).record()}).save(learned)
    for checkpoint, reason in (
        (checkpoint_file, "does not say which tunes it has learned from"),
        (Path("nowhere.safetensors"), "cannot read the checkpoint"),
        (learned, "too few tunes to train a classifier"),
    ):
        status, output, said = songrnn_command("classifier", checkpoint)
        assert (status, output) == (2, "")
        assert reason in said
        assert len(said.splitlines()) == 1
        assert not classifier_path(checkpoint).exists()
