"""Strict tunes are valid whatever the network writes, and whatever they begin with."""

import numpy as np
import pytest

from songrnn.composing.composer import Composer
from songrnn.composing.tasks import engine_task
from songrnn.constraints.state import TuneState
from songrnn.engines.settings import EngineSettings, SamplingSettings
from songrnn.errors import PromptError
from songrnn.evaluation.abc2midi import read_by_abc2midi
from wandering import ends_on_tonic, problems, wanderer

HEADER = "M:4/4\nL:1/8\nK:Gmaj\n"
NETWORKS = [(1, 0.3, 0.7), (2, 1.0, 0.5), (3, 0.3, 1.0)]  # seed, spread of the weights, how much is favoured


@pytest.mark.parametrize("temperature", [0, 0.5, 2.0, 5.0])
@pytest.mark.parametrize("network", NETWORKS, ids=str)
def test_tunes_of_untrained_networks_are_valid_and_end_in_time(network, temperature):
    seed, spread, favour = network
    composer = Composer(wanderer(seed, spread=spread, favour=favour))
    for made in composer.compose_many(count=25, seed=seed, temperature=temperature, max_characters=150):
        assert problems(made.text) == [], made.text
        assert made.given.count(False) <= 150
        assert 0 < made.mass_removed < 1


def test_abc2midi_plays_strict_tunes_without_an_error():
    made = [*Composer(wanderer(5)).compose_many(count=20, max_characters=200)]
    made += Composer(wanderer(6, favour=1.0)).compose_many(count=20, max_characters=200, temperature=2.0)
    for tune in made:
        midi = read_by_abc2midi(tune.abc().encode(), timeout_seconds=20)
        assert midi.midi is not None, tune.abc()
        assert midi.errors == (), tune.abc()


@pytest.mark.parametrize(
    "prompt",
    [
        HEADER,
        "",
        "R:reel",
        "K:Ador",
        "L:1/8\nK:D major\nM:6/8\n",
        "|:GABc",
        HEADER + "GABc d2",
        HEADER + "(3c",
        HEADER + "(3:2:3c/d",
        HEADER + "[CE",
        HEADER + "[C3E",
        HEADER + "d3/",
        HEADER + '"^Se',
        HEADER + '"G',
        HEADER + "GABc defg:",
        HEADER + "GABc defg-",
        HEADER + "GABc defg|",
        HEADER + "GABc defg-|",
        HEADER + "G>",
        HEADER + "G<<",
        HEADER + "!tri",
        HEADER + "{g",
        HEADER + "(",
        HEADER + "^",
        HEADER + "g'",
        HEADER + ".",
        HEADER + "|:GABc defg|[1 g8:",
        HEADER + "|:GABc defg|1 g8:|",
        HEADER + "D2|GABc defg|\nGABc de|",
        HEADER + "GABc defg|]\nM:6",
    ],
)
def test_any_beginning_of_a_valid_tune_is_completed(prompt):
    for made in Composer(wanderer(7)).compose_many(prompt, count=4, max_characters=120, seed=1):
        assert problems(made.text) == [], made.text
        if prompt.startswith(HEADER):
            assert made.text.startswith(prompt)


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        (
            HEADER + "GABc defga|",
            r"cannot continue with 'a' in line 1, column 10 of its music: then its bars do not last M:4/4",
        ),
        (HEADER + "GABc defg|\nGABc defg:|]:|", r"cannot continue with ':' in line 2, column 13 of its music"),
        (HEADER + "GAB&c", r"prompt character '&' .* is not among"),
        (
            HEADER + "GA )",
            r"cannot continue with '\)' in line 1, column 4 of its music: then it is not ABC whose syntax and bars",
        ),
        (HEADER + "(3GA|", r"cannot continue with '\|' in line 1, column 5"),
        (HEADER + "[CE2]", r"cannot continue with '2' in line 1, column 4"),
        (HEADER + "GABc defg-|a", r"cannot continue with 'a' in line 1, column 12"),
    ],
)
def test_a_beginning_of_no_valid_tune_is_refused_with_its_place(prompt, said):
    composer = Composer(wanderer(7))
    with pytest.raises(PromptError, match=said):
        composer.compose(prompt)
    if "&" not in prompt:
        assert composer.compose(prompt, free=True, max_characters=5).text.startswith(prompt)


def test_a_second_ending_has_music_and_the_requested_tonic():
    composer = Composer(wanderer(1, favour=1.0))
    begun = "M:2/4\nL:1/4\nK:Gmaj\n|:AB|[1 AG:|"
    for made in composer.compose_many(begun, count=20, max_characters=25, parts="AA", end_on_tonic=True):
        assert problems(made.text) == []
        assert ends_on_tonic(made.text), made.text


def test_a_tie_carries_its_accidental_into_the_last_bar_where_it_is_not_the_tonic():
    composer = Composer(wanderer(3))
    begun = "M:2/4\nL:1/4\nK:Gmaj\nGG|G^G-|G"
    for made in composer.compose_many(begun, count=10, max_characters=40, bars=3, end_on_tonic=True):
        assert ends_on_tonic(made.text), made.text


def test_where_the_music_leaves_no_choice_the_header_is_chosen_to_fit():
    composer = Composer(wanderer(7))
    for number in range(10):
        made = composer.compose("GABc defg|abcd efga|", number=number, max_characters=60)
        assert problems(made.text) == []
        assert made.text.split("\n")[0] not in ("M:3/4", "M:6/8", "M:2/4")


def test_the_removed_mass_is_the_probability_of_the_refused_characters():
    checkpoint = wanderer(8)
    composer = Composer(checkpoint, EngineSettings(precision="fp32"))
    made = composer.compose(HEADER, max_characters=60, temperature=1.5)
    constraint = engine_task(HEADER, checkpoint.vocabulary, SamplingSettings()).constraint
    ids = checkpoint.vocabulary.encode(made.text)
    trace = composer.engine.trace(np.array([checkpoint.vocabulary.start, *ids]))
    state = TuneState()
    for place, character in enumerate(ids.tolist()):
        if made.given[place]:
            assert made.removed[place] == 0
        else:
            refused = ~constraint.allowed(state)
            assert made.removed[place] == pytest.approx(np.exp(trace.log_probabilities[place])[refused].sum(), abs=1e-3)
        state = constraint.push(state, character)
    assert made.mass_removed == pytest.approx(np.mean(made.removed[len(HEADER) :]))
