"""music21, an independent reader, finds in the MusicXML what `perform` plays: pitch, time, order, endings."""

from pathlib import Path

import pytest

from musicxml_reading import read_by_music21, read_by_perform
from rich_tunes import rich_tune
from songrnn.checks.check import check
from songrnn.notation.read import read_tune
from songrnn.rendering.musicxml import musicxml_of

TUNES = Path(__file__).parents[1] / "data" / "abc"


def assert_one_reading(text):
    tune = read_tune(text, strict=False)
    found, expected = read_by_music21(musicxml_of(tune)), read_by_perform(tune)
    assert found.notes == expected.notes
    assert found.repeats == expected.repeats


@pytest.mark.parametrize("path", sorted(TUNES.glob("*.abc")), ids=lambda path: path.stem)
def test_every_notation_feature_is_read_alike(path):
    assert_one_reading(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("seed", range(100, 125))
def test_random_tunes_are_read_alike(seed):
    text = rich_tune(seed)
    assert check(read_tune(text)) == []
    assert_one_reading(text)


@pytest.mark.parametrize(
    "body",
    [
        "|:C4|1D4:|2E4:|",
        "|::C4::|",
        "|:C2 D2-|1D4:|2D4|]",
        "[c3e3g3]2 [c2e]2|",
        "(5ABcde A2|",
        "A>~B c2|.c>d e2|",
        "[K:C treble-8]C4|[K:C octave=1]C4|[K:C transpose=-14]C4|",
        "[K:HP]c2 f2|[I:propagate-accidentals octave]^c2 c2|",
        "C2 D2 & E,4|[I:propagate-accidentals not]^F2 F2|",
        "Z2|C4|X|D4|",
        "A7/3 B5/3|",
    ],
)
def test_what_converters_get_wrong_is_read_alike(body):
    assert_one_reading(f"X:1\nT:T\nM:4/4\nL:1/4\nK:C\n{body}\n")


def test_a_wrong_pitch_a_wrong_length_and_a_wrong_ending_are_found():
    tune = read_tune("X:1\nT:T\nM:4/4\nL:1/4\nK:C\n|:C4|1D4:|2E4|]\n")
    musicxml, expected = musicxml_of(tune), read_by_perform(tune)
    assert read_by_music21(musicxml) == expected
    for right, wrong in (
        (b"<step>D", b"<step>F"),
        (b"<duration>4", b"<duration>3"),
        (b'type="start">2.', b'type="start">3.'),  # music21 reads the text of an ending
        (b'<repeat direction="backward" />', b""),
    ):
        assert right in musicxml
        assert read_by_music21(musicxml.replace(right, wrong)) != expected


@pytest.mark.parametrize("program", [40, 56, 64, 71, 72])
def test_an_instrument_that_is_usually_transposing_sounds_as_written(program):
    tune = read_tune("X:1\nT:T\nM:4/4\nL:1/8\nK:D\nABcd efga|[K:D transpose=-2]ABcd efga|[K:D transpose=0]A8|\n")
    assert read_by_music21(musicxml_of(tune, program=program)) == read_by_perform(tune)
