"""What the equations cannot say: dropout and the carried state."""

import pytest
import torch

from songrnn.model.network import CharRnn
from songrnn.model.settings import GATES, ModelSettings

IDS = torch.arange(10)[:, None] % 7


@pytest.mark.parametrize("layers", [1, 2])
def test_dropout_acts_while_learning_in_one_layer_too_and_never_otherwise(layers):
    network = CharRnn(ModelSettings(hidden_size=8, layers=layers, dropout=0.5), 7)
    assert not torch.equal(network(IDS)[0], network(IDS)[0])
    network.eval()
    assert torch.equal(network(IDS)[0], network(IDS)[0])


def test_dropout_acts_on_the_embedding_and_before_the_output():
    network = CharRnn(ModelSettings(hidden_size=400, embedding_size=300, dropout=0.5), 7)
    seen = {}
    network.recurrent.register_forward_pre_hook(lambda _module, inputs: seen.update(embedded=inputs[0]))
    network.output.register_forward_pre_hook(lambda _module, inputs: seen.update(before_output=inputs[0]))
    network(IDS)
    for values in seen.values():
        assert 0.4 < (values == 0).double().mean() < 0.6


@pytest.mark.parametrize("cell", GATES)
def test_reading_in_two_pieces_with_the_state_carried_is_reading_in_one(cell):
    network = CharRnn(ModelSettings(cell=cell, hidden_size=8, layers=2, dropout=0), 7).eval()
    whole, _ = network(IDS)
    first, state = network(IDS[:4])
    second, _ = network(IDS[4:], state)
    torch.testing.assert_close(torch.cat([first, second]), whole)
