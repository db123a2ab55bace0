"""Where a metronome clicks while a tune is played."""

from fractions import Fraction

from songrnn.notation.read import read_tune
from songrnn.performance.beats import beats_of
from songrnn.performance.timeline import timeline


def beats(music, meter="4/4", more=""):
    tune = read_tune(f"X:1\nM:{meter}\nL:1/8\n{more}K:C\n{music}\n")
    return [(beat.onset, beat.first) for beat in beats_of(tune, timeline(tune))]


def strong(music, meter="4/4"):
    return [onset for onset, first in beats(music, meter) if first]


def test_every_quarter_of_a_bar_is_a_beat_and_the_first_is_marked():
    assert beats("C8|D8|") == [(Fraction(k, 4), k % 4 == 0) for k in range(8)]


def test_a_jig_has_two_beats_a_bar_and_a_tempo_may_say_another_beat():
    assert [onset for onset, _ in beats("CDE FGA|B6|", "6/8")] == [Fraction(3 * k, 8) for k in range(4)]
    assert [onset for onset, _ in beats("C8|", more="Q:1/2=100\n")] == [0, Fraction(1, 2)]


def test_the_bar_after_a_pickup_begins_on_a_strong_beat_and_the_pickup_on_none():
    assert strong("A|CDEF GABc|c8|") == [Fraction(1, 8), Fraction(9, 8)]
    assert beats("A2|c8|")[0] == (0, False)


def test_a_short_bar_before_a_repeat_and_the_pickup_after_it_are_one_bar():
    eighth = Fraction(1, 8)
    assert strong("|:D|DEF GAB|G3 G2:|", "6/8") == [eighth, 7 * eighth, 13 * eighth, 19 * eighth]


def test_free_meter_has_no_beats():
    assert beats("C8|", "none") == []
