"""SoundSettings: tempos and instruments that mean something, and one clear line for those that do not."""

import pytest

from songrnn.errors import SettingsError
from songrnn.rendering.instruments import INSTRUMENTS, program_of
from songrnn.rendering.sound_settings import SoundSettings


def test_general_midi_has_128_instruments_in_its_order():
    assert len(set(INSTRUMENTS)) == 128
    known = {"acoustic grand piano": 0, "accordion": 21, "violin": 40, "flute": 73, "banjo": 105, "gunshot": 127}
    assert {name: program_of(name) for name in known} == known


@pytest.mark.parametrize(
    ("name", "instrument"),
    [
        ("Violin", "violin"),
        ("fid", "fiddle"),
        ("ACC", "accordion"),
        (" Acoustic   grand ", "acoustic grand piano"),
        ("nylon", "acoustic guitar (nylon)"),
        ("oboe", "oboe"),
    ],
)
def test_a_name_or_the_one_beginning_of_it_is_enough(name, instrument):
    assert SoundSettings(instrument=name).instrument == instrument


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("guitar", "'guitar' may be acoustic guitar .nylon., acoustic guitar .steel., .* name one of them"),
        ("tin whistle", "no instrument 'tin whistle' in General MIDI; there is whistle"),
        ("", "no instrument '' in General MIDI; there is violin, flute"),
        ("(", "no instrument '.' in General MIDI"),
    ],
)
def test_any_other_name_is_refused_with_those_that_are_near(name, words):
    with pytest.raises(SettingsError, match=words):
        SoundSettings(instrument=name)


@pytest.mark.parametrize("tempo", ["", "100", " 96.5 ", "1/4=120", "3/8=100", "C=90"])
def test_tempos_that_mean_something(tempo):
    assert SoundSettings(tempo=tempo).tempo == tempo.strip()


@pytest.mark.parametrize("tempo", ["fast", "0", "-1", "1/4", "1/4=0", "1e9", '"Allegro"', "100 bpm"])
def test_other_tempos_are_refused_with_what_to_say(tempo):
    with pytest.raises(SettingsError, match=r"'.*' is not a tempo; say how many beats of the meter a minute has"):
        SoundSettings(tempo=tempo)
