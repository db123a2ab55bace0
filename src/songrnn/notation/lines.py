"""Text -> lines, without what is never part of a tune: line ends, comments, blocks of directives.

Reading and the corpus both begin here, so that a line is the same line for both. Numbers and columns of lines stay:
an empty comment replaces a line that is left out.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from songrnn.notation.tune import Position

LINE_END = re.compile(r"\r{0,2}\n|\r")  # CR CR LF is what two conversions of one file make of CR LF
_END_OF_FILE = "\x1a"  # Ctrl-Z, with which CP/M and DOS programs end and fill up a text file
_COMMENT = re.compile(r"(?<!\\)%.*")
_BLOCK = re.compile(r"%%(begin|end)([A-Za-z]\w*)", re.IGNORECASE)
# Directives with the meaning of an I: field (11); all others concern programs and are comments.
_DIRECTIVE = re.compile(r"\A%%(?=(?:linebreak|decoration|score|staves|propagate-accidentals|writeout-accidentals)\b)")


def with_unix_line_ends(text: str) -> str:
    """`text` with "\\n" at the end of every line, and without the Ctrl-Z that ends it."""
    text = LINE_END.sub("\n", text)
    kept = text.rstrip(f"{_END_OF_FILE} \t\n")
    return f"{kept}\n" if _END_OF_FILE in text[len(kept) :] else text


def tune_lines(text: str) -> list[str]:
    """The lines of a text; those of `%%begin...` blocks are empty comments, and instructions are I: fields."""
    lines = with_unix_line_ends(text).split("\n")
    for block in blocks(lines):
        for index in block:
            lines[index] = "%"
    return [_DIRECTIVE.sub("I:", line) for line in lines]


def blocks(lines: Sequence[str]) -> Iterator[range]:
    """The indices of every block from `%%begintext` to `%%endtext`, and the like (11.4), both lines included.

    A beginning without an end, or with the next beginning of its kind before that, is a line like any other.
    """
    ends = _ends(lines)
    index = 0
    while index < len(lines):
        if index in ends:
            yield range(index, ends[index] + 1)
            index = ends[index]
        index += 1


def _ends(lines: Sequence[str]) -> dict[int, int]:
    """The line of each beginning -> the line of its end."""
    ends: dict[int, int] = {}
    next_end: dict[str, int] = {}
    for index in range(len(lines) - 1, -1, -1):
        found = _BLOCK.match(lines[index])
        if found is None:
            continue
        name = found[2].lower()
        if found[1].lower() == "end":
            next_end[name] = index
        elif name in next_end:
            ends[index] = next_end.pop(name)
    return ends


def without_comment(line: str) -> str:
    """The line up to a `%` that no backslash protects."""
    return _COMMENT.sub("", line)


@dataclass(frozen=True, slots=True)
class MusicLine:
    """A line of music, joined from several lines of the text where backslashes continue it.

    starts, numbers: for each line of the text, the offset in `text` at which it begins, and its number from 1.
    """

    text: str
    starts: tuple[int, ...]
    numbers: tuple[int, ...]

    @classmethod
    def joined(cls, pieces: Sequence[tuple[int, str]]) -> "MusicLine":
        """One line from the numbers and texts of several."""
        starts, offset = list[int](), 0
        for _, text in pieces:
            starts.append(offset)
            offset += len(text)
        return cls("".join(text for _, text in pieces), tuple(starts), tuple(number for number, _ in pieces))

    def position(self, offset: int) -> Position:
        """The position in the text of the character at `offset`."""
        index = bisect_right(self.starts, offset) - 1 if len(self.starts) > 1 else 0
        return Position(self.numbers[index], offset - self.starts[index] + 1)
