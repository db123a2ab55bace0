"""What the equations cannot say: dropout and the carried state."""

import numpy as np
import pytest
import torch

from songrnn.model.copying import network_inputs
from songrnn.model.network import CharRnn
from songrnn.model.settings import GATES, ModelSettings

INPUTS = torch.from_numpy(network_inputs(np.arange(10) % 7, nothing=7, copying=True))[:, None]


@pytest.mark.parametrize("layers", [1, 2])
def test_dropout_acts_while_learning_in_one_layer_too_and_never_otherwise(layers):
    network = CharRnn(ModelSettings(hidden_size=8, layers=layers, dropout=0.5), 7)
    assert not torch.equal(network(INPUTS)[0], network(INPUTS)[0])
    network.eval()
    assert torch.equal(network(INPUTS)[0], network(INPUTS)[0])


def test_dropout_acts_on_the_embedding_and_before_the_output():
    network = CharRnn(ModelSettings(hidden_size=400, embedding_size=300, dropout=0.5), 7)
    seen = {}
    network.recurrent.register_forward_pre_hook(lambda _module, inputs: seen.update(embedded=inputs[0]))
    network.output.register_forward_pre_hook(lambda _module, inputs: seen.update(before_output=inputs[0]))
    network(INPUTS)
    for values in seen.values():
        assert 0.4 < (values == 0).double().mean() < 0.6


@pytest.mark.parametrize("cell", GATES)
def test_reading_in_two_pieces_with_the_state_carried_is_reading_in_one(cell):
    network = CharRnn(ModelSettings(cell=cell, hidden_size=8, layers=2, dropout=0), 7).eval()
    whole, _ = network(INPUTS)
    first, state = network(INPUTS[:4])
    second, _ = network(INPUTS[4:], state)
    torch.testing.assert_close(torch.cat([first, second]), whole)
