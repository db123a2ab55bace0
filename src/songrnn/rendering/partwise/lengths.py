"""A duration -> the signs that show it: note types, dots, and the ratio of a tuplet."""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

NOTE_TYPES = {
    Fraction(4): "long",
    Fraction(2): "breve",
    Fraction(1): "whole",
    Fraction(1, 2): "half",
    Fraction(1, 4): "quarter",
    Fraction(1, 8): "eighth",
    Fraction(1, 16): "16th",
    Fraction(1, 32): "32nd",
    Fraction(1, 64): "64th",
    Fraction(1, 128): "128th",
    Fraction(1, 256): "256th",
    Fraction(1, 512): "512th",
    Fraction(1, 1024): "1024th",
}
BEAMS = {name: number for number, name in enumerate(list(NOTE_TYPES.values())[5:], 1)}  # of an eighth note 1
_DOTTED = (Fraction(1), Fraction(3, 2), Fraction(7, 4))  # by number of dots
# length in whole notes -> (type, number of dots)
SIGNS = {length * longer: (name, dots) for length, name in NOTE_TYPES.items() for dots, longer in enumerate(_DOTTED)}
_LONGEST_FIRST = sorted(SIGNS, reverse=True)


@dataclass(frozen=True, slots=True)
class Sign:
    """One note sign. duration: in whole notes, as it sounds; note_type: "" for what is too short for a sign.

    actual, normal: so many notes in the time of so many; (1, 1) outside a tuplet.
    """

    duration: Fraction
    note_type: str
    dots: int = 0
    actual: int = 1
    normal: int = 1


@lru_cache(maxsize=4096)
def signs_of(duration: Fraction, actual: int = 1, normal: int = 1) -> tuple[Sign, ...]:
    """The signs that together last `duration`, the longest first; several of them are tied.

    A length that is no sum of halved notes, such as a third of a quarter outside a tuplet, gets a ratio of its own.
    """
    odd = _odd_part((duration * actual / normal).denominator)
    actual, normal = actual * odd, normal * 2 ** (odd.bit_length() - 1)
    ratio = Fraction(normal, actual)
    left, signs = duration / ratio, list[Sign]()
    for length in _LONGEST_FIRST:
        count, left = divmod(left, length)
        name, dots = SIGNS[length]
        signs += [Sign(length * ratio, name, dots, actual, normal)] * int(count)
        if not left:
            return tuple(signs)
    return (*signs, Sign(left * ratio, "", 0, actual, normal))


def _odd_part(number: int) -> int:
    return number // (number & -number)
