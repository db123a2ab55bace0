"""Where notes sound: octave=, transpose=, clefs with an octave, the pipes, and how far accidentals reach."""

from fractions import Fraction

import pytest

from songrnn.notation.read import read_tune
from songrnn.notation.transpose import transpose
from songrnn.performance.timeline import perform, timeline


def pitches(body, fields="", key="C", **options):
    text = f"X:1\nM:4/4\nL:1/4\n{fields}K:{key}\n{body}\n"
    return [note.pitch for note in perform(read_tune(text, **options))]


@pytest.mark.parametrize(
    ("settings", "semitones"),
    [
        ("octave=1", 12),
        ("octave=-2", -24),
        ("transpose=-3", -3),
        ("t=+2", 2),
        ("clef=treble-8", -12),
        ("clef=treble+8", 12),
        ("treble-8", -12),
        ("bass+8", 12),
        ("bass", 0),
        ("clef=alto", 0),
        ("clef=bass-15", -24),
        ("tenor-8 octave=1", 0),
        ("clef=treble-8 octave=-1 transpose=5", -19),
        ("middle=d", 0),
        ("stafflines=3", 0),
        ("octave=99", 0),
        ("transpose=99", 0),
        ("transpose=1000", 0),
    ],
)
def test_settings_of_the_key_and_of_a_voice_move_what_sounds(settings, semitones):
    there = 60 + semitones
    assert pitches("C|", key=f"C {settings}") == [there]
    assert pitches("[V:1]C|", fields=f"V:1 {settings}\n") == [there]
    assert pitches(f"[V:1 {settings}]C|") == [there]
    assert pitches(f'V:1 name="x octave=3" {settings}\nC|') == [there]
    assert pitches(f"C[K:C {settings}]C|") == [60, there]
    assert pitches(f"C[K:{settings}]C|") == [60, there]


def test_a_voice_goes_before_the_key_and_each_voice_has_its_own():
    fields = "V:1\nV:2 clef=treble-8\nV:bass octave=-1\n"
    assert pitches("[V:1]C|\n[V:2]C|\n[V:bass]C|", fields=fields, key="C transpose=1") == [61, 49, 49]
    assert pitches("[V:1]C|\n[V:2]C|", fields="V:2 octave=0\n", key="C octave=1") == [60, 72]


def test_each_setting_holds_until_a_field_changes_it():
    assert pitches("C[K:G]C[K:clef=bass]C[K:F octave=0]C|", key="C clef=treble-8 octave=1") == [60, 60, 72, 60]


def test_the_name_of_a_voice_is_no_setting():
    assert pitches("[V:bass-8]C|", fields="V:bass-8\n") == [60]


@pytest.mark.parametrize("key", ["HP", "Hp"])
def test_the_pipes_sound_with_f_and_c_sharp(key):
    assert pitches("CFGc=c|", key=key) == [61, 66, 67, 73, 72]
    assert pitches("F[K:" + key + "]F[K:C]F|") == [65, 66, 65]


def test_the_pipes_show_no_signature_in_hp():
    tune = read_tune("X:1\nK:HP\nF|\n")
    assert dict(tune.header.key.signature) == {}
    assert [note.pitch for note in perform(transpose(tune, 2))] == [68]


@pytest.mark.parametrize(
    ("propagation", "expected"),
    [
        ("not", [66, 65, 77, 53]),
        ("octave", [66, 66, 77, 53]),
        ("pitch", [66, 66, 78, 54]),
    ],
)
def test_accidentals_reach_as_far_as_the_instruction_says(propagation, expected):
    instruction = f"propagate-accidentals {propagation}"
    assert pitches("^FFfF,|", fields=f"I:{instruction}\n") == expected
    assert pitches("^FFfF,|", fields=f"%%{instruction}\n") == expected
    assert pitches(f"C|[I:{instruction}]^FFfF,|") == [60, *expected]
    assert pitches(f"I:{instruction}\n^FFfF,|F|") == [*expected, 65]


def test_an_unknown_reach_of_accidentals_changes_nothing():
    assert pitches("^FFf|", fields="I:propagate-accidentals bar\n") == [66, 66, 78]
    assert pitches("^FFf|", fields="I:propagate-accidentals not\nI:papersize A4\n") == [66, 65, 77]


@pytest.mark.parametrize("propagation", ["not", "octave", "pitch"])
@pytest.mark.parametrize("semitones", [-5, 1, 6])
def test_a_transposed_tune_keeps_the_reach_of_its_accidentals(propagation, semitones):
    text = f"X:1\nI:propagate-accidentals {propagation}\nK:D\n^FFf_Bb=F|[I:propagate-accidentals not]^GGg__EE|\n"
    before = [note.pitch for note in perform(read_tune(text))]
    after = [note.pitch for note in perform(transpose(read_tune(text), semitones))]
    assert after == [pitch + semitones for pitch in before]


def test_ties_continue_in_the_same_layer_of_the_next_bar():
    notes = perform(read_tune("X:1\nL:1/4\nM:4/4\nK:C\n^C4-&E4-|C4&E4|C2 C2&E4|\n"))
    assert [(note.onset, note.duration, note.pitch) for note in notes] == [
        (0, 2, 61), (0, 2, 64), (2, Fraction(1, 2), 60), (2, 1, 64), (Fraction(5, 2), Fraction(1, 2), 60),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "sounds"),
    [
        ("A>~B c2|", [(0, 69, 3), (3, 71, 1), (4, 72, 4)]),
        (".c>d|", [(0, 72, 3), (3, 74, 1)]),
        ("c<.d|", [(0, 72, 1), (1, 74, 3)]),
        ("[c3e3g3]2|", [(0, 72, 12), (0, 76, 12), (0, 79, 12)]),
        ("A>\\\nB|", [(0, 69, 3), (3, 71, 1)]),
        ("A!B|", [(0, 69, 2), (2, 71, 2)]),
        ("|:CD-|1DE:|2D2|", [(0, 60, 2), (2, 62, 4), (6, 64, 2), (8, 60, 2), (10, 62, 6)]),
        ("|:DE-|1EF:|2FE|", [(0, 62, 2), (2, 64, 4), (6, 65, 2), (8, 62, 2), (10, 64, 2), (12, 65, 2), (14, 64, 2)]),
        ("|:CDEC-:|", [(0, 60, 2), (2, 62, 2), (4, 64, 2), (6, 60, 4), (10, 62, 2), (12, 64, 2), (14, 60, 2)]),
    ],
)  # fmt: skip
def test_rhythm_as_written(body, sounds):
    """Onset, pitch and length in eighths of a quarter."""
    notes = perform(read_tune("X:1\nL:1/4\nM:4/4\nK:C\nI:linebreak !\n" + body + "\n"))
    assert [(note.onset * 8, note.pitch, note.duration * 8) for note in notes] == sounds


@pytest.mark.parametrize(("meter", "eighths"), [("3/4", 2), ("4/4", 2), ("6/8", 3)])
def test_five_notes_go_in_the_time_of_two_unless_the_meter_is_compound(meter, eighths):
    for body in ("(5ABcde", "(5AB\\\ncde"):
        played = timeline(read_tune(f"X:1\nM:{meter}\nL:1/8\nK:C\n{body}|\n"))
        assert played.duration == Fraction(eighths, 8)
        assert {note.duration for note in played.notes} == {Fraction(eighths, 40)}
