"""Prompt -> Composition."""

import numpy as np
import pytest

from songrnn.composing.composer import Composer, load
from songrnn.composing.prompt import RAW_START
from songrnn.engines.reference import NumpyEngine
from songrnn.engines.settings import EngineSettings
from songrnn.errors import PromptError, SettingsError
from songrnn.model.equations import forward
from tiny import JIG, make_checkpoint

FORMS = ["raw", "tunebook"]


@pytest.fixture
def composer(checkpoint):
    return Composer(checkpoint)


class Scripted:
    """A stepper that knows one text by heart: after each character it is sure of the next."""

    def __init__(self, vocabulary, ids):
        self.following, self.size = list(ids), len(vocabulary)

    def start(self, batch=1):
        return 0

    def step(self, inputs, position):
        logits = np.full((1, self.size), -30.0, np.float32)
        logits[0, self.following[min(position, len(self.following) - 1)]] = 30.0
        return logits, position + 1


def scripted(form, text):
    """A composer that composes `text` and then whatever ends a tune in `form`."""
    checkpoint = make_checkpoint(form=form, texts=(text, RAW_START, "<end>\n"))
    vocabulary = checkpoint.vocabulary
    if form == "tunebook":
        ids = vocabulary.encode_tune(text)[1:].tolist()
    else:
        ids = [*[0] * (len(RAW_START) - 1), *vocabulary.encode(text + "<end>\n")]
    return Composer(checkpoint, engine=NumpyEngine(checkpoint, Scripted(vocabulary, ids)))


@pytest.mark.parametrize("form", FORMS)
def test_the_same_seed_gives_the_same_tune_and_another_seed_another(form):
    composer = Composer(make_checkpoint(form=form, texts=(JIG, RAW_START)))
    tunes = [composer.compose(seed=seed, max_characters=200) for seed in (7, 7, 8)]
    assert tunes[0] == tunes[1]
    assert tunes[0].text != tunes[2].text


def test_composition_i_depends_on_seed_and_i_only(composer):
    several = [composer.compose(seed=3, number=i, max_characters=50) for i in range(4)]
    assert len({tune.text for tune in several}) == 4
    assert composer.compose(seed=3, number=2, max_characters=50) == several[2]


def test_temperature_zero_takes_the_likeliest_whatever_the_seed(composer):
    texts = {composer.compose(temperature=0, seed=seed, max_characters=60).text for seed in range(3)}
    assert len(texts) == 1


@pytest.mark.parametrize("form", FORMS)
def test_a_tune_ends_where_the_network_ends_it(form):
    tune = scripted(form, "K:D\nabc|\n").compose(free=True)
    assert tune.text == "K:D\nabc|\n"
    assert tune.finished


def test_what_only_looks_like_the_end_marker_stays_in_the_text():
    tune = scripted("raw", "a<en<e<end b\n").compose()
    assert tune.text == "a<en<e<end b\n"
    assert tune.finished


@pytest.mark.parametrize("form", FORMS)
def test_a_tune_that_does_not_end_is_cut(form):
    tune = scripted(form, "abcdefgh" * 20).compose(free=True, max_characters=10)
    assert tune.text == "abcdefghab"
    assert not tune.finished


def test_characters_held_back_at_the_cut_are_not_lost():
    assert scripted("raw", "abc<enough").compose(max_characters=6).text == "abc<en"


@pytest.mark.parametrize("form", FORMS)
def test_every_character_has_the_probability_that_the_equations_give_it(form):
    checkpoint = make_checkpoint(form=form, texts=(JIG, RAW_START))
    composer = Composer(checkpoint, EngineSettings(precision="fp32"))
    tune = composer.compose("K:D\nDF" if form == "tunebook" else "DF", top_k=3, max_characters=40, seed=2)
    vocabulary = checkpoint.vocabulary
    before = [vocabulary.start] if form == "tunebook" else list(vocabulary.encode(RAW_START))
    ids = vocabulary.encode(tune.text)
    inputs = checkpoint.reader.read(np.array([*before, *ids]))
    logits, _ = forward(checkpoint.weights, checkpoint.model, checkpoint.vocabulary, inputs)
    logits = logits[len(before) - 1 : -1].astype(np.float64)
    expected = logits[np.arange(len(ids)), ids] - np.log(np.exp(logits).sum(axis=1))
    np.testing.assert_allclose(tune.log_probabilities, expected, atol=1e-4)
    assert len(tune.given) == len(tune.text)


def test_a_stream_is_the_text_character_by_character(composer):
    settings = {"seed": 5, "max_characters": 80}
    pieces = list(composer.stream("K:D\n", **settings))
    assert all(len(piece) == 1 for piece in pieces)
    assert "".join(pieces) == composer.compose("K:D\n", **settings).text


def test_a_prompt_of_thousands_of_characters_is_continued():
    composer = Composer(make_checkpoint(form="raw", texts=(JIG, RAW_START)))
    prompt = JIG * 100
    tune = composer.compose(prompt, max_characters=20)
    assert tune.text.startswith(prompt)
    assert len(tune.text) == len(prompt) + 20
    assert tune.given == (True,) * len(prompt) + (False,) * 20


@pytest.mark.parametrize(
    ("prompt", "beginning"),
    [
        ("R:Jig\nM:6/8\nL:1/8\nK:D", "R:jig\nM:6/8\nL:1/8\nK:Dmaj\n"),
        ("K:D major\nM:6/8\nL:1/8\nR:jig\n", "R:jig\nM:6/8\nL:1/8\nK:Dmaj\n"),
        ("X:1\nT:A title\nM:6/8\nL:1/8\nK:D\n|:DF", "M:6/8\nL:1/8\nK:Dmaj\n|:DF"),
        ("R:jig", "R:jig\n"),
        ("% a comment\nX:1\n%%layout\nM:6/8 % and one more\nL:1/8\nK:D\n|:DF", "M:6/8\nL:1/8\nK:Dmaj\n|:DF"),
    ],
)
def test_fields_in_any_order_and_spelling_are_given_to_the_network_in_the_learned_one(composer, prompt, beginning):
    assert composer.compose(prompt, max_characters=20).text.startswith(beginning)


def test_fields_that_the_prompt_leaves_out_are_written_by_the_network(composer):
    tune = composer.compose("R:jig\nK:D\n", max_characters=20)
    lines = tune.text.split("\n")
    assert lines[0] == "R:jig"
    assert [line[:2] for line in lines[1:4]] == ["M:", "L:", "K:"]
    assert lines[3] == "K:Dmaj"
    position = tune.text.index("M:") + 2
    assert tune.given[:position] == (True,) * position
    assert not tune.given[position]


def test_a_body_without_a_header_gets_one(composer):
    lines = composer.compose("|:DFA", max_characters=20).text.split("\n")
    assert [line[:2] for line in lines[:3]] == ["M:", "L:", "K:"]
    assert lines[3].startswith("|:DFA")


def test_a_body_line_that_begins_like_a_field_is_body(composer):
    assert "\nA:|" in composer.compose("A:|", max_characters=5, free=True).text


def test_a_prompt_character_that_was_never_learned_is_named(composer):
    with pytest.raises(PromptError, match=r"prompt character '€' \(position 7\) is not among .* Remove it, or train"):
        composer.compose("K:D\nDF€")


def test_a_prompt_field_that_cannot_be_read_is_named(composer):
    with pytest.raises(PromptError, match=r"the prompt's line 2, 'K:Zebra'"):
        composer.compose("M:6/8\nK:Zebra")


def test_a_setting_that_does_not_exist_is_named(composer):
    with pytest.raises(SettingsError, match="no setting 'heat'"):
        composer.compose(heat=2)


def test_a_written_composition_has_a_number_a_title_and_a_line_end():
    abc = scripted("tunebook", "M:6/8\nK:D\nabc|").compose(number=4, seed=9, free=True).abc()
    assert abc == "X:5\nT:Composition 5 of seed 9\nM:6/8\nK:D\nabc|\n"


@pytest.mark.parametrize(
    ("text", "abc"),
    [
        ("X:7\nT:Own\nK:D\nabc|\n", "X:7\nT:Own\nK:D\nabc|\n"),
        ("X:7\nK:D\nabc|\n", "X:7\nT:Composition 1 of seed 0\nK:D\nabc|\n"),
        ("T:Own\nK:D\nabc|", "X:1\nT:Own\nK:D\nabc|\n"),
    ],
)
def test_in_raw_form_number_and_title_are_added_only_where_they_lack(text, abc):
    assert scripted("raw", text).compose().abc() == abc


def test_bits_per_character_counts_what_the_network_composed_itself(composer):
    tune = composer.compose("K:D\n", max_characters=30)
    own = [p for p, given in zip(tune.log_probabilities, tune.given, strict=True) if not given]
    assert tune.bits_per_character == pytest.approx(-np.mean(own) / np.log(2))


def test_a_loaded_checkpoint_composes(checkpoint_file, composer):
    assert load(checkpoint_file).compose(seed=1) == composer.compose(seed=1)


def test_a_character_that_the_copier_suggested_says_where_it_comes_from():
    text = "abcdefg|abcdefg|"
    for form in FORMS:
        tune = scripted(form, text).compose(free=True)
        assert tune.copied_from[:9] == (-1,) * 9
        assert tune.copied_from[9:] == tuple(range(1, 8))


def test_a_copied_stretch_ends_where_the_network_goes_its_own_way():
    tune = scripted("tunebook", "abcdefg|abcxefg|abcdy").compose(free=True)
    assert [tune.text[begin:end] for begin, end, _ in tune.copied(shortest=3)] == ["fg|abc"]
    assert [(begin, source) for begin, _, source in tune.copied(shortest=3)] == [(13, 5)]
    assert tune.copied(shortest=9) == []


def test_what_the_prompt_repeats_is_not_copied_by_the_network():
    tune = Composer(make_checkpoint()).compose("K:D\n|GGGG|GGGG|GGGG|", max_characters=1)
    assert any(source >= 0 for source, given in zip(tune.copied_from, tune.given, strict=True) if given)
    assert not any(any(tune.given[begin:end]) for begin, end, _ in tune.copied(shortest=1))


def test_without_copying_nothing_is_copied():
    checkpoint = make_checkpoint(copying=False)
    tune = Composer(checkpoint).compose(max_characters=200)
    assert set(tune.copied_from) == {-1}
