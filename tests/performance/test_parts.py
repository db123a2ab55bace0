"""P: in the header and in the music: what is played, in every voice."""

from fractions import Fraction

import pytest

from songrnn.checks.check import check
from songrnn.notation.read import read_tune
from songrnn.performance.timeline import perform, timeline

NAMES = dict(zip((60, 62, 64, 65, 67, 69, 71, 72, 74, 76, 77, 79, 81, 83), "CDEFGABcdefgab", strict=True))


def tune(body, order=""):
    return read_tune(f"X:1\n{f'P:{order}' if order else 'C:nobody'}\nM:1/4\nL:1/4\nK:C\n{body}\n")


def voices(body, order=""):
    """Voice -> its notes as played, with a dot for every quarter without one."""
    played = timeline(tune(body, order))
    texts = {}
    for note in played.notes:
        beat = int(note.onset * 4)
        texts[note.voice] = texts.get(note.voice, "").ljust(beat, ".") + NAMES[note.pitch]
    return texts


def test_a_label_that_stands_twice_without_an_order_is_played_as_written():
    assert voices("P:A\nCD|\nP:B\nEF|\nP:A\nGA|") == {"1": "CDEFGA"}
    assert check(read_tune("X:1\nM:2/4\nL:1/4\nK:C\nP:A\nCD|\nP:B\nEF|\nP:A\nGA|\n")) == []


@pytest.mark.parametrize(
    ("order", "played"),
    [("ABA", "CEG"), ("AB", "CE"), ("ABAB", "CEGE"), ("A3", "CGC"), ("BA2", "ECG"), ("AX", "CEG")],
)
def test_an_order_plays_parts_of_one_label_in_turn(order, played):
    assert voices("P:A\nC|\nP:B\nE|\nP:A\nG|", order) == {"1": played}


@pytest.mark.parametrize(
    "body",
    [
        "V:1\nP:A\nC|\nP:B\nD|\nV:2\nc|\nd|",  # the second voice has no labels
        "V:1\nC|\nD|\nV:2\nP:A\nc|\nP:B\nd|",  # the first has none
        "V:1\nP:A\nC|\nP:B\nD|\nV:2\nP:A\nc|\nP:B\nd|",  # both have them
        "P:A\nV:1\nC|\nV:2\nc|\nP:B\nV:1\nD|\nV:2\nd|",  # a label stands in the voice that happens to be there
        "[V:1][P:A]C|[P:B]D|\n[V:2]c|d|",
    ],
)
@pytest.mark.parametrize(("order", "numbers"), [("ABA", (0, 1, 0)), ("B2A", (1, 1, 0)), ("AB", (0, 1))])
def test_an_order_holds_for_every_voice(body, order, numbers):
    assert voices(body, order) == {"1": "".join("CD"[n] for n in numbers), "2": "".join("cd"[n] for n in numbers)}


def test_a_part_begins_in_every_voice_at_the_same_time():
    body = "V:1\nP:A\nC|D|\nP:B\nE|\nV:2\nP:A\nc|\nP:B\ne|"
    assert voices(body, "ABA") == {"1": "CDECD", "2": "c.ec"}


def test_a_part_that_a_voice_lacks_is_silence_there():
    body = "V:1\nP:A\nC|\nP:B\nE|\nP:C\nG|\nV:2\nP:A\nc|\nP:C\ng|"
    assert voices(body, "ABAC") == {"1": "CECG", "2": "c.cg"}


def test_repeats_stand_on_their_own_side_of_a_label():
    body = "V:1\nP:A\n|:C:|\nP:B\n|:D|1E:|2F|\nV:2\n|:c:|\n|:d|1e:|2f|"
    assert voices(body, "AB") == {"1": "CCDEDF", "2": "ccdedf"}
    assert voices(body, "BA") == {"1": "DEDFCC", "2": "dedfcc"}


def test_a_label_after_several_bar_lines_is_found_in_voices_that_have_fewer():
    assert voices("V:1\nP:A\nC||\n|[P:B]|:D:|\nV:2\nc|d:|", "BA") == {"1": "DDC", "2": "ddc"}
    assert voices("V:1\nP:A\nC|[P:B]|:D:|\nV:2\nc||\n|:d:|", "BA") == {"1": "DDC", "2": "ddc"}


def test_what_stands_before_the_first_label_is_played_first_and_once():
    assert voices("V:1\nC|\nP:A\nD|\nP:B\nE|\nV:2\nc|d|e|", "BAB") == {"1": "CEDE", "2": "cede"}


def test_overlays_belong_to_their_part():
    body = "V:1\nP:A\nC&E|\nP:B\nD&F|\nV:2\nc&e|d&f|"
    notes = perform(tune(body, "BA"))
    assert [(note.onset, NAMES[note.pitch]) for note in notes if note.voice == "2"] == [
        (0, "d"), (0, "f"), (Fraction(1, 4), "c"), (Fraction(1, 4), "e"),
    ]  # fmt: skip


def test_a_part_that_the_order_leaves_out_is_a_problem():
    (problem,) = check(tune("P:A\nC|\nP:B\nD|E|\nP:C\nF|", "AC"))
    assert (
        str(problem)
        == "line 9, column 1: expected part B in the order of the header's P:, found a part that is never played"
    )


def test_an_ending_within_a_part_that_is_played_is_reported_as_such():
    (problem,) = check(tune("P:A\nC|1D|2E||\nP:B\nF|", "AB"))
    assert (problem.kind, problem.position.line) == ("ending", 7)


def test_a_second_part_of_one_label_that_the_order_never_reaches_is_a_problem():
    assert [problem.kind for problem in check(tune("P:A\nC|\nP:B\nD|\nP:A\nE|", "AB"))] == ["part"]


@pytest.mark.parametrize(("order", "missing"), [("AQ", "Q"), ("AAC", "C"), ("(AB)2Z", "Z")])
def test_an_order_that_names_a_part_without_a_label_is_a_problem(order, missing):
    (problem,) = check(tune("P:A\nC|\nP:B\nD|", order))
    assert problem.message == f"expected parts that are in the music, found {missing}; the tune is played as written"


def test_an_order_of_a_tune_without_labels_is_none():
    assert check(tune("C|D|", "AABB")) == []


def test_music_on_the_line_of_a_label_is_reported():
    problems = check(tune("P:A C| P:B D| P:A E|\nP:B\nF|", ""))
    assert [str(problem) for problem in problems] == [
        "line 6, column 3: expected nothing but a label in the line of P:, found music, which is not played"
    ]
