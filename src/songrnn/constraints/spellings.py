"""The spellings of the tokens of ABC: tables of text -> `Token`.

The tokens are those of the ABC standard 2.1 that a tune of one voice needs and that abc2midi plays without an error:
lengths in halves, quarters and eighths, tuplets of 2 to 9 notes that belong together, first and second endings.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from songrnn.constraints.tokens import (
    ACCOMPANIMENT,
    DOUBLE,
    ENDS,
    GRAINS,
    LONGEST_BAR,
    LONGEST_UNIT,
    STARTS,
    SWUNG,
    Kind,
    Token,
    TokenKey,
)
from songrnn.notation.grammar import (
    DECORATIONS,
    LETTER_SHARPS,
    LETTERS,
    MODE_SHARPS,
    SEMITONES,
    SHORTHANDS,
    TUPLET_TIMES,
)
from songrnn.notation.tune import Key, Meter
from songrnn.notation.values import read_value, value_text
from songrnn.tracking.ticks import WHOLE

MOST_SHARPS = 7
"""Sharps or flats of a key; no signature has more."""
ACCOMPANIED_BARS = frozenset(Fraction(eighths, 8) for eighths in (3, 4, 6, 8, 9, 12))
"""Bars for which abc2midi has an accompaniment; in others chord symbols can run it beyond the end of the tune."""

CLOSED_BY = {"[": "]", "{": "}", "{/": "}", "(": ")"}
"""Tokens that need another one after them. A tunebook may have `[1` and no `]`."""

SHORTHAND_KINDS = {".": Kind.DOT, "T": Kind.TRILL, "~": Kind.ROLL, "H": Kind.FERMATA}
"""Decorations of one character with rules of their own."""


def header_lines(
    given: Sequence[str], only: Sequence[str], keys: list[TokenKey], shortest: int
) -> Iterator[tuple[str, Token]]:
    """Lines of M, L and K; the tokens of keys are indices into `keys`, which this fills.

    shortest: the shortest length that can be written, in grains; a meter is left out where it fills no bar of any unit.
    """
    restricted = {line[0] for line in only}
    usual = [*only, *(line for line in _usual_lines() if line[0] not in restricted)]
    read = {line: read_value(line[0], line[2:].strip()) for line in dict.fromkeys([*given, *usual])}
    given_units = {ticks for line in given if (ticks := _unit_ticks(read[line])) is not None}
    units = given_units or {ticks for value in read.values() if (ticks := _unit_ticks(value)) is not None}
    for line, value in read.items():
        if isinstance(value, Meter):
            ticks = ticks_of(value.duration) if value.duration else 0
            fills = ticks is not None and any(ticks % (unit // GRAINS * shortest) == 0 for unit in units)
            if ticks is not None and fills and ticks < LONGEST_BAR:
                does = ACCOMPANIMENT * (value.duration in ACCOMPANIED_BARS) + SWUNG * (
                    value.beats in ((2,), (4,)) and value.unit == 4
                )
                yield line, Token(Kind.METER, ticks, int(value.compound), does)
        elif (unit := _unit_ticks(value)) is not None:
            yield line, Token(Kind.UNIT, unit)
        elif isinstance(value, Key):
            keys.append(TokenKey.of(value))
            yield line, Token(Kind.KEY, len(keys) - 1)


def _unit_ticks(value: Key | Meter | Fraction | str | None) -> int | None:
    """A unit note length in ticks; None for anything else, and for those whose notes cannot be counted in ticks."""
    if not isinstance(value, Fraction):
        return None
    quarter = ticks_of(value / GRAINS / 4)
    ticks = None if quarter is None else quarter * GRAINS * 4
    return ticks if ticks is not None and ticks < LONGEST_UNIT else None


def ticks_of(duration: Fraction) -> int | None:
    """A duration in ticks; None when it is no whole number of them."""
    ticks = duration * WHOLE
    return int(ticks) if ticks.denominator == 1 else None


def _usual_lines() -> Iterator[str]:
    for unit in (1, 2, 4, 8, 16):
        for beats in range(1, 20):
            yield f"M:{beats}/{unit}\n"
    for unit in (1, 2, 4, 8, 16, 32):
        yield f"L:1/{unit}\n"
    for sign, shift in (("", 0), ("#", 7), ("b", -7)):
        for letter in LETTERS:
            for mode, sharps in MODE_SHARPS.items():
                if abs(LETTER_SHARPS[letter] + shift + sharps) <= MOST_SHARPS:
                    yield f"K:{value_text(Key(letter + sign, mode))}\n"


def music() -> Iterator[tuple[str, Token]]:
    """All tokens of music but lengths, octave marks, chord symbols and annotations."""
    yield "\n", Token(Kind.LINE_END)
    yield " ", Token(Kind.SPACE)
    for index, letter in enumerate(LETTERS):
        yield letter, Token(Kind.LETTER, 60 + SEMITONES[letter], index, 0)
        yield letter.lower(), Token(Kind.LETTER, 72 + SEMITONES[letter], index, 1)
    for sign, semitones in (("^", 1), ("^^", 2), ("_", -1), ("__", -2), ("=", 0)):
        yield sign, Token(Kind.ACCIDENTAL, semitones)
    for sign in "zx":
        yield sign, Token(Kind.REST)
    yield from (("[", Token(Kind.CHORD_OPEN)), ("]", Token(Kind.CHORD_CLOSE)))
    yield from (("{", Token(Kind.GRACE_OPEN)), ("{/", Token(Kind.GRACE_OPEN)), ("}", Token(Kind.GRACE_CLOSE)))
    yield from (("-", Token(Kind.TIE)), ("(", Token(Kind.SLUR_OPEN)), (")", Token(Kind.SLUR_CLOSE)))
    for count in (1, 2):
        yield ">" * count, Token(Kind.BROKEN_RHYTHM, count)
        yield "<" * count, Token(Kind.BROKEN_RHYTHM, -count)
    yield from _tuplets()
    yield from _bar_lines()
    for sign in SHORTHANDS:
        yield sign, Token(SHORTHAND_KINDS.get(sign, Kind.SIGN))
    for name in sorted(DECORATIONS - {"breath"}):  # abc2midi makes that one a rest, which breaks ties and rhythms
        kind = Kind.FERMATA_DECORATION if "fermata" in name else Kind.DECORATION
        yield f"!{name}!", Token(Kind.TRILL_DECORATION if "trill" in name else kind)


def _tuplets() -> Iterator[tuple[str, Token]]:
    for notes, time in TUPLET_TIMES.items():
        for text in (f"({notes}", f"({notes}::{notes}"):
            yield text, Token(Kind.TUPLET, notes, time or 0, notes)
        for time in range(1, 10):
            for text in (f"({notes}:{time}", f"({notes}:{time}:{notes}"):
                yield text, Token(Kind.TUPLET, notes, time, notes)


def _bar_lines() -> Iterator[tuple[str, Token]]:
    plain = {"|": 0, ":|": ENDS}
    others = {
        **dict.fromkeys(("||", "|]", "[|"), DOUBLE),
        "|:": STARTS,
        **dict.fromkeys((":||", ":|]"), ENDS),
        **dict.fromkeys(("::", ":||:"), ENDS | STARTS),
    }
    for text, flags in (plain | others).items():
        yield text, Token(Kind.BAR, flags)
    for number in (1, 2):
        yield f"[{number}", Token(Kind.ENDING, number)
        for text, flags in plain.items():
            yield f"{text}{number}", Token(Kind.BAR, flags, number)
            yield f"{text}[{number}", Token(Kind.BAR, flags, number)


def lengths_by_spelling() -> dict[str, int]:
    """Spelling -> grains."""
    lengths = {str(whole): whole * GRAINS for whole in (*range(1, 17), 24, 32)}
    for signs, below in (("/", 2), ("//", 4), ("///", 8), ("/2", 2), ("/4", 4), ("/8", 8)):
        lengths[signs] = GRAINS // below
        for above in range(1, 16, 2):
            lengths[f"{above}{signs}"] = above * GRAINS // below
    return lengths
