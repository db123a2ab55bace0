"""Tempos, meters, keys and the end of a tune as it is played."""

from fractions import Fraction

import pytest

from songrnn.notation.read import read_tune
from songrnn.performance.timeline import perform, timeline

HEADER = "X:1\nM:4/4\nL:1/4\nQ:1/4=120\nK:C\n"


def play(body, header=HEADER, **options):
    return timeline(read_tune(header + body + "\n"), **options)


def numbers(tempos):
    return [(onset, tempo.quarters_per_minute) for onset, tempo in tempos]


def test_the_header_holds_from_the_start():
    played = play("CDEF|")
    assert numbers(played.tempos) == [(0, 120)]
    assert [(onset, meter.duration) for onset, meter in played.meters] == [(0, 1)]
    assert [(onset, key.tonic) for onset, key in played.keys] == [(0, "C")]
    assert played.duration == 1


def test_a_tune_without_a_tempo_has_none():
    assert play("CDEF|", header="X:1\nK:C\n").tempos == ()


def test_the_notes_of_a_timeline_are_those_performed():
    tune = read_tune(HEADER + "|:CD|1EF:|2GA|\n")
    assert timeline(tune).notes == perform(tune)
    assert timeline(tune, repeats=False).notes == perform(tune, repeats=False)


def test_a_repeat_brings_back_what_held_where_it_begins():
    played = play("|:CDEF|[M:3/4][Q:1/4=90][K:G]CDE:|")
    assert numbers(played.tempos) == [(0, 120), (1, 90), (Fraction(7, 4), 120), (Fraction(11, 4), 90)]
    assert [onset for onset, _ in played.meters] == [0, 1, Fraction(7, 4), Fraction(11, 4)]
    assert [key.tonic for _, key in played.keys] == ["C", "G", "C", "G"]
    assert numbers(play("|:CDEF|[Q:1/4=90]CDEF:|", repeats=False).tempos) == [(0, 120), (1, 90)]


def test_a_tempo_counts_the_unit_note_length_of_its_place():
    assert numbers(play("[L:1/8][Q:120]C8|[L:1/4][Q:120]C4|").tempos) == [(0, 60), (1, 120)]


def test_words_alone_are_a_tempo_too():
    assert [(onset, tempo.text) for onset, tempo in play('CDEF|[Q:"Slow"]C4|').tempos] == [(0, ""), (1, "Slow")]


def test_a_malformed_tempo_changes_nothing():
    assert numbers(play("CDEF|[Q:118 =1/4]C4|").tempos) == [(0, 120)]


@pytest.mark.parametrize("body", ["[V:1]CDEF|C4|\n[V:2]CDEF|[Q:1/4=90]C4|", "[V:1]CDEF|[Q:1/4=90]C4|\n[V:2]CDEF|C4|"])
def test_any_voice_may_change_the_tempo(body):
    assert numbers(play(body).tempos) == [(0, 120), (1, 90)]


def test_where_voices_disagree_the_first_is_right():
    assert numbers(play("[V:1]CDEF|[Q:1/4=90]C4|\n[V:2]CDEF|[Q:1/4=60]C4|").tempos) == [(0, 120), (1, 90)]


@pytest.mark.parametrize(
    ("body", "duration"),
    [
        ("C2z2|", 1),
        ("CDEF|Z2|", 3),
        ("C2&C4|", 1),
        ("C2&C4&C|", 1),
        ("[CE4]|", 1),
        ("C\n[V:2]CD|", Fraction(1, 2)),
        ("[V:1]C|", Fraction(1, 4)),
    ],
)
def test_the_duration_reaches_to_the_end_of_the_last_note_or_rest(body, duration):
    assert play(body).duration == duration
