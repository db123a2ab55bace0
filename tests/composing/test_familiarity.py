"""What is said of a rhythm that the network never learned, or never in this meter."""

import pytest

import songrnn
from songrnn.composing.composer import Composer
from songrnn.composing.familiarity import familiarity_note
from songrnn.composing.form import FormSettings
from songrnn.composing.request import Request
from tiny import JIG, make_checkpoint
from wandering import wanderer


@pytest.fixture(scope="module")
def folk():
    return songrnn.load("folk")


def unfamiliar(composer, prompt, form):
    request = Request(prompt=prompt, form=form)
    return familiarity_note(composer.engine, composer.description.vocabulary, request)


@pytest.mark.parametrize("rhythm", ["zebra", "slow reel", "foxtrot", "jigg", "ree"])
def test_a_rhythm_that_was_never_learned_is_reported(folk, rhythm):
    said = f"the network never learned a tune with the rhythm '{rhythm}'"
    assert unfamiliar(folk, "", FormSettings(rhythm=rhythm)).startswith(said)
    assert unfamiliar(folk, f"R:{rhythm}\nK:D\n|:d2", FormSettings()).startswith(said)


@pytest.mark.parametrize(
    ("rhythm", "meter"), [("reel", "6/8"), ("slip jig", "6/8"), ("clog", "4/4"), ("hornpipe", "3/4"), ("jig", "C")]
)
def test_a_rhythm_that_does_not_go_with_the_meter_is_reported(folk, rhythm, meter):
    said = f"the network hardly learned the rhythm '{rhythm}' in "
    assert unfamiliar(folk, "", FormSettings(rhythm=rhythm, meter=meter)).startswith(said)
    assert unfamiliar(folk, f"M:{meter}\n", FormSettings(rhythm=rhythm)).startswith(said)


@pytest.mark.parametrize(
    ("rhythm", "meter"),
    [("reel", ""), ("Reel", "C|"), ("reel", "4/4"), ("jig", "6/8"), ("slip jig", "9/8"), ("march", "2/4"), ("", "7/8")],
)
def test_nothing_is_said_of_what_was_learned(folk, rhythm, meter):
    assert unfamiliar(folk, "", FormSettings(rhythm=rhythm, meter=meter)) == ""


def test_nothing_is_said_of_raw_form_and_all_is_unknown_to_random_weights():
    raw = Composer(make_checkpoint(form="raw", texts=(JIG, "<start>\n")))
    assert unfamiliar(raw, "R:reel\n", FormSettings()) == ""
    assert "never learned" in unfamiliar(Composer(wanderer(1)), "R:reel\n", FormSettings())
