"""What the tune so far suggests: the fast copier against one that looks everywhere."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from songrnn.model.copying import Copier, Suggestion, steps_reached, suggestions
from songrnn.model.network import CharRnn, InputTensors
from songrnn.model.settings import NO_PLACES, STEPS_OF_A_COUNT, ModelSettings
from tiny import vocabulary_of

PLAIN = {
    "hidden_size": 8,
    "embedding_size": 4,
    "dropout": 0,
    "input_dropout": 0,
    "weight_dropout": 0,
    "ngrams": (),
    **NO_PLACES,
}
SUGGESTED, NOT_SUGGESTED = [1, 2, 5, 3], [1, 9, 0, 0]


def slow_suggestion(ids, nothing):
    """Compare the end of the tune with every earlier place; of equally long matches the latest counts."""
    longest, source = 0, -1
    for end in range(len(ids) - 1):
        length = 0
        while length <= end and ids[end - length] == ids[-1 - length]:
            length += 1
        if length and length >= longest:
            longest, source = length, end + 1
    return Suggestion(ids[source], longest, len(ids) - source) if longest else Suggestion(nothing, 0, 0)


def logits(network, row):
    return network(InputTensors(torch.tensor([[row]]), torch.zeros(1, 1, 0, 9), torch.zeros(1, 1, 0)))[0]


@given(st.lists(st.integers(0, 2), min_size=1, max_size=60))
def test_the_copier_suggests_what_followed_the_longest_match(ids):
    copier = Copier(nothing=9)
    for count, character in enumerate(ids, start=1):
        assert copier.read(character) == slow_suggestion(ids[:count], 9)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=200))
def test_a_whole_tune_is_read_as_character_by_character(ids):
    copier = Copier(nothing=9)
    followed = [copier.read(character) for character in ids]
    np.testing.assert_array_equal(suggestions(np.array(ids), nothing=9), followed)


def test_a_tune_longer_than_the_first_arrays_is_no_matter():
    ids = [int(i) for i in np.random.default_rng(0).integers(0, 50, 700)] + [50, 51, 52]
    copier = Copier(nothing=99)
    for character in ids + ids[:3]:
        last = copier.read(character)
    assert last == slow_suggestion(ids + ids[:3], 99)
    assert last.distance == 703


def test_lengths_and_distances_are_given_in_steps():
    last = len(STEPS_OF_A_COUNT)
    assert steps_reached(np.array([0, 1, 2, 8, 9, 10, 1023, 1024, 99_999])).tolist() == [
        0, 1, 2, 8, 8, 9, last - 1, last, last,
    ]  # fmt: skip


@pytest.mark.parametrize("copying", [True, False])
def test_only_a_network_with_copying_sees_the_suggestion(copying):
    network = CharRnn(ModelSettings(**PLAIN, copying=copying), vocabulary_of(9))
    assert torch.equal(logits(network, SUGGESTED), logits(network, NOT_SUGGESTED)) != copying


@pytest.mark.parametrize("changed", [[1, 2, 6, 3], [1, 2, 5, 4]])
def test_length_and_distance_of_the_match_matter(changed):
    network = CharRnn(ModelSettings(**PLAIN, copying=True), vocabulary_of(9))
    assert not torch.equal(logits(network, SUGGESTED), logits(network, changed))


@pytest.mark.parametrize("bonus", ["length_bonus", "distance_bonus"])
def test_the_gate_raises_the_suggested_character_and_no_other(bonus):
    network = CharRnn(ModelSettings(**PLAIN, copying=True), vocabulary_of(9))
    before = logits(network, SUGGESTED)
    torch.nn.init.constant_(getattr(network.copying, bonus).weight, 3.0)
    changed = (before != logits(network, SUGGESTED)).flatten()
    assert changed.tolist() == [i == 2 for i in range(9)]
