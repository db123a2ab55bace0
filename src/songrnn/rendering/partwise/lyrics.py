"""The text of a w: field -> syllables under notes (ABC standard 2.1, section 5)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from songrnn.notation.text_strings import decode_text

MOST_VERSES = 50


@dataclass(slots=True)
class Syllable:
    """The text under one note. text: "" where the last syllable continues; held: whether the next note's is too.

    syllabic: as in MusicXML, its place in the word.
    """

    text: str
    syllabic: Literal["single", "begin", "middle", "end"] = "single"
    held: bool = False


class Sung(Protocol):
    """A note that can have syllables; syllables: by number of the verse."""

    syllables: dict[int, Syllable]


# A syllable, or a sign: `-` after a syllable, or alone; `_`, `*`, `|`.
_TOKEN = re.compile(r"(?P<syllable>(?:\\-|[^\s\-_*|])+)(?P<hyphen>-?)|(?P<sign>[-_*|])")


class Singing:
    """Gives w: fields to the notes since the last of them; several w: fields in a row are verses."""

    def __init__(self) -> None:
        self._notes: list[Sung | None] = []
        self._line: Sequence[Sung | None] = ()
        self._verse = 0

    def note(self, note: Sung) -> None:
        """Add a note to sing."""
        self._notes.append(note)

    def bar(self) -> None:
        """Add a bar line."""
        self._notes.append(None)

    def sing(self, text: str) -> None:
        """Align the words of one w: field."""
        if any(note is not None for note in self._notes):
            self._line, self._verse, self._notes = self._notes, 0, []
        self._verse += 1
        if self._verse <= MOST_VERSES:
            _align(decode_text(text), self._line, self._verse)


def _align(text: str, notes: Sequence[Sung | None], verse: int) -> None:
    index = 0
    inside_word = False
    last: Syllable | None = None
    for token in _TOKEN.finditer(text):
        if token["sign"] == "|":
            index = _next_bar(notes, index)
            continue
        index = _next_note(notes, index)
        if index == len(notes):
            return
        note = notes[index]
        assert note is not None
        index += 1
        if token["syllable"]:
            last = Syllable(_shown(token["syllable"]), _syllabic(inside_word, bool(token["hyphen"])))
            inside_word = bool(token["hyphen"])
            note.syllables[verse] = last
        elif token["sign"] == "_" and last is not None:
            last.held = True
            last = note.syllables[verse] = Syllable("")


def _syllabic(inside: bool, goes_on: bool) -> Literal["single", "begin", "middle", "end"]:
    if inside:
        return "middle" if goes_on else "end"
    return "begin" if goes_on else "single"


def _shown(written: str) -> str:
    return written.replace("\\-", "-").replace("~", " ")


def _next_note(notes: Sequence[Sung | None], index: int) -> int:
    return next((place for place in range(index, len(notes)) if notes[place] is not None), len(notes))


def _next_bar(notes: Sequence[Sung | None], index: int) -> int:
    return next((place + 1 for place in range(index, len(notes)) if notes[place] is None), len(notes))
