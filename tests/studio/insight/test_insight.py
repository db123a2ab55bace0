"""Neurons and explanations of the tune on the page, over HTTP."""

import numpy as np
import pytest

from songrnn.composing.composer import Composer
from songrnn.engines.select import open_engine
from songrnn.engines.settings import FULL_PRECISION
from songrnn.neurons import explain
from songrnn.studio.insight.heat import layer_values
from songrnn.studio.insight.reading import NetworkText
from tiny import JIG, make_checkpoint

PAGE = f"X:1\nT:The Morning Kettle\n%%scale 1\nN:a note\n{JIG}w:words\n"


@pytest.fixture(scope="module")
def composer():
    return Composer(make_checkpoint())


def test_the_network_reads_the_tune_without_what_it_does_not_know(composer):
    read = NetworkText.of(PAGE, composer)
    assert read.text == JIG
    assert "".join(PAGE[place] for place in read.places) == JIG
    moved = PAGE.replace("R:jig\n", "").replace("K:Dmaj\n", "R:jig\nK:Dmaj\n")
    assert NetworkText.of(moved, composer).text == JIG
    assert read.place_of(PAGE.index("|:")) == JIG.index("|:")
    assert NetworkText.of(PAGE.replace("|:D", "|:Ω"), composer).text == JIG.replace("|:D", "|:")


def test_the_heat_of_a_neuron_has_a_value_for_each_character(client, composer):
    answer = client.post("/api/neurons/heat", json={"abc": PAGE, "neuron": 5}).json()
    values = layer_values(composer.checkpoint, JIG, 1)
    first_character = composer.description.vocabulary.encode_tune(JIG)[:2]  # after the start
    exact = open_engine(composer.checkpoint, FULL_PRECISION)
    assert np.allclose(values[0], exact.trace(first_character).quantities["hidden"][-1, 0], atol=1e-5)
    assert len(values) == len(JIG)
    assert [place for place, _ in answer["values"]] == list(NetworkText.of(PAGE, composer).places)
    assert [value for _, value in answer["values"]] == [round(float(value), 3) for value in values[:, 5]]
    assert (answer["neurons"], answer["layers"]) == (12, 1)
    assert len(answer["raises"]) == len(answer["lowers"]) == 6
    for one in answer["suggested"]:
        assert 0.4 <= abs(one["correlation"]) <= 1
    assert len({one["neuron"] for one in answer["suggested"]}) == len(answer["suggested"])
    best = client.post("/api/neurons/heat", json={"abc": PAGE}).json()
    assert best["neuron"] == best["suggested"][0]["neuron"]
    assert best["follows"] == best["suggested"][0]


def test_why_a_note_is_there_is_what_the_library_explains(client, composer):
    place = PAGE.index("gec")
    answer = client.post("/api/neurons/why", json={"abc": PAGE, "place": place}).json()
    found = explain(composer.checkpoint, JIG, JIG.index("gec"))
    assert (answer["place"], answer["character"]) == (place, "g")
    assert answer["probability"] == pytest.approx(found.probability, abs=1e-6)
    assert sum(one["logit"] for one in answer["contributions"]) == pytest.approx(answer["logit"])
    assert answer["neurons"][0][0] == found.neurons[0][0].index


@pytest.mark.parametrize(
    ("path", "body", "reason"),
    [
        ("heat", {"abc": PAGE, "neuron": 12}, "neuron 12 does not exist; there are 0 to 11"),
        ("heat", {"abc": PAGE, "layer": 2}, "there is no layer 2; this model has 1"),
        ("why", {"abc": PAGE, "place": 500}, "reads nothing at or after character 500"),
        ("heat", {"abc": "X:1\nT:Ω\n"}, "no character that the network knows"),
    ],
)
def test_what_is_not_there_is_refused_with_the_reason(client, path, body, reason):
    answer = client.post(f"/api/neurons/{path}", json=body)
    assert (answer.status_code, reason in answer.json()["detail"]) == (422, True), answer.text


def test_tunes_are_composed_without_neurons_and_the_form_knows_how(client):
    assert "ablate" in client.get("/api/settings").json()["intervention"]["properties"]
    request = {"form": {"key": "D"}, "sampling": {"seed": 3}}
    plain = client.post("/api/compose", json=request).json()["tunes"][0]
    changed = client.post("/api/compose", json={**request, "intervention": {"ablate": "1,2,3,4,5"}}).json()["tunes"][0]
    assert plain["abc"] != changed["abc"]
    assert changed["request"]["intervention"]["ablate"] == "1,2,3,4,5"


def test_a_score_in_words_is_said_by_bars(client):
    bars = client.post("/api/spoken", json={"abc": PAGE}).json()["bars"]
    assert bars[0] == {
        "bar": 0,
        "part": "A",
        "number": 1,
        "words": "eighth D, F sharp, A, high D, high F sharp, high A",
    }
    assert len(bars) == 4
