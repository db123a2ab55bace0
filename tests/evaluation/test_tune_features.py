"""Figures of a whole tune: by hand, undefined, and the same names for every tune."""

import math

import pytest

from songrnn.evaluation.analysed import analyse
from songrnn.evaluation.tune_features import feature_table, tune_features

HEAD = "M:4/4\nL:1/4\nK:G\n"
TUNE = tune_features(analyse(f"{HEAD}D|GABc|G2d2|dcBA|G3:|\n"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("bars", 8),
        ("bars modulo 8", 0),
        ("notes", 12),
        ("notes to a bar", 11 / 4),
        ("parts", 1),
        ("degree 0", 3 / 12),
        ("degree 7", 3 / 12),
        ("degree on the downbeat 0", 3 / 4),
        ("degree on the downbeat 7", 1 / 4),
        ("similarity 4 apart", 1),
        ("different bars", 1 / 2),
        ("the same bar in a row", 1),
        ("strains", 1),
        ("repeats", 1 / 11),
        ("steps", 7 / 11),
        ("leaps", 3 / 11),
        ("rises", 5 / 11),
        ("turns", 2 / 10),
        ("back to the note before", 0),
        ("most steps in one direction", 4),
        ("quarters", 9 / 12),
        ("different durations", 3),
        ("last duration", 3),
        ("range", 12),
        ("lowest", 7),
        ("highest", 19),
        ("ends on the tonic", 1),
        ("accidentals", 0),
        ("first degree", 7),
    ],
)
def test_the_figures_of_a_tune_by_hand(name, value):
    assert TUNE[name] == pytest.approx(value)


def test_a_step_and_back_is_counted():
    assert tune_features(analyse(f"{HEAD}GAGB|\n"))["back to the note before"] == 1 / 2


@pytest.mark.parametrize("text", ["no music", f"{HEAD}z4|\n"])
def test_without_notes_every_figure_is_undefined(text):
    assert {name for name, value in tune_features(analyse(text)).items() if not math.isnan(value)} == set()


def test_a_table_has_a_row_for_each_tune_and_the_same_columns():
    table, names = feature_table([analyse("no music"), analyse(f"{HEAD}GABc|\n")])
    assert table.shape == (2, len(names)) == (2, len(TUNE))
    assert names == list(TUNE)
    assert feature_table([])[1] == []
