"""The compiled constraint is given tokens and numbers; invalid ones are refused, and any others do no harm."""

from contextlib import suppress
from dataclasses import asdict, fields, replace
from types import SimpleNamespace

import numpy as np
import pytest

from songrnn.constraints.state import RequestedForm
from songrnn.constraints.tokens import TokenAutomaton
from walks import VOCABULARIES, Setup, constraint_of

_native = pytest.importorskip("songrnn._native", reason="the engine was not built here")
LISTS = ["tokens", "keys", "edges", "ended", "within"]
EXTREMES = [-1, 0, 1, 2, 7, 100, 2**20, 2**31 - 1, -(2**31)]


@pytest.fixture(scope="module")
def sound():
    """The parts of a sound constraint, as plain lists and numbers."""
    _, constraint, _ = constraint_of(Setup("endings, but nothing that closes"))
    context = constraint.context
    parts = {one.name: getattr(context, one.name) for one in fields(context)}
    automaton = {name: list(getattr(context.automaton, name)) for name in LISTS}
    return parts, automaton, constraint.size


def make(parts, automaton, size):
    return _native.Constraint(SimpleNamespace(**{**parts, "automaton": SimpleNamespace(**automaton)}), size)


def test_sound_tokens_make_a_constraint(sound):
    assert make(*sound).refused([]) == 0


@pytest.mark.parametrize("name", ["edges", "ended", "within"])
def test_lists_of_unequal_size_are_refused(sound, name):
    parts, automaton, size = sound
    with pytest.raises(ValueError, match="invalid tokens"):
        make(parts, {**automaton, name: automaton[name][:-1]}, size)


@pytest.mark.parametrize("index", [-2, 2**30])
@pytest.mark.parametrize("name", ["edges", "ended", "within"])
def test_indices_out_of_range_are_refused(sound, name, index):
    parts, automaton, size = sound
    changed = list(automaton[name])
    changed[len(changed) // 2] = {"edges": {0: index}, "within": (index,)}.get(name, index)
    with pytest.raises(ValueError, match="invalid tokens"):
        make(parts, {**automaton, name: changed}, size)


@pytest.mark.parametrize("letters", [0, 6, 8])
def test_a_key_without_an_alteration_for_each_letter_is_refused(sound, letters):
    parts, automaton, size = sound
    first, *others = automaton["keys"]
    with pytest.raises(ValueError, match="invalid tokens"):
        make(parts, {**automaton, "keys": [replace(first, alterations=(0,) * letters), *others]}, size)


def test_an_edge_to_a_root_is_refused(sound):
    parts, automaton, size = sound
    edges = [{**one, next(iter(one)): 1} if one else one for one in automaton["edges"]]
    with pytest.raises(ValueError, match="invalid tokens"):
        make(parts, {**automaton, "edges": edges}, size)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("end", -1),
        ("end", 1000),
        ("shortest", 0),
        ("lengths", (0,)),
        ("lengths", (2**20,)),
        ("sums", ((0,),)),
        ("sums", ((41,),) * 10),
        ("form", RequestedForm(bars=-1)),
        ("form", RequestedForm(bars=2**30)),
    ],
)
def test_numbers_out_of_their_bounds_are_refused(sound, name, value):
    parts, automaton, size = sound
    with pytest.raises(ValueError, match="invalid context"):
        make({**parts, name: value}, automaton, size)


@pytest.mark.parametrize("seed", range(60))
def test_no_altered_number_makes_it_crash(sound, seed):
    parts, automaton, size = sound
    rng = np.random.default_rng(seed)
    for _ in range(10):
        changed = {name: list(value) for name, value in automaton.items()}
        for name in rng.choice(LISTS, 2):
            place = int(rng.integers(0, len(changed[name])))
            changed[name][place] = altered(changed[name][place], int(rng.choice(EXTREMES)), rng)
        try:
            constraint = make(parts, changed, size)
        except ValueError:
            continue
        ids = []
        for _ in range(40):
            allowed = np.flatnonzero(constraint.allowed(ids))
            if not len(allowed) or allowed[-1] == parts["end"]:
                break
            ids.append(int(rng.choice(allowed)))
            assert 0 <= constraint.refused(ids) <= len(ids)
        with suppress(RuntimeError):  # tokens that lead nowhere have no completion
            constraint.completion(ids)


def altered(value, number, rng):
    """One number of a list's element replaced."""
    if isinstance(value, int):
        return number
    if isinstance(value, dict):
        return {**value, next(iter(value), 0): number}
    if isinstance(value, tuple):
        return (*value[:-1], number)
    names = [name for name in asdict(value) if name != "alterations"]
    if "alterations" in asdict(value) and rng.random() < 0.5:
        return replace(value, alterations=(number, *value.alterations[1:]))
    return replace(value, **{str(rng.choice(names)): number})


def test_the_tokens_are_those_of_python():
    assert set(LISTS) | {"lines"} == {one.name for one in fields(TokenAutomaton)}
    assert "endings, but nothing that closes" in VOCABULARIES
