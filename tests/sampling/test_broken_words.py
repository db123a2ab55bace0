"""The compiled constraint is given arrays; wrong ones are refused, and whatever is not refused does no harm."""

from contextlib import suppress

import numpy as np
import pytest

from songrnn.sampling import native as native_module_of_tests
from songrnn.sampling.form import FormSettings
from songrnn.sampling.plan import Plan
from songrnn.sampling.settings import SamplingSettings
from wandering import wanderer

_native = pytest.importorskip("songrnn._native", reason="the engine was not built here")
ARRAYS = ["words", "keys", "edge_begin", "edge_id", "edge_to", "ended", "within_begin", "within", "least"]


@pytest.fixture(scope="module")
def arrays():
    """What a sound constraint is made of."""
    plan = Plan.of(
        "", wanderer(1, characters="ABCcd|:[]12/(3)-\nMLK46 maj").vocabulary, SamplingSettings(), FormSettings()
    )
    given = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(native_module_of_tests._native, "Constraint", lambda **arguments: given.update(arguments))
        native_module_of_tests.native_constraint.__wrapped__(plan.constraint)
    return {name: list(value) if name in ARRAYS else value for name, value in given.items()}


def test_sound_arrays_make_a_constraint(arrays):
    assert _native.Constraint(**arrays).refused([]) == 0


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_of_a_wrong_size_are_refused(arrays, name):
    with pytest.raises(ValueError, match="words"):
        _native.Constraint(**{**arrays, name: [*arrays[name], 2**20]})
    with pytest.raises(ValueError, match="words"):
        _native.Constraint(**{**arrays, name: arrays[name][:-1]})


@pytest.mark.parametrize("name", ["edge_begin", "edge_id", "edge_to", "ended", "within_begin", "within"])
@pytest.mark.parametrize("index", [-2, 2**30])
def test_indices_out_of_range_are_refused(arrays, name, index):
    changed = list(arrays[name])
    changed[len(changed) // 2] = index
    with pytest.raises(ValueError, match="words that are none"):
        _native.Constraint(**{**arrays, name: changed})


@pytest.mark.parametrize("end", [-1, 1000])
def test_an_end_that_is_no_id_is_refused(arrays, end):
    with pytest.raises(ValueError, match="an end that is no id"):
        _native.Constraint(**{**arrays, "end": end})


@pytest.mark.parametrize("seed", range(60))
def test_no_altered_number_makes_it_crash(arrays, seed):
    rng = np.random.default_rng(seed)
    for _ in range(10):
        changed = dict(arrays)
        for name in rng.choice(ARRAYS, 2):
            changed[name] = list(changed[name])
            place = rng.integers(0, len(changed[name]))
            changed[name][place] = int(rng.choice([-1, 0, 1, 2, 7, 100, 2**20, 2**31 - 1, -(2**31)]))
        try:
            constraint = _native.Constraint(**changed)
        except ValueError:
            continue
        ids = []
        for _ in range(40):
            allowed = np.flatnonzero(constraint.allowed(ids))
            if not len(allowed) or allowed[-1] == changed["end"]:
                break
            ids.append(int(rng.choice(allowed)))
            assert 0 <= constraint.refused(ids) <= len(ids)
        with suppress(RuntimeError):  # words that lead nowhere have no completion
            constraint.completion(ids)
