"""Swing: two equal notes on a beat of a hornpipe or strathspey; nothing else moves."""

from fractions import Fraction

import pytest

from songrnn.notation.read import read_tune
from songrnn.performance.timeline import perform
from songrnn.rendering.interpretation import interpret


def swung(body, fields="R:hornpipe\nM:4/4\nL:1/8\n"):
    tune = read_tune(f"X:1\n{fields}K:C\n{body}\n", strict=False)
    notes = interpret(tune, tempo="", swing=True).timeline.notes
    return [(note.onset * 24, note.duration * 24) for note in notes], perform(tune)


def unchanged(body, fields="R:hornpipe\nM:4/4\nL:1/8\n"):
    notes, plain = swung(body, fields)
    return notes == [(note.onset * 24, note.duration * 24) for note in plain]


def test_two_eighths_are_played_two_to_one():
    notes, _ = swung("CDEF GABc|")
    assert notes == [(0, 4), (4, 2), (6, 4), (10, 2), (12, 4), (16, 2), (18, 4), (22, 2)]


def test_after_a_pickup_the_beats_are_those_of_the_bar():
    notes, _ = swung("c|CDEF G4|")
    assert notes[:4] == [(1, 2), (3, 4), (7, 2), (9, 4)]


def test_a_repeat_with_pickups_stays_on_the_beat():
    notes, _ = swung("|:c|CDEF G3:|")
    assert [duration for _, duration in notes] == [2, 4, 2, 4, 2, 10] * 2
    onsets = [onset for onset, _ in notes]
    assert onsets[6] - onsets[0] == 24


def test_a_note_that_is_tied_or_held_into_an_offbeat_ends_with_it():
    notes, _ = swung("C3D E4|C2-CD E4|")
    assert notes[:2] == [(0, 10), (10, 2)]
    assert notes[3:5] == [(24, 10), (34, 2)]


@pytest.mark.parametrize(
    "body", ["C2D2 E4|", "C>DE<F G4|", "(3CDE (3FGA B4|", "C/D/E/F/ G2 A4|", "C4 (5CDEFG|", "z8|C8|"]
)
def test_beats_that_are_not_two_equal_notes_stay_as_written(body):
    assert unchanged(body)


@pytest.mark.parametrize(
    "fields",
    ["R:reel\nM:4/4\nL:1/8\n", "R:hornpipe\nM:6/8\nL:1/8\n", "R:hornpipe\nM:none\nL:1/8\n", "M:4/4\nL:1/8\n"],
)
def test_other_dances_and_meters_stay_as_written(fields):
    assert unchanged("CDEF GABc|", fields)


@pytest.mark.parametrize(
    ("fields", "first"),
    [
        ("R:Strathspey\nM:C\nL:1/8\n", (0, 4)),
        ("R:hornpipe\nM:2/4\nL:1/16\n", (0, 2)),
        ("R:Hornpipes\nM:3/2\nL:1/8\n", (0, 4)),
    ],
)
def test_hornpipes_and_strathspeys_swing_in_every_meter_that_they_have(fields, first):
    notes, _ = swung("CDEF GABc|", fields)
    assert notes[0] == first
    assert notes[1][1] * 2 == first[1]


def test_voices_swing_each_for_itself():
    notes, _ = swung("V:1\nCDEF G4|\nV:2\nC2 C/D/E C4|")
    assert (4, 2) in notes
    assert (Fraction(15, 2), Fraction(3, 2)) in notes


def test_the_words_say_whether_it_is_swung():
    tune = read_tune("X:1\nR:hornpipe\nM:4/4\nL:1/8\nK:C\nCDEF GABc|\n", strict=False)
    assert interpret(tune, tempo="", swing=True).words == "1/4=168, swung"
    assert interpret(tune, tempo="80", swing=False).words == "1/4=80"
