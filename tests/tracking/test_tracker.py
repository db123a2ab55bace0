"""The tracker knows of any text what a full reading knows of a whole tune, and nothing of what follows."""

import random
from fractions import Fraction
from itertools import pairwise

import pytest

from rich_tunes import rich_tune
from songrnn.notation.read import read_tune
from songrnn.notation.tune import Chord, Note, Rest
from songrnn.performance.timeline import perform
from songrnn.tracking.ticks import MOST_TICKS, WHOLE
from songrnn.tracking.tracker import track
from tiny import JIG, REEL, TUNES
from walks import swarm_tunes

HEADER = "M:6/8\nL:1/8\nK:D\n"


def bar_lengths(text):
    """Time elapsed before every bar line that ends music."""
    states = list(track(text))
    return [one.elapsed for one, after in pairwise(states) if after.elapsed == 0 and one.elapsed > 0]


def read_lengths(text):
    bars = read_tune(text).voices[0].bars
    lengths = [
        sum((e.duration for e in bar.elements if isinstance(e, Note | Rest | Chord)), Fraction(0)) for bar in bars
    ]
    return [length for length in lengths if length]


@pytest.mark.parametrize("text", [JIG, REEL, *TUNES[:3]])
def test_bars_of_whole_tunes_last_what_a_full_reading_says(text):
    assert bar_lengths(text) == read_lengths(text)


def test_bars_of_swarm_tunes_last_what_a_full_reading_says():
    for text in swarm_tunes(range(60)):
        assert bar_lengths(text) == read_lengths(text), text


def test_bars_of_rich_tunes_last_what_a_full_reading_says():
    tunes = [rich_tune(seed) for seed in range(40)]
    for text in (one for one in tunes if not set("&ZX") & set(one.partition("\nK:")[2]) and "V:2" not in one):
        assert bar_lengths(text) == read_lengths(text), text


def test_pitches_are_those_that_are_played():
    for text in (JIG, REEL, *TUNES[:3], HEADER + "^c=c_Bc|c,C'cC|[K:F]BeB|\n"):
        states = list(track(text))
        ends = [one.token == "note" and text[i] not in "^_=" for i, one in enumerate(states)]
        whole = [end and text[i + 1] not in ",'/0123456789" for i, end in enumerate(ends)]
        notes = [one.pitch for one, end in zip(states, whole, strict=True) if end]
        assert notes == [note.pitch for note in perform(read_tune(text), repeats=False)]


@pytest.mark.parametrize(("meter", "unit"), [("3/4", 8), ("2/4", 16), ("none", 8), ("C", 8)])
def test_without_a_unit_note_length_the_meter_decides(meter, unit):
    assert list(track(f"M:{meter}\nK:C\nA"))[-1].duration == Fraction(1, unit)


def test_time_begins_after_the_header():
    assert list(track("M:4/4\nL:1/8\n abc\nK:C\nA"))[-1].elapsed == Fraction(1, 8)


def test_nothing_that_follows_changes_a_state():
    rng = random.Random(1)
    for text in [*swarm_tunes(range(8)), "junk\x00[[K:]](((9:9:9:>>>\n|::||[1,3 {{a}}}]]2/3\nK:\nw:la la\nA:B\n"]:
        states = list(track(text))
        assert len(states) == len(text)
        for place in rng.sample(range(1, len(text)), 10):
            assert list(track(text[:place])) == states[:place]


@pytest.mark.parametrize("seed", range(20))
def test_any_characters_are_followed_without_an_error(seed):
    rng = random.Random(seed)
    text = HEADER + "".join(rng.choices("ABcd'|:[]()<>{}-/0123456789\"!^=_zK LM\n%&$", k=400))
    assert len(list(track(text))) == len(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A", {"token": "note", "pitch": 69, "degree": 4, "octave": 4, "duration": Fraction(1, 8), "bar": 0}),
        ("A2", {"duration": Fraction(1, 4), "elapsed": Fraction(1, 4), "left": Fraction(1, 2)}),
        ("A3/2>", {"token": "broken rhythm", "elapsed": Fraction(9, 32)}),
        ("f", {"pitch": 78, "degree": 2, "octave": 5}),
        ("^G=Gg", {"pitch": 79}),
        ("(3ABc", {"tuplet_left": 0, "elapsed": Fraction(1, 4), "slurs": 0}),
        ("(3A", {"tuplet_left": 2, "token": "note"}),
        ("[CE", {"in_chord": True, "elapsed": Fraction(0), "pitch": 64}),
        ("[CE]2", {"in_chord": False, "elapsed": Fraction(1, 4), "token": "chord"}),
        ("{AB", {"in_grace": True, "elapsed": Fraction(0)}),
        ("A-", {"tied": True, "token": "tie"}),
        ("(A", {"slurs": 1}),
        ("A3|", {"bar": 1, "elapsed": Fraction(0), "token": "bar", "left": Fraction(3, 4)}),
        ("|:A6|1B6:|", {"repeat": False, "ending": 1, "part": 0, "bar": 2}),
        ("|:A6|1B6:|2B6||", {"ending": 0, "part": 1, "bar": 0}),
        ("A6|[M:2/4]B", {"left": Fraction(3, 8), "field": ""}),
        ("A6|\nM:2/4", {"token": "field", "field": "M"}),
        ("A6|[K:G", {"token": "field", "field": "K"}),
        ("AZ", {"elapsed": Fraction(3, 4), "duration": Fraction(3, 4)}),
        ("A6|\nA:|", {"bar": 0, "part": 1, "token": "bar"}),
        ("A6|\nA:text|", {"bar": 1, "field": "A", "elapsed": Fraction(0)}),
        ("A6|\n  w:la la|", {"bar": 1, "field": "w"}),
        ("A6|[Mc", {"in_chord": True, "pitch": 73}),
        ("A6|\nV:2\nB6|", {"bar": 1, "part": 0}),
        ("A6|\nX:2\n", {"bar": 0, "left": None}),
        ("A6|\n<end>", {"bar": 1, "elapsed": Fraction(0)}),
        ("{[ac]}", {"elapsed": Fraction(0), "pitch": 73}),
        ("[ac]3/[ac]0", {"elapsed": Fraction(3, 16)}),
        ("A999999999", {"duration": Fraction(MOST_TICKS, WHOLE)}),
        ("A//", {"duration": Fraction(1, 32)}),
        ("(5A", {"elapsed": Fraction(3, 40)}),
        ("A>>>>", {"elapsed": Fraction(45, 128)}),
        ("A6|:]", {"repeat": False}),
        ("^^^c", {"pitch": 73}),
        ("A6|\nz:|", {"part": 1, "token": "bar"}),
        ("A & $ B", {"elapsed": Fraction(1, 4)}),
    ],
)
def test_a_text_is_known_after_its_last_character(text, expected):
    *_, state = track(HEADER + text)
    assert {name: getattr(state, name) for name in expected} == expected


def test_the_header_is_known_by_its_fields():
    states = list(track("T:A\nK:G\nA"))
    assert [state.field for state in states] == ["T", "T", "T", "", "K", "K", "K", "", ""]
    assert list(track("A:|"))[-1].field == "A"
    assert {state.elapsed for state in track("X:1\nA:B\nz:\nK:C")} == {0}
