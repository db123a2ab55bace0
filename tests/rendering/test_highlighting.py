"""Shared runs are coloured in the score, note for note."""

import xml.etree.ElementTree as ElementTree

import pytest

from songrnn.notation.read import read_tune
from songrnn.rendering.highlighting import coloured
from songrnn.rendering.musicxml import musicxml_of
from songrnn.rendering.page import page
from songrnn.rendering.render import SHARED_COLOUR, Mark, Renderer

ABC = "X:1\nT:A\nM:6/8\nL:1/8\nK:D\nA|dfd cec|(3ABc d2 {g}e2-|e5 F|[M:2/4]G2 [DA]2:|1 B4:|2 d4|]\n"


def notes_in_colour(abc, *marked):
    root = ElementTree.fromstring(coloured(musicxml_of(read_tune(abc, strict=False)), abc, marked, "#123456"))
    return [
        note.findtext("pitch/step")
        for note in root.iter("note")
        if note.get("color") == "#123456" and note.find("pitch") is not None
    ]


def stretch(begin: str, end: str) -> tuple[int, int]:
    return ABC.index(begin), ABC.index(end) + len(end)


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [
        ("A|", "A|", "A"),
        ("dfd", "ce", "DFDCE"),
        ("(3ABc", "d2", "ABCD"),
        ("e5", "F|", "EEF"),  # five eighths are two signs
        ("{g}", "e2-", "GE"),
        ("F|", "[DA]2", "FGDA"),
        ("2 d4", "d4|", "D"),
    ],
)
def test_the_notes_of_the_marked_characters_are_coloured_and_no_others(begin, end, expected):
    assert "".join(notes_in_colour(ABC, stretch(begin, end))) == expected


def test_of_a_chord_only_the_marked_members_are_coloured():
    begin = ABC.index("[DA]2") + 2
    assert notes_in_colour(ABC, (begin, begin + 1)) == ["A"]


@pytest.mark.parametrize("line_end", ["\r\n", "\r", "\r\r\n"])
def test_lines_are_counted_as_the_reader_counts_them(line_end):
    abc = ABC.replace("\n", line_end)
    begin = abc.index("cec")
    assert notes_in_colour(abc, (begin, begin + 3)) == ["C", "E", "C"]


def test_without_a_note_to_mark_nothing_is_changed():
    musicxml = musicxml_of(read_tune(ABC))
    assert coloured(musicxml, ABC, [], "#123456") == musicxml
    assert coloured(musicxml, ABC, [(0, 3)], "#123456") == musicxml
    assert coloured(musicxml, "nothing", [(0, 3)], "#123456") == musicxml


def test_shared_runs_are_in_colour_in_score_and_text_and_copied_ones_underlined_in_the_text():
    shared_run, copied_run = (stretch("dfd", "cec"), stretch("(3ABc", "d2"))
    marks = (Mark(*shared_run, remark="as in <Tune>", kind="shared"), Mark(*copied_run, remark="as in line 6"))
    with Renderer() as renderer:
        plain = renderer.render(ABC, formats=("svg", "musicxml"))
        marked = renderer.render(ABC, formats=("svg", "musicxml"), marks=marks)
        copied = renderer.render(ABC, formats=("svg",), marks=marks[1:])
    assert SHARED_COLOUR.encode() in marked.outputs["svg"]
    assert marked.outputs["musicxml"] == plain.outputs["musicxml"]
    assert copied.outputs["svg"] == plain.outputs["svg"]
    html = page("Tunes", tunes=[marked])
    assert '<mark class="shared" title="as in &lt;Tune&gt;">dfd cec</mark>' in html
    assert '<mark class="copied" title="as in line 6">(3ABc d2</mark>' in html
