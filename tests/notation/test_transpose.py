"""Transposing: the same melody elsewhere, spelled as a musician would."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songrnn.notation.read import read_tune
from songrnn.notation.transpose import transpose, transposed_key
from songrnn.notation.tune import Key
from songrnn.notation.write import write_tune
from songrnn.performance.timeline import perform

FILES = sorted((Path(__file__).parents[1] / "data" / "abc").glob("*.abc"))


def moved(body, semitones, key="C"):
    text = write_tune(transpose(read_tune(f"L:1/8\nK:{key}\n{body}\n"), semitones))
    return text.removeprefix("L:1/8\nK:").split("\n", 1)


@pytest.mark.parametrize(
    ("key", "semitones", "expected"),
    [
        (Key("C"), 2, "D"), (Key("C"), 1, "Db"), (Key("C"), 6, "Gb"), (Key("G"), 5, "C"), (Key("G"), -1, "F#"),
        (Key("F"), 1, "Gb"),
        (Key("E", "min"), 2, "F#"), (Key("A", "dor"), -2, "G"), (Key("D", "mix"), 7, "A"), (Key("D"), 1, "Eb"),
        (Key("D"), 4, "F#"), (Key("Bb"), 8, "Gb"), (Key("F#", "min"), 12, "F#"), (Key(), 2, "D"), (Key("Hp"), 1, "Bb"),
    ],
)  # fmt: skip
def test_the_new_key_is_the_simplest_one(key, semitones, expected):
    assert transposed_key(key, semitones).tonic == expected
    assert abs(transposed_key(key, semitones).sharps) <= 6


def test_notes_move_with_their_accidentals_and_chord_symbols():
    key, body = moved('"Am7/G"c^c_B=f "^C is a note""D.C."[C^E] {^f}g|', 2)
    assert key == "Dmaj"
    assert body == '"Bm7/A"d^d=c=g "^C is a note""D.C."[D^^F] {^g}a|\n'


def test_an_accidental_that_the_new_key_needs_is_written():
    assert moved("^BB^E|", 2) == ["Dmaj", "^^cc^^F|\n"]


def test_the_accidentals_of_a_key_and_later_keys_move_too():
    assert moved("D[K:G]B[K:clef=bass]c", 2, key="D phr ^f") == ["Ephr ^g", "E[K:Amaj]c[K:clef=bass]d\n"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
@pytest.mark.parametrize("semitones", [-13, -1, 1, 6, 11])
def test_every_note_sounds_so_many_semitones_higher(path, semitones):
    tune = read_tune(path.read_text("utf-8"))
    higher = transpose(tune, semitones)
    before = [(note.onset, note.pitch + semitones, note.duration) for note in perform(tune)]
    assert [(note.onset, note.pitch, note.duration) for note in perform(higher)] == before
    assert read_tune(write_tune(higher)) == higher


ACCIDENTALS = st.sampled_from(["", "", "^", "_", "=", "^^", "__"])
NOTES = st.tuples(ACCIDENTALS, st.sampled_from("CDEFGABcdefgab"), st.sampled_from(["", "-", "|", " ", "-|"])).map(
    "".join
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(NOTES, min_size=1, max_size=12),
    st.sampled_from(["C", "F#", "Gb", "Ador", "Cloc", "Elyd", "D exp ^b _f", "none", "Hp", "HP", "Bbm =g"]),
    st.integers(-24, 24),
)
def test_any_notes_in_any_key_sound_so_many_semitones_higher(notes, key, semitones):
    tune = read_tune(f"K:{key}\n{''.join(notes)}\n")
    higher = transpose(tune, semitones)
    assert [note.pitch for note in perform(higher)] == [note.pitch + semitones for note in perform(tune)]
    assert read_tune(write_tune(higher)) == higher


def test_transposing_by_nothing_and_there_and_back_changes_nothing():
    tune = read_tune("K:D\nDE^FG|_A=c^e2|\n")
    assert transpose(tune, 0) is tune
    assert transpose(transpose(tune, 5), -5) == tune


def test_more_than_two_octaves_are_refused():
    with pytest.raises(ValueError, match="semitones is 25; expected -24 to 24, two octaves"):
        transpose(read_tune("K:C\nC\n"), 25)


@pytest.mark.parametrize(
    ("body", "semitones", "octave"), [("C,,,,,", -1, -2), ("b'''''", 1, 11), ("{c,,,,,}c", -24, -2)]
)
def test_a_note_beyond_the_last_octave_is_refused(body, semitones, octave):
    message = f"{semitones} semitones take a note to octave {octave}; expected -1 to 10"
    with pytest.raises(ValueError, match=message):
        transpose(read_tune(f"K:C\n{body}\n"), semitones)
