"""What the page of neurons is made of: packed numbers, engravings, reasons, effects."""

import base64
import json
import zlib

import numpy as np
import pytest

from planted import planted_network, tunes
from songrnn.engines.select import open_engine
from songrnn.engines.settings import FULL_PRECISION
from songrnn.errors import CorpusError, SettingsError, VocabularyError
from songrnn.neurons.explaining import explain
from songrnn.neurons.results import Effect
from songrnn.neurons.viewer.build import PageRequest, chosen_tunes, neuron_page
from songrnn.neurons.viewer.content import Shown, path_of
from songrnn.neurons.viewer.effects import clearest
from songrnn.neurons.viewer.engraving import engraved
from songrnn.neurons.viewer.packing import as_json, packed
from songrnn.neurons.viewer.why import why_each
from songrnn.rendering.render import Renderer
from songrnn.statistics import Estimate
from tiny import JIG, PLACES, REEL, make_checkpoint


@pytest.mark.parametrize(("kind", "error"), [(np.int8, 1 / 254), (np.int16, 1 / 65_534)])
def test_packed_numbers_are_those_that_were_packed_to_half_a_step(kind, error):
    values = np.random.default_rng(0).uniform(-3, 3, (40, 7))
    made = packed(values, kind)
    numbers = np.frombuffer(zlib.decompress(base64.b64decode(made.data)), np.dtype(kind).newbyteorder("<"))
    assert np.abs(numbers.reshape(made.shape) * made.scale - values).max() <= 3 * error
    assert packed(np.zeros((2, 2))).scale == 1


def test_json_in_a_page_has_no_tag_and_no_nan():
    assert json.loads(as_json({"a": ["</script>", float("nan"), 0.123456789]})) == {"a": ["</script>", None, 0.12346]}
    assert "<" not in as_json("</script><!--")


@pytest.fixture(scope="module")
def jig():
    with Renderer() as renderer:
        return engraved(JIG, renderer)


def test_every_note_of_the_score_stands_at_its_letter(jig):
    letters = [place for place, c in enumerate(JIG) if place > JIG.index("|:") and c in "ABCDEFGabcdefg"]
    assert [place for place, _, _ in jig.heads] == letters
    assert all(0 < x < 1 and 0 < y < jig.height for _, x, y in jig.heads)


def test_bars_follow_each_other_and_hold_their_notes(jig):
    assert [JIG[bar.begin : bar.end] for bar in jig.bars] == ["DFA dfa|", "gec dAF|", "DFA dfa|", "gec d3:|\n"]
    for bar in jig.bars:
        x, _, width, _ = bar.box
        assert all(x < at < x + width for place, at, _ in jig.heads if bar.begin <= place < bar.end)


def test_a_repeat_sounds_twice_in_the_order_of_playing(jig):
    assert len(jig.sounds) == 2 * len(jig.heads)
    assert jig.sounds[0].pitch == 62
    assert jig.sounds[len(jig.heads)].place == jig.sounds[0].place
    assert all(one.begin < one.end <= two.begin + 1e-6 for one, two in zip(jig.sounds, jig.sounds[1:], strict=False))


def test_what_cannot_be_engraved_or_played_is_shown_as_text_alone():
    with Renderer() as renderer:
        assert engraved("K:C\n", renderer).heads == ()
        assert engraved("nothing", renderer).sounds == ()


@pytest.mark.parametrize("places", PLACES[-1:])
@pytest.mark.parametrize("form", ["raw", "tunebook"])
def test_reasons_of_all_characters_are_those_of_each(form, places):
    checkpoint = make_checkpoint("gru", form=form, **places)
    found = why_each(checkpoint, open_engine(checkpoint, FULL_PRECISION), JIG)
    assert len(found) == len(JIG)
    assert (found[0] is None) == (form == "raw")
    for place in (1, 20, len(JIG) - 1):
        expected = explain(checkpoint, JIG, place)
        assert found[place].probability == pytest.approx(expected.probability, rel=1e-4)
        assert [one[2] for one in found[place].contributions] == pytest.approx(
            [one.logit for one in expected.contributions if abs(one.logit) >= 0.05], abs=1e-4
        )


def test_the_path_has_the_two_directions_of_largest_variance():
    values = np.random.default_rng(0).normal(size=(200, 6)) * [1, 9, 1, 4, 1, 1]
    path = path_of(values)
    assert path.shape == (200, 2)
    assert abs(np.corrcoef(path[:, 0], values[:, 1])[0, 1]) > 0.98
    assert abs(np.corrcoef(path[:, 1], values[:, 3])[0, 1]) > 0.95


def test_effects_are_shown_that_are_sure_surest_first():
    def effect(where, low, high):
        nothing = Estimate(0, 0, 0, 9)
        return Effect(where, 40, nothing, nothing, Estimate((low + high) / 2, low, high, 9))

    given = [effect("all", -1, 1), effect("a", -1, 1), effect("b", 0.1, 0.9), effect("c", -0.5, -0.2)]
    assert [one.where for one in clearest(given)] == ["all", "c", "b"]


def test_tunes_that_labels_are_reported_on_are_shown_first():
    chosen, reported = chosen_tunes(tunes(24), 10, seed=0)
    assert len(chosen) == 10
    assert sum(reported) >= 9
    assert chosen == sorted(chosen)


REQUEST = PageRequest(Shown(1, "hidden"), 4, 0, 0, FULL_PRECISION)


@pytest.mark.parametrize(
    ("given", "request_", "error", "said"),
    [
        ([*tunes(12), "€\n"], REQUEST, VocabularyError, r"tune 13: .*'€'.*; leave the tune out, or remove"),
        ([*tunes(12), ""], REQUEST, CorpusError, "tune 13 is empty; leave it out"),
        ([JIG, REEL], REQUEST, (CorpusError, VocabularyError), "tune"),
        (tunes(2), REQUEST, CorpusError, "too few to choose labels on some and report them on others; give"),
        ([], REQUEST, CorpusError, "there is no tune to read"),
        (tunes(12), PageRequest(Shown(2, "hidden"), 4, 0, 0, FULL_PRECISION), SettingsError, "layer 2 does not exist"),
        (
            tunes(12),
            PageRequest(Shown(1, "cell"), 4, 0, 0, FULL_PRECISION),
            SettingsError,
            "has no 'cell'; it has hidden",
        ),
    ],
)
def test_what_cannot_be_shown_is_said_in_a_line(given, request_, error, said):
    network = planted_network(tunes(12))
    with pytest.raises(error, match=said):
        neuron_page(network, given, request_, name="planted", progress=lambda items, title, count: items)
