"""Logits -> what may be drawn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from songrnn.engines.filters import Allowed, Likeliest, MinP, Temperature, TopK, TopP, draw, filters_of, softmax
from songrnn.engines.settings import SamplingSettings
from songrnn.errors import SettingsError

PROBABILITIES = np.array([0.1, 0.4, 0.05, 0.25, 0.2])
LOGITS = np.log(PROBABILITIES) + 3.0
ALL = np.ones(5, dtype=bool)


def left(logits):
    return [int(i) for i in np.flatnonzero(np.isfinite(logits))]


def test_the_likeliest_is_left_alone_and_of_equals_the_first():
    assert left(Likeliest()(LOGITS)) == [1]
    assert left(Likeliest()(np.zeros(4))) == [0]


def test_temperature_divides_the_logits():
    squared = PROBABILITIES**2 / (PROBABILITIES**2).sum()
    np.testing.assert_allclose(softmax(Temperature(0.5)(LOGITS)), squared)


@pytest.mark.parametrize(("k", "expected"), [(1, [1]), (3, [1, 3, 4]), (5, [0, 1, 2, 3, 4]), (99, [0, 1, 2, 3, 4])])
def test_top_k_keeps_the_k_likeliest(k, expected):
    assert left(TopK(k)(LOGITS)) == expected


@pytest.mark.parametrize(
    ("p", "expected"), [(0.01, [1]), (0.39, [1]), (0.41, [1, 3]), (0.7, [1, 3, 4]), (0.999, [0, 1, 2, 3, 4])]
)
def test_top_p_keeps_the_likeliest_until_they_have_that_probability(p, expected):
    assert left(TopP(p)(LOGITS)) == expected


@pytest.mark.parametrize(("p", "expected"), [(1.0, [1]), (0.6, [1, 3]), (0.3, [1, 3, 4]), (0.1, [0, 1, 2, 3, 4])])
def test_min_p_leaves_out_what_is_far_less_likely_than_the_likeliest(p, expected):
    assert left(MinP(p)(LOGITS)) == expected


def test_filters_leave_their_argument_as_it_is():
    before = LOGITS.copy()
    for apply in (Likeliest(), Temperature(0.5), TopK(2), TopP(0.5), MinP(0.5)):
        apply(LOGITS)
    np.testing.assert_array_equal(LOGITS, before)


def test_settings_become_filters_in_the_order_in_which_they_act():
    settings = SamplingSettings(temperature=0.7, top_k=5, top_p=0.9, min_p=0.05)
    assert filters_of(settings, ALL) == [Temperature(0.7), TopK(5), TopP(0.9), MinP(0.05)]
    assert filters_of(SamplingSettings(temperature=1.0, min_p=0), ALL) == []
    assert filters_of(SamplingSettings(temperature=0, top_k=5), ALL) == [Likeliest()]


@given(
    logits=st.lists(st.floats(-50, 50), min_size=1, max_size=30).map(np.array),
    temperature=st.floats(0, 5),
    top_k=st.integers(0, 40),
    top_p=st.floats(0.01, 1),
    min_p=st.floats(0, 1),
)
def test_whatever_the_settings_something_is_left_and_the_likeliest_always_is(logits, temperature, top_k, top_p, min_p):
    best = int(np.argmax(logits))
    for apply in filters_of(SamplingSettings(temperature=temperature, top_k=top_k, top_p=top_p, min_p=min_p), ALL):
        logits = apply(logits)
    assert np.isfinite(logits[best])
    assert np.isfinite(logits[draw(logits, np.random.default_rng(0))])


def test_draws_follow_the_probabilities():
    rng = np.random.default_rng(0)
    counts = np.bincount([draw(LOGITS, rng) for _ in range(20_000)], minlength=5)
    np.testing.assert_allclose(counts / 20_000, PROBABILITIES, atol=0.012)


def test_what_was_left_out_is_never_drawn():
    rng = np.random.default_rng(0)
    logits = np.array([-np.inf, 0.0, -np.inf, 1.0, -np.inf])
    assert {draw(logits, rng) for _ in range(2_000)} == {1, 3}


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ({"temperature": -0.1}, r"temperature is -0.1, but it must be at least 0"),
        ({"top_p": 0}, "top_p is 0, but"),
        ({"top_k": 2.5}, "top_k is 2.5, but"),
        ({"max_characters": 0}, "max_characters is 0, but"),
        ({"heat": 1}, "SamplingSettings has no setting 'heat'; it has .*temperature"),
    ],
)
def test_settings_out_of_range_are_refused_in_one_line(setting, complaint):
    with pytest.raises(SettingsError, match=complaint):
        SamplingSettings(**setting)


def test_what_is_not_allowed_is_left_out_before_anything_else():
    without_the_likeliest = np.array([True, False, True, True, True])
    filters = filters_of(SamplingSettings(temperature=0), without_the_likeliest)
    assert filters == [Allowed(without_the_likeliest), Likeliest()]
    logits = LOGITS
    for apply in filters:
        logits = apply(logits)
    assert left(logits) == [3]
