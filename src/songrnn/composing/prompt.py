"""A prompt -> the pieces of text that the network is given.

In `tunebook` form a prompt may name any of the fields R, M, L and K in any order and spelling, and the beginning of a
body: `K:D major` or `R:Reel` + `M:C|` + `K:Edor` + `|:EB`. The network has learned them in one order and spelling,
which it is given; a field of every training tune (M, L, K) that the prompt leaves out before something that it gives is
written by the network. Other fields do not affect the notes and are left out. The music is cleaned as the corpus is
(`clean_body`, and `plain_music` where that keeps no marks), and for strict tunes respelled where the constraints allow
one spelling of several.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from songrnn.corpus.fields import FIELD_LINE, FIELD_ORDER, Dropped, canonical_field
from songrnn.corpus.markers import START
from songrnn.errors import PromptError
from songrnn.notation.lines import with_unix_line_ends, without_comment
from songrnn.vocabulary import Vocabulary

RAW_START = f"{START}\n"
"""The beginning of every prompt in `raw` form."""
OPTIONAL_FIELDS = "R"

_FIRST_FIELDS = re.compile(r"\A(?:[MLK]:.*\n)+")
"""Inline fields before the first note belong to the header: each becomes a line of its own."""


@dataclass(frozen=True)
class Piece:
    """Text that is given; after it, the network may write the rest of the line if `open_line`."""

    text: str
    open_line: bool = False


@dataclass(frozen=True)
class Prompt:
    """A prompt that was read.

    pieces: given to the network. typed: the music as the user wrote it. read: turns typed music into given music.
    """

    pieces: tuple[Piece, ...]
    typed: str
    read: Callable[[str], str]

    @property
    def music(self) -> str:
        """The given music of the body."""
        return self.pieces[-1].text if self.typed and self.pieces else ""

    def place(self, given: int) -> tuple[int, int]:
        """Line and column, from 1, in the typed music of the character at `given` of the given music."""
        lines = self.typed.split("\n")
        ends = [len("\n".join(lines[:count])) for count in range(1, len(lines) + 1)]
        line = min(bisect_left(ends, True, key=lambda end: self._reaches(end, given)), len(lines) - 1)
        begin = ends[line] - len(lines[line])
        columns = range(begin + 1, ends[line])
        column = bisect_left(columns, True, key=lambda end: self._reaches(end, given))
        named = lines[line].rfind(self.music[given], 0, column + 1)  # respelled music ends after its first character
        return line + 1, (named if named >= 0 else column) + 1

    def _reaches(self, end: int, given: int) -> bool:
        """Whether the typed music up to `end` has become what is given up to the character at `given`."""
        return self.read(self.typed[:end]).startswith(self.music[: given + 1])


def read_prompt(
    prompt: str,
    vocabulary: Vocabulary,
    requested: Mapping[str, str] | None = None,
    *,
    strict: bool = True,
    keep_marks: bool = True,
) -> Prompt:
    """The pieces of `prompt` for a network with this vocabulary.

    requested: further fields, by letter, which agree with the prompt's own.
    strict: whether the tune will be constrained.
    keep_marks: whether the network has learned texts with marks (`corpus/marks.py`); else they are left out here too.
    Raises PromptError for a character that the vocabulary lacks, a field whose value cannot be read, and music that
    cleaning would drop.
    """
    prompt = with_unix_line_ends(prompt.removeprefix("\ufeff"))
    if not vocabulary.boundaries:
        found = Prompt((Piece(prompt.removeprefix(RAW_START)),), "", str)
    else:
        found = _read(prompt, vocabulary, requested or {}, strict, keep_marks)
    given = "".join(piece.text for piece in found.pieces)
    _refuse_unknown(given, prompt, vocabulary)
    return found


@lru_cache(maxsize=16)
def split_prompt(prompt: str) -> tuple[Mapping[str, str], str]:
    """The fields of the header by letter, and the body; comments in the header are left out.

    Kept for the last prompts: header, pieces and notes of one request all need it.
    """
    fields: dict[str, str] = {}
    lines = with_unix_line_ends(prompt.removeprefix("\ufeff")).split("\n")
    for number, line in enumerate(lines):
        text = without_comment(line).strip()
        field = FIELD_LINE.fullmatch(text)
        if field is None or ("K" in fields and field["letter"] not in FIELD_ORDER):
            if text:
                return MappingProxyType(fields), "\n".join(lines[number:])
        elif field["letter"] in FIELD_ORDER:
            try:
                fields[field["letter"]] = canonical_field(field["letter"], field["value"])
            except Dropped as problem:
                raise PromptError(f"the prompt's line {number + 1}, {text!r}: {problem}") from problem
    return MappingProxyType(fields), ""


def _read(prompt: str, vocabulary: Vocabulary, requested: Mapping[str, str], strict: bool, keep_marks: bool) -> Prompt:
    """A prompt of tunebook form."""
    if not prompt:
        return Prompt(tuple(_pieces(requested, "")), "", str)
    # cleaning is loaded for a prompt only: without one the first tune is there sooner
    from songrnn.composing.prompt_music import clean_beginning, first_dropped, respelled
    from songrnn.composing.wording import refuse_words
    from songrnn.corpus.cleaning import voices

    lines = prompt.split("\n")
    if sum(line.lstrip().startswith("X:") for line in lines) > 1:
        raise PromptError("the prompt holds several tunes, as it has several X: lines; give the beginning of one")
    if len(voices(lines)) > 1:
        raise PromptError("the prompt has several voices (V:); give the beginning of a tune of one voice")
    refuse_words(prompt)
    own, typed = split_prompt(prompt)
    fields = {**own, **requested}

    def respell(music: str) -> str:
        cleaned = clean_beginning(music, keep_marks=keep_marks)
        return respelled(cleaned, fields.get("M", ""), fields.get("L", "")) if strict else cleaned

    def read(music: str) -> str:
        return _FIRST_FIELDS.sub("", respell(music))

    try:
        first = _FIRST_FIELDS.match(respell(typed))
    except Dropped as problem:
        _refuse_unknown("".join(c for c in typed if not c.isascii()), prompt, vocabulary)
        raise PromptError(f"the prompt's {first_dropped(prompt, typed)}: {problem}") from problem
    fields |= {line[0]: line[2:] for line in first[0].splitlines()} if first else {}
    music = read(typed)
    return Prompt(tuple(_pieces(fields, music)), typed if music else "", read)


def _refuse_unknown(given: str, prompt: str, vocabulary: Vocabulary) -> None:
    unknown = next((character for character in given if character not in vocabulary.characters), None)
    if unknown is not None:
        place = prompt.find(unknown) + 1  # 0: it is from a requested field
        what = f"prompt character {unknown!r} (position {place})" if place else f"{unknown!r} of the requested header"
        raise PromptError(
            f"{what} is not among the {len(vocabulary.characters)} characters of this "
            "checkpoint. Remove it, or train on a corpus that contains it"
        )


def _pieces(fields: Mapping[str, str], body: str) -> Iterator[Piece]:
    """The header in the learned order, with open lines for what is missing before something given, then the body."""
    last = len(FIELD_ORDER) if body else 1 + max((FIELD_ORDER.index(letter) for letter in fields), default=-1)
    for letter in FIELD_ORDER[:last]:
        if letter in fields:
            yield Piece(f"{letter}:{fields[letter]}\n")
        elif letter not in OPTIONAL_FIELDS:
            yield Piece(f"{letter}:", open_line=True)
    if body:
        yield Piece(body)
