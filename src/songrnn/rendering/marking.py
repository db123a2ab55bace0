"""Notes of a MusicXML file in colour: those that sound while marked characters of the ABC do.

Text and score share nothing but time, so that is what joins them: a mark lasts from the onset of its first note to the
end of its last, every bar once, and so do the notes of the score.
"""

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import accumulate
from xml.etree.ElementTree import Element

from songrnn.errors import AbcSyntaxError
from songrnn.notation.performance import perform
from songrnn.notation.read import read_tune

Span = tuple[Fraction, Fraction]


def coloured(musicxml: bytes, abc: str, marked: Sequence[tuple[int, int]], colour: str) -> bytes:
    """`musicxml`, made from `abc`, with the notes of the stretches begin..end of `abc` in `colour` ("#rrggbb").

    Comes back as it is where there is nothing to colour.
    """
    spans = _spans(abc, marked)
    if not spans:
        return musicxml
    root = ElementTree.fromstring(musicxml)
    for part in root.iter("part"):
        for note, onset in _onsets(part):
            if any(begin <= onset < end for begin, end in spans):
                note.set("color", colour)
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode")).encode("utf-8")


def _spans(abc: str, marked: Sequence[tuple[int, int]]) -> list[Span]:
    """From when to when, in whole notes, each stretch sounds."""
    try:
        notes = perform(read_tune(abc, strict=False), repeats=False) if marked else ()
    except AbcSyntaxError:
        return []
    lines = [0, *accumulate(len(line) + 1 for line in abc.split("\n"))]
    spans = []
    for begin, end in marked:
        inside = [note for note in notes if begin <= lines[note.position.line - 1] + note.position.column - 1 < end]
        if inside:
            spans.append((inside[0].onset, max(note.onset + note.duration for note in inside)))
    return spans


def _onsets(part: Element) -> Iterator[tuple[Element, Fraction]]:
    """Every note of a part that takes time, and when it begins, in whole notes."""
    divisions, now, before = Fraction(1), Fraction(0), Fraction(0)
    for element in part.iterfind("measure/*"):
        lasts = Fraction(element.findtext("duration", "0")) / divisions / 4
        match element.tag:
            case "attributes":
                divisions = Fraction(element.findtext("divisions") or divisions)
            case "backup":
                now -= lasts
            case "forward":
                now += lasts
            case "note" if element.find("grace") is None:
                if element.find("chord") is None:
                    before, now = now, now + lasts
                yield element, before
