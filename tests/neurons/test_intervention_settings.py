"""What a request may ask of the hidden states, and what a composition records of it."""

import pytest

from songrnn.composing.composer import Composer
from songrnn.errors import SettingsError
from songrnn.neurons.settings import NO_INTERVENTION, InterventionSettings
from tiny import TUNES, make_checkpoint


def test_neurons_and_directions_are_read_from_text():
    settings = InterventionSettings(ablate="7, 3,7", steer="pitch:+1.5, open repeat:-.5")
    assert settings.neurons == (3, 7)
    assert settings.directions == (("pitch", 1.5), ("open repeat", -0.5))
    assert not settings.changes_nothing
    assert NO_INTERVENTION.changes_nothing
    assert (NO_INTERVENTION.neurons, NO_INTERVENTION.directions) == ((), ())


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"ablate": "1,,2"}, "'1,,2' is no list of neurons; write numbers with commas between them"),
        ({"ablate": "-1"}, "'-1' is no list of neurons"),
        ({"steer": "pitch"}, "'pitch' is no concept with a strength"),
        ({"steer": "pitch:101"}, "from -100 to 100"),
        ({"layer": 0}, "layer"),
    ],
)
def test_what_is_none_is_refused(values, complaint):
    with pytest.raises(SettingsError, match=complaint):
        InterventionSettings(**values)


def test_a_composition_records_what_was_done_to_the_network():
    composer = Composer(make_checkpoint(texts=tuple(TUNES)))
    plain = composer.compose(seed=3, max_characters=80)
    steered = composer.compose(seed=3, max_characters=80, steer="pitch:+9", ablate="1,3")
    assert plain.as_json()["intervention"] is None
    assert steered.as_json()["intervention"] == {"ablate": "1,3", "ablate_at": "mean", "steer": "pitch:+9", "layer": 1}
    assert steered.text != plain.text
    assert composer.compose(seed=3, max_characters=80) == plain
    assert "".join(composer.stream(seed=3, max_characters=80, steer="pitch:+9", ablate="1,3")) == steered.text


def test_neurons_concepts_and_layers_that_do_not_exist_are_named():
    composer = Composer(make_checkpoint(texts=tuple(TUNES)))
    with pytest.raises(SettingsError, match="neuron 12 does not exist; layer 1 has neurons 0 to 11"):
        composer.compose(ablate="12")
    with pytest.raises(SettingsError, match="there is no concept 'mood'"):
        composer.compose(steer="mood:1")
    with pytest.raises(SettingsError, match="layer 2 does not exist; this network has layers 1 to 1"):
        composer.compose(ablate="1", layer=2)
