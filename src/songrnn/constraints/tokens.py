"""The tokens of ABC for the constraints: kind and numbers of each, and the automaton that recognises them.

A token is the smallest piece of text with a meaning: a line of the header, a bar line, an accidental, a letter, a
length, the start of a tuplet. The network writes characters, so a state may lie within a token; a token ends before the
first character that does not continue it, as for any reader of ABC. `spellings.py` lists how tokens are spelled,
`automaton.py` builds the automaton for the characters of one vocabulary.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from songrnn.notation.grammar import LETTERS
from songrnn.notation.tune import Key
from songrnn.tracking.ticks import MOST_TICKS

LONGEST_BAR = MOST_TICKS
"""A bar lasts fewer ticks."""
LONGEST_UNIT = 2**22
"""The unit note length lasts fewer ticks, about a note and a half, for the same reason."""
GRAINS = 8
"""The shortest note that can be written is an eighth of the unit note length; lengths are counted in these grains."""
LONGEST_LENGTH = 2**10
"""A length has no more grains."""
USUAL_LENGTHS = frozenset([*(1 << n for n in range(9)), *(6 << n for n in range(6)), 28])
"""Lengths of composed notes, in grains: plain note values from an eighth of the unit to 32 units, dotted
ones from 3/4 to 24, and 7/2. All but 2 of the 402,487 notes and rests in the training tunes of `folk` have one; those
above 8 are for other unit note lengths than theirs."""
LONGEST_SUM = 40
"""Lengths of a tuplet's notes are tried up to this sum, in shortest lengths. What decides is the sum's remainder when
divided by the p notes, and p is 9 at most: among sums of up to 9 notes every remainder that exists occurs below it."""
MOST_TUPLET = 9
"""Notes of the largest tuplet of the standard (4.13)."""
COMPOUND = 3
"""What p notes take the time of in a compound meter, where the standard's table depends on it (4.13); 2 in others."""
MOST_BROKEN = 4
MOST_SEMITONES = 127

ENDS, STARTS, DOUBLE = 1, 2, 4
"""What a bar line does besides ending a bar: it ends a repeat, starts one, or is a double bar line."""

ACCOMPANIMENT, SWUNG = 1, 2
"""How abc2midi plays a meter: it accompanies chord symbols; it swings the eighths of the bar in a hornpipe."""

ROOT_HEADER, ROOT_BODY, ROOT_NOTE, ROOT_LENGTH = range(4)
"""Nodes at which tokens begin: a line of the header; music; after a letter; after a rest or chord."""


class Kind(IntEnum):
    """What a token is; in brackets its numbers a, b, c. `syntax.py` has the rule of each kind after KEY."""

    RHYTHM = 0  # a line R: (1 for a hornpipe)
    METER = 1  # a line M: (ticks of a bar, 0 for free meter; 1 if compound; ACCOMPANIMENT, SWUNG)
    UNIT = 2  # a line L: (ticks)
    KEY = 3  # a line K: (index in `TokenAutomaton.keys`)
    LINE_END = 4
    SPACE = 5
    LETTER = 6  # (MIDI number of the white key; its letter in CDEFGAB; 1 for a small letter)
    ACCIDENTAL = 7  # (semitones)
    OCTAVE = 8  # (semitones)
    LENGTH = 9  # (grains)
    REST = 10
    CHORD_OPEN = 11
    CHORD_CLOSE = 12
    GRACE_OPEN = 13
    GRACE_CLOSE = 14
    TIE = 15
    SLUR_OPEN = 16
    SLUR_CLOSE = 17
    BROKEN_RHYTHM = 18  # (signs; below zero for <)
    TUPLET = 19  # p notes (in the time of q, 0 for the standard's; for c notes)
    BAR = 20  # (ENDS, STARTS, DOUBLE; number of the ending that begins after it, or 0)
    ENDING = 21  # (its number)
    DOT = 22  # decorations of one character: allowed before a slur
    SIGN = 23  # any other
    TRILL = 24  # abc2midi rejects it on a chord
    ROLL = 25  # nor after grace notes
    FERMATA = 26  # it makes the note longer
    DECORATION = 27  # decorations in exclamation marks
    TRILL_DECORATION = 28
    FERMATA_DECORATION = 29
    ANNOTATION = 30
    CHORD_SYMBOL = 31


@dataclass(frozen=True)
class Token:
    """One token: its kind and its numbers."""

    kind: Kind
    a: int = 0
    b: int = 0
    c: int = 0


@dataclass(frozen=True)
class TokenKey:
    """A key: alterations in semitones of C, D, E, F, G, A, B; the tonic's index among these, or -1."""

    alterations: tuple[int, ...]
    tonic: int

    @classmethod
    def of(cls, key: Key) -> "TokenKey":
        """The same of a key as `notation` has it; the pipes' keys count as keys on A."""
        tonic = key.tonic[:1] if key.tonic not in ("Hp", "HP") else "A"
        return cls(tuple(key.signature.get(letter, 0) for letter in LETTERS), LETTERS.index(tonic) if tonic else -1)


@dataclass(frozen=True)
class TokenAutomaton:
    """The automaton. Node r < 4 is the root r; characters are given as ids. native/tokens.hpp reads it.

    lines:  line of a header -> its token.
    edges:  node -> id -> node.
    ended:  node -> index of the token that ends there, or -1.
    within: node -> the tokens that begin with what has been read there, the one that ends there first.
    """

    tokens: tuple[Token, ...]
    keys: tuple[TokenKey, ...]
    lines: Mapping[str, int]
    edges: tuple[Mapping[int, int], ...]
    ended: tuple[int, ...]
    within: tuple[tuple[int, ...], ...]

    def lines_of(self, kind: Kind) -> list[str]:
        """The lines of a header that are tokens of this kind."""
        return [line for line, token in self.lines.items() if self.tokens[token].kind is kind]

    def spells(self, kind: Kind, **numbers: int) -> bool:
        """Whether there is a token of this kind with these numbers."""
        return any(
            token.kind is kind and all(getattr(token, name) == value for name, value in numbers.items())
            for token in self.tokens
        )

    def child(self, node: int, character: int) -> int:
        """The node that a character leads to, or -1."""
        return self.edges[node].get(character, -1)

    def is_leaf(self, node: int) -> bool:
        """Whether no character continues the token."""
        return not self.edges[node]

    def towards(self, node: int, token: int) -> int:
        """The first character on the way from a node to a token within it."""
        return next(character for character, child in self.edges[node].items() if token in self.within[child])
