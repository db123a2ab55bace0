"""What a character can be in ABC, as flags in a table by code point."""

from songrnn.notation.grammar import FIELDS, INLINE_FIELDS, SHORTHANDS, UNDEFINED_FIELDS

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_KINDS = {
    "NOTE": "ABCDEFGabcdefg",
    "REST": "zxZX",
    "DIGIT": "0123456789",
    "LETTER": _ALPHABET,
    "FIELD": "".join([*FIELDS, *UNDEFINED_FIELDS]),
    "INLINE": INLINE_FIELDS,
    "SHORTHAND": "".join(SHORTHANDS),
    "ACCIDENTAL": "^_=",
    "BAR_SIGN": "|:",
    "BLANK": " \t\r",
    "AFTER_NUMBER": "0123456789,-",
}
NOTE, REST, DIGIT, LETTER, FIELD, INLINE, SHORTHAND, ACCIDENTAL, BAR_SIGN, BLANK, AFTER_NUMBER = (
    2**number for number in range(len(_KINDS))
)
KINDS_OF_CHARACTER = tuple(
    sum(2**number for number, characters in enumerate(_KINDS.values()) if chr(point) in characters)
    for point in range(128)
)


def is_any(character: int, kinds: int) -> bool:
    """Whether a code point is of one of these kinds; those beyond ASCII, and below zero, are of none."""
    return 0 <= character < 128 and KINDS_OF_CHARACTER[character] & kinds != 0


def letter_of(character: int) -> int:
    """The index in CDEFGAB of a note's letter."""
    first_small = ord("a")
    return ((character if character < first_small else character - 32) - ord("A") + 5) % 7
