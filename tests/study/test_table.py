"""Means, intervals and paired differences, worked out by hand."""

import math

import pytest

from made_up import failure, grid, result
from songrnn.study.table import (
    configurations,
    difference,
    mean_over_seeds,
    values_of,
    where,
)


def test_a_difference_is_paired_so_that_what_seeds_and_places_share_does_not_blur_it():
    def score(cell, size, dropout, seed):
        return 2 + seed + size / 8 + 10 * dropout - (0.25 if cell == "lstm" else 0) + 0.01 * seed * (cell == "rnn")

    results = grid(score)
    d = difference(results, "cell", "lstm", "rnn")
    assert d.mean == pytest.approx(-0.26)
    assert d.half == pytest.approx(4.303 * 0.01 / math.sqrt(3))
    assert d.count == 3  # seeds, not pairs
    assert mean_over_seeds(where(results, cell="lstm")).half > 1


def test_a_difference_of_numbers_is_one_minus_other():
    results = grid(lambda cell, size, dropout, seed: 3 - size / 16 + 0.001 * seed * size)
    assert difference(results, "hidden_size", 16, 8).mean == pytest.approx(-0.5 + 0.008)
    assert difference(results, "dropout", 0.2, 0.0).mean == pytest.approx(0)


def test_a_failed_training_takes_its_pair_out_for_every_seed():
    results = grid(lambda cell, size, dropout, seed: {"rnn": 3.0, "lstm": 2.0}[cell] - size, cells=("rnn", "lstm"))
    spoiled = [
        failure(r.cell, r.hidden_size, r.dropout, r.seed) if (r.cell, r.hidden_size, r.seed) == ("lstm", 16, 1) else r
        for r in results
    ]
    d = difference(spoiled, "cell", "lstm", "rnn")
    assert (d.mean, d.count) == (pytest.approx(-1.0), 3)
    assert mean_over_seeds(where(spoiled, cell="lstm")).mean == pytest.approx(2.0 - 8)


def test_without_a_pair_there_is_no_difference():
    results = [result("lstm", seed=0), failure("lstm", seed=1), result("rnn", seed=0), result("rnn", seed=1)]
    assert difference(results, "cell", "lstm", "rnn").count == 0
    assert difference(results, "cell", "lstm", "gru").count == 0
    assert difference(results, "cell", "lstm", "rnn", "test").count == 0


def test_configurations_are_ordered_by_cell_as_named_then_by_numbers():
    results = grid(lambda *_: 1.0, cells=("rnn", "lstm"), sizes=(16, 8), seeds=2)
    names = [group[0].configuration for group in configurations(results)]
    assert names[:3] == ["rnn-8-dropout-0", "rnn-8-dropout-0.2", "rnn-16-dropout-0"]
    assert all([r.seed for r in group] == [0, 1] for group in configurations(results))
    assert values_of(results, "hidden_size") == [8, 16]
    assert values_of(results, "cell") == ["rnn", "lstm"]
