"""The music of a prompt: cleaned as a body of the corpus is, then respelled where ABC has several spellings.

The constraints allow one spelling of each: `:|:` is `::`, `A4/2` is `A2`, `Z` is a rest of the meter's length, and an
inline field such as `[K:D]` is a line of its own. What has no such spelling stays as it is, and the constraints report
its place.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType

from songrnn.corpus.body import clean_body
from songrnn.corpus.cleaning import plain_music
from songrnn.corpus.fields import FIELD_LINE, Dropped
from songrnn.corpus.marks import without_marks
from songrnn.notation.lines import without_comment
from songrnn.notation.tune import Meter
from songrnn.notation.values import read_value

MOST_BARS_OF_REST = 64

_NEXT_NOTE = "C"
"""Cleaning is applied to the prompt with this note after it, so that a prefix of a note is not misplaced."""
_OPEN_TEXT = re.compile(r'(?:"[^"\n]*"|![^!|\s"]+!|[^"!\n]|!(?![^!|\s"]))*+(?P<text>"[^"\n]*|![^!|\s"]+)')
"""A line that ends within a chord symbol, an annotation or a decoration."""

_WORD = re.compile(
    r"""
      "[^"\n]*"? | ![^!|\s"]+!? | ^[MLK]:.*
    | \[(?P<field>[MLK]:[^\]\n]{0,100})\]
    | (?P<length>(?<!\d)\d{1,4}/\d{1,4}(?!\d)|/1(?!\d))
    | (?P<both>:+\|{1,2}:+|:{3,})
    | (?P<starts>\[\|:+|\|\|:+|\|:{2,})
    | (?P<ends>:{2,}\|(?![|:\]]))
    | Z(?P<rest>\d*)
    """,
    re.VERBOSE | re.MULTILINE,
)
_LINE_ENDS = re.compile(r" *\n[ \n]*")


def clean_beginning(music: str, *, keep_marks: bool = True) -> str:
    """The beginning of a body, cleaned as a body of the corpus is; what its last line leaves open stays open.

    Raises what `clean_body` raises.
    """
    plain = str if keep_marks else plain_music
    *whole, last = music.split("\n")
    last = without_comment(last)
    field = FIELD_LINE.match(last)
    if field is not None:
        return plain(clean_body(whole)) + _open_field(field["letter"], field["value"])
    opened = _OPEN_TEXT.match(last)
    rest = opened["text"] if opened else ""
    cleaned = plain(clean_body([*whole, last.removesuffix(rest) + _NEXT_NOTE]))
    return cleaned.removesuffix("\n").removesuffix(_NEXT_NOTE) + rest


def _open_field(letter: str, value: str) -> str:
    """A field of the last line, whose value may be incomplete; "" for one that does not affect the notes."""
    try:
        return clean_body([f"{letter}:{value}"]).removesuffix("\n")
    except Dropped:
        return f"{letter}:{value.strip()}"


def marks_note(music: str) -> str:
    """One line where music of a prompt has marks, for a network that learned texts without; "" where it has none."""
    left_out: Counter[str] = Counter()
    try:
        without_marks(clean_beginning(music), left_out)
    except Dropped:  # which is reported when the prompt is read
        return ""
    if not left_out:
        return ""
    return f"the network learned tunes without {' and '.join(sorted(left_out))}; the prompt's are left out"


def first_dropped(prompt: str, typed: str) -> str:
    """The first line of the music that cleaning would drop, with its number in the prompt."""
    lines = typed.split("\n")
    header = prompt.count("\n") + 1 - len(lines)
    for number in range(1, len(lines)):
        try:
            clean_body(lines[:number])
        except Dropped:
            break
    else:
        number = len(lines)
    return f"line {header + number}, {lines[number - 1]!r}"


def respelled(music: str, meter: str, unit: str) -> str:
    """The same music; meter and unit: the header's values, "" where they are open."""
    if "[" in music:
        music = _WORD.sub(lambda word: f"\n{word['field']}\n" if word["field"] else word[0], music)
        music = _LINE_ENDS.sub("\n", music).removeprefix("\n")
    in_force = {"M": meter, "L": unit}

    def one_spelling(word: re.Match[str]) -> str:
        if word[0][:2] in ("M:", "L:"):
            in_force[word[0][0]] = word[0][2:]
        kind = word.lastgroup or ""
        return _RULES[kind](word[kind], in_force) if kind in _RULES else word[0]

    return _WORD.sub(one_spelling, music)


def _length(text: str, _: Mapping[str, str]) -> str:
    over, under = text.split("/")
    if under.strip("0") == "":
        return text
    length = Fraction(int(over or 1), int(under))
    if length == 1:
        return ""
    if length.denominator == 1:
        return str(length.numerator)
    return text if length.denominator == int(under) else f"{length.numerator}/{length.denominator}"


def _rest(count: str, in_force: Mapping[str, str]) -> str:
    """`Z` as rests of one bar each; unchanged where the bar is unknown, or no rest has its length."""
    meter, unit = (read_value(letter, in_force[letter]) if in_force[letter] else None for letter in "ML")
    bars = int(count[:4] or 1)
    if not isinstance(meter, Meter) or not meter.duration or not isinstance(unit, Fraction):
        return f"Z{count}"
    length = meter.duration / unit
    if length.denominator > 1 or not 1 <= bars <= MOST_BARS_OF_REST:
        return f"Z{count}"
    return "|".join([f"z{length}" if length > 1 else "z"] * bars)


_RULES: Mapping[str, Callable[[str, Mapping[str, str]], str]] = MappingProxyType(
    {
        "length": _length,
        "rest": _rest,
        "both": lambda *_: "::",
        "starts": lambda *_: "|:",
        "ends": lambda *_: ":|",
    }
)
