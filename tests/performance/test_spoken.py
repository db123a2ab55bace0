"""The score in words."""

import pytest

from songrnn.notation.read import read_tune
from songrnn.performance.spoken import spoken_bars


def spoken(music, key="D", header="L:1/8\nM:6/8\n"):
    return [bar.sentence for bar in spoken_bars(read_tune(f"X:1\n{header}K:{key}\n{music}\n"))]


def test_a_bar_is_said_with_its_part_its_number_and_its_notes_as_they_sound():
    assert spoken("DFA def|c6||=c3 z3|]") == [
        "part A, bar 1: eighth D, F sharp, A, high D, high E, high F sharp",
        "part A, bar 2: dotted half high C sharp, end of the part",
        "part B, bar 3: dotted quarter high C, rest, end of the part",
    ]


def test_a_pickup_has_no_number_and_begins_no_part_of_its_own():
    assert [sentence.partition(":")[0] for sentence in spoken("A|:d6:|:A|d6:|")] == [
        "part A, pickup",
        "part A, bar 1",
        "part B, pickup",
        "part B, bar 2",
    ]


@pytest.mark.parametrize(
    ("music", "words"),
    [
        ("^g_g=g", "eighth high G sharp, high G flat, high G"),
        ("^c3 c3", "dotted quarter high C sharp, high C sharp"),
        ("(3ABc", "triplet eighth A, B, high C sharp"),
        ("A>B", "dotted eighth A, sixteenth B"),
        ('"Am"[FA]', "eighth F sharp and A (chord Am)"),
        ("{g}a ~b", "eighth high A (grace high G), high B (roll)"),
        ("{f}a", "eighth high A (grace high F sharp)"),
        ("C,f''", "eighth low C sharp, octave 7 F sharp"),
        ("A5", "5/8 of a whole note A"),
        ("z2 A-A", "quarter rest, eighth A tied, A"),
        ("Z", "rest of one bar"),
        ("[K:G]F", "key Gmaj, eighth F sharp"),
    ],
)
def test_signs_have_words(music, words):
    assert spoken(f"{music}|")[0].partition(": ")[2] == words


def test_repeats_and_endings_are_said_and_a_second_ending_belongs_to_its_part():
    assert spoken("|:d6|1 e6:|2 f6||g6|]") == [
        "part A, bar 1: dotted half high D",
        "part A, bar 2: first ending, dotted half high E, repeat",
        "part A, bar 3: second ending, dotted half high F sharp, end of the part",
        "part B, bar 4: dotted half high G, end of the part",
    ]


def test_labels_name_the_parts():
    assert [sentence[:7] for sentence in spoken("P:A\nd6||\nP:C\ne6|]")] == ["part A,", "part C,"]


def test_a_tune_without_music_has_no_words():
    assert spoken("% nothing") == []
