"""Key, meter, clef and transposition: values of fields -> the elements of <attributes>."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from xml.etree.ElementTree import Element

from songrnn.notation.grammar import SHARP_ORDER
from songrnn.notation.shift import Shift
from songrnn.notation.tune import Key, Meter
from songrnn.rendering.partwise.xml import child

MODES: Mapping[str, str] = MappingProxyType(
    {
        "maj": "major",
        "min": "minor",
        "dor": "dorian",
        "phr": "phrygian",
        "lyd": "lydian",
        "mix": "mixolydian",
        "loc": "locrian",
    }
)
ACCIDENTALS: Mapping[int, str] = MappingProxyType(
    {-2: "flat-flat", -1: "flat", 0: "natural", 1: "sharp", 2: "double-sharp"}
)
_METER_SYMBOLS: Mapping[str, str] = MappingProxyType({"C": "common", "C|": "cut"})

# name -> sign and line
_CLEFS: Mapping[str, tuple[str, int]] = MappingProxyType(
    {
        "treble": ("G", 2),
        "bass": ("F", 4),
        "baritone": ("F", 3),
        "tenor": ("C", 4),
        "alto": ("C", 3),
        "mezzosoprano": ("C", 2),
        "soprano": ("C", 1),
        "perc": ("percussion", 2),
        "g": ("G", 2),
        "f": ("F", 4),
        "c": ("C", 3),
    }
)
_CLEF = re.compile(
    rf'(?:clef=)?"?(?P<name>{"|".join(sorted(_CLEFS, key=len, reverse=True))})(?P<line>[1-5]?)(?:[+-](?:8|15))?"?',
    re.IGNORECASE | re.ASCII,
)
_DIATONIC_STEPS = (0, 1, 1, 2, 2, 3, 3, 4, 5, 5, 6, 6)  # of 0 to 11 semitones
ORDER = ("divisions", "key", "time", "staves", "clef", "transpose")  # inside <attributes>
DEFAULT_CLEF = ("G", 2)
Clef = tuple[str, int]


def key_element(key: Key) -> Element:
    """The signature; that of the standard's circle of fifths where it is one, else letter by letter."""
    element = Element("key")
    shown = shown_signature(key)
    fifths = _fifths(shown)
    if fifths is None:
        for letter in sorted(shown, key=lambda letter: _place_in_signature(letter, shown[letter])):
            child(element, "key-step", letter)
            child(element, "key-alter", shown[letter])
            child(element, "key-accidental", ACCIDENTALS[shown[letter]])
        return element
    child(element, "fifths", fifths)
    if fifths == key.sharps and key.mode in MODES and key.tonic not in ("", "HP", "Hp"):
        child(element, "mode", MODES[key.mode])
    return element


def shown_signature(key: Key) -> Mapping[str, int]:
    """Letter -> alteration, as shown after the clef. Of the pipes' keys Hp also shows g natural, HP nothing."""
    match key.tonic:
        case "HP":
            return {}
        case "Hp":
            return {**key.signature, "G": 0}
    written_naturals = {letter: 0 for letter, alter in key.accidentals if alter == 0 and key.mode == "exp"}
    return {**written_naturals, **key.signature}


def _fifths(signature: Mapping[str, int]) -> int | None:
    """How many sharps, or flats below zero, if it has them in their order; None for any other signature."""
    count = len(signature)
    for sign, order in ((1, SHARP_ORDER), (-1, SHARP_ORDER[::-1])):
        if dict.fromkeys(order[:count], sign) == dict(signature):
            return sign * count
    return None


def _place_in_signature(letter: str, alter: int) -> tuple[bool, int]:
    """Sharps and naturals come before flats, each in their order."""
    index = SHARP_ORDER.index(letter)
    return (True, -index) if alter < 0 else (False, index)


def time_element(meter: Meter) -> Element:
    """The meter."""
    element = Element("time")
    if not meter.beats:
        child(element, "senza-misura")
        return element
    if meter.symbol:
        element.set("symbol", _METER_SYMBOLS[meter.symbol])
    child(element, "beats", "+".join(map(str, meter.beats)))
    child(element, "beat-type", meter.unit)
    return element


def clef_in(settings: str, before: Clef) -> Clef:
    """The clef that the settings of a K: or V: field name; `before` if they name none."""
    for word in settings.split():
        if found := _CLEF.fullmatch(word):
            sign, line = _CLEFS[found["name"].lower()]
            before = sign, int(found["line"] or line)
    return before


def clef_element(clef: Clef, shift: Shift) -> Element:
    """The clef, with its 8 or 15."""
    element = Element("clef")
    child(element, "sign", clef[0])
    child(element, "line", clef[1])
    if shift.clef:
        child(element, "clef-octave-change", shift.clef)
    return element


def transpose_element(shift: Shift) -> Element:
    """How far the part sounds from where it is written."""
    element = Element("transpose")
    octaves, semitones = divmod(abs(shift.transpose), 12)
    sign = -1 if shift.transpose < 0 else 1
    child(element, "diatonic", sign * _DIATONIC_STEPS[semitones])
    child(element, "chromatic", sign * semitones)
    if octaves:
        child(element, "octave-change", sign * octaves)
    return element
