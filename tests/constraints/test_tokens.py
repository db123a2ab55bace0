"""The units in which the constraints count."""

from fractions import Fraction

import pytest

from songrnn.constraints.spellings import lengths_by_spelling, ticks_of
from songrnn.constraints.tokens import GRAINS, LONGEST_BAR, LONGEST_LENGTH, MOST_TUPLET
from songrnn.tracking.ticks import WHOLE


@pytest.mark.parametrize("unit", [1, 2, 4, 8, 16, 32])
def test_every_note_lasts_a_whole_number_of_ticks_in_every_tuplet_and_broken_rhythm(unit):
    for spelling, grains in lengths_by_spelling().items():
        for notes in range(2, MOST_TUPLET + 1):
            ticks = ticks_of(Fraction(grains, GRAINS * unit) / notes / 4)
            assert ticks, (spelling, notes)


def test_longest_length_and_shortest_note_stay_within_the_bounds():
    lengths = lengths_by_spelling().values()
    assert (min(lengths), max(lengths)) == (1, 32 * GRAINS)
    assert max(lengths) <= LONGEST_LENGTH
    assert 200 * WHOLE < LONGEST_BAR < 2**31 // 2
