"""The values of fields: meter, unit note length, key and rhythm, as far as they have been written."""

from typing import NamedTuple

from songrnn.notation.grammar import LETTER_SHARPS, LETTERS, MODE_SHARPS, SHARP_ORDER
from songrnn.tracking.characters import ACCIDENTAL, DIGIT, LETTER, NOTE, is_any, letter_of
from songrnn.tracking.state import LONGEST_VALUE, NO_TONIC, TextToken, TrackedState
from songrnn.tracking.ticks import MOST_TICKS, WHOLE, narrow, wide

RHYTHMS = (
    *(
        "reel",
        "jig",
        "hornpipe",
        "doublejig",
        "slipjig",
        "strathspey",
        "clog",
        "air",
        "highlandfling",
        "waltz",
        "fling",
    ),
    *("slide", "march", "polka", "mazurka", "barndance", "schottische", "singlejig", "hopjig", "setdance", "highland"),
    "quickstep",
)
RHYTHM_LETTERS = tuple(ord(letter) if letter.isalpha() else 0 for letter in " ".join((*RHYTHMS, "")))
"""The names, each with a 0 after it."""
OTHER_RHYTHM = len(RHYTHMS) + 1


class MeterRow(NamedTuple):
    """A common meter."""

    beats: int
    unit: int


METERS = tuple(
    MeterRow(*pair)
    for pair in ((4, 4), (2, 4), (3, 4), (6, 8), (9, 8), (12, 8), (2, 2), (3, 8), (3, 2), (6, 4), (5, 4))
)
FREE_METER, OTHER_METER = len(METERS) + 1, len(METERS) + 2
FINEST_METER, FINEST_UNIT = 64, 512


class ModeRow(NamedTuple):
    """The first letters of a mode's name, its sharps on C, and its place among the common ones."""

    a: int
    b: int
    c: int
    sharps: int
    common: int


_COMMON = ("maj", "mix", "dor", "min")
_NAMES = {"ion": "maj", "aeo": "min"} | {mode: mode for mode in MODE_SHARPS}
MODES = tuple(
    ModeRow(
        ord(name[0]),
        ord(name[1]),
        ord(name[2]),
        MODE_SHARPS[mode],
        _COMMON.index(mode) if mode in _COMMON else len(_COMMON),
    )
    for name, mode in _NAMES.items()
)
MAJOR = next(index for index, name in enumerate(_NAMES) if name == "maj")
MINOR = next(index for index, name in enumerate(_NAMES) if name == "min")
EXPLICIT, NO_MODE = len(MODES), len(MODES) + 1
COMMON_MODES, MOST_SHARPS, OTHER_KEY = len(_COMMON), 6, 1
TONIC_SHARPS = tuple(LETTER_SHARPS[letter] for letter in LETTERS)
SHARPS_IN_ORDER = tuple(LETTERS.index(letter) for letter in SHARP_ORDER)


def at(token: TextToken, index: int) -> int:
    """A character of the value, 0 after its end."""
    return token.value[index] if index < token.value_size else 0


def lower(character: int) -> int:
    """A letter as a small one."""
    return character + 32 if ord("A") <= character <= ord("Z") else character


def skip_space(token: TextToken, index: int) -> int:
    """The index after a space that may stand there."""
    return index + 1 if at(token, index) == ord(" ") else index


# ---- rhythm


def rhythm_of(token: TextToken) -> int:
    """Its place in RHYTHMS, from 1; capitals and spaces do not count. 0 if nothing has been written."""
    name = begin = 0
    if token.value_size == 0:
        return 0
    while begin < len(RHYTHM_LETTERS):
        if is_rhythm(token, begin):
            return name + 1
        while RHYTHM_LETTERS[begin] > 0:
            begin += 1
        begin += 1
        name += 1
    return OTHER_RHYTHM


def is_rhythm(token: TextToken, begin: int) -> bool:
    """Whether the value is the name that begins there."""
    place = begin
    for index in range(token.value_size):
        if at(token, index) != ord(" "):
            if RHYTHM_LETTERS[place] == 0 or lower(at(token, index)) != RHYTHM_LETTERS[place]:
                return False
            place += 1
    return RHYTHM_LETTERS[place] == 0


# ---- meter and unit note length


def read_meter(state: TrackedState, token: TextToken) -> None:
    """A sum of beats over a power of two; C, C| or none."""
    if is_none(token):
        apply_meter(state, 0, 1)
    elif at(token, 0) == ord("C") and at(token, skip_space(token, 1)) == 0:
        apply_meter(state, 4, 4)
    elif at(token, 0) == ord("C") and at(token, 1) == ord("|") and at(token, skip_space(token, 2)) == 0:
        apply_meter(state, 2, 2)
    elif token.value_size < LONGEST_VALUE:
        write_fraction(state, token)


def is_none(token: TextToken) -> bool:
    """Whether the value is the word none."""
    letters = lower(at(token, 0)) == ord("n") and lower(at(token, 1)) == ord("o") and lower(at(token, 2)) == ord("n")
    return letters and lower(at(token, 3)) == ord("e") and at(token, skip_space(token, 4)) == 0


def write_fraction(state: TrackedState, token: TextToken) -> None:
    """Beats such as 6 or (2+3), and what each of them is."""
    beats = number = digits = slash = 0
    for index in range(token.value_size):
        character = at(token, index)
        if is_any(character, DIGIT):
            number = 10 * number + character - ord("0")
            digits += 1
            if digits > 2:
                return
        elif character in (ord("+"), ord("/")):
            if digits == 0 or number == 0 or slash:
                return
            beats += number
            number = digits = 0
            slash = int(character == ord("/"))
        elif character == ord(")"):
            if digits == 0:
                return
        elif character not in (ord("("), ord(" ")):
            return
    if slash and 0 < number <= FINEST_METER and number & (number - 1) == 0:
        apply_meter(state, beats, number)


def apply_meter(state: TrackedState, beats: int, unit: int) -> None:
    """The duration of a bar, and its place in the table."""
    ticks = wide(WHOLE) * beats // unit
    state.bar = narrow(ticks) if ticks < MOST_TICKS else 0
    state.compound = int(beats in (6, 9, 12) and unit >= 8)
    state.meter = FREE_METER if beats == 0 else OTHER_METER
    for row in range(len(METERS)):
        if METERS[row].beats == beats and METERS[row].unit == unit:
            state.meter = row + 1


def read_unit(state: TrackedState, token: TextToken) -> None:
    """1, or 1 over a power of two."""
    number = digits = 0
    if at(token, 0) != ord("1"):
        return
    slash = skip_space(token, 1)
    if at(token, slash) == ord("/"):
        for index in range(skip_space(token, slash + 1), token.value_size):
            if at(token, index) != ord(" "):
                if not is_any(at(token, index), DIGIT) or digits == 3:
                    return
                number = 10 * number + at(token, index) - ord("0")
                digits += 1
    elif slash < token.value_size:
        return
    else:
        number = 1
    if 0 < number <= FINEST_UNIT and number & (number - 1) == 0:
        state.unit = WHOLE // number


# ---- key


def read_key(state: TrackedState, token: TextToken) -> None:
    """Tonic, mode and accidentals; other words, such as those of a clef, are passed over."""
    state.has_key = 1
    if is_none(token):
        set_key(state, NO_TONIC, 0, OTHER_KEY)
        return
    if at(token, 0) == ord("H") and lower(at(token, 1)) == ord("p") and at(token, skip_space(token, 2)) == 0:
        set_key(state, NO_TONIC, 2 if at(token, 1) == ord("p") else 0, OTHER_KEY)
        return
    if not is_any(at(token, 0), NOTE):
        return
    sign = 1 if at(token, 1) == ord("#") else -1 if at(token, 1) == ord("b") else 0
    attached = 1 if sign == 0 else 2
    begin = skip_space(token, attached)
    end = begin
    while is_any(at(token, end), LETTER):
        end += 1
    mode = mode_of(token, begin, end)
    if mode == NO_MODE:
        if begin == attached:
            return
        mode, end = MAJOR, attached
    tonic = letter_of(at(token, 0))
    sharps = TONIC_SHARPS[tonic] + 7 * sign + (MODES[mode].sharps if mode < EXPLICIT else 0)
    common = MODES[mode].common if mode < EXPLICIT else COMMON_MODES
    known = common < COMMON_MODES and abs(sharps) <= MOST_SHARPS
    code = 2 + common * (2 * MOST_SHARPS + 1) + sharps + MOST_SHARPS if known else OTHER_KEY
    set_key(state, tonic, sharps if mode < EXPLICIT else 0, code)
    add_accidentals(state, token, end)


def mode_of(token: TextToken, begin: int, end: int) -> int:
    """Its place in MODES by the letters from begin to end; NO_MODE if it is none."""
    if begin == end:
        return MAJOR
    a, b, c = lower(at(token, begin)), lower(at(token, begin + 1)), lower(at(token, begin + 2))
    if at(token, end) == ord("="):
        return NO_MODE  # a setting of the clef
    if end == begin + 1 and a == ord("m"):
        return MINOR
    if end < begin + 3:
        return NO_MODE
    for row in range(len(MODES)):
        if MODES[row].a == a and MODES[row].b == b and MODES[row].c == c:
            return row
    return EXPLICIT if a == ord("e") and b == ord("x") and c == ord("p") else NO_MODE


def set_key(state: TrackedState, tonic: int, sharps: int, code: int) -> None:
    """Tonic and signature; flats are sharps below zero."""
    state.tonic, state.key = tonic, code
    for letter in range(7):
        state.signature[letter] = 0
    for number in range(abs(sharps)):
        if sharps > 0:
            state.signature[SHARPS_IN_ORDER[number % 7]] += 1
        else:
            state.signature[SHARPS_IN_ORDER[6 - number % 7]] -= 1


def add_accidentals(state: TrackedState, token: TextToken, begin: int) -> None:
    """Accidentals after the mode, such as ^c, alter the signature."""
    index = begin
    while index < token.value_size:
        index = skip_space(token, index)
        first, sign, place = at(token, index), 0, index
        while is_any(at(token, place), ACCIDENTAL) and at(token, place) == first and place < index + 2:
            sign += 1 if first == ord("^") else -1 if first == ord("_") else 0
            place += 1
        if place > index and is_any(at(token, place), NOTE):
            state.signature[letter_of(at(token, place))] = sign
            index = place + 1
        else:
            while index < token.value_size and at(token, index) != ord(" "):
                index += 1
