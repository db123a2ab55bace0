"""Distances between distributions: at their ends, by hand, undefined, and free of what chance adds."""

import math

import numpy as np
import pytest

from songrnn.evaluation.analysed import UNREADABLE, analyse
from songrnn.evaluation.distributions import (
    NOTHING,
    STATISTICS,
    distance,
    distribution,
    mean_distribution,
    plain_distance,
    unlikeness,
)

TUNE = analyse("M:4/4\nL:1/4\nK:D\nD2FA|D2FA|ddz2|\n")


def test_the_statistics_of_a_tune_by_hand():
    assert distribution(TUNE, "pitch") == {"0": 0.5, "4": 0.25, "7": 0.25}
    assert distribution(TUNE, "interval") == pytest.approx(
        {"4": 2 / 7, "3": 2 / 7, "-7": 1 / 7, "5": 1 / 7, "0": 1 / 7}
    )
    assert distribution(TUNE, "duration") == {"1/2": 0.25, "1/4": 0.75}
    assert distribution(TUNE, "rhythm") == pytest.approx({"1/2 1/4": 2 / 7, "1/4 1/4": 4 / 7, "1/4 1/2": 1 / 7})
    assert distribution(TUNE, "build") == {"bars add up, on the tonic, no strains": 1}
    assert distribution(TUNE, "repetition") == pytest.approx({"new": 2 / 3, "as before": 1 / 3})


def test_leaps_beyond_an_octave_are_one_symbol_each_way():
    leaps = analyse("M:4/4\nL:1/4\nK:C\nCd'C,c'|\n")
    assert distribution(leaps, "interval") == pytest.approx({"13": 2 / 3, "-13": 1 / 3})


def test_a_tune_that_cannot_be_read_has_a_symbol_of_its_own():
    assert distribution(analyse("no music"), "pitch") == {UNREADABLE: 1}
    assert distribution(analyse("M:4/4\nL:1/4\nK:C\nC4|\n"), "interval") == {NOTHING: 1}


def test_the_distance_of_the_same_is_nought_and_of_nothing_in_common_one_bit():
    same, other = {"a": 0.5, "b": 0.5}, {"c": 1.0}
    assert plain_distance([same], [same]) == 0
    assert plain_distance([same], [other]) == 1
    # by hand: half of D(1,0 | 3/4,1/4) and half of D(1/2,1/2 | 3/4,1/4)
    expected = 0.5 * np.log2(4 / 3) + 0.5 * (0.5 * np.log2(2 / 3) + 0.5 * np.log2(2))
    assert plain_distance([{"a": 1.0}], [same]) == pytest.approx(expected)
    assert math.isnan(plain_distance([], [same]))


def test_every_tune_counts_the_same_however_long():
    assert mean_distribution([{"a": 1.0}, {"a": 0.5, "b": 0.5}]) == {"a": 0.75, "b": 0.25}


def test_samples_of_one_source_are_at_no_distance_and_of_two_sources_at_theirs():
    rng = np.random.default_rng(0)

    def draw(shares, tunes):
        return [dict(zip("abcdef", rng.multinomial(20, shares) / 20, strict=True)) for _ in range(tunes)]

    one, other = [0.3, 0.3, 0.1, 0.1, 0.1, 0.1], [0.1, 0.1, 0.3, 0.3, 0.1, 0.1]
    pairs = [(draw(one, 20), draw(one, 20)) for _ in range(20)]
    found = [distance(*pair) for pair in pairs]
    assert np.mean([same.value for same in found]) < 0.4 * np.mean([plain_distance(*pair) for pair in pairs])
    assert sum(same.low == 0 for same in found) >= 17
    true = plain_distance([dict(zip("abcdef", one, strict=True))], [dict(zip("abcdef", other, strict=True))])
    apart = distance(draw(one, 200), draw(other, 100))
    assert apart.low < true < apart.high
    assert apart.value == pytest.approx(true, abs=0.02)
    assert apart.tunes == 100


def test_a_distance_without_tunes_is_undefined_and_the_same_seed_gives_the_same():
    assert math.isnan(distance([], [{"a": 1.0}]).value)
    tunes = [{"a": 0.2, "b": 0.8}, {"a": 1.0}], [{"b": 1.0}, {"a": 0.5, "b": 0.5}]
    assert distance(*tunes, seed=3) == distance(*tunes, seed=3)


def test_broken_tunes_are_unlike_music():
    def side(*texts):
        return {name: [distribution(analyse(text), name) for text in texts] for name in STATISTICS}

    music = "M:4/4\nL:1/4\nK:C\nCDEF|GABc|\n"
    assert unlikeness(side(music), side(music)) == 0
    assert unlikeness(side("broken"), side(music)) == 1
    assert 0 < unlikeness(side("broken", music), side(music)) < 1
    assert math.isnan(unlikeness(side(), side(music)))
