"""Bits per character: worked out by hand, at its ends, and two ways."""

import numpy as np
import pytest
import torch

from songrnn.checkpoint import Checkpoint
from songrnn.errors import CorpusError
from songrnn.evaluation.bits_per_character import bits_per_character, encode_held_out, score_tunes
from songrnn.model.equations import forward
from songrnn.model.network import CharRnn
from songrnn.model.settings import GATES
from songrnn.training.tunes.resident import ResidentTunes
from songrnn.training.validation import validate
from tiny import JIG, REEL, make_checkpoint


def with_output(form, bias, floor=0.0):
    """A checkpoint that gives every character the same logits, whatever came before."""
    made = make_checkpoint(form=form)
    weights = dict(made.weights)
    weights["output.weight"] = np.zeros_like(weights["output.weight"])
    weights["output.bias"] = np.asarray(bias(made.vocabulary), np.float32)
    weights |= {name: np.zeros_like(array) for name, array in weights.items() if name.startswith(("copying", "ngrams"))}
    return Checkpoint(weights, made.ngrams, made.model.replace(floor=floor), made.vocabulary, form, {})


@pytest.mark.parametrize("form", ["raw", "tunebook"])
def test_a_network_that_knows_nothing_needs_log2_of_the_vocabulary(form):
    checkpoint = with_output(form, lambda v: np.zeros(len(v)))
    assert bits_per_character(checkpoint, [JIG, REEL]) == pytest.approx(np.log2(len(checkpoint.vocabulary)))


def test_a_network_that_is_sure_and_right_needs_nothing():
    checkpoint = with_output("raw", lambda v: [100.0 if c == "D" else 0.0 for c in v.characters])
    assert bits_per_character(checkpoint, ["DDDDDD"]) == pytest.approx(0, abs=1e-6)


def test_a_hand_worked_example():
    half_and_quarter = {"D": 0.5, "F": 0.25}
    checkpoint = with_output(
        "raw", lambda v: [np.log(half_and_quarter.get(c, 0.25 / (len(v) - 2))) for c in v.characters]
    )
    # The first character is only read. Then D (1 bit), F (2 bits), D (1 bit).
    assert bits_per_character(checkpoint, ["FDFD"]) == pytest.approx(4 / 3, abs=1e-5)


def test_with_a_floor_no_character_costs_more_than_the_floor_gives_it():
    checkpoint = with_output("raw", lambda v: [100.0 if c == "D" else 0.0 for c in v.characters], floor=0.1)
    share = 0.1 / len(checkpoint.vocabulary)
    assert bits_per_character(checkpoint, ["DF"]) == pytest.approx(-np.log2(share), abs=1e-5)
    assert bits_per_character(checkpoint, ["DD"]) == pytest.approx(-np.log2(0.9 + share), abs=1e-5)


def test_in_raw_form_all_but_the_first_character_count_and_in_tunebook_form_all_and_the_end():
    assert score_tunes(make_checkpoint(form="raw"), ["DFA"]).characters == 2
    assert score_tunes(make_checkpoint(form="tunebook"), ["DFA"]).characters == 4


def test_an_unknown_character_costs_twenty_bits_and_is_not_shown_to_the_network():
    checkpoint = make_checkpoint(form="raw")
    known, both = score_tunes(checkpoint, ["DFADFA"]), score_tunes(checkpoint, ["DFA€DF€A"])
    assert both.unknown == 2
    assert both.characters == known.characters + 2
    assert both.bits_per_character * 7 == pytest.approx(known.bits_per_character * 5 + 40)


@pytest.mark.parametrize("cell", GATES)
def test_tunes_of_different_length_at_once_are_scored_as_one_by_one(cell):
    checkpoint = make_checkpoint(cell, layers=2, form="raw")
    tunes = [JIG, REEL[:9], REEL, JIG[:30], "DF"]
    nats, count = 0.0, 0
    for tune in tunes:
        ids = checkpoint.vocabulary.encode(tune)
        logits, _ = forward(
            checkpoint.weights, checkpoint.model, checkpoint.vocabulary, checkpoint.reader.read(ids).at(slice(-1))
        )
        nats += float((np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(ids) - 1), ids[1:]]).sum())
        count += len(ids) - 1
    assert bits_per_character(checkpoint, tunes) == pytest.approx(nats / count / np.log(2), abs=1e-5)


@pytest.mark.parametrize("cell", GATES)
@pytest.mark.parametrize("form", ["raw", "tunebook"])
def test_pytorch_scores_alike_while_it_learns(cell, form):
    checkpoint = make_checkpoint(cell, layers=2, form=form)
    network = CharRnn(checkpoint.model, checkpoint.vocabulary)
    network.load_state_dict({name: torch.from_numpy(array) for name, array in checkpoint.weights.items()})
    tunes = [JIG * 9, REEL + "€€", "DF"]
    encoded, unknown = encode_held_out(checkpoint.vocabulary, tunes)
    held_out = ResidentTunes(encoded, checkpoint.reader, torch.device("cpu"))
    theirs = validate(network, held_out, unknown=unknown)
    ours = score_tunes(checkpoint, tunes)
    assert theirs.bits_per_character == pytest.approx(ours.bits_per_character, abs=1e-3)  # float16
    assert (theirs.characters, theirs.unknown) == (ours.characters, ours.unknown)
    assert network.training


def test_nothing_to_score_is_said():
    with pytest.raises(CorpusError, match="nothing to score"):
        bits_per_character(make_checkpoint(form="raw"), ["D"])
