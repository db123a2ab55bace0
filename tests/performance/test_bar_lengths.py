"""How long bars last, in tunes written for it."""

from fractions import Fraction

import pytest

from songrnn.notation.read import read_tune
from songrnn.performance.bar_lengths import bar_duration, bar_length

WHOLE, HALF, QUARTER = Fraction(1), Fraction(1, 2), Fraction(1, 4)


def first_bar(body, meter="4/4"):
    tune = read_tune(f"X:1\nM:{meter}\nL:1/4\nK:C\n{body}\n", strict=False)
    return tune.voices[0].bars[0], tune.header.meter_in_force


@pytest.mark.parametrize(
    ("body", "meter", "length"),
    [
        ("C[EG]z|", "4/4", (3 * QUARTER, WHOLE, None)),
        ("C4|", "none", (WHOLE, None, None)),
        ("Z|", "4/4", (0, None, None)),
        ("[M:2/4]C2|", "4/4", (HALF, HALF, None)),
        ("C2[M:2/4]|", "4/4", (HALF, WHOLE, None)),
        ("C[1D2|", "4/4", (3 * QUARTER, WHOLE, QUARTER)),
        ("C4&E2|", "4/4", (WHOLE, WHOLE, None)),
    ],
)
def test_a_bar_lasts_what_its_first_layer_does_and_should_last_its_meter(body, meter, length):
    bar, before = first_bar(body, meter)
    found = bar_length(bar.layers[0], before)
    assert (found.duration, found.expected, found.before_ending) == length
    assert bar_duration(bar) == found.duration


def test_a_change_of_meter_holds_after_the_bar():
    bar, before = first_bar("C2[M:2/4]|")
    assert bar_length(bar.layers[0], before).meter.duration == HALF
