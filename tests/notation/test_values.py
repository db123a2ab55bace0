"""Keys, meters and unit note lengths: text to value and back."""

from fractions import Fraction

import pytest

from songrnn.corpus.fields import canonical_field
from songrnn.notation.tune import FREE_METER, Key, Meter
from songrnn.notation.values import read_value, value_text

KEYS = {
    "G": Key("G"), "Ador": Key("A", "dor"), "E Minor": Key("E", "min"), "EM": Key("E", "min"), "F#m": Key("F#", "min"),
    "Bb": Key("Bb"), "d mixolydian": Key("D", "mix"), "C#lyd": Key("C#", "lyd"), "A aeolian": Key("A", "min"),
    "D phr ^f": Key("D", "phr", (("F", 1),)), "D exp _b^e=c": Key("D", "exp", (("B", -1), ("E", 1), ("C", 0))),
    "Hp": Key("Hp"), "HP": Key("HP"), "none": Key(), "G clef=bass octave=-1": Key("G", clef="clef=bass octave=-1"),
    "treble+8 Am": Key("A", "min", clef="treble+8"), "clef=alto": "clef=alto",
}  # fmt: skip


@pytest.mark.parametrize(("text", "key"), KEYS.items())
def test_a_key_is_read_in_every_spelling_and_written_in_one(text, key):
    assert read_value("K", text) == key
    assert read_value("K", value_text(key)) == key


@pytest.mark.parametrize("text", ["", "H", "Gfoo", "X minor", "C##", "G ^h"])
def test_what_is_no_key_has_no_value(text):
    assert read_value("K", text) is None


@pytest.mark.parametrize(
    ("key", "signature"),
    [
        (Key("C"), {}), (Key("D"), {"F": 1, "C": 1}), (Key("Bb"), {"B": -1, "E": -1}), (Key("A", "dor"), {"F": 1}),
        (Key("C", "loc"), {"B": -1, "E": -1, "A": -1, "D": -1, "G": -1}), (Key("Hp"), {"F": 1, "C": 1}),
        (Key("HP"), {}),
        (Key("D", "phr", (("F", 1),)), {"B": -1, "E": -1, "F": 1}), (Key("D", "exp", (("B", -1),)), {"B": -1}),
        (Key("D", "maj", (("C", 0),)), {"F": 1}), (Key("C#"), dict.fromkeys("FCGDAEB", 1)),
    ],
)  # fmt: skip
def test_a_key_has_the_signature_of_its_mode_changed_by_its_accidentals(key, signature):
    assert dict(key.signature) == signature


METERS = {
    "C": Meter((4,), 4, "C"), "C|": Meter((2,), 2, "C|"), "6/8": Meter((6,), 8), "(2+3)/8": Meter((2, 3), 8),
    "2+2+3/16": Meter((2, 2, 3), 16), "none": FREE_METER, "": FREE_METER,
}  # fmt: skip


@pytest.mark.parametrize(("text", "meter"), METERS.items())
def test_a_meter_is_read_in_every_spelling_and_written_in_one(text, meter):
    assert read_value("M", text) == meter
    assert read_value("M", value_text(meter)) == meter


@pytest.mark.parametrize("text", ["7", "0/4", "3/5", "4/4 6/8", "FREI4/4", "\u0663/4"])
def test_what_is_no_meter_has_no_value(text):
    assert read_value("M", text) is None


def test_meters_know_how_long_a_bar_is_and_whether_they_are_compound():
    assert [Meter((6,), 8).duration, Meter((2, 3), 8).duration, FREE_METER.duration] == [
        Fraction(3, 4),
        Fraction(5, 8),
        None,
    ]
    assert [Meter((beats,), 8).compound for beats in (3, 6, 9, 12)] == [False, True, True, True]


def test_unit_note_lengths_are_parts_of_a_whole_note():
    assert [read_value("L", text) for text in ("1/8", "1", "1/512", "2/8", "1/3", "")] == [
        Fraction(1, 8), Fraction(1), Fraction(1, 512), None, None, None,
    ]  # fmt: skip


@pytest.mark.parametrize("text", [text for text, key in KEYS.items() if isinstance(key, Key) and not key.clef])
def test_a_key_is_spelled_as_the_corpus_spells_it(text):
    assert value_text(read_value("K", text)) == canonical_field("K", text)
