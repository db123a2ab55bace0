"""A tune in another meter: the same sound, bars that add up, or the reason why not."""

from pathlib import Path

import pytest

from rich_tunes import rich_tune
from songrnn.checks.check import check
from songrnn.errors import SettingsError
from songrnn.notation.read import read_tune
from songrnn.notation.tune import Meter
from songrnn.notation.write import write_tune
from songrnn.performance.dance_tempo import tempo_of
from songrnn.performance.rebar import USUAL_METERS, rebar
from songrnn.performance.timeline import perform

FILES = sorted((Path(__file__).parents[1] / "data" / "abc").glob("*.abc"))
TEXTS = [*(path.read_text("utf-8") for path in FILES), *map(rich_tune, range(40))]


def meter_of(text):
    beats, unit = map(int, text.split("/"))
    return Meter((beats,), unit)


def barred(body, old, new, fields=""):
    """The body of a tune in the old meter, put into the new one."""
    text = write_tune(rebar(read_tune(f"{fields}M:{old}\nL:1/8\nK:C\n{body}\n"), meter_of(new)))
    return text[text.index("K:Cmaj\n") + 7 :].rstrip("\n")


def sound(tune):
    return [(note.onset, note.pitch, note.duration) for note in perform(tune)]


def bar_problems(tune):
    return [problem for problem in check(tune) if problem.kind in ("bar", "repeat", "ending", "tuplet")]


@pytest.mark.parametrize("text", TEXTS)
def test_it_sounds_the_same_and_its_bars_add_up(text):
    tune = read_tune(text, strict=False)
    for name in USUAL_METERS:
        try:
            moved = rebar(tune, meter_of(name))
        except SettingsError:
            continue
        assert sound(moved) == sound(tune)
        assert read_tune(write_tune(moved)) == moved
        if not bar_problems(tune):
            assert bar_problems(moved) == []


@pytest.mark.parametrize(
    ("body", "old", "new", "expected"),
    [
        ("|:DFA dfa|gec d3:|", "6/8", "12/8", "|:DFA dfa gec d3:|"),
        ("A2Bc d2ef|g4 a4|", "4/4", "2/4", "A2Bc|d2ef|g4|a4|"),
        ("A2Bc d2ef|", "4/4", "2/2", "A2Bc d2ef|"),
        ("A|Bcd efg|abc d2:|", "6/8", "12/8", "A|Bcd efg abc d2:|"),
        ("GAB|c2d2 e2f2|g4 c:|", "4/4", "2/4", "GAB|c2d2|e2f2|g4|c:|"),
        ("GABcd|c2d2 e2f2|c3:|", "4/4", "2/4", "G|ABcd|c2d2|e2f2|c3:|"),
        ("|:C4|D4|1 E4:|2 F4|]", "2/4", "4/4", None),
        ("|:C4|1 D4:|2 E4|]", "2/4", "4/4", "|:C4[1 D4:|2 E4|]"),
        ("|:C4 D2 [1 E2:|2 F2|]", "4/4", "2/4", "|:C4|D2[1 E2:|2 F2|]"),
        ("Z3|C4|", "2/4", "4/4", "z4 z4|z4 C4|"),
    ],
)
def test_bars_are_joined_or_divided_with_pickups_and_endings(body, old, new, expected):
    if expected is None:
        with pytest.raises(SettingsError, match="no whole number of bars of 4/4"):
            barred(body, old, new)
    else:
        assert barred(body, old, new) == expected


def test_a_note_across_a_bar_line_is_tied_and_keeps_its_accidental():
    assert barred("A2B ^c3 (c2|d8)|", "4/4", "2/4") == "A2B ^c-|c2 (^c2|d4-|d4)|"


def test_an_accidental_holds_no_longer_and_no_shorter_than_before():
    assert barred("^cc cc|cc {c}cc|", "2/4", "4/4") == "^cc cc =cc {c}cc|"
    assert barred("^c4 c4|c8|", "4/4", "2/4") == "^c4|^c4|c4-|c4|"


def test_the_tune_keeps_its_tempo():
    reel = read_tune("R:reel\nM:4/4\nL:1/8\nK:G\nG4 A4|\n")
    moved = rebar(reel, meter_of("2/4"))
    assert moved.header.values("Q") == ("1/2=112",)
    assert tempo_of(moved) == tempo_of(reel)
    assert rebar(reel, meter_of("2/2")).header.values("Q") == ()


@pytest.mark.parametrize(
    ("body", "old", "new", "reason"),
    [
        ("C8|", "4/4", "3/4", "bars of 4/4 can be neither joined .* possible: 2/2, 2/4"),
        ("C8|", "none", "4/4", "free meter has no bars"),
        ("C|", "1/8", "99/1", "bars of 1/8 can be neither joined"),
        ("Z999|Z2|", "2/4", "4/4", "a tune with 1,001 bars of rest keeps its bars"),
        ("C4|D4|E4|", "2/4", "4/4", "line 4, column 7: the part that ends here has no whole number of bars of 4/4"),
        ("C4|D3|E4|F4|", "2/4", "4/4", "line 4, column 4: this bar lasts 3/8, expected 1/2"),
        ("C2 D (3EFG A3|", "4/4", "2/4", "line 4, column 6: a tuplet would lie across a bar line of 2/4"),
        ("C4&E4|D4|", "2/4", "4/4", "overlays"),
        ("C4|[M:3/4]D6|", "2/4", "4/4", "line 4, column 7: a tune that changes its meter"),
        ("C3 [E4G2] A|", "4/4", "2/4", "line 4, column 5: a chord of notes of several lengths"),
    ],
)
def test_what_is_impossible_is_refused_with_the_reason(body, old, new, reason):
    with pytest.raises(SettingsError, match=reason):
        barred(body, old, new)
