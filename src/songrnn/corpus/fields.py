"""The canonical values of the header fields R, M, L and K: one spelling for one meaning.

R  "Slip Jig " -> "slip jig"        M  "C|" -> "2/2"       L  "1/8" -> "1/8"
K  "E Minor"   -> "Emin"    "D" -> "Dmaj"    "A mixolydian" -> "Amix"    "Dphr ^f" -> "Dphr ^f"    "Hp" -> "Hp"
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from songrnn.notation.tune import Header, Key, Meter
from songrnn.notation.values import read_value, value_text

FIELD_LINE = re.compile(r"\s*(?P<letter>[A-Za-z+]):(?![|:\]])(?P<value>.*)")  # not the bar lines of "A:| B"
FIELD_ORDER = "RMLK"  # in the order of a prompt: the kind of tune, then its meter and key

RHYTHMS: Mapping[str, str] = MappingProxyType({"slipjig": "slip jig"})


class Dropped(Exception):
    """A tune cannot be kept; the text is the reason, the same for every tune of the kind."""


def canonical_field(letter: str, value: str) -> str:
    """The one spelling of a value of R, M, L or K; comments (`% ...`) and superfluous blanks are removed.

    An R value without letters, or with control characters, becomes "", which means: no such field.
    Raises Dropped for any other letter, and for a value that has no meaning in ABC.
    """
    if letter not in _CANONICAL:
        raise Dropped(f"the field {letter}: is none of {', '.join(FIELD_ORDER)}")
    return _CANONICAL[letter](" ".join(value.partition("%")[0].split()))


def names_a_key(value: str) -> bool:
    """False for a K value that changes the clef alone."""
    value = value.partition("%")[0].strip()
    return value != "" and not isinstance(read_value("K", value), str)


def default_unit_note_length(meter: str) -> str:
    """The L that the ABC standard gives a tune without one; `meter` is canonical, such as "6/8" or "none"."""
    value = read_value("M", meter)
    assert isinstance(value, Meter)
    return value_text(Header(meter=value).unit_in_force)


def _rhythm(value: str) -> str:
    value = value.lower().strip(" ]?;:|,.-_")
    has_meaning = value.isprintable() and any(character.isalpha() for character in value)
    return RHYTHMS.get(value, value) if has_meaning else ""


def _meter(value: str) -> str:
    meter = read_value("M", value)
    if not isinstance(meter, Meter):
        raise Dropped("unknown meter")
    return value_text(replace(meter, symbol=""))


def _unit_note_length(value: str) -> str:
    length = read_value("L", value)
    if length is None:
        raise Dropped("unknown unit note length")
    return value_text(length)


def _key(value: str) -> str:
    if not names_a_key(value):
        return "none"
    key = read_value("K", value)
    if not isinstance(key, Key):
        raise Dropped("unknown key")
    return value_text(replace(key, clef=""))


_CANONICAL: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {"R": _rhythm, "M": _meter, "L": _unit_note_length, "K": _key}
)
