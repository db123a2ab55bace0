"""The equations in NumPy, and everything that must agree with them."""

import numpy as np
import pytest
import torch

from songrnn.model.copying import network_inputs
from songrnn.model.equations import LayerStep, LayerWeights, forward, gru_step, lstm_step, rnn_step, sigmoid
from songrnn.model.network import CharRnn
from songrnn.model.settings import GATES, ModelSettings, parameter_shapes
from songrnn.sampling.stepper import NumpyStepper
from tiny import make_checkpoint

CASES = [(cell, layers, copying) for cell in GATES for layers in (1, 3) for copying in (True, False)]


def inputs_of(size: int, shape: tuple[int, ...], *, copying: bool):
    """Random rows as a network of `size` ids reads them; few different ids, so that there is much to copy."""
    ids = np.random.default_rng(0).integers(0, min(size, 4), shape)
    if len(shape) == 1:
        return network_inputs(ids, nothing=size, copying=copying)
    return np.stack([network_inputs(column, nothing=size, copying=copying) for column in ids.T], axis=1)


def one_neuron(cell: str) -> LayerWeights:
    """A layer of one neuron and one input; every gate has weights and biases of its own."""
    gates = GATES[cell]
    column = 0.1 * np.arange(1, gates + 1)[:, None]
    return LayerWeights(column, -2 * column, 0.3 * column[:, 0], -0.1 * column[:, 0])


def test_one_step_of_each_cell_is_what_the_equations_say_by_hand():
    x, before = np.array([2.0]), LayerStep(np.array([0.5]), np.array([-0.25]))
    # A gate of weight w sees w*2 + 0.3*w - 2*w*0.5 - 0.1*w = 1.2*w.
    assert rnn_step(one_neuron("rnn"), x, before).hidden == pytest.approx(np.tanh(0.12))
    i, f, g, o = sigmoid(np.array([0.12])), sigmoid(np.array([0.24])), np.tanh(0.36), sigmoid(np.array([0.48]))
    lstm = lstm_step(one_neuron("lstm"), x, before)
    assert lstm.cell == pytest.approx(f * -0.25 + i * g)
    assert lstm.hidden == pytest.approx(o * np.tanh(f * -0.25 + i * g))
    r, z = sigmoid(np.array([0.12])), sigmoid(np.array([0.24]))
    n = np.tanh(0.3 * 2 + 0.3 * 0.3 + r * (-0.6 * 0.5 - 0.03))
    assert gru_step(one_neuron("gru"), x, before).hidden == pytest.approx((1 - z) * n + z * 0.5)


@pytest.mark.parametrize(("cell", "layers", "copying"), CASES)
def test_pytorch_computes_the_same_logits(cell, layers, copying):
    settings = ModelSettings(cell=cell, layers=layers, hidden_size=23, embedding_size=7, dropout=0.5, copying=copying)
    network = CharRnn(settings, 11).eval()
    if network.copying is not None:
        torch.nn.init.normal_(network.copying.bonus.weight)
    weights = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    inputs = inputs_of(11, (200,), copying=copying)
    with torch.no_grad():
        theirs, _ = network(torch.from_numpy(inputs)[:, None])
    ours, _ = forward(weights, settings, inputs)
    np.testing.assert_allclose(ours, theirs[:, 0].numpy(), atol=1e-5)


@pytest.mark.parametrize(("cell", "layers", "copying"), CASES)
def test_the_stepper_follows_the_equations_for_two_hundred_characters(cell, layers, copying):
    checkpoint = make_checkpoint(cell, layers=layers, copying=copying)
    inputs = inputs_of(len(checkpoint.vocabulary), (200, 3), copying=copying)
    stepper = NumpyStepper(checkpoint)
    state, logits = stepper.start(3), []
    for row in inputs:
        out, state = stepper.step(row, state)
        logits.append(out)
    for tune in range(3):
        expected, _ = forward(checkpoint.weights, checkpoint.model, inputs[:, tune])
        np.testing.assert_allclose(np.array(logits)[:, tune], expected, atol=1e-5)


def test_a_step_leaves_the_state_it_was_given_as_it_is():
    stepper = NumpyStepper(make_checkpoint())
    _, state = stepper.step(np.array([[1, 2, 3]]), stepper.start())
    before = state.hidden[0].copy(), state.cell[0].copy()
    stepper.step(np.array([[2, 1, 1]]), state)
    np.testing.assert_array_equal(state.hidden[0], before[0])
    np.testing.assert_array_equal(state.cell[0], before[1])


@pytest.mark.parametrize(("cell", "layers", "copying"), CASES)
def test_the_table_of_shapes_is_the_networks_own(cell, layers, copying):
    settings = ModelSettings(cell=cell, layers=layers, hidden_size=6, embedding_size=4, copying=copying)
    shapes = {name: tuple(tensor.shape) for name, tensor in CharRnn(settings, 9).state_dict().items()}
    assert parameter_shapes(settings, 9) == shapes


def test_the_sigmoid_survives_large_numbers():
    np.testing.assert_allclose(sigmoid(np.array([-1e4, 0.0, 1e4])), [0.0, 0.5, 1.0])
