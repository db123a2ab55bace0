"""Durations in whole numbers: ticks, of which notes in tuplets and broken rhythms last a whole number, too."""

WHOLE = 2**13 * 3**2 * 5 * 7
"""Ticks of a whole note: an eighth of a 32nd, quartered by broken rhythm, in a tuplet of up to 9, is a whole number."""
MOST_TICKS = 2**29
"""Longer times, about two hundred whole notes, count as this: sums of two stay 32-bit numbers in the engine."""


def wide(ticks: int) -> int:
    """In the engine a number of 64 bits."""
    return ticks


def narrow(ticks: int) -> int:
    """In the engine a number of 32 bits again."""
    return ticks


def sixteenths(ticks: int) -> int:
    """Sixteenths of a whole note, rounded up."""
    return (ticks + WHOLE // 16 - 1) // (WHOLE // 16)


def capped(number: int, most: int) -> int:
    """The number, or `most` if that is less."""
    return number if number < most else most
