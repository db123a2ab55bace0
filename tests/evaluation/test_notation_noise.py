"""Notation noise: nothing, all, worked out by hand, undefined."""

import math

import pytest

from songrnn.evaluation.analysed import analyse
from songrnn.evaluation.notation_noise import notation_noise
from tiny import JIG

HEAD = "M:4/4\nL:1/8\nK:Cmaj\n"


def noise(body):
    return notation_noise(analyse(f"{HEAD}{body}\n"))


def test_a_tune_of_notes_alone_has_none():
    assert notation_noise(analyse(JIG)) == 0


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('"^Segno"C4 D4|"_D.C."E8|', 1.0),
        ("C4 D4|E4 !D.C.!F4|G8 !fine!|]", 2 / 3),
        ("SC4 OD4|E8|", 1.0),
        ("C5 D3|E8|", 0.5),
        ("C5/4D/4E/2 F6|z3/4D/4E3 F4|", 1.0),
        ("[CE]5 D3|", 1.0),
        ('|: "^Segno""^Fine" :|C8|', 2.0),  # a bar without music is none
        ('"Am"C4 .D2 TD2|~E3/2F/ {g}z2 !trill!G4|', 0.0),  # chord symbols and ornaments are music
        ('C7/2D/ E4|F6 G3/4A/4 B|\nN:^ "^a"\n', 0.0),
    ],
)
def test_noise_is_counted_a_bar(body, expected):
    assert noise(body) == pytest.approx(expected)


@pytest.mark.parametrize("body", ["", "z8|", "|||"])
def test_without_notes_it_is_undefined(body):
    assert math.isnan(noise(body))


def test_of_what_cannot_be_read_it_is_undefined():
    assert math.isnan(notation_noise(analyse("no tune at all")))
