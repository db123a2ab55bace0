"""Measures of how well a neuron follows a concept: by hand, at their ends, and with intervals."""

from typing import Any

import numpy as np
import pytest

from songrnn.neurons.results import Kind
from songrnn.neurons.scores import accuracy, auc, auc_of, likest, octiles, score, spearman
from songrnn.statistics import bootstrap_weights

TUNES = np.repeat(np.arange(10), 30)


def weights():
    return bootstrap_weights(10, 200, np.random.default_rng(0))


def test_the_area_is_the_share_of_pairs_in_order():
    values, holds = np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True])
    assert auc(values, holds) == pytest.approx(0.75)
    assert auc(values, ~holds) == pytest.approx(0.25)
    assert auc(np.zeros(4), holds) == pytest.approx(0.5)
    assert auc(values, np.ones(4, dtype=bool)) == 0.5
    assert auc_of(np.array([[3.0, 0, 0], [2, 0, 0]])) == 0.5
    assert auc_of(np.array([[1.0, 1, 0], [0, 1, 1]])) == pytest.approx(7 / 8)


def test_a_perfect_neuron_has_the_highest_score_of_each_measure():
    rng = np.random.default_rng(0)
    classes = rng.integers(0, 4, 300).astype(float)
    yes = (rng.random(300) < 0.2).astype(float)
    number = rng.random(300)
    assert score("yes_no", yes, yes, TUNES, weights()).value == pytest.approx(1)
    assert score("number", -np.exp(number), number, TUNES, weights()).value == pytest.approx(-1, abs=1e-3)
    information = score("class", classes, classes, TUNES, weights())
    assert information.value == pytest.approx(1, abs=0.02)


def test_noise_scores_nothing_and_its_interval_holds_that():
    rng = np.random.default_rng(1)
    noise, yes, number = rng.normal(size=300), (rng.random(300) < 0.3).astype(float), rng.random(300)
    cases: list[tuple[Kind, Any, float]] = [("yes_no", yes, 0.5), ("number", number, 0.0)]
    for kind, concept, neutral in cases:
        found = score(kind, noise, concept, TUNES, weights())
        assert found.low < neutral < found.high
        assert found.tunes == 10
    assert score("class", noise, rng.integers(0, 3, 300).astype(float), TUNES, weights()).value < 0.1


def test_where_a_concept_is_undefined_nothing_counts():
    values, concept = np.arange(300.0), np.arange(300.0)
    values[:150], concept[:150] = 7, np.nan
    found = score("number", values, concept, TUNES, weights())
    assert found.value == pytest.approx(1, abs=1e-3)
    assert found.tunes == 5
    assert np.isnan(score("yes_no", values, np.full(300, np.nan), TUNES, weights()).value)


def test_spearmans_correlation_is_that_of_ranks():
    rng = np.random.default_rng(2)
    u = rng.normal(size=200)
    v = u**3 + rng.normal(size=200)
    first, second = (np.argsort(np.argsort(x)) for x in (u, v))
    assert spearman(u, v) == pytest.approx(np.corrcoef(first, second)[0, 1], abs=2e-3)
    assert spearman(u, np.ones(200)) == 0


def test_accuracy_is_the_mean_over_classes_of_what_octiles_tell_right():
    rng = np.random.default_rng(4)
    values = rng.permutation(np.arange(4000) + 0.5) / 4000
    own = octiles(values, values)
    np.testing.assert_array_equal(np.bincount(own), np.full(8, 500))
    rare = (values > 7 / 8).astype(float)
    assert accuracy("yes_no", (own, rare), (own, rare)) == pytest.approx(1)
    often_no = np.where(rng.random(4000) < 0.5, 0.0, rare)
    assert accuracy("yes_no", (own, often_no), (own, often_no)) == pytest.approx(
        (1 + 1 - 0.5 * 500 / 3750) / 2, abs=0.01
    )
    number = np.where(values > 0.5, 3.0, 2.0) + (values > 0.9)
    assert accuracy("number", (own, number), (own, number)) == pytest.approx(1)
    halves = (values > 0.5).astype(float)
    assert accuracy("class", (own, halves), (own, halves)) == pytest.approx(1)
    noise = (rng.random(4000) < 0.02).astype(float)
    assert accuracy("yes_no", (own, noise), (own, (rng.random(4000) < 0.02).astype(float))) < 0.65
    with_rare = np.where(rng.random(4000) < 0.02, 2.0, halves)
    assert accuracy("class", (own, with_rare), (own, with_rare)) == pytest.approx(1)


def test_accuracy_without_two_classes_is_undefined():
    own = octiles(np.arange(80.0), np.arange(80.0))
    assert np.isnan(accuracy("yes_no", (own, np.zeros(80)), (own, np.zeros(80))))
    assert np.isnan(accuracy("number", (own, np.full(80, np.nan)), (own, np.full(80, np.nan))))


def test_the_likest_neuron_may_be_its_opposite():
    rng = np.random.default_rng(6)
    values = rng.normal(size=(500, 2))
    others = np.stack([rng.normal(size=500), 3 - 2 * values[:, 1], np.ones(500)], axis=1)
    found = likest(values, others)
    assert found[1] == pytest.approx(1, abs=1e-4)
    assert found[0] == pytest.approx(max(abs(np.corrcoef(values[:, 0], others[:, i])[0, 1]) for i in (0, 1)), abs=1e-4)
