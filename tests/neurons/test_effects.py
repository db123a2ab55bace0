"""Ablation, directions, steering and explanations: what neurons do to the next character."""

import dataclasses

import numpy as np
import pytest

import songrnn.neurons as neurons
from planted import BAR_POSITION, PITCH, SIZE, planted_network, tunes
from songrnn.composing.composer import Composer
from songrnn.engines.select import open_engine
from songrnn.engines.settings import FULL_PRECISION
from songrnn.errors import CorpusError, SettingsError, VocabularyError
from songrnn.model.equations import floored, forward
from songrnn.neurons.concepts import CONCEPTS, concept_values
from songrnn.neurons.directions import (
    AHEAD,
    coming,
    direction,
    random_directions,
    steering_direction,
    subspace,
    towards,
    without_directions,
)
from songrnn.neurons.explaining import logit_parts
from songrnn.neurons.recording import record
from songrnn.originality.index import Index, NamedText
from tiny import JIG, PLACES, REEL, make_checkpoint

RNG = np.random.default_rng


@pytest.fixture(scope="module")
def texts():
    return tunes(8)


@pytest.fixture(scope="module")
def network(texts):
    return planted_network(texts)


@pytest.fixture(scope="module")
def recording(network, texts):
    return record(network, texts)


def test_ablating_a_neuron_is_scoring_without_its_output_and_recurrent_weights(network, texts, recording):
    found = neurons.ablate(network, texts, neurons=[PITCH], method="zero", recording=recording, random_sets=3)
    weights = {name: array.copy() for name, array in network.weights.items()}
    weights["output.weight"][:, PITCH] = 0
    weights["recurrent.weight_hh_l0"][:, PITCH] = 0
    cut = dataclasses.replace(network, weights=weights)
    ids = [network.vocabulary.encode_tune(text)[:-1] for text in texts]
    before, after = (
        -np.concatenate(list(open_engine(one, FULL_PRECISION).score(ids))).mean() / np.log(2) for one in (network, cut)
    )
    assert found.before == pytest.approx(before, abs=1e-4)
    assert found.after == pytest.approx(after, abs=1e-4)
    assert found.overall.difference.value == pytest.approx(after - before, abs=1e-4)
    assert found.overall.difference.low <= after - before <= found.overall.difference.high
    assert found.overall.where == "all characters"
    assert found.what == "neuron 9 of layer 1"
    assert found.control == "1 random neuron"


def test_what_happens_where_a_concept_holds_is_distinguished(network, texts, recording):
    found = neurons.ablate(network, texts, neurons=[PITCH], recording=recording, random_sets=2)
    effects = {one.where: one for one in found.effects}
    assert effects["bar line"].characters == sum(
        text.count("|") + text.count("]") + text.count(":|") + text.count("|:") for text in texts
    )
    assert effects["pitch, upper third"].difference.value != effects["pitch, lower third"].difference.value
    whole = effects["all characters"]
    assert whole.beyond_random.value == pytest.approx(whole.difference.value - whole.at_random.value, abs=1e-6)


@pytest.mark.parametrize("method", ["zero", "mean", "resample"])
def test_directions_are_taken_out_whole(network, texts, recording, method):
    hidden = recording.matrix()
    values = concept_values(recording).of("time elapsed in the bar")
    directions = subspace(hidden, CONCEPTS["time elapsed in the bar"], values)
    np.testing.assert_allclose(directions @ directions.T, np.eye(len(directions)), atol=1e-6)
    assert np.abs(directions[0, BAR_POSITION]) > 0.5
    change = without_directions(directions, hidden, 1, method, RNG(0))
    changed = record(network, texts, interventions=[change]).matrix().astype(float) @ directions.T
    if method == "resample":
        assert changed.std(axis=0).min() > 0
    else:
        expected = hidden.astype(float).mean(axis=0) @ directions.T if method == "mean" else 0
        np.testing.assert_allclose(changed, np.broadcast_to(expected, changed.shape), atol=4e-3)


def test_the_control_changes_states_by_the_same_norm_elsewhere(recording):
    hidden = recording.matrix().astype(np.float32)
    directions, others = random_directions(2, SIZE, RNG(1)), random_directions(2, SIZE, RNG(2))
    times = np.zeros(len(hidden), dtype=int)
    changes = [without_directions(directions, hidden, 1, "mean", RNG(0), removed=r) for r in (directions, others)]
    moved, control = (change.apply(hidden, times) - hidden for change in changes)
    np.testing.assert_allclose(np.linalg.norm(moved, axis=1), np.linalg.norm(control, axis=1), atol=1e-4)
    np.testing.assert_allclose(moved @ directions.T @ directions, moved, atol=1e-4)
    np.testing.assert_allclose(control @ others.T @ others, control, atol=1e-4)


def test_a_direction_is_a_standard_deviation_of_its_concept(recording):
    pitch = concept_values(recording).of("pitch")
    found = direction(recording.matrix(), CONCEPTS["pitch"], pitch)
    known = ~np.isnan(pitch)
    expected = np.cov(recording.matrix()[known, PITCH].astype(float), pitch[known], ddof=0)[0, 1] / pitch[known].std()
    assert found[PITCH] == pytest.approx(expected, rel=1e-3)
    np.testing.assert_allclose(towards(found, -2.0, 1).offsets[0], -2 * found, rtol=1e-5)
    with pytest.raises(SettingsError, match="token has classes"):
        direction(recording.matrix(), CONCEPTS["token"], pitch)
    with pytest.raises(CorpusError, match="tie never changes in these tunes"):
        direction(recording.matrix(), CONCEPTS["tie"], np.zeros(len(recording)))


def test_what_is_coming_is_the_mean_of_the_next_characters_less_what_the_present_one_says():
    rng = RNG(3)
    values = rng.normal(size=300)
    values[::7] = np.nan
    begins = np.array([0, 100, 300])
    found = coming(values, begins)
    ahead = np.full(300, np.nan)
    for begin, end in ((0, 100), (100, 300)):
        for place in range(begin, end):
            own = values[place + 1 : min(place + 1 + AHEAD, end)]
            if (~np.isnan(own)).sum() >= 4:
                ahead[place] = np.nanmean(own)
    known = ~np.isnan(ahead) & ~np.isnan(values)
    np.testing.assert_array_equal(~np.isnan(found), known)
    np.testing.assert_allclose(found[known].mean(), 0, atol=1e-9)
    assert np.corrcoef(found[known], values[known])[0, 1] == pytest.approx(0, abs=1e-9)
    expected = ahead[known] - np.polyval(np.polyfit(values[known], ahead[known], 1), values[known])
    np.testing.assert_allclose(found[known], expected)
    assert np.isnan(coming(np.full(50, np.nan), np.array([0, 50]))).all()


def test_steering_goes_by_what_is_coming_and_not_by_what_is(network, texts):
    """A neuron that says how high the pitch is, and one that says how it goes on."""
    recording = record(network, texts)
    pitch = concept_values(recording).of("pitch")
    hidden = np.zeros_like(recording.matrix()[:, None])
    hidden[:, 0, 0], hidden[:, 0, 1] = np.nan_to_num(pitch) / 100, np.nan_to_num(coming(pitch, recording.begins)) / 100
    found = steering_direction(dataclasses.replace(recording, quantities={"hidden": hidden}), CONCEPTS["pitch"])
    assert found[1] > 0.001
    assert abs(found[0]) < 0.1 * found[1]


def test_steering_moves_what_is_composed(network, texts, recording):
    curve = neurons.steer(
        network, "pitch", recording=recording, strengths=(-8, 0, 8), count=3, max_characters=80, layer=1
    )
    assert [one.strength for one in curve.doses] == [-8, 0, 8]
    assert curve.unit == "semitones"
    assert all(one.valid.value == 1 for one in curve.doses)
    assert all(np.isnan(one.shared.value) for one in curve.doses)  # the melodies of training tunes are not known
    values = [one.value.value for one in curve.doses]
    assert values[0] != values[1] != values[2]
    assert curve.monotonic == (values[0] < values[1] < values[2] or values[0] > values[1] > values[2])


def test_a_dose_says_what_is_shared_with_training_tunes(network, texts, recording):
    request = {"recording": recording, "strengths": (0,), "count": 2, "max_characters": 60}
    made = [one.abc() for one in Composer(network, FULL_PRECISION).compose_many("", count=2, seed=0, max_characters=60)]
    own = Index.build([NamedText(str(i), text) for i, text in enumerate(made)], [])
    others = Index.build([NamedText("other", texts[0])], [])
    found = [
        neurons.steer(network, "pitch", **request, melodies=index).doses[0].shared.value for index in (own, others)
    ]
    assert found[0] > 2 > found[1]


@pytest.mark.parametrize("places", [{}, *PLACES], ids=str)
@pytest.mark.parametrize("copying", [True, False])
def test_the_parts_of_the_logits_add_up_to_the_equations(places, copying):
    checkpoint = make_checkpoint(copying=copying, **places)
    ids = checkpoint.vocabulary.encode_tune(JIG)
    inputs = checkpoint.reader.read(ids)
    logits, steps = forward(checkpoint.weights, checkpoint.model, checkpoint.vocabulary, inputs)
    for place in (3, 20, len(ids) - 1):
        parts = logit_parts(checkpoint, steps[place][-1].hidden, inputs.at(place))
        total = np.sum([votes for _, _, votes in parts], axis=0)
        np.testing.assert_allclose(floored(total, checkpoint.model.floor), logits[place], atol=1e-5)


def test_an_explanation_adds_up_and_names_the_likeliest_characters():
    checkpoint = make_checkpoint(**PLACES[-1])
    found = neurons.explain(checkpoint, REEL, 30)
    assert found.character == REEL[30]
    assert found.logit == pytest.approx(sum(one.logit for one in found.contributions))
    sizes = [abs(one.logit) for one in found.contributions]
    assert sizes == sorted(sizes, reverse=True)
    likelihoods = [likelihood for _, likelihood in found.alternatives]
    assert likelihoods == sorted(likelihoods, reverse=True)
    score = next(open_engine(checkpoint, FULL_PRECISION).score([checkpoint.vocabulary.encode_tune(REEL)]))
    assert found.probability == pytest.approx(float(np.exp(score[30])), abs=1e-4)
    assert {one.source for one in found.contributions} >= {"neurons", "n-grams", "position", "pitch heads", "bias"}
    assert neurons.explain(checkpoint, REEL, len(REEL)).character == "end of the tune"


def test_a_neuron_raises_what_its_output_weights_say(network, recording):
    found = neurons.logit_effect(network, PITCH, recording=recording, count=3)
    own = network.weights["output.weight"][:, PITCH]
    deviation = recording.matrix()[:, PITCH].astype(float).std()
    assert found.raises[0] == ("end of the tune", pytest.approx(float((own.max() - own.mean()) * deviation), rel=1e-3))
    assert found.lowers[0][1] == pytest.approx(-found.raises[0][1], rel=1e-3)
    assert len(found.raises) == len(found.lowers) == 3


def test_what_cannot_be_done_is_refused_in_one_line(network, texts, recording):
    with pytest.raises(SettingsError, match="neuron 16 does not exist; layer 1 has neurons 0 to 15"):
        neurons.ablate(network, texts, neurons=[16], recording=recording)
    with pytest.raises(SettingsError, match="name either neurons to take out, or a concept"):
        neurons.ablate(network, texts, recording=recording)
    with pytest.raises(SettingsError, match="there is no concept 'mood'"):
        neurons.steer(network, "mood", recording=recording)
    with pytest.raises(SettingsError, match="neuron 99 does not exist; layer 1 has neurons 0 to 15"):
        neurons.logit_effect(network, 99)
    with pytest.raises(SettingsError, match=r"place 9999 is not one that the network predicted; this tune has 0 to"):
        neurons.explain(network, texts[0], 9999)
    with pytest.raises(CorpusError, match="the tune is empty"):
        neurons.explain(network, "", 0)
    with pytest.raises(VocabularyError, match="character '€'"):
        neurons.explain(network, "€", 0)
    with pytest.raises(AttributeError, match=r"no attribute 'probes'; it has ablate"):
        _ = neurons.probes
