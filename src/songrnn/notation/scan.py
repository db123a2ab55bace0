"""A line of music -> tokens, each a match of one regular expression; every character belongs to exactly one token.

Time is linear in the length of the line: quantifiers are possessive or bounded, and nothing is scanned twice for longer
than a bound.
"""

import re
import sys
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache

from songrnn.notation.grammar import (
    DECORATIONS,
    FIELDS,
    FINEST_LENGTH,
    MOST_DIGITS,
    MOST_ENDING,
    MOST_LENGTH,
    PITCH_PARTS,
    PITCH_PATTERN,
    UNDEFINED_FIELDS,
)

_LENGTH = r"(?>\d*+/*+\d*+)"
_NOTE = rf"{PITCH_PATTERN}{_LENGTH}"
_FIELD_LETTERS = "".join([*FIELDS, *UNDEFINED_FIELDS])
# The length of a note that has none, after a blank.
LATE_LENGTH = (
    r"(?P<late_length>(?<=[A-Ga-gzx,'\]])[ \t]++(?P<late>\d++(?:/\d*+)?+|/++\d*+)(?=[\s|:()\[\]{\-<>&\"!$]|$))"
)
_DECORATION_NAME = r'[^!|\s"]{1,40}'  # between exclamation marks
_NOTES_ALONE = re.compile(r"[A-Ga-g\d,'/^_=]+|(?=.*[A-Ga-g])[A-Ga-gzx\d,'/^_=<>()\[\]{}~.-]+")
_NAME = re.compile(_DECORATION_NAME, re.ASCII)

# One alternative a kind of token; the first that fits counts, `other` fits any character.
_TOKEN = re.compile(
    rf"""
      (?P<note>{PITCH_PARTS}(?P<length>{_LENGTH}))
    | {LATE_LENGTH}
    | (?P<blank>\s++)
    | (?P<bar>(?P<ends>:*+)(?:(?P<invisible>\[\|\])|(?P<style>\[?\|++\]?|\.\|)(?P<starts>:*+))|::++)
    | (?P<ending>(?:\[[ ]?|(?<=[|:]))(?P<numbers>\d++(?:[,-]\d++)*+))
    | (?P<rest>[zx](?P<rest_length>{_LENGTH}))
    | (?P<text>"(?P<words>[^"]*+)")
    | (?P<open_text>".*+)
    | (?P<broken><++|>++)
    | (?P<tuplet>\((?P<p>\d++)(?::(?P<q>\d*+)(?::(?P<r>\d*+))?+)?+)
    | (?P<slur>\()
    | (?P<slur_end>\))
    | (?P<tie>\.?-)
    | (?P<grace>\{{/?+)
    | (?P<grace_end>\}})
    | (?P<field>\[(?P<field_letter>[{_FIELD_LETTERS}]):(?P<value>[^\]]{{0,999}})\])
    | (?P<chord>\[)
    | (?P<chord_end>\](?P<chord_length>{_LENGTH}))
    | (?P<old_chord>\+(?P<notes>(?:{_NOTE}){{2,9}}+)\+)
    | (?P<decoration>!(?P<name>{_DECORATION_NAME})!|\+(?P<old_name>[A-Za-z.]{{4,40}})\+)
    | (?P<bar_rest>(?P<kind>[ZX])(?P<bars>\d*+))
    | (?P<spacer>y(?P<width>\d*+))
    | (?P<line_break>[$!])
    | (?P<overlay>&)
    | (?P<quote>`)
    | (?P<shorthand>[.~H-Wh-w])
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_OLD_NOTE = re.compile(_NOTE, re.ASCII)


def tokens(line: str, start: int = 0, end: int = sys.maxsize) -> Iterator[re.Match[str]]:
    """The tokens of a line between two offsets; `lastgroup` is the alternative of the grammar."""
    return _TOKEN.finditer(line, start, end)


def read_length(text: str) -> Fraction | None:
    """A length in unit note lengths: "" is 1, "3/2" is itself, "/" is 1/2, "//" is 1/4; None for anything else."""
    return _read_length(text) if len(text) <= 2 * MOST_DIGITS + 1 else None


@lru_cache(maxsize=4096)
def _read_length(text: str) -> Fraction | None:
    numerator, _, rest = text.partition("/")
    denominator = rest.lstrip("/")
    slashes = text.count("/")
    if max(len(numerator), len(denominator)) > MOST_DIGITS or slashes > MOST_DIGITS or (denominator and slashes > 1):
        return None
    below = int(denominator) if denominator else 2**slashes
    if below == 0:
        return None
    return sensible(Fraction(int(numerator or 1), below))


def sensible(length: Fraction) -> Fraction | None:
    """A length that is neither zero, nor too long, nor too fine to be meant; None otherwise."""
    if 0 < length.numerator <= MOST_LENGTH and length.denominator <= FINEST_LENGTH:
        return length
    return None


def read_numbers(text: str) -> tuple[int, ...] | None:
    """The passes of an ending: "1" is (1,), "1,3" is (1, 3), "1-3" is (1, 2, 3); None when they make no sense."""
    numbers: list[int] = []
    for part in text.split(","):
        ends = [int(number) if len(number) <= 2 else 0 for number in part.split("-")]
        if len(ends) > 2 or not 0 < ends[0] <= ends[-1] <= MOST_ENDING:
            return None
        numbers += range(ends[0], ends[-1] + 1)
    return tuple(numbers) if len(numbers) <= MOST_ENDING else None


def read_count(text: str, *, most: int, default: int) -> int | None:
    """A whole number from 1 to `most`; `default` for no text."""
    if not text:
        return default
    number = int(text) if len(text) <= MOST_DIGITS else 0
    return number if 0 < number <= most else None


def old_chord_notes(text: str) -> list[str]:
    """The notes of a chord in plus signs."""
    return _OLD_NOTE.findall(text)


def is_decoration_name(text: str) -> bool:
    """Whether a text between two exclamation marks is a decoration; notes there are notes between old line breaks."""
    return text in DECORATIONS or (_NAME.fullmatch(text) is not None and _NOTES_ALONE.fullmatch(text) is None)


def bar_line_style(written: str) -> str:
    """The strokes of a bar line without redundant ones."""
    if written == ".|":
        return written
    if written.endswith("]"):
        return "|]"
    if written.startswith("["):
        return "[|"
    return written[:2]
