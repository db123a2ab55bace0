"""The constraint: no dead end, and no character is refused that a valid tune could continue with."""

from functools import cache
from unittest.mock import patch

import numpy as np
import pytest

from songrnn.composing.composer import Composer
from songrnn.composing.form import FormSettings
from songrnn.composing.tasks import engine_task
from songrnn.constraints import viability
from songrnn.constraints.automaton import token_automaton
from songrnn.constraints.bar_time import fillable
from songrnn.constraints.constraint import Constraint
from songrnn.constraints.effects import apply_token
from songrnn.constraints.state import RequestedForm, TuneState
from songrnn.constraints.tokens import Kind
from songrnn.engines.settings import EngineSettings, SamplingSettings
from walks import VOCABULARIES, Setup, compiled_of, completion, constraint_of, swarm_walk
from wandering import problems, wanderer

FORMS = [
    {},
    {"bars": 8, "parts": "AABB", "end_on_tonic": True},
    {"bars": 5, "meter": "5/4", "key": "Bb", "pitch_range": "F-d'"},
    {"parts": "AB", "meter": "6/8"},
    {"bars": 3, "end_on_tonic": True, "pitch_range": "G,-g"},
]


def constraint_for(checkpoint, form=None, **settings):
    task = engine_task("", checkpoint.vocabulary, SamplingSettings(**settings), FormSettings(**(form or {})))
    assert task.constraint is not None
    return task.constraint


@pytest.mark.parametrize("group", range(4))
def test_every_state_has_a_short_completion_to_a_valid_tune(group):
    pytest.importorskip("songrnn._native", reason="the engine was not built here")
    for seed in range(group, 100, 4):
        if (found := constraint_of(Setup.of(seed))) is None:
            continue
        vocabulary, constraint, start = found
        compiled = compiled_of(constraint)
        ids = swarm_walk(compiled, start, constraint.end, len(vocabulary), seed, 200)
        for place in range(len(start), len(ids), 9):
            way = compiled.completion(ids[:place])
            assert constraint.end not in way[:-1]
            text = vocabulary.decode(np.array([*ids[:place], *way[:-1]]))
            assert problems(text) == [], text


@pytest.mark.parametrize(
    ("vocabulary", "text"),
    [
        ("no brackets", "M:2/4\nL:1/4\nK:Cmaj\n|:AB|1AG"),  # no [2, only :|2
        ("no brackets", "M:2/4\nL:1/4\nK:Cmaj\nAB|1AG|A"),
        ("every character", "M:2/4\nL:1/2\nK:Cmaj\n|:A|\nB\n"),  # a line of one letter before :|
        ("every character", "M:2/4\nL:1/2\nK:Cmaj\n|:A|\nB"),
    ],
)
def test_a_repeat_can_be_closed_wherever_it_may_be_opened(vocabulary, text):
    checkpoint = wanderer(1, characters=VOCABULARIES[vocabulary])
    constraint = constraint_for(checkpoint)
    state = TuneState()
    for character in checkpoint.vocabulary.encode(text).tolist():
        state = constraint.push(state, character)
        assert state is not None
    whole = text + checkpoint.vocabulary.decode(np.array(completion(constraint, state)[:-1], dtype=np.int64))
    assert problems(whole) == [], whole


@pytest.mark.parametrize("temperature", [0, 0.8, 5.0])
@pytest.mark.parametrize("form", FORMS[:3], ids=str)
def test_in_fp32_both_engines_compose_the_same_strict_tune(form, temperature):
    pytest.importorskip("songrnn._native", reason="the engine was not built here")
    checkpoint = wanderer(4, spread=0.3)
    settings = {"temperature": temperature, "max_characters": 80, "seed": 3, **form}
    readable = Composer(checkpoint, EngineSettings(engine="numpy")).compose(**settings)
    compiled = Composer(checkpoint, EngineSettings(engine="native", precision="fp32")).compose(**settings)
    assert compiled.text == readable.text
    assert (compiled.finished, compiled.given) == (readable.finished, readable.given)
    np.testing.assert_allclose(compiled.removed, readable.removed, atol=1e-4)
    np.testing.assert_allclose(compiled.log_probabilities, readable.log_probabilities, atol=2e-3)


def test_the_tonic_of_a_first_ending_does_not_count_for_the_second():
    checkpoint = wanderer(1)
    constraint = constraint_for(checkpoint, {"parts": "AA", "end_on_tonic": True})
    for last, ends in (("z2|", False), ("A2|", False), ("AG|", True)):
        state = TuneState()
        for character in checkpoint.vocabulary.encode(f"M:2/4\nL:1/4\nK:Gmaj\n|:AB|[1AG:|[2{last}\n").tolist():
            state = constraint.push(state, character)
            assert state is not None
        assert constraint.allowed(state)[constraint.end] == ends


# ---- exact: nothing is refused in vain

HEADER = "M:2/4\nL:1/4\nK:Cmaj\n"
AHEAD = 5
"""So many characters ahead every continuation is tried."""


def shortsighted_push(constraint, state, character):
    """Refuses only what is wrong by itself, and runs into dead ends.

    By itself wrong is also a short bar that the shortest notes could not have filled.
    """

    def apply(context, state, token):
        filled = token.kind is not Kind.BAR or not state.in_bar or fillable(context, state)
        return apply_token(context, state, token) and filled

    with patch.multiple(viability, viable=lambda *_: True, apply_token=apply):
        return constraint.push(state, character)


@pytest.mark.parametrize(
    ("few", "beginning", "form"),
    [
        ("C2|\n:", "CC|", RequestedForm()),
        ("C2|\n:", "|:", RequestedForm(bars=2, sections=(True,))),
        ("C/|\n", "C", RequestedForm()),
        ("Cc-|\n", "C", RequestedForm()),
        ("CD-|\n", "D", RequestedForm(bars=1, ends_on_tonic=True)),
        ("CD^|\n", "", RequestedForm(bars=1, ends_on_tonic=True)),
        ("C/(3|\n", "(3CC", RequestedForm()),
        ("C>/|\n", "C", RequestedForm()),
        ("C[]2/|\n", "[", RequestedForm()),
        ("C()2|\n", "(C", RequestedForm()),
        ("C{}.~|\n", "{", RequestedForm()),
        ("C|[12\n:", "|:CC|1CC:|", RequestedForm()),
        ("Cc,'^|\n", "", RequestedForm(low=61, high=72)),
    ],
)
def test_a_character_is_refused_only_where_every_continuation_fails(few, beginning, form):
    characters = sorted(set(HEADER + beginning + few))
    ids = {character: place for place, character in enumerate(characters)}
    lines = tuple(HEADER.splitlines(keepends=True))
    automaton = token_automaton(ids, header=lines, only=lines)
    constraint = Constraint(automaton, form, end=len(ids), size=len(ids) + 1)
    states = {(): TuneState()}
    for character in HEADER + beginning:
        states = {(): constraint.push(states[()], ids[character])}
    tried = [ids[character] for character in few] + [constraint.end]

    @cache
    def ends(key, ahead):
        after = [shortsighted_push(constraint, known[key], character) for character in tried]
        if after[-1] is not None:
            return True
        return ahead > 0 and any(ends(key_of(one), ahead - 1) for one in after[:-1] if one is not None)

    known = {}

    def key_of(state):
        key = (*(value for name, value in vars(state).items() if name != "alterations"), *state.alterations)
        known[key] = state
        return key

    seen = refused = 0
    level = {key_of(states[()]): states[()]}
    for _ in range(4):
        next_level = {}
        for state in level.values():
            completion(constraint, state)
            for character in tried:
                after, possible = constraint.push(state, character), shortsighted_push(constraint, state, character)
                seen += 1
                if after is not None and character != constraint.end:
                    next_level[key_of(after)] = after
                elif after is None and possible is not None:
                    refused += 1
                    assert character != constraint.end
                    assert not ends(key_of(possible), AHEAD), (state, characters[character])
        level = next_level
    assert seen > 20
    assert refused
