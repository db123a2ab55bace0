"""The values of K:, M: and L: fields: text -> Key, Meter, Fraction, and back in one spelling.

`read_value` and `value_text` are each other's inverse: reading what was written gives the same value.
"""

import re
from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

from songrnn.notation.grammar import (
    ACCIDENTAL_PATTERN,
    ACCIDENTAL_SIGNS,
    ACCIDENTALS,
    CLEF_NAMES,
    CLEF_SETTINGS,
    INLINE_FIELDS,
    METER_SYMBOLS,
    MODES,
    PIPE_KEYS,
    SHORT_MODES,
)
from songrnn.notation.tune import FREE_METER, Key, Meter

# letter -> the expected value, for messages
EXPECTED: Mapping[str, str] = MappingProxyType(
    {
        "K": "a key such as 'G' or 'Ador'",
        "M": "a meter such as '6/8' or 'C|'",
        "L": "a unit note length such as '1/8'",
        "X": "a number such as '1'",
    }
)

_LONGEST_INLINE = 900  # characters of a field in brackets
_CLEF = re.compile(rf"(?:{'|'.join(CLEF_SETTINGS)})=\S*|(?:{'|'.join(CLEF_NAMES)})[1-5]?(?:[+-]\d+)?", re.IGNORECASE)
_ACCIDENTAL = re.compile(rf"({ACCIDENTAL_PATTERN})([A-Ga-g])")
_KEY = re.compile(rf"([A-Ga-g])([#b]?) ?([A-Za-z]*)((?: ?{ACCIDENTAL_PATTERN}[A-Ga-g])*)")
_METER = re.compile(r"\(?(\d{1,2}(?:\+\d{1,2})*)\)?/(1|2|4|8|16|32|64)", re.ASCII)
_UNIT = re.compile(r"1(?:/(1|2|4|8|16|32|64|128|256|512))?", re.ASCII)


def read_value(letter: str, text: str) -> Key | Meter | Fraction | str | None:
    """The value of a field; None when it has no meaning. A K: that changes the clef alone stays a text."""
    text = " ".join(text.split())
    match letter:
        case "K":
            return _read_key(text)
        case "M":
            return _read_meter(text.replace(" ", ""))
        case "L":
            unit = _UNIT.fullmatch(text.replace(" ", ""))
            return Fraction(1, int(unit[1] or 1)) if unit else None
    return text


def value_text(value: Key | Meter | Fraction | str) -> str:
    """The one spelling of a value."""
    match value:
        case Key():
            return _key_text(value)
        case Meter():
            return _meter_text(value)
        case Fraction():
            return f"{value.numerator}/{value.denominator}"
    return value


def fits_inline(letter: str, value: Key | Meter | Fraction | str) -> bool:
    """Whether a field is written in brackets among the notes; any other is written on a line of its own."""
    text = value_text(value)
    return letter in INLINE_FIELDS and "]" not in text and len(text) <= _LONGEST_INLINE


def _read_key(text: str) -> Key | str | None:
    words = text.split()
    clef = " ".join(word for word in words if _CLEF.fullmatch(word))
    key = " ".join(word for word in words if not _CLEF.fullmatch(word))
    if not key:
        return clef or None
    if key.lower() == "none":
        return Key(clef=clef)
    if key in PIPE_KEYS:
        return Key(key, clef=clef)
    found = _KEY.fullmatch(key)
    if found is None:
        return None
    letter, sign, written, accidentals = found.groups()
    mode = SHORT_MODES[written] if written in SHORT_MODES else MODES.get(written.lower()[:3])
    if mode is None:
        return None
    changes = tuple((name.upper(), ACCIDENTALS[sign]) for sign, name in _ACCIDENTAL.findall(accidentals))
    return Key(letter.upper() + sign, mode, changes, clef)


def _key_text(key: Key) -> str:
    name = "none" if not key.tonic else key.tonic if key.tonic in PIPE_KEYS else key.tonic + key.mode
    accidentals = (ACCIDENTAL_SIGNS[value] + letter.lower() for letter, value in key.accidentals)
    return " ".join([name, *accidentals, *([key.clef] if key.clef else [])])


def _read_meter(text: str) -> Meter | None:
    if text in METER_SYMBOLS:
        return Meter.of_symbol(text)
    if text.lower() in ("", "none"):
        return FREE_METER
    found = _METER.fullmatch(text)
    beats = tuple(map(int, found[1].split("+"))) if found else ()
    if found is None or 0 in beats:
        return None
    return Meter(beats, int(found[2]))


def _meter_text(meter: Meter) -> str:
    if meter.symbol or not meter.beats:
        return meter.symbol or "none"
    beats = "+".join(map(str, meter.beats))
    return f"({beats})/{meter.unit}" if len(meter.beats) > 1 else f"{beats}/{meter.unit}"
