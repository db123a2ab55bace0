"""Notes of a MusicXML file in colour: those in marked stretches of the ABC, by the ids of `NoteIds`."""

import xml.etree.ElementTree as ElementTree
from bisect import bisect_right
from collections.abc import Sequence

from songrnn.notation.lines import LINE_END
from songrnn.notation.tune import Position
from songrnn.rendering.partwise.notes import position_of


def coloured(musicxml: bytes, abc: str, marked: Sequence[tuple[int, int]], colour: str) -> bytes:
    """`musicxml`, made from `abc`, with the notes of the stretches begin..end of `abc` in `colour` ("#rrggbb").

    marked: in the order of the text, without overlaps. Unchanged where there is nothing to colour.
    """
    if not marked:
        return musicxml
    marks, found = _Marks(abc, marked), False
    root = ElementTree.fromstring(musicxml)
    for note in root.iter("note"):
        if "id" in note.attrib and position_of(note.attrib["id"]) in marks:
            note.set("color", colour)
            found = True
    if not found:
        return musicxml
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode")).encode("utf-8")


class _Marks:
    """The places of a text that are marked."""

    def __init__(self, abc: str, marked: Sequence[tuple[int, int]]) -> None:
        self._lines = [0, *(found.end() for found in LINE_END.finditer(abc))]
        self._begins = [begin for begin, _ in marked]
        self._ends = [end for _, end in marked]

    def __contains__(self, position: Position) -> bool:
        if position.line > len(self._lines):
            return False
        place = self._lines[position.line - 1] + position.column - 1
        index = bisect_right(self._begins, place) - 1
        return index >= 0 and place < self._ends[index]
