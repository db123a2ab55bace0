"""Octave shift and transposition of a voice, as its K: and V: fields declare them (4.6).

- `octave=1` moves the voice by octaves, `transpose=-2` (or `t=-2`) by semitones, in playing.
- A clef with `-8` or `+8` (`treble-8`, `clef=treble+8`) sounds an octave lower or higher, with 15 two; a clef without
  such a number sounds as written. `middle=` and the other settings change the page alone.

Each of the three holds until a later field changes it: a change of key without a clef leaves the clef as it was.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from songrnn.notation.grammar import CLEF_NAMES
from songrnn.notation.tune import Field, Header, Key

MOST_OCTAVES = 4
MOST_SEMITONES = 48

_NAMES = re.compile(r'\b(?:name|nm|sname|snm|subname)=(?:"[^"]*"|\S*)', re.IGNORECASE)
_SETTING = re.compile(r'(octave|transpose|t)="?([+-]?\d{1,3})"?', re.IGNORECASE | re.ASCII)
_CLEF = re.compile(
    rf'(?:clef="?[^\s"+-]*|(?:{"|".join(CLEF_NAMES)})[1-5]?)(?P<octaves>[+-](?:8|15))?"?', re.IGNORECASE | re.ASCII
)
_OCTAVES_OF_CLEF = {"-15": -2, "-8": -1, "+8": 1, "+15": 2}


@dataclass(frozen=True, slots=True)
class Shift:
    """clef, octave: in octaves; transpose: in semitones."""

    clef: int = 0
    octave: int = 0
    transpose: int = 0

    @property
    def semitones(self) -> int:
        """How much higher than written the voice sounds."""
        return 12 * (self.clef + self.octave) + self.transpose

    def changed(self, settings: str) -> "Shift":
        """The shift after a K: or V: field with these settings, key and name of the voice left out.

        A number beyond MOST_OCTAVES or MOST_SEMITONES is ignored.
        """
        shift = self
        for word in _NAMES.sub("", settings).split():
            if found := _SETTING.fullmatch(word):
                shift = shift._set(found[1].lower(), int(found[2]))
            elif found := _CLEF.fullmatch(word):
                shift = replace(shift, clef=_OCTAVES_OF_CLEF.get(found["octaves"], 0))
        return shift

    def _set(self, name: str, value: int) -> "Shift":
        if name == "octave":
            return replace(self, octave=value) if abs(value) <= MOST_OCTAVES else self
        return replace(self, transpose=value) if abs(value) <= MOST_SEMITONES else self


UNSHIFTED = Shift()


def shift_at_start(header: Header, voice_settings: Sequence[str]) -> Shift:
    """The shift with which a voice begins: by the K: field of the header, then by the V: fields of this voice."""
    shift = UNSHIFTED.changed(header.key.clef)
    for settings in voice_settings:
        shift = shift.changed(settings)
    return shift


def settings_in(field: Field) -> str:
    """What a K: or V: field of the body says after the key or the name of the voice; "" for any other field."""
    match field.letter, field.value:
        case "K", Key() as key:
            return key.clef
        case "K", str(settings):
            return settings
        case "V", str(text):
            return text.partition(" ")[2]
    return ""


def settings_of_voices(header: Header) -> Mapping[str, Sequence[str]]:
    """Voice -> what follows its name in each of the header's V: fields of it; read once for all voices."""
    found: dict[str, list[str]] = {}
    for value in header.values("V"):
        name, _, settings = value.partition(" ")
        found.setdefault(name, []).append(settings)
    return found
