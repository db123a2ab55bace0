"""The tempo field Q: of the ABC standard 2.1 (3.1.8): text -> Tempo.

Forms: `1/4=120`, `1/4 3/8 1/4 3/8=40` (up to four beats that are counted as one), each with a text in quotation marks
before or after it, and a text alone. Two forms that the standard calls outdated are read as well: `120`, so many unit
note lengths a minute, and `C=120` or `C3=40`, where C stands for one unit note length and C3 for three.
"""

import re
from dataclasses import dataclass
from fractions import Fraction

EXPECTED_TEMPO = "a tempo such as '1/4=120', '\"Allegro\" 1/4=120' or '\"Allegro\"'"

# Quarter notes a minute. A MIDI file holds nothing slower than 3.6; printed tempos lie between 20 and 400.
SLOWEST, FASTEST = 4, 2000

_BEAT = r"\d{1,3}/\d{1,3}"
_TEMPO = re.compile(
    rf"""
      (?:"(?P<before>[^"]*)")? \s*
      (?:
        (?:
            (?P<beats>{_BEAT}(?:\s+{_BEAT}){{0,3}}) \s*=\s*
          | C(?P<units>\d{{0,2}}) \s*=\s*
        )?
        (?P<number>\d{{1,4}}(?:\.\d{{1,3}})?)
      )? \s*
      (?:"(?P<after>[^"]*)")?
    """,
    re.VERBOSE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Tempo:
    """How fast the music goes.

    beats:            what is counted as one beat, each part of it in whole notes; () when there are only words.
    beats_per_minute: how many such beats a minute has; None when there are only words.
    text:             the words in quotation marks, or "".
    """

    beats: tuple[Fraction, ...] = ()
    beats_per_minute: Fraction | None = None
    text: str = ""

    @property
    def quarters_per_minute(self) -> Fraction | None:
        """Quarter notes a minute, as a MIDI file has it; None when there are only words."""
        if self.beats_per_minute is None:
            return None
        return 4 * sum(self.beats, Fraction(0)) * self.beats_per_minute


def read_tempo(text: str, unit_note_length: Fraction) -> Tempo | None:
    """The tempo that the value of a Q: field gives; None when it gives none, or one outside SLOWEST..FASTEST."""
    found = _TEMPO.fullmatch(text.strip())
    if found is None:
        return None
    words = " ".join(" ".join(filter(None, (found["before"], found["after"]))).split())
    if found["number"] is None:
        return Tempo(text=words) if words else None
    beats = _beats(found, unit_note_length)
    if 0 in beats:
        return None
    tempo = Tempo(beats, Fraction(found["number"]), words)
    return tempo if SLOWEST <= (tempo.quarters_per_minute or 0) <= FASTEST else None


def _beats(found: re.Match[str], unit: Fraction) -> tuple[Fraction, ...]:
    """The parts of one beat; a zero among them when one of them cannot be a length."""
    if not found["beats"]:
        return (unit * int(found["units"] or 1),)
    pairs = (beat.split("/") for beat in found["beats"].split())
    return tuple(Fraction(int(above), int(below)) if int(below) else Fraction(0) for above, below in pairs)
