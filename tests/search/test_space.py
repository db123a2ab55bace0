"""Axes: what can be written, and that no axis leaves the range of its setting."""

import pytest

from songrnn.errors import SettingsError
from songrnn.model.settings import ModelSettings
from songrnn.search.settings import SearchSettings
from songrnn.search.space import AXES, DEFAULT_AXES, Axis, read_axes, read_axis, with_values
from songrnn.training.settings import TrainingSettings


@pytest.mark.parametrize("name", AXES)
def test_every_axis_with_usual_values_can_be_built_and_read_again(name):
    axis = read_axis(name)
    assert read_axis(str(axis)) == axis


@pytest.mark.parametrize("name", DEFAULT_AXES)
def test_the_help_names_the_axes_that_are_searched_by_default(name):
    assert name in SearchSettings.model_fields["axes"].description


def test_a_range_and_a_list_are_read_in_the_settings_own_type():
    assert read_axis("hidden-size=8:16") == Axis("hidden_size", 8, 16)
    assert read_axis("learning_rate=0.001:0.01") == Axis("learning_rate", 0.001, 0.01)
    assert read_axis("cell=gru,lstm") == Axis("cell", choices=("gru", "lstm"))
    assert read_axis("batch_size=8,32") == Axis("batch_size", choices=(8, 32))
    assert read_axis("copying") == Axis("copying", choices=(False, True))


@pytest.mark.parametrize(
    ("text", "match"),
    [
        (
            "hidden_size=0:16",
            r"hidden_size=0:16 leaves the range of the setting: hidden_size is 0, but it must be at least 1",
        ),
        ("hidden_size=8:9000", "hidden_size is 9000, but it must be at most 8192"),
        ("dropout=0:1", "dropout is 1.0, but it must be less than 1"),
        ("cell=gru,elman", "cell is 'elman'"),
        ("hidden_size=16:8", "has no two values"),
        ("cell=gru", "has no two values"),
        ("weight_decay=0:0.1", "searched by factors"),
        ("hidden_size=8.5:16", "'8.5' where one of two whole numbers is wanted"),
        ("learning_rate=a:b", "'a' where one of two numbers is wanted"),
        ("learning_rate=", "'' where"),
        ("cell=a:b", "no values between two"),
        ("copying=yes,no", "'yes' where true or false is wanted"),
        ("size", "there is no axis 'size'; there are hidden_size"),
        ("seed=1:2", "seed cannot be an axis"),
    ],
)
def test_an_axis_that_makes_no_sense_is_refused(text, match):
    with pytest.raises(SettingsError, match=match):
        read_axis(text)


def test_a_range_outside_the_fields_is_an_error_when_it_is_built():
    with pytest.raises(SettingsError, match=r"learning_rate is 2\.0"):
        Axis("learning_rate", 0.1, 2.0)


def test_what_a_flag_fixes_is_no_usual_axis():
    axes = read_axes((), ModelSettings(hidden_size=99), TrainingSettings(window=10))
    assert {axis.name for axis in axes} == set(DEFAULT_AXES) - {"hidden_size", "window"}


def test_a_setting_cannot_be_fixed_and_searched_or_searched_twice():
    with pytest.raises(SettingsError, match="hidden_size is both an axis and fixed; give --hidden-size or the axis"):
        read_axes(("hidden_size",), ModelSettings(hidden_size=99), TrainingSettings())
    with pytest.raises(SettingsError, match="dropout is given twice"):
        read_axes(("dropout", "dropout=0:0.1"), ModelSettings(), TrainingSettings())


def test_values_reach_the_settings_that_own_them():
    model, training = with_values({"cell": "gru", "window": 7}, ModelSettings(layers=2), TrainingSettings(epochs=3))
    assert (model.cell, model.layers, training.window, training.epochs) == ("gru", 2, 7, 3)
