"""The length of a completion is what its characters number, and equal notes and bars need no step each."""

from unittest.mock import patch

import pytest

from songrnn.constraints import completion as rules
from songrnn.constraints.state import TuneState
from walks import Setup, compiled_of, constraint_of, swarm_walk

pytest.importorskip("songrnn._native", reason="the engine was not built here")

LONG_FORMS = [
    {"bars": 40},
    {"bars": 60, "parts": "AABBCC", "end_on_tonic": True},
    {"bars": 90, "parts": "ABC", "meter": "3/8"},
    {"bars": 34, "parts": "AB", "meter": "6/8", "pitch_range": "D-b"},
    {"meter": "19/1", "unit_length": "1/64"},
    {"meter": "17/2", "unit_length": "1/16", "bars": 12, "end_on_tonic": True},
]


@pytest.mark.parametrize("vocabulary", ["every character", "no brackets", "no slash among lengths"])
@pytest.mark.parametrize("form", LONG_FORMS, ids=str)
def test_the_length_of_a_long_completion_is_the_number_of_its_characters(form, vocabulary):
    found = constraint_of(Setup(vocabulary, form=tuple(form.items())))
    if found is None:
        assert vocabulary != "every character"
        return
    known, constraint, start = found
    compiled = compiled_of(constraint)
    for seed in range(3):
        ids = swarm_walk(compiled, start, constraint.end, len(known), seed, 150)
        state = TuneState()
        for place, character in enumerate(ids):
            if place % 5 == 0:
                length = compiled.characters_to_end(ids[:place])
                assert length == len(compiled.completion(ids[:place])), known.decode(ids[:place])
                if place % 50 == 0:
                    assert constraint.characters_to_end(state) == length
            state = constraint.push(state, character)


@pytest.mark.parametrize("group", range(2))
def test_the_length_of_a_completion_is_the_number_of_its_characters_after_every_character(group):
    for seed in range(group, 60, 2):
        if (found := constraint_of(Setup.of(seed))) is None:
            continue
        vocabulary, constraint, start = found
        compiled = compiled_of(constraint)
        ids = swarm_walk(compiled, start, constraint.end, len(vocabulary), seed, 120)
        for place in range(len(start), len(ids), 2):
            assert compiled.characters_to_end(ids[:place]) == len(compiled.completion(ids[:place])), (seed, place)


@pytest.mark.parametrize("form", [{"bars": 512, "parts": "AABB"}, {"meter": "64/1", "unit_length": "1/128"}], ids=str)
def test_the_length_of_a_completion_of_thousands_of_characters_needs_few_steps(form):
    found = constraint_of(Setup(form=tuple(form.items())))
    assert found is not None
    _, constraint, _ = found
    with patch.object(rules, "step", side_effect=rules.step) as step:
        length = constraint.characters_to_end(TuneState())
    assert length == len(compiled_of(constraint).completion([])) > 700
    assert step.call_count < 300


@pytest.mark.parametrize("music", ["{pickup}|", "{pickup}|:{full}|", "{full}|:{pickup}|"])
def test_a_last_bar_that_may_lack_a_long_pickup_is_not_counted_as_a_full_one(music):
    found = constraint_of(Setup(header="M:64/1\nL:1/128\nK:C\n"))
    assert found is not None
    vocabulary, constraint, start = found
    compiled, notes = compiled_of(constraint), "C32" * 40
    ids = [*start, *vocabulary.encode(music.format(pickup=notes, full="C32" * 256)).tolist()]
    assert compiled.refused(ids) == len(ids)
    length = compiled.characters_to_end(ids)
    assert length == len(compiled.completion(ids))
    assert 3 * 200 < length < 3 * 256
