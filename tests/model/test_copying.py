"""What the tune so far suggests: the fast copier against one that looks everywhere."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from songrnn.model.copying import Copier, Suggestion, network_inputs
from songrnn.model.network import CharRnn
from songrnn.model.settings import LONGEST_MATCH, ModelSettings


def slow_suggestion(ids, nothing):
    """Compare the end of the tune with every earlier place; of equally long matches the latest counts."""
    longest, source = 0, -1
    for end in range(len(ids) - 1):
        length = 0
        while length <= end and ids[end - length] == ids[-1 - length]:
            length += 1
        if length and length >= longest:
            longest, source = length, end + 1
    return Suggestion(ids[source] if longest else nothing, min(longest, LONGEST_MATCH), source)


@given(st.lists(st.integers(0, 2), min_size=1, max_size=60))
def test_the_copier_suggests_what_followed_the_longest_match(ids):
    copier = Copier(nothing=9)
    for count, character in enumerate(ids, start=1):
        assert copier.tell(character) == slow_suggestion(ids[:count], 9)


def test_a_tune_longer_than_the_first_arrays_is_no_matter():
    ids = [int(i) for i in np.random.default_rng(0).integers(0, 50, 700)] + [50, 51, 52]
    copier = Copier(nothing=99)
    for character in ids + ids[:3]:
        last = copier.tell(character)
    assert last == slow_suggestion(ids + ids[:3], 99)
    assert last.source == 3


def test_a_long_match_counts_as_the_longest():
    rows = network_inputs(np.tile(np.arange(7), 10), nothing=9, copying=True)
    assert rows[-1].tolist() == [6, 0, LONGEST_MATCH]


def test_inputs_without_copying_suggest_nothing():
    rows = network_inputs(np.array([1, 1, 1]), nothing=9, copying=False)
    assert rows.tolist() == [[1, 9, 0]] * 3


@pytest.mark.parametrize("copying", [True, False])
def test_only_a_network_with_copying_sees_the_suggestion(copying):
    network = CharRnn(ModelSettings(hidden_size=8, embedding_size=4, dropout=0, copying=copying), 9)
    with_match, without = torch.tensor([[[1, 2, 5]]]), torch.tensor([[[1, 9, 0]]])
    assert torch.equal(network(with_match)[0], network(without)[0]) != copying


def test_the_gate_raises_the_suggested_character_and_no_other():
    network = CharRnn(ModelSettings(hidden_size=8, embedding_size=4, dropout=0, copying=True), 9)
    for table in (network.copying.suggested, network.copying.matched):
        torch.nn.init.zeros_(table.weight)
    before, _ = network(torch.tensor([[[1, 9, 0]]]))
    torch.nn.init.constant_(network.copying.bonus.weight, 3.0)
    after, _ = network(torch.tensor([[[1, 2, 5]]]))
    changed = (before != after).flatten()
    assert changed.tolist() == [i == 2 for i in range(9)]
