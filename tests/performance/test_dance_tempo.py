"""Usual tempos: the dance in R:, the beat of the meter, and what a user asks for."""

from fractions import Fraction

import pytest

from songrnn.notation.read import read_tune
from songrnn.notation.tune import FREE_METER, Meter
from songrnn.performance.dance_tempo import (
    DANCES,
    OTHER_NAMES,
    beat_of,
    dance_of,
    requested_tempo,
    tempo_of,
    tempo_text,
    usual_tempo,
)
from songrnn.performance.tempo import read_tempo


def tune(fields):
    return read_tune(f"X:1\n{fields}K:G\nGABc|\n", strict=False)


@pytest.mark.parametrize(
    ("fields", "tempo"),
    [
        ("R:reel\nM:4/4\n", "1/2=112"),
        ("R:reel\nM:C|\n", "1/2=112"),
        ("R:Reels\nM:2/4\n", "1/4=112"),
        ("R:double jig\nM:6/8\n", "3/8=120"),
        ("R:Slip-Jig\nM:9/8\n", "3/8=126"),
        ("R:slide\nM:12/8\n", "3/8=136"),
        ("R:hornpipe\nM:C\n", "1/4=168"),
        ("R:Hornpipe\nM:3/2\n", "1/2=108"),
        ("R:polka\nM:2/4\n", "1/4=132"),
        ("R:Waltzes\nM:3/4\n", "1/4=144"),
        ("R:barndance\nM:4/4\n", "1/4=160"),
        ("R:Slow Air\nM:3/4\n", "1/4=84"),
        ("R:a jig for the road\nM:6/8\n", "3/8=120"),
        ("R:reel\nM:6/8\n", "3/8=112"),  # a reel is not in 6/8: the usual tempo of the meter
        ("M:6/8\n", "3/8=112"),
        ("M:5/8\n", "1/8=240"),
        ("M:(2+3)/4\n", "1/4=120"),
        ("M:6/16\n", "3/16=120"),
        ("M:none\n", "1/4=120"),
        ("", "1/4=120"),
        ("R:reel\nM:4/4\nQ:1/4=90\n", "1/4=90"),
        ("R:reel\nM:4/4\nL:1/8\nQ:90\n", "1/8=90"),
        ("R:reel\nM:4/4\nQ:1/4 3/8 1/4 3/8=40\n", "1/4 3/8 1/4 3/8=40"),
    ],
)
def test_a_tune_goes_at_its_own_tempo_or_at_that_of_its_dance(fields, tempo):
    assert tempo_text(tempo_of(tune(fields))) == tempo


def test_words_in_place_of_a_tempo_stay_with_the_usual_one():
    tempo = tempo_of(tune('R:waltz\nM:3/4\nQ:"Gently"\n'))
    assert (tempo_text(tempo), tempo.text) == ("1/4=144", "Gently")


def test_every_tempo_of_the_table_can_be_read_and_is_playable():
    for dance, meters in DANCES.items():
        for meter, text in meters.items():
            tempo = read_tempo(text, Fraction(1, 8))
            assert tempo is not None, (dance, meter)
            assert 50 <= tempo.quarters_per_minute <= 264, (dance, meter)


def test_every_other_name_leads_to_a_dance_of_the_table():
    assert set(OTHER_NAMES.values()) <= set(DANCES)


@pytest.mark.parametrize(
    ("rhythm", "dance"),
    [("single jig", "single jig"), ("HOP JIG", "hop jig"), ("jigsaw", ""), ("", ""), ("slip jigs", "slip jig")],
)
def test_the_longest_name_in_the_words_counts(rhythm, dance):
    assert dance_of(rhythm) == dance


@pytest.mark.parametrize(
    ("meter", "beat"),
    [
        (Meter((4,), 4, "C"), Fraction(1, 4)),
        (Meter((2,), 2, "C|"), Fraction(1, 2)),
        (Meter((9,), 8), Fraction(3, 8)),
        (Meter((7,), 8), Fraction(1, 8)),
        (FREE_METER, Fraction(1, 4)),
    ],
)
def test_the_beat_follows_from_the_meter(meter, beat):
    assert beat_of(meter) == beat


def test_a_number_alone_counts_beats_of_the_meter():
    assert tempo_text(requested_tempo(" 100 ", Meter((6,), 8))) == "3/8=100"
    assert tempo_text(requested_tempo("1/4=100.5", Meter((6,), 8))) == "1/4=100.5"


@pytest.mark.parametrize("text", ["", "fast", "-3", "0", "1/4", '"Allegro"', "1/0=3", "99999", "1/4=9999"])
def test_what_is_no_tempo_is_none(text):
    assert requested_tempo(text, FREE_METER) is None


def test_an_unknown_rhythm_has_the_tempo_of_its_meter():
    assert usual_tempo("gigue", Meter((6,), 8)) == usual_tempo("", Meter((6,), 8))
