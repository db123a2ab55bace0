"""One request: typed, checked once, the same after a journey through JSON."""

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, get_type_hints

import pytest

from songrnn.composing.composer import Composer, EngineOptions
from songrnn.composing.form import FormSettings
from songrnn.composing.request import (
    CANDIDATES,
    MOST_RERANKED,
    TRIES_APART,
    QuantitySettings,
    Request,
    RequestOptions,
    request_of,
)
from songrnn.engines.settings import EngineSettings, SamplingSettings
from songrnn.errors import PromptError, SettingsError
from songrnn.neurons.settings import InterventionSettings
from songrnn.originality.settings import OriginalitySettings

FULL = Request(
    prompt='R:jig\nK:D\n|:"Am"A2B',
    form=FormSettings(meter="6/8", bars=16, parts="AABB", pitch_range="D-b", end_on_tonic=True),
    sampling=SamplingSettings(temperature=0.7, top_k=9, without="z", seed=2**64 - 1),
    originality=OriginalitySettings(original="2.5bars", tries=7),
    count=3,
    best_of=4,
    first=12,
)


@pytest.mark.parametrize("request_made", [Request(), FULL], ids=["default", "full"])
def test_a_request_is_the_same_after_json(request_made):
    assert Request.from_json(json.dumps(request_made.as_json())) == request_made
    assert Request.from_json(request_made.model_dump_json()) == request_made


def test_what_json_leaves_out_has_its_default():
    assert Request.from_json("{}") == Request()
    assert Request.from_json(b'{"sampling": {"seed": 4}, "form": {"bars": 8}}') == request_of(
        "", {"seed": 4, "bars": 8}
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "a request must be JSON, but Expecting property name"),
        ("[1]", r"a request must be a JSON object, but is \[1\]; the least is {}"),
        ('{"cout": 3}', "Request has no setting 'cout'; it has best_of, count, first, form"),
        ('{"count": 0}', "count is 0, but it must be at least 1"),
        ('{"count": "many"}', "count is 'many', but it must be a whole number"),
        ('{"first": -1}', "first is -1, but it must be at least 0"),
        ('{"best_of": 70000}', "best_of is 70000, but it must be at most 65536"),
        ('{"prompt": 5}', "prompt is 5, but it must be text"),
        ('{"form": 5}', "form is 5, but it must be settings"),
        ('{"sampling": {"temperature": 9}}', "temperature is 9, but it must be at most 5"),
        ('{"sampling": {"heat": 2}}', "SamplingSettings has no setting 'heat'"),
        ('{"form": {"bars": 17, "parts": "AABB"}}', "17 bars cannot be divided among the 2 parts of AABB"),
        ('{"form": {"key": "H"}}', "the key 'H' has no meaning in ABC"),
        ('{"form": {"pitch_range": "d-D"}}', "the range 'd-D' begins above its end"),
        ('{"originality": {"original": "3 miles"}}', "3 miles"),
        ('{"first": 4294967295, "count": 2}', "a seed has 4,294,967,296 tunes; first, count and best-of go past the"),
    ],
)
def test_a_value_that_cannot_be_is_one_clear_line(text, said):
    with pytest.raises(SettingsError, match=said) as caught:
        Request.from_json(text)
    assert "\n" not in str(caught.value)


def test_the_last_tune_of_a_seed_and_of_a_later_try_can_be_requested():
    assert Request(first=TRIES_APART - 1).first == TRIES_APART - 1
    assert Request(first=3 * TRIES_APART - 1).first == 3 * TRIES_APART - 1
    with pytest.raises(SettingsError, match="go past the last"):
        Request(first=3 * TRIES_APART - 1, best_of=2)


def test_a_request_without_a_seed_gets_one_and_one_with_a_seed_keeps_it():
    assert Request().with_seed(5).seed == 5
    assert Request().with_seed().seed == 0  # drawn, which tests make 0
    assert FULL.with_seed(5) is FULL


def kinds_of(settings):
    return {name: field.annotation for name, field in settings.model_fields.items()}


def test_the_options_by_name_are_the_fields_of_the_settings():
    fields = {
        **kinds_of(SamplingSettings),
        **kinds_of(FormSettings),
        **kinds_of(OriginalitySettings),
        **kinds_of(InterventionSettings),
        "best_of": kinds_of(QuantitySettings)["best_of"],
    }
    assert get_type_hints(RequestOptions) == fields
    assert get_type_hints(EngineOptions) == kinds_of(EngineSettings)


def test_options_by_name_become_the_request_that_has_them():
    options: Any = {
        **FULL.form.model_dump(),
        **FULL.sampling.model_dump(),
        **FULL.originality.model_dump(),
        "best_of": 4,
    }
    assert request_of(FULL.prompt, options, count=3, first=12) == FULL


def test_a_prompt_is_split_once_for_header_pieces_and_notes(checkpoint, monkeypatch):
    from songrnn.composing import prompt

    prompt.split_prompt.cache_clear()
    composer, request = Composer(checkpoint), Request(prompt="R:jig\nM:6/8\nK:D\n|:DFA", form=FormSettings(bars=4))
    composer.notes(request)
    list(composer.compose_request(request))
    assert prompt.split_prompt.cache_info().misses == 1


def test_a_stream_refuses_what_compares_whole_tunes(checkpoint):
    assert next(Composer(checkpoint).stream("K:D\n", best_of=1, seed=1)) == "M"
    for options in ({"best_of": 2}, {"original": "3bars"}):
        with pytest.raises(SettingsError, match="compare whole tunes; leave them out, or compose"):
            Composer(checkpoint).stream("", **options)


def test_mistakes_in_a_request_raise_before_the_first_tune(checkpoint):
    with pytest.raises(PromptError, match="prompt character '€'"):
        Composer(checkpoint).compose_request(Request(prompt="K:D\n€"))
    [note] = Composer(checkpoint).notes(Request(best_of=2))
    assert note.startswith("a network that lies in no file has no classifier, so --best-of keeps the first tune")


def test_by_default_few_tunes_of_a_checkpoint_with_a_classifier_have_candidates(checkpoint):
    composer = Composer(checkpoint)
    assert composer.candidates_of(Request()) == 1
    composer.companions.__dict__["classifier"] = SimpleNamespace(trained_on="by hand")
    composer.companions.__dict__.pop("usable_classifier", None)
    found = [composer.candidates_of(Request(count=count)) for count in (1, MOST_RERANKED, MOST_RERANKED + 1)]
    assert found == [CANDIDATES, CANDIDATES, 1]
    assert composer.candidates_of(Request(count=MOST_RERANKED + 1, best_of=2)) == 2
    assert composer.candidates_of(Request(best_of=1)) == 1


@pytest.mark.parametrize(
    ("prompt", "kept", "said"),
    [
        ('R:reel\nK:D\n|:vA2 u"^slowly"B2', False, "without annotations and bowings; the prompt's are left out"),
        ('R:reel\nK:D\n|:vA2 u"^slowly"B2', True, ""),
        ('R:reel\nK:D\n|:"Am"A2 ~B2', False, ""),
        ("K:D\n|:€", False, ""),
        ("K:D", False, ""),
        ("", False, ""),
    ],
)
def test_marks_that_are_left_out_of_a_prompt_are_named_in_one_line(checkpoint, prompt, kept, said):
    composer = Composer(replace(checkpoint, training={"corpus": {"form": "tunebook", "keep_marks": kept}}))
    notes = [note for note in composer.notes(Request(prompt=prompt)) if "left out" in note]
    assert notes == [f"the network learned tunes {said}"] * bool(said)
