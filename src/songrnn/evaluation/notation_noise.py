"""Notation noise: annotations and marks that the notes do not need, and unusual lengths.

Definition: per bar with music, as written and in all voices, the number of
- annotations (`"^Segno"`, `"_mf"`; chord symbols are music);
- marks of an order of parts in signs: segno, coda, D.S., D.C., dacoda, dacapo, fine;
- lengths that training tunes of `folk` do not have, such as `5/4` or `z3/4`: those of notes are plain or dotted note
  values (`tokens.USUAL_LENGTHS`), and no rest shorter than the unit is dotted.
Mean over tunes; near the human figure is better, from 0. Undefined for a tune that cannot be read, or without notes.
"""

import math
import re
from collections.abc import Iterator
from fractions import Fraction

from songrnn.constraints.tokens import GRAINS, USUAL_LENGTHS
from songrnn.corpus.fields import FIELD_LINE
from songrnn.evaluation.analysed import AnalysedTune
from songrnn.notation.grammar import SHORTHANDS
from songrnn.notation.scan import read_length, tokens
from songrnn.notation.tune import Sounding

JUMPS = frozenset(("segno", "coda", "D.S.", "D.C.", "dacoda", "dacapo", "fine"))
PLACED = "^_<>@"
"""What an annotation begins with; a chord symbol has none of these."""
HALF, ONE = Fraction(1, 2), Fraction(1)


def notation_noise(tune: AnalysedTune) -> float:
    """Marks and unusual lengths a bar, or NaN."""
    if tune.tune is None:
        return math.nan
    bars = sum(
        any(isinstance(element, Sounding) for element in bar.elements)
        for voice in tune.tune.voices
        for bar in voice.bars
    )
    return sum(map(_is_noise, _music_tokens(tune.text))) / bars if bars and tune.played else math.nan


def _music_tokens(text: str) -> Iterator[re.Match[str]]:
    for line in text.splitlines():
        if not FIELD_LINE.match(line):
            yield from tokens(line)


def _is_noise(token: re.Match[str]) -> bool:
    match token.lastgroup:
        case "text":
            return token["words"][:1] in tuple(PLACED)
        case "decoration":
            return (token["name"] or token["old_name"]) in JUMPS
        case "shorthand":
            return SHORTHANDS.get(token["shorthand"]) in JUMPS
        case "note":
            return not _is_usual(token["length"])
        case "rest":
            return not _is_usual(token["rest_length"]) or HALF < (read_length(token["rest_length"]) or ONE) < ONE
        case "chord_end":
            return not _is_usual(token["chord_length"])
    return False


def _is_usual(written: str) -> bool:
    length = read_length(written)
    return length is not None and length * GRAINS in USUAL_LENGTHS
