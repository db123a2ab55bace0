"""The equations in NumPy, and everything that must agree with them."""

import numpy as np
import pytest
import torch

from songrnn.engines.stepper import NumpyStepper
from songrnn.model import network as torch_network
from songrnn.model.equations import LayerStep, LayerWeights, forward, gru_step, lstm_step, rnn_step, sigmoid
from songrnn.model.inputs import Inputs, Reader
from songrnn.model.network import CharRnn
from songrnn.model.settings import GATES, NO_PLACES, ModelSettings, parameter_shapes
from songrnn.vocabulary import Vocabulary
from tiny import PLACES, make_checkpoint, random_places, vocabulary_of

READS = [
    {"copying": copying, "ngrams": ngrams, **NO_PLACES} for copying in (True, False) for ngrams in ((), (0,), (1, 3))
]
READS += [{**READS[3], **places} for places in PLACES] + [{**READS[2], **PLACES[-1]}]
VOCABULARY = Vocabulary("26BCDKMceg|", boundaries=False)
CASES = [(cell, layers, reads) for cell in GATES for layers in (1, 3) for reads in READS]


def tunes_of(size: int, count: int, length: int = 200):
    """Random tunes for a network of `size` ids; few different ids, so that there is much to copy."""
    return list(np.random.default_rng(0).integers(size - min(size, 5), size, (count, length)))


def anywhere(reader: Reader, ids, seed: int = 0) -> Inputs:
    """The inputs of a tune at random places."""
    return reader.read(ids)._replace(places=random_places(reader.columns, len(ids), seed))


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


@pytest.mark.parametrize(("cell", "layers", "reads"), CASES)
def test_pytorch_computes_the_same_logits(cell, layers, reads):
    settings = ModelSettings(
        cell=cell, layers=layers, hidden_size=23, embedding_size=7, position_size=5, dropout=0.5, **reads
    )
    network = CharRnn(settings, VOCABULARY).eval()
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    weights = {name: tensor.numpy() for name, tensor in network.state_dict().items()}
    tunes = tunes_of(len(VOCABULARY), 2)
    inputs = anywhere(Reader.counting(settings, VOCABULARY, tunes)[0], tunes[0])
    with torch.no_grad():
        theirs, _ = network(torch_network.InputTensors(*(torch.from_numpy(part)[:, None] for part in inputs)))
    ours, _ = forward(weights, settings, VOCABULARY, inputs)
    np.testing.assert_allclose(ours, theirs[:, 0].numpy(), atol=2e-3)  # sums in another order


@pytest.mark.parametrize(("cell", "layers", "reads"), CASES)
def test_the_stepper_follows_the_equations_for_two_hundred_characters(cell, layers, reads):
    checkpoint = make_checkpoint(cell, layers=layers, **reads)
    tunes = [anywhere(checkpoint.reader, ids, seed) for seed, ids in enumerate(tunes_of(len(checkpoint.vocabulary), 3))]
    together = Inputs(*(np.stack(parts, axis=1) for parts in zip(*tunes, strict=True)))
    stepper = NumpyStepper(checkpoint)
    state, logits = stepper.start(3), []
    for place in range(200):
        out, state = stepper.step(together.at(place), state)
        logits.append(out)
    for number, tune in enumerate(tunes):
        expected, _ = forward(checkpoint.weights, checkpoint.model, checkpoint.vocabulary, tune)
        np.testing.assert_allclose(np.array(logits)[:, number], expected, atol=1e-3)  # sums in another order


def test_a_step_leaves_the_state_it_was_given_as_it_is():
    checkpoint = make_checkpoint()
    stepper, inputs = NumpyStepper(checkpoint), checkpoint.reader.read(np.array([1, 2, 1]))
    _, state = stepper.step(inputs.at(slice(0, 1)), stepper.start())
    before = state.hidden[0].copy(), state.cell[0].copy()
    stepper.step(inputs.at(slice(1, 2)), state)
    np.testing.assert_array_equal(state.hidden[0], before[0])
    np.testing.assert_array_equal(state.cell[0], before[1])


@pytest.mark.parametrize(("cell", "layers", "reads"), CASES)
def test_the_table_of_shapes_is_the_networks_own(cell, layers, reads):
    settings = ModelSettings(cell=cell, layers=layers, hidden_size=6, embedding_size=4, **reads)
    shapes = {name: tuple(tensor.shape) for name, tensor in CharRnn(settings, vocabulary_of(9)).state_dict().items()}
    assert parameter_shapes(settings, 9) == shapes


def test_the_sigmoid_survives_large_numbers():
    np.testing.assert_allclose(sigmoid(np.array([-1e4, 0.0, 1e4])), [0.0, 0.5, 1.0])
