"""The header of an ABC file: fields before the first tune, which every tune has that lacks them (standard 2.2.2).

It is a block of field lines at the beginning of the file, with comments and directives among them, that ends at a blank
line or at the first X:. A block with anything else in it is free text, which is ignored. Fields that the
standard allows in tunes only (K:, P:, T:, V:, W: and the like) are ignored there; Q: is used, as in many programs.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from songrnn.notation.lines import tune_lines

DEFAULTS = "ABCDFGHILMmNOQRrSUZ"

_FIELD = re.compile(r"(?P<letter>[A-Za-z+]):(?P<value>.*)")
_DEFINED = re.compile(r"\s*([^\s=]*)")  # what an I:, U: or m: field defines


@dataclass(frozen=True)
class FileHeader:
    """fields: what each field is of (`_subject`), and its lines, each with its "\\n"; `+:` lines among them."""

    fields: tuple[tuple[str, str], ...] = ()

    def added_to(self, lines: Sequence[str]) -> list[str]:
        """The lines of a tune, each with its "\\n", and after the first those fields that its header lacks."""
        if not self.fields:
            return list(lines)
        own = {subject for subject, _ in _fields(lines)}
        return [*lines[:1], *(text for subject, text in self.fields if subject not in own), *lines[1:]]


def read_file_header(text: str) -> FileHeader:
    """The header of a file with this text."""
    block: list[str] = []
    for line in tune_lines(text[: _first_tune(text)]):
        if line.strip():
            block.append(line + "\n")
        elif any(not line.startswith("%") for line in block):
            break
    if not all(_FIELD.match(line) or line.startswith("%") for line in block):
        return FileHeader()
    return FileHeader(tuple(field for field in _fields(block) if field[0][0] in DEFAULTS))


def _first_tune(text: str) -> int:
    found = re.search(r"^[^\S\n]*X:", text, flags=re.MULTILINE)
    return found.start() if found else len(text)


def _fields(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What each field up to K: is of, and its lines."""
    subject, text = "", ""
    for line in lines:
        found = _FIELD.match(line.lstrip())
        if found is None:
            continue
        if found["letter"] == "+":
            text += line
            continue
        if subject:
            yield subject, text
        subject, text = _subject(found["letter"], found["value"]), line
        if found["letter"] == "K":
            break
    if subject:
        yield subject, text


def _subject(letter: str, value: str) -> str:
    """The letter of a field; for one that defines something the name of that, too."""
    defined = _DEFINED.match(value) if letter in "IUm" else None
    return f"{letter}:{defined[1]}" if defined else letter
