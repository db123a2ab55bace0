"""The tempo field Q: in all its forms, and what is none."""

from fractions import Fraction

import pytest

from songrnn.performance.tempo import Tempo, read_tempo

EIGHTH, QUARTER, DOTTED_QUARTER = Fraction(1, 8), Fraction(1, 4), Fraction(3, 8)


@pytest.mark.parametrize(
    ("text", "tempo", "quarters"),
    [
        ("1/4=120", Tempo((QUARTER,), Fraction(120)), 120),
        ("1/4 3/8 1/4 3/8=40", Tempo((QUARTER, DOTTED_QUARTER) * 2, Fraction(40)), 200),
        ('"Allegro" 1/4=120', Tempo((QUARTER,), Fraction(120), "Allegro"), 120),
        ('3/8=50 "Slowly"', Tempo((DOTTED_QUARTER,), Fraction(50), "Slowly"), 75),
        ("120", Tempo((EIGHTH,), Fraction(120)), 60),
        ("C=120", Tempo((EIGHTH,), Fraction(120)), 60),
        ("C3=40", Tempo((DOTTED_QUARTER,), Fraction(40)), 60),
        ('"Andante  mosso"', Tempo(text="Andante mosso"), None),
        (" 1/4 = 120.5 ", Tempo((QUARTER,), Fraction(241, 2)), Fraction(241, 2)),
        ('"poco" 1/2=60 "rubato"', Tempo((Fraction(1, 2),), Fraction(60), "poco rubato"), 120),
    ],
)
def test_every_form_of_the_standard_is_read(text, tempo, quarters):
    assert read_tempo(text, EIGHTH) == tempo
    assert tempo.quarters_per_minute == quarters


@pytest.mark.parametrize(
    "text",
    [
        "118 =1/4",
        "",
        '""',
        "1/4",
        "1/4=",
        "=120",
        "fast",
        "1/4=0",
        "1/4=1000000000",
        "1/0=120",
        "0/4=120",
        "1/4 0/4=120",
        "C0=120",
        "1/4=ca. 120",
        "1/1024=1",
        "999/1=9999",
        "1/4 1/4 1/4 1/4 1/4=40",
        '"Allegro 1/4=120',
        "1/4=\uff11",
    ],
)
def test_what_gives_no_tempo_or_an_absurd_one_is_none(text):
    assert read_tempo(text, EIGHTH) is None


@pytest.mark.parametrize("unit", [Fraction(1, 4), Fraction(1, 16)])
def test_a_number_alone_counts_unit_note_lengths(unit):
    tempo = read_tempo("240", unit)
    assert tempo is not None
    assert tempo.quarters_per_minute == 960 * unit
