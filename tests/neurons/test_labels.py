"""Neurons that were planted get their labels; noise and untrained networks get almost none."""

import dataclasses

import numpy as np
import pytest

import songrnn.neurons as neurons
from planted import BAR_POSITION, OPEN_REPEAT, PITCH, SIZE, planted_network, tunes
from songrnn.errors import CorpusError, SettingsError
from songrnn.neurons.association import Design, NeuronValues, discoveries, explained, permutation_p
from songrnn.neurons.concepts import CONCEPTS, concept_values
from songrnn.neurons.labelling import (
    FALSE_DISCOVERY_RATE,
    label,
    label_recording,
    split_families,
    untrained_like,
)
from songrnn.neurons.recording import record


@pytest.fixture(scope="module")
def texts():
    return tunes()


@pytest.fixture(scope="module")
def network(texts):
    return planted_network(texts)


@pytest.fixture(scope="module")
def recording(network, texts):
    return record(network, texts)


@pytest.fixture(scope="module")
def labels(network, texts, recording):
    return neurons.label(network, texts, recording=recording)


def test_planted_neurons_get_their_labels(labels):
    assert [one.neuron.index for one in labels.labels] == list(range(SIZE))
    found = {number: labels.labels[number].concept for number in (BAR_POSITION, OPEN_REPEAT, PITCH)}
    assert found == {BAR_POSITION: "time elapsed in the bar", OPEN_REPEAT: "open repeat", PITCH: "pitch"}
    for number in found:
        one = labels.labels[number]
        assert one.found
        assert one.score.low <= one.score.value <= one.score.high
        assert one.explained > 0.8 > one.chance
        assert one.accuracy > 0.8
        assert 0.4 < one.control < 0.65
        assert one.selectivity == pytest.approx(one.accuracy - one.control)
    assert labels.labels[BAR_POSITION].score.value > 0.99
    assert labels.labels[OPEN_REPEAT].score.value > 0.99
    assert labels.labels[PITCH].score.value > 0.98


def test_a_label_says_whether_an_input_carries_the_concept(labels, texts):
    assert labels.labels[PITCH].carried_by == ("position",)
    assert CONCEPTS["pitch"].carriers(planted_network(texts).model.replace(position=False)) == ()
    assert labels.labels[PITCH].sentence().startswith("neuron 9 follows pitch (Spearman 1.00, 95 %")
    assert labels.labels[PITCH].sentence().endswith("; passed on from position)")
    falling = dataclasses.replace(labels.labels[PITCH], inverted=True)
    assert falling.sentence().startswith("neuron 9 follows, inverted, pitch (")


def test_the_best_neurons_of_concepts_are_in_the_order_of_what_they_explain(labels):
    best = labels.best()
    assert len({one.concept for one in best}) == len(best)
    assert [one.explained for one in best] == sorted((one.explained for one in best), reverse=True)
    assert labels.of("pitch")[0].neuron.index == PITCH


def test_the_sparse_probe_of_a_planted_concept_uses_its_neuron_and_is_selective(labels):
    probes = {one.concept: one for one in labels.probes}
    for concept, neuron in (("time elapsed in the bar", BAR_POSITION), ("open repeat", OPEN_REPEAT), ("pitch", PITCH)):
        one = probes[concept]
        assert one.neurons[0].index == neuron
        assert one.score.value > 0.95
        assert one.selectivity > 0.3
        assert len(one.neurons) < SIZE
        assert one.score.low <= one.score.value <= one.score.high <= 1


def test_activations_of_other_tunes_are_no_discoveries(recording, network):
    """Whole tunes permuted: what is left is what all tunes have in common, and chance has that, too."""
    values = concept_values(recording)
    rng = np.random.default_rng(5)
    order = np.roll(np.arange(len(recording.texts)), 7)
    length = min(map(len, recording.texts))
    rows = np.concatenate([recording.begins[i] + np.arange(length) for i in range(len(order))])
    others = np.concatenate([recording.begins[i] + np.arange(length) for i in order])
    design = Design.of(values.concepts, values.values[rows])
    hidden = recording.matrix()[others].astype(np.float32)
    begins = np.arange(len(order) + 1) * length
    _, _, p = permutation_p(design, NeuronValues.of(hidden, design.places), begins, permutations=100, rng=rng)
    assert discoveries(p, FALSE_DISCOVERY_RATE)[design.varies].mean() <= FALSE_DISCOVERY_RATE / 5


def test_shuffled_activations_get_no_label(recording, network):
    rng = np.random.default_rng(1)
    shuffled = rng.permutation(recording.matrix())[:, None]
    noise = dataclasses.replace(recording, quantities={"hidden": shuffled})
    found = label_recording(network, noise, probes=False)
    assert found.found == ()
    assert sum(one.discovered for one in found.labels) <= 1


def test_an_untrained_network_gets_almost_no_label(network, texts):
    found = label(untrained_like(network, seed=11), texts, probes=False)
    assert len(found.found) <= 2


def test_variants_of_a_tune_stay_on_one_side(texts):
    doubled = [*texts, *(text.replace("L:1/8", "L:1/16") for text in texts)]
    sides, families = split_families(doubled, np.random.default_rng(0))
    assert families == len(texts)
    assert (sides[: len(texts)] == sides[len(texts) :]).all()
    assert 0.4 < sides.mean() < 0.6


def test_too_few_families_are_refused(network, texts):
    with pytest.raises(CorpusError, match=r"of different tunes there are 2, too few .* give 10"):
        label(network, [texts[0], texts[1], texts[0], texts[1]])


def test_a_recording_of_other_tunes_is_refused(network, texts, recording):
    with pytest.raises(SettingsError, match="the recording is of other tunes"):
        label(network, texts[:12], recording=recording)


def test_gates_and_cells_are_labelled_like_hidden_states(texts):
    network = untrained_like(dataclasses.replace(planted_network(texts)), seed=3)
    recurrent = dataclasses.replace(network, model=network.model.replace(cell="gru"))
    found = label(untrained_like(recurrent, seed=3), texts[:12], quantities=("hidden", "update_gate"), probes=False)
    assert [one.neuron.quantity for one in found.labels] == ["hidden"] * SIZE + ["update_gate"] * SIZE


def test_explained_variance_is_that_of_regression():
    rng = np.random.default_rng(2)
    names = ("time elapsed in the bar", "pitch", "token")
    values = np.stack([rng.random(400), rng.integers(50, 80, 400), rng.integers(0, 3, 400)], axis=1).astype(float)
    values[:100, 1] = np.nan
    neuron = (0.3 * values[:, 1] + rng.normal(0, 3, 400) + 5 * (values[:, 2] == 1))[:, None]
    neuron[:100] = rng.normal(0, 3, (100, 1))
    design = Design.of([CONCEPTS[name] for name in names], values)
    found = explained(design, NeuronValues.of(neuron, design.places))[:, 0]
    assert found[0] == pytest.approx(np.corrcoef(values[:, 0], neuron[:, 0])[0, 1] ** 2, abs=1e-4)
    assert found[1] == pytest.approx(np.corrcoef(values[100:, 1], neuron[100:, 0])[0, 1] ** 2, abs=1e-4)
    means = [neuron[values[:, 2] == k, 0] for k in range(3)]
    between = sum(len(own) * (own.mean() - neuron.mean()) ** 2 for own in means)
    assert found[2] == pytest.approx(between / ((neuron - neuron.mean()) ** 2).sum(), abs=1e-4)


def test_a_concept_that_is_confounded_with_the_bar_is_conditioned_on_it():
    rng = np.random.default_rng(3)
    place = rng.random(600)
    last = (rng.random(600) < 0.2 + 0.6 * place).astype(float)
    names = ("time elapsed in the bar", "last bar of the part")
    design = Design.of([CONCEPTS[name] for name in names], np.stack([place, last], axis=1))
    follows_place = (place + rng.normal(0, 0.05, 600))[:, None]
    follows_both = (place + 0.3 * last)[:, None]
    assert explained(design, NeuronValues.of(follows_place, design.places))[1, 0] < 0.02
    assert explained(design, NeuronValues.of(follows_both, design.places))[1, 0] > 0.5


def test_discoveries_are_those_of_benjamini_and_hochberg():
    p = np.array([0.01, 0.04, 0.03, 0.005, 0.5])
    assert discoveries(p, 0.05).tolist() == [True, True, True, True, False]
    assert discoveries(np.array([0.02, 0.04, 0.5]), 0.05).tolist() == [False, False, False]
    assert not discoveries(np.ones((2, 2)), 0.05).any()
