"""The words of ABC, as the constraints (`constraints.py`) see them: what each is, and the automaton that finds them.

A word is the least piece of text that means something: a line of the header, a bar line, an accidental, a letter, a
length, the beginning of a tuplet. The network writes characters, so it can be in the midst of one; a word ends with the
first character that does not go on with it, as in any reader of ABC. `spellings.py` says how words are spelled,
`automaton.py` makes the automaton for the characters of one vocabulary.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from songrnn.notation.grammar import LETTERS
from songrnn.notation.tune import Key

WHOLE = 2**13 * 3**2 * 5 * 7
"""Ticks of a whole note: an eighth of a 32nd, quartered by broken rhythm, in a tuplet of up to 9, is whole."""
LONGEST_BAR = 2**29
"""A bar lasts fewer ticks, about two hundred whole notes: sums of them stay numbers of 32 bits in the engine."""
LONGEST_UNIT = 2**22
"""The unit note length lasts fewer ticks, about a note and a half, for the same reason."""
GRAINS = 8
"""The shortest note that can be written is an eighth of the unit note length; lengths are counted in these grains."""
MOST_TUPLET = 9
"""Notes of the largest tuplet of the standard (4.13)."""
COMPOUND = 3
"""What p notes take the time of in a compound meter, where the standard's table depends on it (4.13); 2 in others."""

ENDS, STARTS, DOUBLE = 1, 2, 4
"""What a bar line does besides ending a bar: it ends a repeat, starts one, or is a double one."""

ACCOMPANIED, SWINGING = 1, 2
"""What abc2midi does in a meter: it accompanies chord symbols; it swings the eighths of the bar in a hornpipe."""
DOT, SIGN, TRILL, ROLL, FERMATA = range(5)
"""Decorations, as abc2midi takes them: a dot may stand before a slur; trills and rolls not on a chord, rolls not behind
grace notes; notes with a dot or fermata in no broken rhythm, and not tied."""

ROOT_HEADER, ROOT_BODY, ROOT_NOTE, ROOT_LENGTH = range(4)
"""Where words begin: a line of the header; music; behind a letter; behind a rest or chord."""


class Kind(IntEnum):
    """What a word is; native/words.hpp has the same numbers. In brackets: its numbers a, b, c."""

    RHYTHM = 0  # a line R: (1 for a hornpipe)
    METER = 1  # a line M: (ticks of a bar, 0 for free meter; 1 when compound; ACCOMPANIED, SWINGING)
    UNIT = 2  # a line L: (ticks)
    KEY = 3  # a line K: (index in `Words.keys`)
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
    BROKEN = 18  # (signs; below zero for <)
    TUPLET = 19  # p notes (in the time of q, 0 for the standard's; for c notes)
    BAR = 20  # (ENDS, STARTS, DOUBLE; number of the ending that begins behind it, or 0)
    ENDING = 21  # (its number)
    SHORTHAND = 22  # a decoration of one letter or sign (DOT, SIGN, TRILL, ROLL, FERMATA)
    DECORATION = 23  # a decoration in exclamation marks (SIGN, TRILL, FERMATA)
    TEXT = 24  # a chord symbol (1) or annotation (0)


@dataclass(frozen=True)
class Word:
    """One word: what it is, and its numbers."""

    kind: Kind
    a: int = 0
    b: int = 0
    c: int = 0


@dataclass(frozen=True)
class WordKey:
    """What a key says to the constraints: alterations in semitones of C, D, E, F, G, A, B; the tonic's index, or -1."""

    alterations: tuple[int, ...]
    tonic: int

    @classmethod
    def of(cls, key: Key) -> "WordKey":
        """The same of a key as `notation` has it; the pipes' keys count as keys on A."""
        tonic = key.tonic[:1] if key.tonic not in ("Hp", "HP") else "A"
        return cls(tuple(key.signature.get(letter, 0) for letter in LETTERS), LETTERS.index(tonic) if tonic else -1)


@dataclass(frozen=True)
class Words:
    """The automaton. Node r < 4 is the root r; characters are told as ids.

    lines:  line of a header -> its word.
    edges:  node -> id -> node.
    ended:  node -> index of the word that ends there, or -1.
    within: node -> the words that begin with what has been read there, the one that ends there first.
    least:  node -> the shortest length within, in grains, or 0.
    """

    words: tuple[Word, ...]
    keys: tuple[WordKey, ...]
    lines: Mapping[str, int]
    edges: tuple[Mapping[int, int], ...]
    ended: tuple[int, ...]
    within: tuple[tuple[int, ...], ...]
    least: tuple[int, ...]

    def lines_of(self, kind: Kind) -> list[str]:
        """The lines of a header that are words of this kind."""
        return [line for line, word in self.lines.items() if self.words[word].kind is kind]

    def spells(self, kind: Kind, **numbers: int) -> bool:
        """Whether there is a word of this kind with these numbers."""
        return any(
            word.kind is kind and all(getattr(word, name) == value for name, value in numbers.items())
            for word in self.words
        )
