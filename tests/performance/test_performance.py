"""Playing out: worked out by hand, and compared with abc2midi, which knows nothing of us."""

from fractions import Fraction
from pathlib import Path

import pytest
import symusic

from songrnn.evaluation.abc2midi import read_by_abc2midi
from songrnn.notation.read import read_tune
from songrnn.performance.timeline import perform, unmarked_starts

TUNES = Path(__file__).parents[1] / "data" / "abc"
HEADER = "X:1\nT:Test\nM:4/4\nL:1/4\nK:C\n"
NAMES = dict(zip((60, 62, 64, 65, 67, 69, 71, 72, 74, 76, 77, 79, 81, 83), "CDEFGABcdefgab", strict=True))


def play(body, header=HEADER, **options):
    return perform(read_tune(header + body + "\n"), **options)


def names(body, **options):
    return "".join(NAMES[note.pitch] for note in play(body, **options))


@pytest.mark.parametrize(
    ("body", "played"),
    [
        ("|:C:|D|", "CCD"),
        ("C:|D|", "CCD"),
        ("|:C|D::E|F:|", "CDCDEFEF"),
        ("|::C::|D", "CCCD"),
        ("|:C|", "C"),
        ("C|:D|", "CD"),
        ("C:|D:|E:|", "CCDDEE"),
        ("C||D:|E||F:|", "CDCDEFF"),
        ("C:|D|]E:|", "CCDEE"),
        ("|:C:||:D||E:|", "CCDEDE"),
        ("|:C|1D:|2E|F", "CDCEF"),
        ("|:C|1D:|\n|2E||F:|", "CDCEFF"),
        ("|:C [1D:|[2E|]F|1G:|2A|]", "CDCEFGFA"),
        ("|:C|1D:|2E:|", "CDCECE"),  # the repeat after the last ending is one more pass
        ("|:C|[1D:|[2E:|F|G:|", "CDCECEFGFG"),
        ("|:C|1D:|2E:|\n|:F|1G:|2A|", "CDCECEFGFA"),
        ("|:C|1D:|2E::F:|", "CDCEFF"),  # this one begins the next repeat alone
        ("|:C|1D|2E:|", "CDCE"),  # the first ending lacks its repeat
        ("|:C|1D|2E::F:|", "CDCEFF"),
        ("|:C|1D|2E|3F:|", "CDCECF"),
        ("|:C|1D|2E:|3F|", "CDCECF"),
        ("|:C|1,3D::2E:|F", "CDCECDF"),
        ("|:C|2D:|", "CCD"),
        ("|:C|1D::2E||F:|", "CDCEFF"),
        ("|:C|1D::2E::3F|G", "CDCECFG"),
        ("|:C|1D:|2E|1F:|2G|", "CDCEFG"),
        ("|:C|1,3D:|2E:|F", "CDCECDF"),
        ("|:C|[1D:|[2E:|[3F|]G", "CDCECFG"),
        ("|:C|1D:|E", "CDCE"),
        ("|:C|1 D|E:|2 F|G||A", "CDECFGA"),
        ("|:C:|D|1E:|2F||", "CCDEDF"),
        ("C|1D:|2E::F|1G:|2A||", "CDCEFGFA"),
    ],
)
def test_repeats_and_endings_are_played_out(body, played):
    assert names(body) == played


def test_where_a_repeat_begins_without_its_sign_is_known():
    tune = read_tune(HEADER + "C:|D:|E|1F:|2G||A:||:B:|\n")
    assert [position.column for position in unmarked_starts(tune)] == [2, 5, 15]


def test_without_repeats_every_bar_is_played_once():
    assert names("|:C|1D:|2E:|", repeats=False) == "CDE"


@pytest.mark.parametrize(
    ("order", "played"),
    [("", "CDDE"), ("AB", "CDD"), ("A2B", "CCDD"), ("(AB)2C", "CDDCDDE"), ("A.C.", "CE"), ("AX", "CDDE"),
    ("((A9)9)9", "CDDE")],
)  # fmt: skip
def test_parts_are_played_in_the_order_of_the_header(order, played):
    body = "P:A\nC|\nP:B\n|:D:|\nP:C\nE|"
    header = HEADER if not order else HEADER.replace("M:", f"P:{order}\nM:")
    assert names(body, header=header) == played


@pytest.mark.parametrize(
    ("body", "pitches"),
    [
        ("^FfF|F", [66, 78, 66, 65]),  # in every octave, until the bar line
        ("^F[K:G]F|=F", [66, 66, 65]),
        ("^F-|FF", [66, 65]),  # tied over the bar line, and no further
        ("_B=B^^C__D", [70, 71, 62, 60]),
        ("{^c}cc", [72, 72]),
        ("^C&C|", [61, 60]),
    ],
)
def test_accidentals_hold_until_the_bar_line(body, pitches):
    assert sorted(note.pitch for note in play(body)) == sorted(pitches)


def test_ties_join_notes_of_one_pitch_only():
    notes = play("C-C D-E F-|F2|[CE]-C")
    assert [(note.pitch, note.duration) for note in notes] == [
        (60, Fraction(1, 2)), (62, Fraction(1, 4)), (64, Fraction(1, 4)), (65, Fraction(3, 4)),
        (60, Fraction(1, 2)), (64, Fraction(1, 4)),
    ]  # fmt: skip


def test_a_tie_reaches_into_the_ending_that_is_played():
    assert [note.duration for note in play("|:C-|1C:|2C|")] == [Fraction(1, 2), Fraction(1, 2)]


def test_rests_overlays_and_bar_rests_take_their_time():
    notes = play("CzD2|Z2|E2&G4|F")
    assert [(note.onset, note.pitch) for note in notes] == [
        (0, 60), (Fraction(1, 2), 62), (3, 64), (3, 67), (Fraction(7, 2), 65),
    ]  # fmt: skip


def test_voices_sound_together():
    notes = play("[V:1]cd|[V:2]CD|")
    assert [(note.onset, note.pitch, note.voice) for note in notes[:2]] == [(0, 72, "1"), (0, 60, "2")]


def test_a_note_knows_where_it_was_written():
    assert [(note.position.line, note.position.column) for note in play("C-|C\nD")] == [(6, 1), (7, 1)]


@pytest.mark.parametrize(
    ("header", "body"),
    [
        ("P:A99\n", "P:A\n|:" + 20 * "C" + "::::::::|"),
        ("P:(A9)9\n", "P:A\nA" + 10 * "[1-99 C:|"),
        ("", 20 * "|:CDEF[1-98 C:|[99 G|"),
        ("P:A99\n", "".join(f"[V:{number}][P:A]C" for number in range(99))),
        ("P:A99\n", "P:A\n|:" + 900 * "[99 " + "|[1-98 C:|"),
    ],
)
def test_what_would_be_played_more_than_six_times_over_is_played_as_written(header, body):
    tune = read_tune(f"X:1\n{header}K:C\n{body}\n", strict=False)
    assert perform(tune) == perform(tune, repeats=False)
    assert unmarked_starts(tune) == ()


def test_a_short_tune_may_be_played_many_times_over():
    assert names("|:C|[1-11 D:|[12 E|") == 11 * "CD" + "CE"
    assert len(play("P:A\n|:CDEF:|", header="X:1\nP:A50\nK:C\n")) == 400


def midi_notes(text):
    """Onset, pitch and length in 1/48 of a whole note, as abc2midi plays the text."""
    answer = read_by_abc2midi(text.encode(), timeout_seconds=10)
    score = symusic.Score.from_midi(answer.midi)
    ticks = 4 * score.ticks_per_quarter
    notes = [note for track in score.tracks for note in track.notes]
    return sorted(
        (round(48 * (note.time - 1) / ticks), note.pitch, round(48 * (note.duration + 1) / ticks)) for note in notes
    )


# Not here: what abc2midi plays in its own way. It staccatos dots, plays grace notes, writes chords in accompaniment,
# and gives every note of a chord the length of the first; what it does with repeats stands in docs/experiments.md.
OTHERWISE = {
    "grace_notes",
    "chord_symbols",
    "annotations",
    "decorations",
    "chord_lengths",
    "bar_lines",
    "three_endings",
}


@pytest.mark.parametrize(
    "path", [path for path in sorted(TUNES.glob("*.abc")) if path.stem not in OTHERWISE], ids=lambda p: p.stem
)
def test_abc2midi_plays_the_same_notes(path):
    text = path.read_text("utf-8")
    ours = [(round(48 * note.onset), note.pitch, round(48 * note.duration)) for note in perform(read_tune(text))]
    assert sorted(ours) == midi_notes(text)
