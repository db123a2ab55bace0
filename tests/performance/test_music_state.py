"""What K:, M:, L:, V: and Q: fields leave in force; that I: fields reach accidentals is in test_sounding_pitch.py."""

from fractions import Fraction

import pytest

from songrnn.notation.read import read_tune
from songrnn.notation.shift import Shift
from songrnn.notation.tune import Field, Key, Meter
from songrnn.performance.music_state import MusicState
from songrnn.performance.tempo import Tempo

HEADER = "X:1\nM:6/8\nL:1/8\nQ:3/8=100\nK:G octave=1\n"


def states(body, settings=()):
    """The state at the start, and after each field of the body."""
    tune = read_tune(HEADER + body + "\n")
    found = [MusicState.at_start(tune.header, settings)]
    for element in tune.voices[0].elements():
        if isinstance(element, Field):
            found.append(found[-1].after(element))
    return found


def test_a_voice_begins_with_the_header_and_its_own_settings():
    [state] = states("G6|", ["clef=bass-8"])
    assert state.key == Key("G", clef="octave=1")
    assert state.meter == Meter((6,), 8)
    assert state.unit == Fraction(1, 8)
    assert state.shift == Shift(clef=-1, octave=1)
    assert state.tempo == Tempo((Fraction(3, 8),), Fraction(100))


@pytest.mark.parametrize(
    ("field", "name", "value"),
    [
        ("M:2/4", "meter", Meter((2,), 4)),
        ("L:1/16", "unit", Fraction(1, 16)),
        ("K:octave=-1", "shift", Shift(octave=-1)),
        ("V:1 transpose=2", "shift", Shift(octave=1, transpose=2)),
        ("Q:1/4=90", "tempo", Tempo((Fraction(1, 4),), Fraction(90))),
        ("K:D", "key", Key("D")),
    ],
)
def test_a_field_changes_what_it_names_and_nothing_else(field, name, value):
    before, after = states(f"G3[{field}]G3|")
    changed = [one for one in MusicState.__slots__ if getattr(before, one) != getattr(after, one)]
    assert (changed, getattr(after, name)) == ([name], value)


def test_a_key_with_a_clef_changes_key_and_shift():
    _, after = states("G3[K:D treble-8]G3|")
    assert (after.key.tonic, after.shift) == ("D", Shift(clef=-1, octave=1))


def test_a_tempo_in_unit_note_lengths_takes_the_unit_in_force():
    assert [state.tempo.beats for state in states("[L:1/4]G[Q:120]G|")] == [(Fraction(3, 8),)] * 2 + [(Fraction(1, 4),)]


@pytest.mark.parametrize("field", ["P:A", "r:a remark", "I:propagate-accidentals not", "N:a note"])
def test_other_fields_leave_the_same_state(field):
    before, after = states(f"G3[{field}]G3|")
    assert after is before
