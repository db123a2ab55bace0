"""Texts in quotation marks: chord symbols -> <harmony>, annotations -> <direction> (standard 2.1, 4.18 and 4.19)."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from xml.etree.ElementTree import Element

from songrnn.rendering.partwise.decorations import words
from songrnn.rendering.partwise.xml import child, text_content

PLACEMENTS: Mapping[str, str] = MappingProxyType({"^": "above", "_": "below", "<": "above", ">": "above", "@": "above"})
_SIDES: Mapping[str, str] = MappingProxyType({"<": "right", ">": "left"})  # "<" is to end where the note begins
_COORDINATES = re.compile(r"-?[\d.]{1,9},-?[\d.]{1,9}\s?")
_SYMBOL = re.compile(
    r"(?P<root>[A-G])(?P<sign>[#b♯♭]?)(?P<kind>[A-Za-z0-9#b+\-°øΔ^]{0,12})"
    r"(?:/(?P<bass>[A-Ga-g])(?P<bass_sign>[#b♯♭]?))?"
)
_SIGNS: Mapping[str, int] = MappingProxyType({"#": 1, "♯": 1, "b": -1, "♭": -1})

# What follows the root of a chord symbol -> the kind of chord.
KINDS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("", "maj", "M", "major"), "major"),
        **dict.fromkeys(("m", "min", "mi", "-", "minor"), "minor"),
        **dict.fromkeys(("aug", "+", "augmented"), "augmented"),
        **dict.fromkeys(("dim", "°", "o", "diminished"), "diminished"),
        "7": "dominant",
        **dict.fromkeys(("maj7", "M7", "ma7", "Δ", "Δ7"), "major-seventh"),
        **dict.fromkeys(("m7", "min7", "mi7", "-7"), "minor-seventh"),
        **dict.fromkeys(("dim7", "°7", "o7"), "diminished-seventh"),
        **dict.fromkeys(("aug7", "+7"), "augmented-seventh"),
        **dict.fromkeys(("m7b5", "ø", "ø7"), "half-diminished"),
        **dict.fromkeys(("mmaj7", "mM7"), "major-minor"),
        "6": "major-sixth",
        **dict.fromkeys(("m6", "min6", "-6"), "minor-sixth"),
        "9": "dominant-ninth",
        **dict.fromkeys(("maj9", "M9"), "major-ninth"),
        **dict.fromkeys(("m9", "min9", "-9"), "minor-ninth"),
        "11": "dominant-11th",
        **dict.fromkeys(("maj11", "M11"), "major-11th"),
        **dict.fromkeys(("m11", "min11"), "minor-11th"),
        "13": "dominant-13th",
        **dict.fromkeys(("maj13", "M13"), "major-13th"),
        **dict.fromkeys(("m13", "min13"), "minor-13th"),
        "sus2": "suspended-second",
        **dict.fromkeys(("sus", "sus4"), "suspended-fourth"),
        "5": "power",
    }
)


def text_element(text: str) -> Element | None:
    """The element that shows a text of the tune; None for one without words."""
    words_shown = text_content(text[1:] if text[:1] in PLACEMENTS else text)
    if text[:1] == "@":
        words_shown = _COORDINATES.sub("", words_shown, count=1)
    if not words_shown:
        return None
    if text[:1] in PLACEMENTS:
        side = {"halign": _SIDES[text[0]]} if text[0] in _SIDES else {}
        return words(words_shown, PLACEMENTS[text[0]], **side)
    symbol = _SYMBOL.fullmatch(words_shown)
    return words(words_shown, "above") if symbol is None else _harmony(symbol)


def _harmony(symbol: re.Match[str]) -> Element:
    harmony = Element("harmony", placement="above")
    root = child(harmony, "root")
    child(root, "root-step", symbol["root"])
    if symbol["sign"]:
        child(root, "root-alter", _SIGNS[symbol["sign"]])
    child(harmony, "kind", KINDS.get(symbol["kind"], "other"), text=symbol["kind"])
    if symbol["bass"]:
        bass = child(harmony, "bass")
        child(bass, "bass-step", symbol["bass"].upper())
        if symbol["bass_sign"]:
            child(bass, "bass-alter", _SIGNS[symbol["bass_sign"]])
    return harmony
