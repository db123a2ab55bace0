"""What counts as the melody of a tune, how long its stretches are, and where they stand in the text."""

from fractions import Fraction

import pytest

from songrnn.originality.melody import TICKS, melody_of
from tiny import JIG


def test_the_melody_is_the_top_of_the_first_voice_as_written():
    melody = melody_of("X:1\nM:4/4\nL:1/8\nK:D\n{g}[DFA]2 z2 d2-|d2 f2 (3efg|:a8:|\nV:2\nD8|\n")
    assert melody.pitches.tolist() == [69, 74, 78, 76, 78, 79, 81]
    assert melody.durations.tolist() == [TICKS // 4, TICKS // 2, TICKS // 4, *[TICKS // 12] * 3, TICKS]


def test_the_markers_of_raw_form_are_no_notes():
    inside = melody_of("<start>\nX:1\n" + JIG + "<end>\n")
    assert inside.pitches.tolist() == melody_of(JIG).pitches.tolist()
    assert inside.text[slice(*inside.characters(0, 2))] == "DFA"


@pytest.mark.parametrize("text", ["", "nothing", "K:C\n", "\0", "X:1\nK:C\nz4|\n"])
def test_a_text_without_notes_has_an_empty_melody(text):
    assert len(melody_of(text)) == 0
    assert melody_of(text).pitches.tolist() == []


@pytest.mark.parametrize(
    ("text", "first", "last", "bars"),
    [
        ("M:4/4\nL:1/8\nK:C\nCDEF GABc|c8|\n", 0, 7, 1),
        ("M:4/4\nL:1/8\nK:C\nCDEF GABc|c8|\n", 1, 8, Fraction(15, 8)),
        ("M:6/8\nL:1/8\nK:C\nCDE FGA|\n", 0, 2, Fraction(1, 2)),
        ("M:2/4\nL:1/8\nK:C\nCDEF|\nM:3/4\nGABcde|\n", 2, 6, Fraction(1, 2) + Fraction(1, 2)),
        ("M:none\nL:1/4\nK:C\nCDEF|\n", 0, 3, 1),
        ("M:2/4\nL:1/8\nK:C\nC z2 D|\n", 0, 1, 1),
    ],
)
def test_length_is_given_in_bars_of_the_meter_in_force(text, first, last, bars):
    assert melody_of(text).bars_between(first, last) == bars


def test_bars_are_numbered_as_players_count_them():
    text = "M:6/8\nL:1/8\nK:D\nA|dfd cec|A2B AFD|dfd c2:|\n|:e|fed cBA|d6|\n"
    melody = melody_of(text)
    bar = {text.index(part, 16): number for part, number in (("A|", 0), ("dfd", 1), ("A2B", 2), ("e|", 3), ("fed", 4))}
    found = {
        begin: melody.bar_of(index) for index in range(len(melody)) for begin in [melody.characters(index, index)[0]]
    }
    assert {begin: found[begin] for begin in bar} == bar
    assert found[text.index("d6")] == 5


def test_a_stretch_is_found_in_the_text_with_accidentals_lengths_and_ties():
    text = "X:1\r\nM:4/4\r\nL:1/8\r\nK:C\r\nC2 ^D,3/2 [EG]2- [EG] | _b'/2c4|\r\n"
    melody = melody_of(text)
    assert text[slice(*melody.characters(1, 2))] == "^D,3/2 [EG]2-"
    assert text[slice(*melody.characters(3, 4))] == "_b'/2c4"
