"""What the user gives -> what the network is told, piece by piece.

In `tunebook` form a prompt may name any of the fields R, M, L and K in any order and spelling, and the beginning of a
body: `K:D major` or `R:Reel` + `M:C|` + `K:Edor` + `|:EB`. The network has learned them in one order and spelling, so
that is what it is told; a field that it always has seen (M, L, K) and that the prompt leaves out before something that
it gives, the network writes itself. Other fields say nothing about the notes and are left out. The music is cleaned as
the corpus is (`clean_body`, and `plain_music` where that keeps no marks), and for strict tunes respelled where the
constraints know one spelling of several.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from songrnn.composing.respelling import respelled
from songrnn.composing.wording import refuse_words
from songrnn.corpus.body import FIELD_LINE, clean_body
from songrnn.corpus.cleaning import FIELD_ORDER, Dropped, canonical_field, plain_music, voices
from songrnn.corpus.sources import START
from songrnn.errors import PromptError
from songrnn.notation.lines import with_unix_line_ends, without_comment
from songrnn.vocabulary import Vocabulary

RAW_START = f"{START}\n"
"""What the network is told first in `raw` form."""
OPTIONAL_FIELDS = "R"

_NEXT_NOTE = "C"
"""Cleaning sees the prompt with this note after it: what waits for a note is not misplaced."""
_FIRST_FIELDS = re.compile(r"\A(?:[MLK]:.*\n)+")
"""Inline fields before the first note, each a line of its own now: they belong to the header."""
_OPEN_TEXT = re.compile(r'(?:"[^"\n]*"|![^!|\s"]+!|[^"!\n]|!(?![^!|\s"]))*+(?P<text>"[^"\n]*|![^!|\s"]+)')
"""A line that ends within a chord symbol, an annotation or a decoration."""


@dataclass(frozen=True)
class Piece:
    """Text that is given; after it, the network may write the rest of the line if `open_line`."""

    text: str
    open_line: bool = False


@dataclass(frozen=True)
class Prompt:
    """A prompt that was read.

    pieces: what the network is told. typed: the music as the user gave it. read: what becomes of typed music.
    """

    pieces: tuple[Piece, ...]
    typed: str
    read: Callable[[str], str]

    @property
    def music(self) -> str:
        """What is told of the body."""
        return self.pieces[-1].text if self.typed and self.pieces else ""

    def place(self, told: int) -> tuple[int, int]:
        """Line and column, from 1, in the typed music of the character at `told` of the music that is told."""
        lines = self.typed.split("\n")
        ends = [len("\n".join(lines[:count])) for count in range(1, len(lines) + 1)]
        line = min(bisect_left(ends, True, key=lambda end: self._reaches(end, told)), len(lines) - 1)
        begin = ends[line] - len(lines[line])
        columns = range(begin + 1, ends[line])
        column = bisect_left(columns, True, key=lambda end: self._reaches(end, told))
        named = lines[line].rfind(self.music[told], 0, column + 1)  # what was respelled ends after its first character
        return line + 1, (named if named >= 0 else column) + 1

    def _reaches(self, end: int, told: int) -> bool:
        """Whether the typed music up to `end` has become what is told up to the character at `told`."""
        return self.read(self.typed[:end]).startswith(self.music[: told + 1])


def read_prompt(
    prompt: str,
    vocabulary: Vocabulary,
    requested: Mapping[str, str] | None = None,
    *,
    strict: bool = True,
    keep_marks: bool = True,
) -> Prompt:
    """The pieces of `prompt` for a network with this vocabulary.

    requested:  fields that are asked for besides, by letter; the prompt's own agree with them.
    strict: whether the tune will be held to the constraints.
    keep_marks: whether the network has learned texts with marks (`corpus/marks.py`); else they are left out here too.
    Raises PromptError for a character that the vocabulary lacks, a field whose value cannot be read, and music that
    cleaning would drop.
    """
    prompt = with_unix_line_ends(prompt.removeprefix("\ufeff"))
    if not vocabulary.boundaries:
        found = Prompt((Piece(prompt.removeprefix(RAW_START)),), "", str)
    else:
        found = _read(prompt, vocabulary, requested or {}, strict, keep_marks)
    told = "".join(piece.text for piece in found.pieces)
    _refuse_unknown(told, prompt, vocabulary)
    return found


def split_prompt(prompt: str) -> tuple[dict[str, str], str]:
    """The fields of the header by letter, and the body; comments in the header are left out."""
    fields: dict[str, str] = {}
    lines = with_unix_line_ends(prompt.removeprefix("\ufeff")).split("\n")
    for number, line in enumerate(lines):
        text = without_comment(line).strip()
        field = FIELD_LINE.fullmatch(text)
        if field is None or ("K" in fields and field["letter"] not in FIELD_ORDER):
            if text:
                return fields, "\n".join(lines[number:])
        elif field["letter"] in FIELD_ORDER:
            try:
                fields[field["letter"]] = canonical_field(field["letter"], field["value"])
            except Dropped as problem:
                raise PromptError(f"the prompt's line {number + 1}, {text!r}: {problem}") from problem
    return fields, ""


def _read(prompt: str, vocabulary: Vocabulary, requested: Mapping[str, str], strict: bool, keep_marks: bool) -> Prompt:
    """A prompt of tunebook form."""
    lines = prompt.split("\n")
    if sum(line.lstrip().startswith("X:") for line in lines) > 1:
        raise PromptError("the prompt holds several tunes, as several X: lines say; give the beginning of one")
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
        raise PromptError(f"the prompt's {_first_dropped(prompt, typed)}: {problem}") from problem
    fields |= {line[0]: line[2:] for line in first[0].splitlines()} if first else {}
    music = read(typed)
    return Prompt(tuple(_pieces(fields, music)), typed if music else "", read)


def clean_beginning(music: str, *, keep_marks: bool = True) -> str:
    """The beginning of a body, cleaned as a body of the corpus is; what its last line leaves open stays open.

    Raises what `clean_body` raises.
    """
    plain = str if keep_marks else plain_music
    *whole, last = music.split("\n")
    last = without_comment(last)
    field = FIELD_LINE.match(last)
    if field is not None:
        return plain(clean_body(whole)) + _open_field(field["letter"], field["value"])
    opened = _OPEN_TEXT.match(last)
    rest = opened["text"] if opened else ""
    cleaned = plain(clean_body([*whole, last.removesuffix(rest) + _NEXT_NOTE]))
    return cleaned.removesuffix("\n").removesuffix(_NEXT_NOTE) + rest


def _open_field(letter: str, value: str) -> str:
    """A field of the last line, which may not have its whole value yet; "" for one that says nothing of the notes."""
    try:
        return clean_body([f"{letter}:{value}"]).removesuffix("\n")
    except Dropped:
        return f"{letter}:{value.strip()}"


def _first_dropped(prompt: str, typed: str) -> str:
    """The first line of the music that cleaning would not take, with its number in the prompt."""
    lines = typed.split("\n")
    header = prompt.count("\n") + 1 - len(lines)
    for number in range(1, len(lines)):
        try:
            clean_body(lines[:number])
        except Dropped:
            break
    else:
        number = len(lines)
    return f"line {header + number}, {lines[number - 1]!r}"


def _refuse_unknown(told: str, prompt: str, vocabulary: Vocabulary) -> None:
    unknown = next((character for character in told if character not in vocabulary.characters), None)
    if unknown is not None:
        place = prompt.find(unknown) + 1  # 0: it came in with a field's canonical value
        where = f" (position {place})" if place else ""
        raise PromptError(
            f"prompt character {unknown!r}{where} is not among the {len(vocabulary.characters)} characters that this "
            "checkpoint knows. Remove it, or train on a corpus that contains it"
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
