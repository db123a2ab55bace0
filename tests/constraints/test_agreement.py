"""Both engines agree at every character of swarm walks, and recorded walks have the masks that they had."""

import random
from dataclasses import fields, replace

import numpy as np
import pytest

from songrnn.constraints.constraint import Constraint
from songrnn.constraints.state import TuneState
from songrnn.constraints.tokens import LONGEST_BAR, Kind
from songrnn.tracking.ticks import WHOLE
from walks import RECORDED, Setup, compiled_of, completion, constraint_of, digest, recorded, swarm_walk

pytest.importorskip("songrnn._native", reason="the engine was not built here")

WALKS, LONGEST, TRIED = 90, 110, 6


@pytest.mark.parametrize("group", range(2))
def test_recorded_walks_have_the_masks_and_completions_that_they_had(group):
    """A change that is meant needs `python tests/walks.py`, which records them anew, and a reason in its commit."""
    walks = list(recorded())
    assert len(walks) == RECORDED
    for setup, text, expected in walks[group::2]:
        vocabulary, constraint, start = constraint_of(setup)
        ids = [*start, *vocabulary.encode(text).tolist()]
        compiled = compiled_of(constraint)
        place = compiled.refused(ids)
        assert place == len(ids), f"{setup}: {text[: place - len(start)]!r} cannot continue as it did"
        assert digest(compiled, ids, len(start)) == expected, f"{setup}: {text!r}"


@pytest.mark.parametrize("group", range(6))
def test_both_engines_agree_on_every_field_of_the_state_and_on_what_may_come(group):
    """Of each mask a few ids are checked, half of them allowed; at some places all, and the completion."""
    names = [one.name for one in fields(TuneState)]
    for seed in range(group, WALKS, 6):
        found = constraint_of(Setup.of(seed))
        if found is None:
            continue
        vocabulary, constraint, start = found
        compiled, rng, state = compiled_of(constraint), random.Random(seed), TuneState()
        ids = swarm_walk(compiled, start, constraint.end, len(vocabulary), seed, LONGEST)
        for place, character in enumerate(ids):
            text = vocabulary.decode(np.array(ids[:place], dtype=np.int64))
            assert {name: getattr(state, name) for name in names} == compiled.state(ids[:place]), text
            mask = compiled.allowed(ids[:place])
            whole = place % 37 == 36
            tried = {*rng.sample(range(len(mask)), TRIED), *rng.sample(np.flatnonzero(mask).tolist() * TRIED, TRIED)}
            for one in range(len(mask)) if whole else tried:
                assert (constraint.push(state, one) is not None) == mask[one], (
                    text,
                    vocabulary.decode(np.array([one])),
                )
            if whole:
                assert compiled.completion(ids[:place]) == completion(constraint, state), text
            state = constraint.push(state, character)


def test_in_the_longest_bar_that_the_engine_takes_both_count_alike():
    vocabulary, usual, _ = constraint_of(Setup())
    longest = (LONGEST_BAR - 1) // WHOLE * WHOLE
    tokens = tuple(replace(one, a=longest) if one.kind is Kind.METER else one for one in usual.automaton.tokens)
    constraint = Constraint(replace(usual.automaton, tokens=tokens), usual.form, end=usual.end, size=usual.size)
    state, compiled = TuneState(), compiled_of(constraint)
    ids = vocabulary.encode("M:4/4\nL:1/1\nK:Cmaj\n(9:7C32C32C>>C").tolist()
    for place, character in enumerate(ids):
        assert compiled.allowed(ids[:place]) == constraint.allowed(state).tolist()
        state = constraint.push(state, character)
        assert compiled.state(ids[: place + 1])["elapsed"] == state.elapsed
