"""Errors of the command line's parser, as one line in place of boxes of several."""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

WIDE = 10_000
"""Columns of a terminal on which no error is wrapped."""
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
FRAME = "╭╮╰╯│─ \t"
PLAIN = (
    (r"^Value error: Error parsing (\S+): ", r"\1: "),
    (r"^Unrecognized options: Unrecognized options: (\S+?)(?:,.*)?$", r"there is no option \1"),
    (r"there is no option ([^-\s]\S*)", r"\1 is one value too many"),
    (
        r"^Invalid choice: invalid choice ('.*?') for argument '(.*?)'\. Expected one of \((.*)\)",
        r"\2: \1 is none of \3",
    ),
    (r"^Missing argument: Missing value for argument '(.*?)'.*", r"\1 needs a value"),
    (r"^Required options: Missing from songrnn \w+: (\S+) (.*?) \(required\).*", r"\1 is missing: \2"),
    (r"invalid literal for int\(\) with base 10: ('.*?')", r"\1 is not a whole number"),
    (r"could not convert string to float: ('.*?')", r"\1 is not a number"),
    (r"Could not find valid parse for arguments: \['(.*)'\]", r"it cannot be '\1'"),
    (r", 'None'|'None', ", ""),
)
"""Patterns in an error, and their replacements, applied in order."""


@contextmanager
def one_line_each(arguments: Sequence[str]) -> Iterator[None]:
    """While this is open, the parser lays out errors for a wide terminal, and help for the user's."""
    if "--help" in arguments or "-h" in arguments:
        yield
        return
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = str(WIDE)
    try:
        yield
    finally:
        if before is None:
            del os.environ["COLUMNS"]
        else:
            os.environ["COLUMNS"] = before


def complaint(box: str) -> str:
    """The title and the first part of a box, in plain words and without an end."""
    lines = [line.strip(FRAME) for line in COLOUR.sub("", box).splitlines()]
    text = _first_part(lines)
    for pattern, plain in PLAIN:
        text = re.sub(pattern, plain, text)
    similar = next((lines[place + 1] for place, line in enumerate(lines[:-1]) if line == "Perhaps you meant:"), "")
    return text.rstrip(".") + (f"; perhaps you meant {similar.split()[0]}" if similar else "")


def _first_part(lines: Sequence[str]) -> str:
    """Such as "Title: all above the first line across", which is empty or, without a frame, of hyphens."""
    title, *rest = [line for line in lines if line.strip("-")] or [""]
    begin = next((place for place, line in enumerate(lines) if line == title), 0) + 1
    if begin < len(lines) and not lines[begin].strip("-"):
        begin += 1
    end = next((place for place in range(begin, len(lines)) if not lines[place].strip("-")), len(lines))
    return f"{title}: {' '.join(' '.join(lines[begin:end] or rest).split())}"
