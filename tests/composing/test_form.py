"""Finished tunes have the requested form; an impossible request is refused in one line."""

import pytest

from songrnn.composing.composer import Composer
from songrnn.composing.form import FormSettings
from songrnn.composing.tasks import engine_task
from songrnn.engines.settings import SamplingSettings
from songrnn.errors import PromptError, SettingsError
from songrnn.tracking.plan import PartPlan, TunePlan
from songrnn.vocabulary import Vocabulary
from tiny import JIG, make_checkpoint
from wandering import EVERY_CHARACTER, ends_on_tonic, parts_of, pitches, problems, wanderer

FORMS = [
    {"bars": 16, "parts": "AABB", "meter": "6/8", "key": "D"},
    {"bars": 16, "parts": "AABB", "key": "Ador", "end_on_tonic": True, "pitch_range": "D-b"},
    {"bars": 8, "parts": "AB", "meter": "4/4", "end_on_tonic": True},
    {"bars": 6, "parts": "ABB", "meter": "3/4", "pitch_range": "G,-g"},
    {"bars": 4, "parts": "AA", "meter": "9/8", "end_on_tonic": True},
    {"bars": 3, "meter": "5/4", "pitch_range": "^F-^c", "end_on_tonic": True},
    {"bars": 1, "end_on_tonic": True},
    {"bars": 24, "parts": "AABBCC", "key": "F#m", "unit_length": "1/16"},
    {"parts": "AABB", "key": "Bb", "end_on_tonic": True},
]


@pytest.mark.parametrize("requested", FORMS, ids=str)
def test_a_tune_has_the_requested_form(requested):
    form = FormSettings(**requested).form()
    for seed, favour in ((1, 0.7), (2, 1.0)):
        composer = Composer(wanderer(seed, favour=favour))
        for made in composer.compose_many(count=5, seed=seed, max_characters=250, temperature=1.2, **requested):
            assert problems(made.text) == [], made.text
            parts = parts_of(made.text)
            if form.sections:
                assert [repeated for _, repeated in parts] == list(form.sections), made.text
                assert not form.bars or [count for count, _ in parts] == [form.bars] * len(form.sections), made.text
            else:
                assert sum(count for count, _ in parts) == form.bars, made.text
            assert all(form.low <= pitch <= form.high for pitch in pitches(made.text)), made.text
            assert not form.ends_on_tonic or ends_on_tonic(made.text), made.text
            for letter, name in (("M", "meter"), ("K", "key"), ("L", "unit_length")):
                if name in requested:
                    assert f"{letter}:{FormSettings(**requested).header[letter]}\n" in made.text


def test_a_requested_rhythm_and_header_stand_first():
    made = Composer(wanderer(1)).compose(rhythm="Reel", meter="C|", key="E dorian", max_characters=50)
    assert made.text.startswith("R:reel\nM:2/2\nL:")
    assert "\nK:Edor\n" in made.text
    assert made.requested.header == {"R": "reel", "M": "2/2", "K": "Edor"}


@pytest.mark.parametrize(
    ("requested", "said"),
    [
        ({"bars": 17, "parts": "AABB"}, "17 bars cannot be divided among the 2 parts of AABB; ask for 16 or 18"),
        ({"parts": "ABA"}, "the parts 'ABA' cannot be written with repeats: say letters from A on"),
        ({"parts": "AAAB"}, "the parts 'AAAB' cannot be written with repeats"),
        ({"pitch_range": "d-D"}, "the range 'd-D' begins above its end; did you mean D-d"),
        ({"pitch_range": "low-high"}, "the range 'low-high' is not two notes in ABC; say for instance"),
        ({"pitch_range": "^C-^C", "key": "C"}, "no tune with K:Cmaj can be within the requested range"),
        (
            {"pitch_range": "E-F", "key": "G", "end_on_tonic": True},
            "K:Gmaj can be within the requested range and end on",
        ),
        ({"key": "none", "end_on_tonic": True}, "no tune with K:none can be made to end on its tonic"),
        ({"meter": "9"}, "the meter '9' has no meaning in ABC; say for instance 6/8"),
        ({"key": "H"}, "the key 'H' has no meaning in ABC; say for instance Ador"),
        ({"bars": 8, "free": True}, "bars, parts, range or ending are requested, but free tunes are not constrained"),
    ],
)
def test_a_form_that_no_tune_has_is_refused_in_one_line(requested, said):
    with pytest.raises(SettingsError, match=said) as caught:
        Composer(wanderer(1)).compose(**requested)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("prompt", "requested", "said"),
    [
        ("M:6/8\nK:G", {"meter": "4/4"}, "M:4/4 is requested, but the prompt has M:6/8; leave one of them out"),
        ("GABc defg a|", {"meter": "4/4", "key": "G", "unit_length": "1/8"}, "then its bars do not last M:4/4"),
        ("M:4/4\nL:1/8\nK:G\nGABc defg|GABc", {"bars": 1}, "then it is not as requested: bars, parts, range or ending"),
        ("M:4/4\nL:1/8\nK:G\nGABc d'", {"pitch_range": "G-g"}, "then it is not as requested: bars, parts, range"),
    ],
)
def test_a_prompt_that_contradicts_the_request_is_refused(prompt, requested, said):
    with pytest.raises((PromptError, SettingsError), match=said):
        Composer(wanderer(1)).compose(prompt, **requested)


def test_a_checkpoint_of_raw_form_takes_no_requested_form():
    composer = Composer(make_checkpoint(form="raw", texts=(JIG, "<start>\n")))
    with pytest.raises(SettingsError, match="of raw form: write meter, key and the like into the prompt"):
        composer.compose(meter="6/8")
    with pytest.raises(SettingsError, match="tunes of a checkpoint of raw form are not constrained"):
        composer.compose(bars=8)


def test_without_the_signs_of_repeats_no_part_can_be_repeated():
    with pytest.raises(SettingsError, match=r"a part shall be repeated, but this checkpoint cannot spell '\|:'"):
        Composer(wanderer(1, characters=EVERY_CHARACTER.replace(":", ""))).compose(parts="AABB")


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--bars", "17", "--parts", "AABB"], "17 bars cannot be divided"),
        (["--free", "--bars", "8"], "free tunes are not constrained"),
        (["--strict", "--free"], "tunes cannot be strict with --free"),
        (["--parts", "ABA"], "cannot be written with repeats"),
        (["--range", "d-D"], "begins above its end"),
        (["--without", "|"], "no tune is strict without"),
        (["--key", "none", "--end-on-tonic"], "made to end on its tonic"),
        (["--prompt", "M:4/4", "L:1/8", "K:G", "GABc defg a|"], "cannot continue with 'a' in line 1, column 11"),
    ],
)
def test_the_command_refuses_it_too_and_leaves_no_file(flags, said, tmp_path, capsys):
    from songrnn.cli.main import main

    path, out = tmp_path / "checkpoint.safetensors", tmp_path / "tunes.abc"
    wanderer(1).save(path)
    with pytest.raises(SystemExit) as ended:
        main(["compose", str(path), *flags, "--count", "2", "--out", str(out)])
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error
    assert [file.name for file in tmp_path.iterdir()] == ["checkpoint.safetensors"]


def test_free_is_the_only_sampling_setting_that_forms_know():
    assert SamplingSettings().free is False
    assert not FormSettings(meter="6/8").constrains
    assert FormSettings(bars=2).constrains


@pytest.mark.parametrize(
    ("settings", "parts"),
    [
        ({}, None),
        ({"bars": 7}, None),
        ({"bars": 12, "end_on_tonic": True}, None),
        ({"bars": 8}, [PartPlan(bars=4), PartPlan(bars=4)]),
        ({"bars": 16, "end_on_tonic": True}, [PartPlan(bars=8), PartPlan(bars=8, cadence=0)]),
        ({"bars": 24}, [PartPlan(bars=8)] * 3),
        ({"parts": "AABB"}, [PartPlan(repeated=True), PartPlan(repeated=True)]),
        ({"parts": "AAB", "bars": 16}, [PartPlan(bars=8, repeated=True), PartPlan(bars=8, repeated=False)]),
        ({"parts": "A", "bars": 8, "end_on_tonic": True}, [PartPlan(bars=8, repeated=False, cadence=0)]),
    ],
)
def test_the_plan_of_a_requested_form_says_what_is_known_of_its_parts(settings, parts):
    expected = parts and TunePlan(tuple(parts))
    assert FormSettings(**settings).tune_plan() == expected
    task = engine_task(
        "", Vocabulary.of([EVERY_CHARACTER], boundaries=True), SamplingSettings(), FormSettings(**settings)
    )
    assert task.tune_plan == expected
