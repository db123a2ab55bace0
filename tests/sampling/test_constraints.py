"""The constraints: both twins agree, no dead end, and nothing is refused that a valid tune could go on with."""

from functools import cache

import numpy as np
import pytest

from songrnn.sampling.automaton import words_of
from songrnn.sampling.completion import Completion
from songrnn.sampling.composer import Composer
from songrnn.sampling.constraints import Constraint
from songrnn.sampling.form import FormSettings
from songrnn.sampling.plan import Plan
from songrnn.sampling.settings import EngineSettings, SamplingSettings
from songrnn.sampling.tune_state import Form, State
from songrnn.sampling.words import Kind
from wandering import EVERY_CHARACTER, problems, wanderer

VOCABULARIES = {
    "every character": EVERY_CHARACTER,
    "no digits but a meter": "ABCDEFGabcdefg|:[]()<>-/'^_=zMLKR \nmajinor/648/11",
    "no slash among lengths": "ABCDEFGabcdefg|:[]MLKRC246813/ \nmaj",
    "no brackets": "ABCDEFGabcdefg|:MLK1234689/-><.~^_= \nmajdor,'",
    "endings, but nothing that closes": "ABCDEFGabcdefg|:[12({/MLK468 \nmajdor",
    "hardly any": "ABcd|MLK:/4186 \nmaj",
}
FORMS = [
    {},
    {"bars": 8, "parts": "AABB", "end_on_tonic": True},
    {"bars": 5, "meter": "5/4", "key": "Bb", "pitch_range": "F-d'"},
    {"parts": "AB", "meter": "6/8"},
    {"bars": 3, "end_on_tonic": True, "pitch_range": "G,-g"},
]


def constraint_for(checkpoint, form=None, **settings):
    plan = Plan.of("", checkpoint.vocabulary, SamplingSettings(**settings), FormSettings(**(form or {})))
    assert plan.constraint is not None
    return plan.constraint


def native(constraint):
    pytest.importorskip("songrnn._native", reason="the engine was not built here")
    from songrnn.sampling.native import native_constraint

    return native_constraint(constraint)


def random_walk(constraint, seed, longest):
    """States and the ids before them, each id drawn from all that are allowed; bar lines and the like often."""
    rng = np.random.default_rng(seed)
    state, ids = State(), []
    while len(ids) < longest:
        allowed = constraint.allowed(state)
        yield state, ids, allowed
        choices = np.flatnonzero(allowed)
        chosen = int(rng.choice(choices))
        if chosen == constraint.end:
            return
        state, ids = constraint.push(state, chosen), [*ids, chosen]


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("name", VOCABULARIES)
def test_the_compiled_constraint_allows_what_the_readable_one_allows(name, form):
    checkpoint = wanderer(1, characters=VOCABULARIES[name])
    if name != "every character":
        form = {key: value for key, value in form.items() if key in ("bars", "end_on_tonic")}
    constraint = constraint_for(checkpoint, form)
    compiled, completion = native(constraint), Completion(constraint)
    for seed in range(2):
        for count, (state, ids, allowed) in enumerate(random_walk(constraint, seed, 120)):
            assert compiled.refused(ids) == len(ids)
            np.testing.assert_array_equal(np.array(compiled.allowed(ids), dtype=bool), allowed, str(ids))
            if count % 10 == 0:
                assert compiled.completion(ids) == way_out(completion, constraint, state)


def way_out(completion, constraint, state):
    ids = [completion.next(state)]
    while ids[-1] != constraint.end:
        state = constraint.push(state, ids[-1])
        assert state is not None
        ids.append(completion.next(state))
    return ids


LONG_FORMS = [
    {"bars": 40},
    {"bars": 60, "parts": "AABBCC", "end_on_tonic": True},
    {"bars": 90, "parts": "ABC", "meter": "3/8"},
    {"meter": "19/1", "unit_length": "1/64"},
    {"meter": "17/2", "unit_length": "1/16", "bars": 12, "end_on_tonic": True},
]


@pytest.mark.parametrize("form", LONG_FORMS, ids=str)
def test_the_length_of_a_long_way_is_counted_and_not_walked(form):
    checkpoint = wanderer(1)
    constraint = constraint_for(checkpoint, form)
    compiled, completion = native(constraint), Completion(constraint)
    for seed in range(3):
        for count, (state, ids, _) in enumerate(random_walk(constraint, seed, 150)):
            if count % 5 == 0:
                assert compiled.completion_length(ids) == len(compiled.completion(ids))
            if count % 50 == 0:
                assert completion.length(state) == compiled.completion_length(ids)


@pytest.mark.parametrize("asked", [{"bars": 512, "parts": "AABB"}, {"meter": "64/1", "unit_length": "1/128"}], ids=str)
def test_a_way_of_thousands_of_characters_costs_no_more_than_a_short_one(asked):
    constraint = constraint_for(wanderer(1), asked)
    pushed = []
    push = constraint.push
    constraint.push = lambda state, character: pushed.append(character) or push(state, character)
    length = Completion(constraint).length(State())
    assert length == len(native(constraint).completion([])) > 700
    assert len(pushed) < 300


def test_every_state_has_a_short_way_to_the_end_of_a_valid_tune():
    checkpoint = wanderer(1)
    for form in FORMS:
        constraint = constraint_for(checkpoint, form)
        for _, ids, _ in random_walk(constraint, 3, 150):
            way = native(constraint).completion(ids)
            assert constraint.end not in way[:-1]
            text = checkpoint.vocabulary.decode(np.array([*ids, *way[:-1]]))
            assert problems(text) == [], text


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


# ---- exact: nothing is refused in vain

HEADER = "M:2/4\nL:1/4\nK:Cmaj\n"
AHEAD = 5
"""So many characters ahead every continuation is tried."""


class Shortsighted(Constraint):
    """Refuses only what is wrong by itself, and runs into dead ends.

    By itself wrong is also a short bar that the shortest notes could not have filled.
    """

    def viable(self, state):
        return True

    def apply(self, state, word):
        filled = word.kind is not Kind.BAR or not state.in_bar or self.time.fillable(state)
        return super().apply(state, word) and filled


@pytest.mark.parametrize(
    ("few", "beginning", "form"),
    [
        ("C2|\n:", "CC|", Form()),
        ("C2|\n:", "|:", Form(bars=2, sections=(True,))),
        ("C/|\n", "C", Form()),
        ("Cc-|\n", "C", Form()),
        ("CD-|\n", "D", Form(bars=1, ends_on_tonic=True)),
        ("CD^|\n", "", Form(bars=1, ends_on_tonic=True)),
        ("C/(3|\n", "(3CC", Form()),
        ("C>/|\n", "C", Form()),
        ("C[]2/|\n", "[", Form()),
        ("C()2|\n", "(C", Form()),
        ("C{}.~|\n", "{", Form()),
        ("C|[12\n:", "|:CC|1CC:|", Form()),
        ("Cc,'^|\n", "", Form(low=61, high=72)),
    ],
)
def test_a_character_is_refused_only_where_every_continuation_fails(few, beginning, form):
    characters = sorted(set(HEADER + beginning + few))
    ids = {character: place for place, character in enumerate(characters)}
    lines = tuple(HEADER.splitlines(keepends=True))
    words = words_of(ids, header=lines, only=lines)
    constraint, shortsighted = (
        kind(words, form, end=len(ids), size=len(ids) + 1) for kind in (Constraint, Shortsighted)
    )
    completion = Completion(constraint)
    states = {(): State()}
    for character in HEADER + beginning:
        states = {(): constraint.push(states[()], ids[character])}
    tried = [ids[character] for character in few] + [constraint.end]

    @cache
    def ends(key, ahead):
        behind = [shortsighted.push(known[key], character) for character in tried]
        if behind[-1] is not None:
            return True
        return ahead > 0 and any(ends(key_of(one), ahead - 1) for one in behind[:-1] if one is not None)

    known = {}

    def key_of(state):
        key = (*(value for name, value in vars(state).items() if name != "alterations"), *state.alterations)
        known[key] = state
        return key

    seen = refused = 0
    level = {key_of(states[()]): states[()]}
    for _ in range(4):
        behind_level = {}
        for state in level.values():
            way_out(completion, constraint, state)
            for character in tried:
                behind, possible = constraint.push(state, character), shortsighted.push(state, character)
                seen += 1
                if behind is not None and character != constraint.end:
                    behind_level[key_of(behind)] = behind
                elif behind is None and possible is not None:
                    refused += 1
                    assert character != constraint.end
                    assert not ends(key_of(possible), AHEAD), (state, characters[character])
        level = behind_level
    assert seen > 20
    assert refused
