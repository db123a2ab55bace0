"""Shares, means, intervals and resampling, worked out by hand or found in tables."""

import math

import numpy as np
import pytest

from songrnn.statistics import Interval, bootstrap_weights, difference_of_shares, t_quantile


def test_an_interval_is_students():
    interval = Interval.of([1.0, 2.0, 3.0])
    assert interval.mean == 2.0
    assert interval.half == pytest.approx(4.303 / math.sqrt(3))
    assert interval.count == 3
    assert interval.text() == "2.000 ± 2.484"
    assert Interval(-0.5, 0.25, 3).text(signed=True) == "−0.500 ± 0.250"
    assert Interval(0.5, 0.25, 3).text(signed=True) == "+0.500 ± 0.250"


@pytest.mark.parametrize(("degrees", "t"), [(1, 12.706), (2, 4.303), (30, 2.042), (40, 2.021), (60, 2.0), (120, 1.980)])
def test_t_quantiles_are_those_of_the_tables(degrees, t):
    assert t_quantile(degrees) == pytest.approx(t, abs=6e-4)


def test_t_continues_smoothly_where_the_table_ends():
    assert t_quantile(30) > t_quantile(31) > 2.039


def test_too_few_values_have_no_interval():
    assert Interval.of([]).text() == "–"
    assert Interval.of([1.5]).text() == "1.500 ± undefined"
    assert Interval.of([1.5]).record() == {"mean": 1.5, "half_width": None, "count": 1}
    assert not Interval.of([1.5]).without_zero
    assert not Interval.of([]).without_zero


@pytest.mark.parametrize(
    ("interval", "expected"),
    [(Interval(0.3, 0.2, 3), True), (Interval(-0.3, 0.2, 3), True), (Interval(0.1, 0.2, 3), False)],
)
def test_a_difference_is_one_when_zero_lies_outside(interval, expected):
    assert interval.without_zero is expected


def test_the_interval_of_a_difference_of_shares_is_newcombes():
    low, high = difference_of_shares(56, 70, 48, 80)  # the first example in his table II
    assert (low, high) == (pytest.approx(0.0524, abs=1e-4), pytest.approx(0.3339, abs=1e-4))


def test_a_bootstrap_draws_as_many_values_as_there_are_with_replacement():
    weights = bootstrap_weights(5, 4_000, np.random.default_rng(0))
    assert weights.shape == (4_000, 5)
    np.testing.assert_allclose(weights.sum(1), 1)
    counts = weights * 5
    np.testing.assert_allclose(counts, counts.round())
    assert counts.max() > 1
    values = np.array([1.0, 2.0, 3.0, 4.0, 10.0])
    assert (weights @ values).std() == pytest.approx(values.std() / math.sqrt(5), rel=0.05)
