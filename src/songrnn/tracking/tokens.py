"""Characters -> tokens: which character continues the token that is being written, and what it adds to it.

Every beginning of a token is one, too: a text may end anywhere.
"""

from songrnn.tracking.characters import (
    ACCIDENTAL,
    AFTER_NUMBER,
    BAR_SIGN,
    BLANK,
    DIGIT,
    FIELD,
    INLINE,
    LETTER,
    NOTE,
    REST,
    SHORTHAND,
    is_any,
    letter_of,
)
from songrnn.tracking.state import LONGEST_VALUE, TextKind, TextToken, TrackedState
from songrnn.tracking.ticks import capped

START, END = -1, -2
"""In place of code points: the boundaries of a tune."""
MOST_DIGITS = 6
MOST_SLASHES = 10
MOST_MARKS = 5
MOST_BROKEN = 3
MOST_NUMBER = 99

ACCIDENTALS, PITCH, ABOVE, SLASHES, BELOW = range(5)
"""How far a note has come; a rest or chord begins with ABOVE."""
NAME, VALUE, IGNORED, CLOSED = range(4)
"""How far a field has come: its letter; its value; a comment, or more than is kept; the end of an inline field."""
SIGNS, BRACKET, NUMBER, AFTER = range(4)
"""How far a bar line or ending has come: its signs, a bracket, the number of an ending, others after that."""


def begin(token: TextToken, state: TrackedState, character: int) -> None:
    """The first character of a token; `state`: what stands before it."""
    token.first = character
    token.last = character
    token.size, token.line, token.phase = 1, state.at_line, 0
    token.signs = token.above = token.above_digits = token.slashes = token.below = token.below_digits = 0
    token.doubled = token.bracket = token.bars = token.starts = token.ends = token.number = token.notes = token.time = (
        token.count
    ) = token.value_size = 0
    token.sign = token.letter = 0
    token.octave = 4
    token.kind = kind_of(state, character)
    match token.kind:
        case TextKind.NOTE:
            extend_note(token, character)
        case TextKind.REST | TextKind.CHORD:
            token.phase = ABOVE
        case TextKind.BAR:
            add_sign(token, character)


def kind_of(state: TrackedState, character: int) -> int:
    """What a token is that begins with this character, as far as that says it."""
    if is_any(character, NOTE | ACCIDENTAL):
        return TextKind.NOTE
    if is_any(character, REST):
        return TextKind.REST
    if state.header and state.at_line and is_any(character, LETTER):
        return TextKind.FIELD
    if is_any(character, BAR_SIGN):
        return TextKind.BAR
    if is_any(character, BLANK):
        return TextKind.SPACE
    if is_any(character, SHORTHAND):
        return TextKind.DECORATION
    return kind_of_sign(character)


def kind_of_sign(character: int) -> int:
    """The same for characters that begin one kind of token only."""
    if character in (ord("["), ord("]")):
        return TextKind.CHORD
    if character in (ord("("), ord(")")):
        return TextKind.SLUR
    if character in (ord("{"), ord("}")):
        return TextKind.GRACE
    if character in (ord(">"), ord("<")):
        return TextKind.BROKEN_RHYTHM
    if character == ord("-"):
        return TextKind.TIE
    if character == ord('"'):
        return TextKind.TEXT
    if character == ord("!"):
        return TextKind.DECORATION
    if character == ord("%"):
        return TextKind.COMMENT
    if character == ord("\n"):
        return TextKind.LINE_END
    return TextKind.MARKER if character == START else TextKind.UNKNOWN


def continues(token: TextToken, state: TrackedState, character: int) -> bool:
    """Whether a character belongs to the token; then it is added. `state`: what stands before the token."""
    if token.size == 0 or not extends(token, state, character):
        return False
    token.size += 1
    token.last = character
    return True


def extends(token: TextToken, state: TrackedState, character: int) -> bool:
    """The same without its size and last character."""
    if token.size == 1 and token.line and becomes_line(token, state, character):
        return True
    match token.kind:
        case TextKind.NOTE:
            return extend_note(token, character)
        case TextKind.REST:
            return extend_length(token, character)
        case TextKind.CHORD:
            return extend_length(token, character) if token.first == ord("]") else extend_bracket(token, character)
        case TextKind.FIELD:
            return extend_field(token, character)
        case TextKind.BAR | TextKind.ENDING:
            return extend_bar(token, character)
        case TextKind.SLUR | TextKind.TUPLET:
            return extend_tuplet(token, character)
    return extends_text(token, character)


def extends_text(token: TextToken, character: int) -> bool:
    """The same for signs that are repeated, and for text."""
    match token.kind:
        case TextKind.GRACE:
            return token.size == 1 and token.first == ord("{") and character == ord("/")
        case TextKind.BROKEN_RHYTHM:
            return character == token.first and token.size < MOST_BROKEN
        case TextKind.TEXT:
            return extend_quoted(token, character)
        case TextKind.DECORATION:
            return token.first == ord("!") and extend_quoted(token, character)
        case TextKind.COMMENT | TextKind.MARKER:
            return token.first >= 0 and character >= 0 and character != ord("\n")
        case TextKind.SPACE:
            return is_any(character, BLANK)
    return False


def becomes_line(token: TextToken, state: TrackedState, character: int) -> bool:
    """Whether the first two characters of a line show that it is a field, or a marker such as <start>."""
    if token.first == ord("<") and is_any(character, LETTER):
        token.kind, token.phase = TextKind.MARKER, int(character == ord("s"))
        return True
    if character == ord(":") and is_any(token.first, LETTER if state.header else FIELD):
        token.kind, token.phase = TextKind.FIELD, VALUE
        return True
    return False


def extend_note(token: TextToken, character: int) -> bool:
    """Accidentals, a letter, octave marks, a length."""
    if token.phase == ACCIDENTALS:
        if is_any(character, NOTE):
            token.letter, token.phase = letter_of(character), PITCH
            token.octave = 5 if character >= ord("a") else 4
            return True
        if not is_any(character, ACCIDENTAL) or token.signs == 2:
            return False
        sign = 1 if character == ord("^") else -1 if character == ord("_") else 0
        token.sign = sign if token.signs == 0 else 2 * sign if sign == token.sign else 0
        token.signs += 1
        return True
    if token.phase == PITCH and character in (ord("'"), ord(",")):
        token.octave += 1 if character == ord("'") else -1
        token.octave = max(capped(token.octave, 5 + MOST_MARKS), 4 - MOST_MARKS)
        return True
    return extend_length(token, character)


def extend_length(token: TextToken, character: int) -> bool:
    """Digits, slashes, digits."""
    if character == ord("/") and token.phase <= SLASHES:
        token.phase = SLASHES
        token.slashes = capped(token.slashes + 1, MOST_SLASHES)
        return True
    if not is_any(character, DIGIT):
        return False
    if token.phase >= SLASHES:
        token.phase = BELOW
        token.below = 10 * token.below + character - ord("0")
        token.below_digits += 1
        return token.below_digits <= MOST_DIGITS
    token.phase = ABOVE
    token.above = 10 * token.above + character - ord("0")
    token.above_digits += 1
    return token.above_digits <= MOST_DIGITS


def extend_bracket(token: TextToken, character: int) -> bool:
    """What a bracket that opens turns out to be: a field, an ending or a bar line, if not a chord."""
    if token.size > 1:
        return False
    if is_any(character, DIGIT):
        token.kind, token.phase, token.number = TextKind.ENDING, NUMBER, character - ord("0")
        return True
    if is_any(character, BAR_SIGN):
        token.kind, token.phase, token.bracket = TextKind.BAR, SIGNS, 1
        add_sign(token, character)
        return True
    if is_any(character, INLINE):
        token.kind, token.phase, token.first, token.line = TextKind.FIELD, NAME, character, 0
        token.bracket = 1
        return True
    return False


def extend_field(token: TextToken, character: int) -> bool:
    """A colon, a value, and of an inline field the bracket that closes it."""
    if character < 0 or character == ord("\n") or token.phase == CLOSED:
        return False
    if token.phase == NAME:
        token.phase = VALUE
        return character == ord(":")
    if token.bracket and character == ord("]"):
        token.phase = CLOSED
    elif token.phase == VALUE:
        add_to_value(token, character)
    return True


def add_to_value(token: TextToken, character: int) -> None:
    """One character of the value of a field."""
    if character == ord("%") or token.value_size == LONGEST_VALUE:
        token.phase = IGNORED
        return
    if is_any(character, BLANK):
        if token.value_size == 0 or token.value[token.value_size - 1] == ord(" "):
            return
        character = ord(" ")
    token.value[token.value_size] = character
    token.value_size += 1


def extend_bar(token: TextToken, character: int) -> bool:
    """Signs, a bracket, the number of an ending."""
    if token.phase == SIGNS and is_any(character, BAR_SIGN):
        add_sign(token, character)
        return True
    if token.phase == SIGNS and character == ord("]"):
        token.phase, token.bracket, token.starts, token.ends = BRACKET, 1, 0, int(token.first == ord(":"))
        return True
    if token.phase <= NUMBER and is_any(character, DIGIT):
        token.phase = NUMBER
        token.number = capped(10 * token.number + character - ord("0"), MOST_NUMBER)
        return True
    if token.phase >= NUMBER and is_any(character, AFTER_NUMBER):
        token.phase = AFTER
        return True
    return False


def add_sign(token: TextToken, character: int) -> None:
    """One sign of a bar line, a bar or a colon."""
    if character == ord("|"):
        token.doubled = int(token.doubled or (token.signs > 0 and token.last == ord("|")))
        token.bars += 1
    token.signs += 1
    token.starts = int(token.signs > 1 and character == ord(":"))
    token.ends = int(token.signs > 1 and token.first == ord(":"))


def extend_tuplet(token: TextToken, character: int) -> bool:
    """Up to three digits with colons between them, after a bracket that would open a slur otherwise."""
    if token.kind == TextKind.SLUR:
        if token.size > 1 or token.first != ord("(") or not is_any(character, DIGIT):
            return False
        token.kind, token.notes = TextKind.TUPLET, character - ord("0")
        return True
    if character == ord(":") and token.phase < 2:
        token.phase += 1
        return True
    if token.last != ord(":") or not is_any(character, DIGIT):
        return False
    if token.phase == 1:
        token.time = character - ord("0")
    else:
        token.count = character - ord("0")
    return True


def extend_quoted(token: TextToken, character: int) -> bool:
    """Up to the same sign as at the beginning, or the end of the line."""
    if token.phase or character < 0 or character == ord("\n"):
        return False
    token.phase = int(character == token.first)
    return True
