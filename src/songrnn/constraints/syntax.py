"""The syntax of music as a table: for each kind of token the flags that it needs, that forbid it, and that it changes.

The syntactic part of a state is one set of flags, the product of small automata that are mostly independent:
the prefix of the next note, what precedes the next character in the line, the open element, accidental, tie,
broken rhythm, tuplet. A token is allowed where a row of its kind matches; the first match applies. What a row cannot
express, counts and rules of time, bars and pitch, is in `effects.py`.

A new decoration: a `Kind` in `tokens.py`, its spelling in `spellings.py`, a row here.
"""

from collections.abc import Iterator
from typing import NamedTuple

from songrnn.constraints.tokens import ROOT_BODY, ROOT_LENGTH, ROOT_NOTE, Kind

# Prefix: what has been written before the next note and belongs to it.
TEXT, DECORATED, DOTTED, SHORTHAND, NO_CHORD, STRETCHED, GRACED, SLURRED = (1 << bit for bit in range(8))
# Preceding: what precedes the next character; exactly one.
BEGIN, MUSIC, BLANK, LINE, BAR_LINE, FIELD = (1 << bit for bit in range(8, 14))
# The element that has just been written or may still get a length; one at most.
NOTE, REST, CHORD, MEMBER, GRACE = (1 << bit for bit in range(14, 19))
# Open elements.
ACCIDENTAL, IN_CHORD, IN_GRACE, TIED, BROKEN, IN_TUPLET = (1 << bit for bit in range(19, 25))
LINE_LETTER = 1 << 25
"""The line has nothing yet but a letter: a colon would make it a field."""
SYMBOL, UNEVEN = 1 << 26, 1 << 27
"""A chord symbol has come: from then on short bars last whole eighths, as abc2midi needs them. A fermata has come,
or a short bar that does not: no chord symbol may follow."""
SWING, ACCOMPANIED = 1 << 28, 1 << 29
"""Of the meter: abc2midi swings the eighths; it has an accompaniment for chord symbols."""
NAMED = 1 << 30
"""Of the prefix: a chord symbol; TEXT is an annotation."""

PREFIX = TEXT | NAMED | DECORATED | DOTTED | SHORTHAND | NO_CHORD | STRETCHED | GRACED | SLURRED
BINDING = PREFIX & ~(TEXT | NAMED | DECORATED)
"""A prefix that no bar line may separate from its note."""
PRECEDING = BEGIN | MUSIC | BLANK | LINE | BAR_LINE | FIELD
LINE_START = BEGIN | LINE | FIELD
ELEMENT = NOTE | REST | CHORD | MEMBER | GRACE
INSIDE = IN_CHORD | IN_GRACE
OPEN = INSIDE | CHORD | GRACE | BROKEN | IN_TUPLET
"""What is written in one piece."""
UNFINISHED = BINDING | ACCIDENTAL | INSIDE
"""A note must follow."""


class Row(NamedTuple):
    """A condition under which a kind of token is allowed: with all flags of `needs` and none of `forbids`.

    node: where the next token begins. begins: it is music, which may have to begin a bar.
    """

    kind: Kind
    needs: int = 0
    forbids: int = 0
    clears: int = 0
    sets: int = 0
    node: int = ROOT_BODY
    begins: bool = False


def _music(kind: Kind, *, needs: int = 0, forbids: int = 0, sets: int = 0, node: int = ROOT_BODY) -> Row:
    """Music outside brackets; it ends whatever precedes it in the line."""
    clears = PRECEDING | ELEMENT | LINE_LETTER
    return Row(kind, needs, forbids | INSIDE, clears, MUSIC | sets, node, begins=True)


def _text(kind: Kind, sets: int) -> Iterator[Row]:
    """Texts and decorations in exclamation marks; once there are chord symbols, an accompaniment must fit them."""
    if not sets & SYMBOL:
        yield _music(kind, forbids=TEXT_FORBIDS | SYMBOL, sets=sets)
    yield _music(kind, needs=ACCOMPANIED, forbids=TEXT_FORBIDS | UNEVEN, sets=sets)


TEXT_FORBIDS = ACCIDENTAL | DOTTED | SHORTHAND
BLANK_FORBIDS = BINDING | TEXT | NAMED | DECORATED | ACCIDENTAL | INSIDE | BROKEN | LINE_START
BAR_FORBIDS = UNFINISHED | BROKEN | IN_TUPLET

TABLE: tuple[Row, ...] = (
    Row(Kind.LINE_END, forbids=BLANK_FORBIDS | IN_TUPLET, clears=PRECEDING | LINE_LETTER, sets=LINE),
    Row(Kind.SPACE, forbids=(BLANK_FORBIDS | BLANK) & ~GRACED, clears=PRECEDING | LINE_LETTER, sets=BLANK),
    # notes
    Row(Kind.LETTER, needs=IN_CHORD, clears=ELEMENT, sets=MEMBER, node=ROOT_NOTE),
    Row(Kind.LETTER, needs=IN_GRACE, clears=ELEMENT, sets=GRACE, node=ROOT_NOTE),
    _music(Kind.LETTER, forbids=ACCIDENTAL | PRECEDING & ~LINE_START, sets=NOTE | LINE_LETTER, node=ROOT_NOTE),
    _music(Kind.LETTER, sets=NOTE, node=ROOT_NOTE),
    Row(Kind.ACCIDENTAL, needs=IN_CHORD, forbids=ACCIDENTAL, sets=ACCIDENTAL),
    Row(Kind.ACCIDENTAL, needs=IN_GRACE, forbids=ACCIDENTAL, sets=ACCIDENTAL),
    _music(Kind.ACCIDENTAL, forbids=ACCIDENTAL | TIED, sets=ACCIDENTAL),
    Row(Kind.OCTAVE, clears=LINE_LETTER, node=ROOT_NOTE),
    _music(Kind.REST, forbids=ACCIDENTAL | TIED | PREFIX & ~(TEXT | NAMED), sets=REST, node=ROOT_LENGTH),
    _music(Kind.CHORD_OPEN, forbids=ACCIDENTAL | TIED | DECORATED | NO_CHORD | SWING, sets=IN_CHORD),
    Row(Kind.CHORD_CLOSE, needs=IN_CHORD, forbids=ACCIDENTAL, clears=IN_CHORD | ELEMENT, sets=CHORD, node=ROOT_LENGTH),
    _music(Kind.GRACE_OPEN, forbids=ACCIDENTAL | TIED | DOTTED | SHORTHAND | GRACED, sets=IN_GRACE),
    Row(Kind.GRACE_CLOSE, needs=IN_GRACE, forbids=ACCIDENTAL, clears=IN_GRACE, sets=GRACED),
    # between notes
    Row(Kind.TIE, needs=NOTE | MUSIC, forbids=TIED, clears=ELEMENT, sets=TIED),
    _music(Kind.SLUR_OPEN, forbids=ACCIDENTAL | TIED | SHORTHAND | SLURRED, sets=SLURRED),
    Row(Kind.SLUR_CLOSE, forbids=UNFINISHED | TIED, clears=PRECEDING | ELEMENT, sets=MUSIC),
    Row(Kind.BROKEN_RHYTHM, needs=MUSIC, forbids=UNFINISHED | BROKEN | TIED, clears=ELEMENT, sets=BROKEN),
    _music(Kind.TUPLET, forbids=ACCIDENTAL | DOTTED | SHORTHAND | IN_TUPLET | BROKEN, sets=IN_TUPLET),
    Row(Kind.BAR, forbids=BAR_FORBIDS),
    Row(Kind.ENDING, forbids=BAR_FORBIDS),
    # decorations and texts
    _music(Kind.DOT, forbids=ACCIDENTAL | SWING | BROKEN | DOTTED, sets=DOTTED | STRETCHED),
    _music(Kind.DOT, forbids=ACCIDENTAL | SWING | BROKEN, sets=SHORTHAND | STRETCHED),
    _music(Kind.SIGN, forbids=ACCIDENTAL, sets=SHORTHAND),
    _music(Kind.TRILL, forbids=ACCIDENTAL | TIED, sets=SHORTHAND | NO_CHORD),
    _music(Kind.ROLL, forbids=ACCIDENTAL | TIED | GRACED | BROKEN, sets=SHORTHAND | NO_CHORD | STRETCHED),
    _music(Kind.FERMATA, forbids=ACCIDENTAL | SWING | BROKEN | SYMBOL, sets=SHORTHAND | STRETCHED | UNEVEN),
    *_text(Kind.DECORATION, DECORATED),
    *_text(Kind.TRILL_DECORATION, DECORATED | NO_CHORD),
    _music(
        Kind.FERMATA_DECORATION,
        forbids=TEXT_FORBIDS | SWING | BROKEN | SYMBOL,
        sets=DECORATED | STRETCHED | UNEVEN,
    ),
    *_text(Kind.ANNOTATION, TEXT),
    *_text(Kind.CHORD_SYMBOL, NAMED | SYMBOL),
)

FIRST_ROW: tuple[int, ...] = tuple(
    next((i for i, row in enumerate(TABLE) if row.kind >= kind), len(TABLE)) for kind in (*Kind, len(Kind))
)
"""Kind -> index of its first row; the rows of a kind are neighbours, kinds without a row have none before the next."""
