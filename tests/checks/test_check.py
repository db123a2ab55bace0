"""Checking: what is right is left alone, and every kind of mistake is seen once, with its place."""

from pathlib import Path

import pytest

from songrnn.checks.check import check
from songrnn.notation.read import read_tune

FILES = sorted((Path(__file__).parents[1] / "data" / "abc").glob("*.abc"))
HEADER = "X:1\nT:Test\nM:3/4\nL:1/4\nK:C\n"


def problems(body, *, strict=True, header=HEADER):
    return [(problem.kind, str(problem)) for problem in check(read_tune(header + body + "\n", strict=strict))]


@pytest.mark.parametrize("path", [path for path in FILES if path.stem != "bar_lines"], ids=lambda path: path.stem)
def test_a_tune_without_mistakes_has_no_problems(path):
    assert check(read_tune(path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    "body",
    [
        "C|DEF|GA|]",  # a pickup and its partner at the end
        "C|DEF|GA:|",  # at a repeat
        "|:C|DEF|GA:|:B|cde|fg:|",  # the repeat's pickup, and that of the next part
        "CDE|FG||A|Bcd|efg|]",  # the partner follows the double bar line
        "C|DEF|1 GA:|2 GA||B|cde|fg|]",
        "C|DEF|G [1 A:|[2 A2|]",  # an ending that begins within the bar
        "CDE|G [1 AB:|[2 A2|]",
        "CDE|F[|]GA|]",  # an invisible bar line is none
        "CDE|Z2|FGA|]",
        "[M:none]CDEFG|A|[M:2/4]CD|EF|]",
        "CDE&G3|]",
        "CDE|FGA",  # the end needs no bar line
        "C|DEF|GAB|]",  # a pickup alone is right
        "CDE|FGA::Bcd|efg:|",
        "C2\nD|EFG|]",  # the end of a line is no bar line
    ],
)
def test_bars_that_add_up_are_no_problem(body):
    assert problems(body) == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("CDE|FG|ABc|]", "line 6, column 5: expected a bar that lasts 3/4, found one that lasts 1/2"),
        ("CDE|FGAB|cde|]", "line 6, column 5: expected a bar that lasts 3/4, found one that lasts 1"),
        ("CDE|FG|]", "line 6, column 5: expected a bar that lasts 3/4"),  # no pickup that it could be the partner of
        ("C|DEF|G|]", "line 6, column 7: expected a bar that lasts 3/4, found one that lasts 1/4"),
        ("CDEF|GAB|]", "line 6, column 1: expected a bar that lasts 3/4, found one that lasts 1"),
        ("CDE|FGA:|B2|cde|fg:|", "line 6, column 17: expected a bar that lasts 3/4"),
        ("CDE|[M:2/4]CD|CDE|]", "line 6, column 15: expected a bar that lasts 1/2"),
        ("CDE&G2|]", "line 6, column 1: expected an overlay that lasts 3/4 like the notes before it"),
        ("C|DEF|G [1 A:|[2 ABc|]", "line 6, column 15: expected a bar that lasts 3/4"),
    ],
)
def test_a_bar_that_does_not_add_up_is_a_problem(body, message):
    ((kind, found),) = problems(body)
    assert kind == "bar"
    assert message in found


@pytest.mark.parametrize(
    ("body", "kind", "message"),
    [
        ("|:CDE|", "repeat", "line 6, column 1: expected ':|' before the end"),
        ("|:CDE|:FGA:|", "repeat", "line 6, column 1: expected ':|' before the next '|:'"),
        ("|:CDE|1FGA:|", "ending", "line 6, column 7: expected a second ending after the first"),
        ("|:CDE|2FGA:|", "ending", "line 6, column 7: expected ending 1, found 2"),
        ("|:CDE|1FGA:|3GAB:|", "ending", "line 6, column 13: expected ending 2, found 3"),
        ("(3CDEC|(3DE|", "tuplet", "line 6, column 8: expected 1 more notes of the tuplet before the bar line"),
        ("C-DE|", "tie", "line 6, column 1: expected the same note after the tie"),
        ("CDE-|", "tie", "line 6, column 3: expected a note after the tie, found the end"),
        ("C(DE|", "slur", "line 6, column 3: expected ')' after '('"),
        ("CD)E|", "slur", "line 6, column 2: expected '(' before ')'"),
        ("C!wobble!DE|", "decoration", "expected a decoration of the standard such as '!trill!', found '!wobble!'"),
        ("[V:1]CDE|FGA|[V:2]CDE|", "voice", "expected voice 2 to last 3/2 like the first, found 3/4"),
        ("C-|Z|CDE|", "tie", "line 6, column 1: expected the same note after the tie"),
        ("|:CDE-:|F3|", "tie", "line 6, column 5: expected the same note after the tie"),
        ("|:CDE-|1 F3:|2 G3|", "tie", "line 6, column 5: expected the same note after the tie"),
        ("C3&E3-|C3&F3|", "tie", "line 6, column 4: expected the same note after the tie"),
        ("[V:1]CDE-|E3|\n[V:2]CDE-|F3|", "tie", "line 7, column 8: expected the same note after the tie"),
        ("CDE|1 F3|2 G3||", "ending", "line 6, column 12: expected a repeat that leads to ending 2, found notes"),
        ("C3|[Q:118 =1/4]D3|", "tempo", "line 6, column 7: expected a tempo such as '1/4=120', "),
        ("[L:1/64][Q:60]C48|", "tempo", "line 6, column 12: expected a tempo such as"),
        ("Q:fast\nC3|", "tempo", "line 6, column 3: expected a tempo such as '1/4=120'"),
        ("[L:1/8][Q:1/4=1000000000]C6|", "tempo", "line 6, column 11: expected a tempo such as"),
    ],
)
def test_every_other_kind_of_mistake_is_a_problem(body, kind, message):
    found = [text for name, text in problems(body) if name == kind]
    assert len(found) == 1
    assert message in found[0]


def test_what_a_tolerant_reading_skipped_is_a_problem():
    assert ("reading", "line 6, column 1: expected music, found 'k', to which no U: field gives a meaning") in problems(
        "kCDE|", strict=False
    )


def test_an_unknown_key_is_a_problem():
    tune = read_tune("K:Hm\nC", strict=False)
    assert [str(problem) for problem in check(tune)] == [
        "line 1, column 3: expected a key such as 'G' or 'Ador', found 'Hm'"
    ]


def test_problems_come_in_the_order_of_the_text():
    found = check(read_tune(HEADER + "CD-E|FG|!x!ABc|(GAB|]\n"))
    assert [problem.kind for problem in found] == ["tie", "bar", "decoration", "slur"]


@pytest.mark.parametrize(
    "body",
    [
        "|:CDC-:|",  # the repeat begins with the note
        "|:C2E-|1 E3:|2 E3|",
        "|:DC2-|1 C3:|2 D3|",  # to the first ending only
        "|:CDE-::EFG-:|GFE|",
        "C3&E3-|C3&E3|",
        "C3-&E3-|C3&E3|",
        "[V:1]|:CDC-:|\n[V:2]|:EFE-:|",
        "[CE]3-|[CE]2C|",
        "C3-|[M:2/4]CD|",
    ],
)
def test_a_tie_to_what_is_played_next_is_no_problem(body):
    assert problems(body) == []


def test_a_malformed_tempo_of_the_header_is_a_problem_with_its_place():
    header = "X:1\nM:3/4\nL:1/4\nQ: 118 =1/4\nK:C\n"
    ((kind, message),) = problems("C3|", header=header)
    assert kind == "tempo"
    assert message.endswith("found '118 =1/4'")
    assert message.startswith("line 4, column 4: expected a tempo such as '1/4=120'")


@pytest.mark.parametrize("tempo", ["1/4 3/8 1/4 3/8=40", "120", '"Slowly"', "C3=40", '3/8=50 "Slowly"'])
def test_a_tempo_of_the_standard_is_no_problem(tempo):
    assert problems(f"C3|[Q:{tempo}]D3|", header=HEADER.replace("K:", f"Q:{tempo}\nK:")) == []


def test_a_voice_without_music_is_no_problem():
    assert problems("V:1\nC3|D3|\nV:2\nE3|F3|\nV:3\n[K:G]\n") == []
    assert problems("P:A\nV:S\nC3|D3|\nV:B\nE3|F3|") == []
