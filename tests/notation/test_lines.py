"""Line ends, blocks of directives, and lines that a backslash joins."""

import pytest

from songrnn.notation.lines import MusicLine, blocks, tune_lines, with_unix_line_ends
from songrnn.notation.tune import Position


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
def test_every_line_end_is_one(end):
    assert with_unix_line_ends(f"A{end}B{end}") == "A\nB\n"


@pytest.mark.parametrize("tail", ["\x1a", "\r\n\x1a", "\n\x1a\x1a\x1a", "\x1a\n"])
def test_what_dos_puts_at_the_end_of_a_file_goes(tail):
    assert with_unix_line_ends(f"A{tail}") == "A\n"
    assert with_unix_line_ends("A\x1aB") == "A\x1aB"


def test_blocks_are_found_with_their_ends():
    lines = ["A", "%%begintext", "X:3", "", "%%endtext", "B", "%%beginps x", "%%begintext", "c", "%%endps", "D"]
    assert [list(block) for block in blocks(lines)] == [[1, 2, 3, 4], [6, 7, 8, 9]]


@pytest.mark.parametrize(
    ("text", "indices"),
    [
        ("%%begintext|A|B", []),
        ("%%endtext|A", []),
        ("%%begintext|A|%%endps", []),
        ("%%begintext|A|%%begintext|B|%%endtext|C", [2, 3, 4]),
        ("%%BeginText|A|%%endtext", [0, 1, 2]),
        ("%%begin|A|%%end", []),
    ],
)
def test_a_beginning_without_its_end_is_a_line_like_any_other(text, indices):
    assert [index for block in blocks(text.split("|")) for index in block] == indices


def test_lines_of_blocks_are_comments_and_instructions_are_fields():
    text = "%%begintext\nABc\n\n%%endtext\n%%linebreak $\n%%MIDI program 1\n%%score (1 2)\n"
    assert tune_lines(text) == ["%", "%", "%", "%", "I:linebreak $", "%%MIDI program 1", "I:score (1 2)", ""]


def test_a_joined_line_knows_where_each_character_stood():
    line = MusicLine.joined([(3, "AB"), (5, ""), (6, "cd")])
    assert line.text == "ABcd"
    assert [line.position(offset) for offset in (0, 1, 2, 4)] == [
        Position(3, 1), Position(3, 2), Position(6, 1), Position(6, 3),
    ]  # fmt: skip
