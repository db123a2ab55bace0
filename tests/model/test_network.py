"""What the equations cannot say: dropout and the carried state."""

import numpy as np
import pytest
import torch

from songrnn.model.inputs import Reader
from songrnn.model.network import CharRnn, InputTensors
from songrnn.model.settings import GATES, ModelSettings
from tiny import vocabulary_of

NO_DROPOUT = {"dropout": 0, "input_dropout": 0, "weight_dropout": 0}
SEVEN = vocabulary_of(7)
TUNES = [np.arange(10) % 7, np.arange(8) % 7]


def inputs(settings: ModelSettings) -> InputTensors:
    """The first of TUNES as a network of these settings reads it, B = 1."""
    read = Reader.counting(settings, SEVEN, TUNES)[0].read(TUNES[0])
    return InputTensors(*(torch.from_numpy(part)[:, None] for part in read))


INPUTS = inputs(ModelSettings())


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("kind", NO_DROPOUT)
def test_each_kind_of_dropout_acts_while_learning_in_one_layer_too_and_never_otherwise(layers, kind):
    network = CharRnn(ModelSettings(hidden_size=8, layers=layers, **{**NO_DROPOUT, kind: 0.5}), SEVEN)
    assert not torch.equal(network(INPUTS)[0], network(INPUTS)[0])
    network.eval()
    assert torch.equal(network(INPUTS)[0], network(INPUTS)[0])


def test_without_dropout_a_network_that_learns_says_the_same_twice():
    network = CharRnn(ModelSettings(hidden_size=8, **NO_DROPOUT), SEVEN)
    assert torch.equal(network(INPUTS)[0], network(INPUTS)[0])


def test_dropout_acts_on_the_input_and_before_the_output(monkeypatch):
    sizes = {"hidden_size": 400, "embedding_size": 300, "dropout": 0.5, "input_dropout": 0.25}
    network = CharRnn(ModelSettings(**sizes), SEVEN)
    seen = {}
    network.recurrent.register_forward_pre_hook(lambda _module, inputs: seen.update(input=inputs[0]))
    heads = network._heads
    monkeypatch.setattr(network, "_heads", lambda values: (seen.update(output=values), heads(values))[1])
    network(INPUTS)
    assert 0.2 < (seen["input"] == 0).double().mean() < 0.3
    assert 0.4 < (seen["output"] == 0).double().mean() < 0.6


def test_weight_dropout_leaves_the_weights_themselves_as_they_are_and_lets_them_learn():
    network = CharRnn(ModelSettings(hidden_size=8, **{**NO_DROPOUT, "weight_dropout": 0.5}), SEVEN)
    before = network.recurrent.weight_hh_l0.detach().clone()
    network(INPUTS)[0].sum().backward()
    torch.testing.assert_close(network.recurrent.weight_hh_l0.detach(), before)
    assert 0.2 < (network.recurrent.weight_hh_l0.grad == 0).double().mean() < 0.8


def test_a_new_network_says_almost_what_the_n_grams_say():
    settings = ModelSettings(hidden_size=8, ngrams=(2,), copying=False, **NO_DROPOUT)
    network, read = CharRnn(settings, SEVEN), inputs(settings)
    torch.nn.init.zeros_(network.output.weight)
    torch.nn.init.zeros_(network.output.bias)
    torch.testing.assert_close(network(read)[0].log_softmax(-1), read.expected[:, :, 0])


@pytest.mark.parametrize("cell", GATES)
def test_reading_in_two_pieces_with_the_state_carried_is_reading_in_one(cell):
    network = CharRnn(ModelSettings(cell=cell, hidden_size=8, layers=2), SEVEN).eval()
    whole, _ = network(INPUTS)
    first, state = network(InputTensors(*(part[:4] for part in INPUTS)))
    second, _ = network(InputTensors(*(part[4:] for part in INPUTS)), state)
    torch.testing.assert_close(torch.cat([first, second]), whole)
