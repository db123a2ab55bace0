"""The canonical values of the header fields R, M, L and K: one spelling for one meaning.

R  "Slip Jig " -> "slip jig"        M  "C|" -> "2/2"       L  "1/8" -> "1/8"
K  "E Minor"   -> "Emin"    "D" -> "Dmaj"    "A mixolydian" -> "Amix"    "Dphr ^f" -> "Dphr ^f"    "Hp" -> "Hp"
"""

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType

from songrnn.notation.grammar import MODES, SHORT_MODES

FIELD_ORDER = "RMLK"  # as a prompt gives them: what kind of tune, then its meter and key

METERS: Mapping[str, str] = MappingProxyType({"C": "4/4", "C|": "2/2", "": "none"})
RHYTHMS: Mapping[str, str] = MappingProxyType({"slipjig": "slip jig"})

_CLEF_WORD = re.compile(
    r"(?:clef|middle|m|transpose|t|octave|stafflines|staffscale|shift|score|sound|cue|style|map)=.*"
    r"|(?:treble|bass|baritone|tenor|alto|mezzosoprano|soprano|perc)\d?(?:[+-]\d+)?",
    re.IGNORECASE,
)
_KEY = re.compile(
    r"(?P<tonic>[A-Ga-g])(?P<sign>[#b]?) ?(?P<mode>[A-Za-z]*) ?(?P<accidentals>(?: ?(?:\^\^?|__?|=)[A-Ga-g])*)"
)
_METER = re.compile(r"\(?\d{1,2}(?:\+\d{1,2})*\)?/(?:1|2|4|8|16|32|64)|none", re.IGNORECASE)
_UNIT_NOTE_LENGTH = re.compile(r"1/(?:1|2|4|8|16|32|64|128|256|512)")


class Dropped(Exception):
    """A tune cannot be kept; the text says why, in words that are the same for every tune of the kind."""


def canonical_field(letter: str, value: str) -> str:
    """The one spelling of a value of R, M, L or K; comments (`% ...`) and blanks to spare are taken off.

    An R value without letters, or with control characters, becomes "", which means: no such field.
    Raises Dropped for any other letter, and for a value that has no meaning in ABC.
    """
    if letter not in _CANONICAL:
        raise Dropped(f"the field {letter}: is none of {', '.join(FIELD_ORDER)}")
    return _CANONICAL[letter](" ".join(value.partition("%")[0].split()))


def names_a_key(value: str) -> bool:
    """False for a K value that changes the clef alone."""
    return bool(_key_words(value.partition("%")[0]))


def default_unit_note_length(meter: str) -> str:
    """The L that the ABC standard gives a tune without one; `meter` is canonical, such as "6/8" or "none"."""
    if meter == "none":
        return "1/8"
    beats, unit = meter.split("/")
    value = Fraction(sum(int(part) for part in beats.strip("()").split("+")), int(unit))
    return "1/16" if value < Fraction(3, 4) else "1/8"


def _rhythm(value: str) -> str:
    value = value.lower().strip(" ]?;:|,.-_")
    says_something = value.isprintable() and any(character.isalpha() for character in value)
    return RHYTHMS.get(value, value) if says_something else ""


def _meter(value: str) -> str:
    value = value.replace(" ", "")
    value = METERS.get(value, value)
    if not _METER.fullmatch(value) or value.strip("(").startswith("0"):
        raise Dropped("unknown meter")
    return value.lower()


def _unit_note_length(value: str) -> str:
    value = value.replace(" ", "")
    if value == "1":
        return "1/1"
    if not _UNIT_NOTE_LENGTH.fullmatch(value):
        raise Dropped("unknown unit note length")
    return value


def _key(value: str) -> str:
    words = _key_words(value)
    if not words or words[0].lower() == "none":
        return "none"
    if words[0] in ("Hp", "HP"):  # the two keys of the Highland pipes
        return words[0]
    match = _KEY.fullmatch(" ".join(words))
    mode = _mode(match["mode"]) if match else None
    if match is None or mode is None:
        raise Dropped("unknown key")
    accidentals = re.sub(r" ?([_=^]+[A-Ga-g])", r" \1", match["accidentals"])
    return match["tonic"].upper() + match["sign"] + mode + accidentals


def _key_words(value: str) -> list[str]:
    return [word for word in value.split() if not _CLEF_WORD.fullmatch(word)]


def _mode(written: str) -> str | None:
    return SHORT_MODES[written] if written in SHORT_MODES else MODES.get(written.lower()[:3])


_CANONICAL: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {"R": _rhythm, "M": _meter, "L": _unit_note_length, "K": _key}
)
