import numpy as np
import pytest
import torch

from songrnn.model.equations import forward
from songrnn.model.inputs import Reader
from songrnn.model.network import CharRnn, InputTensors
from songrnn.model.settings import NO_PLACES, ModelSettings, parameter_shapes
from songrnn.training.ensemble import Ensemble, merged_settings
from songrnn.vocabulary import Vocabulary
from tiny import JIG, PLACES, REEL, random_places

VOCABULARY = Vocabulary.of([JIG, REEL], boundaries=False)
TUNES = [VOCABULARY.encode(tune) for tune in (JIG, REEL)]
SHAPE = {
    "hidden_size": 5,
    "embedding_size": 4,
    "position_size": 3,
    "floor": 0.01,
    "dropout": 0.0,
    "input_dropout": 0,
    "weight_dropout": 0,
}


def made(count, **settings):
    model = ModelSettings(**{**SHAPE, **settings})
    torch.manual_seed(1)
    ensemble = Ensemble(model, VOCABULARY, count)
    reader, _ = Reader.counting(model, VOCABULARY, TUNES)
    for parameter in ensemble.parameters():  # some of them begin at zero
        torch.nn.init.normal_(parameter, std=0.3)
    read = reader.read(TUNES[0])
    read = read._replace(places=random_places(reader.columns, len(read.rows)))
    return ensemble, read, InputTensors(*(torch.from_numpy(part)[:, None] for part in read))


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize(
    ("layers", "reads"),
    [
        (1, {"ngrams": (1, 3)} | PLACES[-1]),
        (2, {"ngrams": (), "copying": False}),
        (2, {"ngrams": (2,)}),
        *[(1, {"ngrams": (), "copying": False} | places) for places in PLACES],
    ],
)
def test_the_merged_network_says_the_mean_of_what_the_networks_say(cell, layers, reads):
    ensemble, read, inputs = made(3, cell=cell, layers=layers, **{**NO_PLACES, **reads})
    shape = merged_settings(ensemble.settings, 3)
    weights = {name: tensor.detach().numpy() for name, tensor in ensemble.merged().items()}
    assert {name: array.shape for name, array in weights.items()} == parameter_shapes(shape, len(VOCABULARY))
    ensemble.eval()
    mean, state = ensemble(inputs)
    logits, trace = forward(
        {name: array.astype(np.float64) for name, array in weights.items()}, shape, VOCABULARY, read
    )
    np.testing.assert_allclose(mean[:, 0].detach().numpy(), logits, atol=1e-4)
    assert len(ensemble.networks) == 3
    np.testing.assert_allclose(state.hidden[-1, 0].detach().numpy(), trace[-1][-1].hidden, atol=1e-4)


def test_the_state_is_carried_by_each_network_for_itself():
    ensemble, _, inputs = made(2)
    ensemble.eval()
    whole, _ = ensemble(inputs)
    first, state = ensemble(InputTensors(*(part[:20] for part in inputs)))
    rest, _ = ensemble(InputTensors(*(part[20:] for part in inputs)), state)
    torch.testing.assert_close(torch.cat([first, rest]), whole, atol=1e-5, rtol=0)


@pytest.mark.parametrize("threads", [1, 2])
def test_each_network_learns_as_if_it_were_alone(threads, monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    ensemble, _, inputs = made(2, dropout=0.5, input_dropout=0.2, weight_dropout=0.2)
    assert (ensemble._pool is not None) == (threads == 2)
    targets = inputs.rows[1:, :, 0]
    inputs = InputTensors(*(part[:-1] for part in inputs))
    states = [generator.get_state() for generator in ensemble.generators]
    loss, _ = ensemble.learn(inputs, targets, None, half=False)
    together = [[parameter.grad.clone() for parameter in network.parameters()] for network in ensemble]
    losses = []
    for network, generator, state, gradients in zip(ensemble, ensemble.generators, states, together, strict=True):
        network.zero_grad()
        generator.set_state(state)
        logits, _ = network(inputs)
        losses.append(torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten()))
        losses[-1].backward()
        for parameter, gradient in zip(network.parameters(), gradients, strict=True):
            torch.testing.assert_close(parameter.grad, gradient)
    assert loss == pytest.approx(float(sum(losses).detach()) / 2, rel=1e-5)


def test_the_networks_begin_and_drop_differently():
    ensemble, _, inputs = made(2, dropout=0.5)
    first, second = ensemble
    second.load_state_dict(first.state_dict())
    assert not torch.equal(first(inputs)[0], second(inputs)[0])
    fresh, other = Ensemble(ensemble.settings, VOCABULARY, 2)
    assert not torch.equal(*(one.get_parameter("embedding.weight") for one in (fresh, other)))


def test_where_all_threads_would_share_one_generator_the_networks_take_turns():
    settings = ModelSettings(**{**SHAPE, "layers": 2, "dropout": 0.5})
    assert Ensemble(settings, VOCABULARY, 2)._pool is None


def test_an_ensemble_of_one_is_the_network_itself():
    ensemble, _, inputs = made(1)
    network = CharRnn(ensemble.settings, VOCABULARY)
    network.load_state_dict(ensemble.merged())
    assert merged_settings(ensemble.settings, 1) == ensemble.settings
    torch.testing.assert_close(ensemble.eval()(inputs)[0], network.eval()(inputs)[0])
