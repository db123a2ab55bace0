"""Writing: one spelling for one tune, which reads as the same tune again."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songrnn.checks.check import check
from songrnn.notation.read import read_tune
from songrnn.notation.transpose import transpose
from songrnn.notation.tune import BarLine, Pitch
from songrnn.notation.write import bar_line_text, length_text, pitch_text, write_tune
from songrnn.performance.timeline import perform

FILES = sorted((Path(__file__).parents[1] / "data" / "abc").glob("*.abc"))
HEADER = "M:4/4\nL:1/8\nK:Cmaj\n"


def rewritten(body):
    return write_tune(read_tune(HEADER + body)).removeprefix(HEADER)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_notation_feature_reads_the_same_when_it_was_written(path):
    tune = read_tune(path.read_text("utf-8"))
    text = write_tune(tune)
    assert read_tune(text) == tune
    assert write_tune(read_tune(text)) == text


@pytest.mark.parametrize(
    ("body", "canonical"),
    [
        ("A2 B//c3/ | d", "A2 B/4c3/2|d\n"),
        ("A3/2B/ c/d3/ A>>B", "A>B c<d A>>B\n"),
        ("A2>B2 (3A>Bc", "A2>B2 (3A>Bc\n"),
        ("(3:2:3ABc (5:2:5ABcde (3::2AB", "(3ABc (5ABcde (3:2:2AB\n"),
        ("+CE+", None),
        ("[C2E2G2] [CE]2- [C-E][C2E]", "[CEG]2 [CE]2- [C-E][C2E]\n"),
        ("!trill!A !roll!B !staccato!c !tenuto!d", "TA ~B .c !tenuto!d\n"),
        ('!trill!"Am"{g}(A', None),
        ("|:A:| |:B :: C:|2 D ||", "|:A:| |:B::C:|2 D||\n"),
        ("| |A", "| |A\n"),
        ("A [1 B | [2 C", "A[1 B|2 C\n"),
        ("A\nM:6/8\nB", "A\n[M:6/8]B\n"),
        ("A\\\nw:la\nB", "A\\\nw:la\nB\n"),
        ("AB\n[K:D minor]c", "AB\n[K:Dmin]c\n"),
        ("A`B``c", "ABc\n"),
        ("V:1\nA\nV:2\nB\nV:1\nC", "V:1\nA\nC\nV:2\nB\n"),
    ],
)
def test_many_spellings_become_one(body, canonical):
    if canonical is None:
        tune = read_tune(HEADER + body, strict=False)
        assert read_tune(write_tune(tune), strict=False) == tune
    else:
        assert rewritten(body) == canonical


def test_the_header_is_written_in_its_order():
    text = "K:Bb"
    assert write_tune(read_tune(text)) == "K:Bbmaj\n"
    header = "X:3\nL:1/16\nR:reel\nM:C|\nT:Name\nC:Composer\nK:Hp clef=bass\n"
    assert write_tune(read_tune(header)) == "X:3\nT:Name\nR:reel\nC:Composer\nM:C|\nL:1/16\nK:Hp clef=bass\n"


def test_a_letter_with_a_meaning_of_its_own_is_not_used_as_shorthand():
    tune = read_tune("U:T = !fermata!\nK:C\n!trill!A TB .c")
    assert "!trill!A !fermata!B .c" in write_tune(tune)
    assert read_tune(write_tune(tune)) == tune


@pytest.mark.parametrize("body", ["[V:|x]A|[V::]B|", "P: |x\nA|", "w: ]la\n", "[V:]]A", "B: [|]\nA|", "w: .|\n"])
def test_a_field_whose_value_begins_like_a_bar_line_stays_a_field(body):
    tune = read_tune(HEADER + body, strict=False)
    assert read_tune(write_tune(tune)) == tune


@pytest.mark.parametrize("line", [":|", "::", ":||", ":|]", ":.|", ":[|", ":[|]"])
@pytest.mark.parametrize("sound", ["A", "B", "Z"])
def test_what_begins_a_line_before_a_bar_line_with_a_colon_is_no_field(sound, line):
    tune = read_tune(f"{HEADER}{sound} {line}A|")
    assert len(tune.voices[0].bars) == 2
    assert read_tune(write_tune(tune)) == tune
    assert read_tune(f"{HEADER}{sound}{line}A|") == tune


@pytest.mark.parametrize(
    "body", ["A[H:none]\nB", "A|[w:la]\n[T:Part]\nB", f"A[N:{'x' * 950}]\nB", "V:2\n[V:1][H:x]\nA"]
)
def test_a_field_in_brackets_that_goes_to_a_line_of_its_own_leaves_no_blank_line(body):
    tune = read_tune(HEADER + body, strict=False)
    assert "\n\n" not in write_tune(tune)
    assert read_tune(write_tune(tune)) == tune


@pytest.mark.parametrize("body", ["{A999999}[L:1/16]B", "{A/512}[L:1/2]B", "{A2}[L:1/16]B", '{a}\nL:1/4\n"Am"B'])
def test_grace_notes_may_wait_beyond_a_change_of_the_unit_note_length(body):
    tune = read_tune(HEADER + body, strict=False)
    assert read_tune(write_tune(tune)) == tune
    assert len(tune.skipped) == (body in ("{A999999}[L:1/16]B", "{A/512}[L:1/2]B"))


def test_pieces_are_written_as_the_standard_has_them():
    assert [pitch_text(pitch) for pitch in (Pitch("C", 4), Pitch("A", 3, -1), Pitch("F", 6, 2), Pitch("B", 5, 0))] == [
        "C", "_A,", "^^f'", "=b",
    ]  # fmt: skip
    assert [length_text(Fraction(text)) for text in ("1", "3", "1/2", "1/4", "3/2", "3/4")] == [
        "", "3", "/", "/4", "3/2", "3/4",
    ]  # fmt: skip
    assert [bar_line_text(line) for line in (BarLine(), BarLine("|]", 1), BarLine("|", 1, 1), BarLine("||", 0, 2))] == [
        "|", ":|]", "::", "||::",
    ]  # fmt: skip


PIECES = st.sampled_from(
    ["A", "^c'", "B,2", "e/", "f3/2", "[CE]", "[C2E]", "[C-E]2-", "z", "x2", "Z2", "y", "y3", ">", "<", ">>", "-",
    "(", ")",
     "(3", "(5", "(3:2:2", "{ab}", "{/c}", '"Am"', '"^up"', "!trill!", ".", "~", "T", "|", "||", "|:", ":|", "::",
     "|]", "[|]",
     ".|", "[1 ", "|2 ", "&", " ", "  ", "\n", "\\\n", "[M:6/8]", "[L:1/4]", "[K:Ador]", "[K:clef=bass]", "[V:2]",
     "[N:a b]",
     "\nw:la - la\n", "\nK:G\n", "\nV:1\n", "\nV:2 clef=alto\n", "\nT:Part\n", "\nU:W=!mordent!\n", "W", "[r:x]",
     "\nN:a]b\n",
     "`", "% words\n", "[P:A]", "A9/8", "(3A>", "!a!", '""', "\n+:more\n", "=20\n", "+CE+", "k", "2", "[Q:1/4=120]"]
)  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(st.lists(PIECES, max_size=30), st.sampled_from(["", "V:2\nV:1 name=x\n", "U:T=!x!\n", "M:6/8\n", "L:1/512\n"]))
def test_whatever_was_read_is_written_and_read_as_the_same_and_can_be_checked_played_and_moved(pieces, fields):
    tune = read_tune(f"X:1\n{fields}K:C\n" + "".join(pieces), strict=False)
    assert read_tune(write_tune(tune), strict=True) == tune
    check(tune)
    higher = transpose(tune, 3)
    assert read_tune(write_tune(higher), strict=True) == higher
    assert [note.pitch for note in perform(higher)] == [note.pitch + 3 for note in perform(tune)]
