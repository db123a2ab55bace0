"""The learning rate, and how much of a training is over."""

import pytest

from songrnn.training.schedule import fraction_over, learning_rate
from songrnn.training.settings import TrainingSettings

SETTINGS = TrainingSettings(learning_rate=0.01, warmup_steps=10, epochs=20, minutes=2)


def test_the_rate_rises_in_a_straight_line_and_then_falls_to_zero():
    rates = [learning_rate(SETTINGS, step=step, fraction=0) for step in range(10)]
    assert rates == pytest.approx([0.001 * (step + 1) for step in range(10)])
    assert learning_rate(SETTINGS, step=10, fraction=0) == 0.01
    assert learning_rate(SETTINGS, step=500, fraction=0.5) == pytest.approx(0.005)
    assert learning_rate(SETTINGS, step=900, fraction=1) == pytest.approx(0)


def test_a_constant_rate_stays():
    constant = SETTINGS.replace(schedule="constant", warmup_steps=0)
    assert {learning_rate(constant, step=step, fraction=step / 9) for step in range(10)} == {0.01}


@pytest.mark.parametrize(
    ("epochs", "seconds", "expected"), [(0, 0, 0), (5, 0, 0.25), (5, 60, 0.5), (15, 60, 0.75), (0, 999, 1), (40, 0, 1)]
)
def test_a_training_is_over_by_epochs_or_by_minutes_whichever_comes_first(epochs, seconds, expected):
    assert fraction_over(SETTINGS, epochs=epochs, seconds=seconds) == pytest.approx(expected)
