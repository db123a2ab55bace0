"""What the user gives -> what the network is told, piece by piece.

In `tunebook` form a prompt may name any of the fields R, M, L and K in any order and spelling, and the beginning of a
body: `K:D major` or `R:Reel` + `M:C|` + `K:Edor` + `|:EB`. The network has learned them in one order and spelling, so
that is what it is told; a field that it always has seen (M, L, K) and that the prompt leaves out before something that
it gives, the network writes itself. Other fields say nothing about the notes and are left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from songrnn.corpus.body import FIELD_LINE, without_comment
from songrnn.corpus.cleaning import FIELD_ORDER, Dropped, canonical_field
from songrnn.corpus.sources import START
from songrnn.errors import PromptError
from songrnn.vocabulary import Vocabulary

RAW_START = f"{START}\n"
"""What the network is told first in `raw` form."""
OPTIONAL_FIELDS = "R"


@dataclass(frozen=True)
class Piece:
    """Text that is given; after it, the network may write the rest of the line if `open_line`."""

    text: str
    open_line: bool = False


def read_prompt(prompt: str, vocabulary: Vocabulary) -> list[Piece]:
    """The pieces of `prompt` for a network with this vocabulary.

    Raises PromptError for a character that the vocabulary lacks, and for a field whose value cannot be read.
    """
    prompt = prompt.replace("\r\n", "\n").replace("\r", "\n")
    if not vocabulary.boundaries:
        pieces = [Piece(prompt.removeprefix(RAW_START))]
    else:
        fields, body = split_prompt(prompt)
        pieces = list(_pieces(fields, body))
    told = "".join(piece.text for piece in pieces)
    unknown = next((character for character in told if character not in vocabulary.characters), None)
    if unknown is not None:
        place = prompt.find(unknown) + 1  # 0: it came in with a field's canonical value
        where = f" (position {place})" if place else ""
        raise PromptError(
            f"prompt character {unknown!r}{where} is not among the {len(vocabulary.characters)} characters that this "
            "checkpoint knows. Remove it, or train on a corpus that contains it"
        )
    return pieces


def split_prompt(prompt: str) -> tuple[dict[str, str], str]:
    """The fields of the header by letter, and the body; comments in the header are left out."""
    fields: dict[str, str] = {}
    lines = prompt.split("\n")
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


def _pieces(fields: dict[str, str], body: str) -> Iterator[Piece]:
    """The header in the learned order, with open lines for what is missing before something given, then the body."""
    last = len(FIELD_ORDER) if body else 1 + max((FIELD_ORDER.index(letter) for letter in fields), default=-1)
    for letter in FIELD_ORDER[:last]:
        if letter in fields:
            yield Piece(f"{letter}:{fields[letter]}\n")
        elif letter not in OPTIONAL_FIELDS:
            yield Piece(f"{letter}:", open_line=True)
    if body:
        yield Piece(body)
