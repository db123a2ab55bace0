"""What a token does to the state."""

from songrnn.tracking.bars import begin_music, begin_tune, begin_voice, open_ending, read_bar_line
from songrnn.tracking.characters import BAR_SIGN, LETTER, NOTE, is_any
from songrnn.tracking.fields import read_key, read_meter, read_unit, rhythm_of
from songrnn.tracking.notes import begin_element, read_bracket, read_broken_rhythm, read_note, read_rest, read_tuplet
from songrnn.tracking.state import TextKind, TextToken, TrackedState, Tracker
from songrnn.tracking.tokens import NAME, begin, continues


def read_character(tracker: Tracker, character: int) -> None:
    """A character: it continues the token, or ends it and begins another."""
    if is_bar_line_after_note(tracker.token, tracker.settled, character):
        begin(tracker.token, tracker.settled, tracker.token.first)
        read_token(tracker.settled, tracker.token)
        begin(tracker.token, tracker.settled, ord(":"))
        continues(tracker.token, tracker.settled, character)
    elif not continues(tracker.token, tracker.settled, character):
        tracker.settled = tracker.current
        begin(tracker.token, tracker.settled, character)
    tracker.current = tracker.settled.copy()
    read_token(tracker.current, tracker.token)


def is_bar_line_after_note(token: TextToken, state: TrackedState, character: int) -> bool:
    """Whether what looked like a field, such as `A:`, is a note and the beginning of a bar line."""
    if token.kind != TextKind.FIELD or not token.line or token.size != 2 or state.header:
        return False
    return is_any(token.first, NOTE) and is_any(character, BAR_SIGN)


def read_token(state: TrackedState, token: TextToken) -> None:
    """Change `state` to what it is after a token."""
    if token.kind != TextKind.SPACE:
        state.at_line = int(token.kind == TextKind.LINE_END)
    if state.header and token.line and token.size == 1 and is_any(token.first, LETTER):
        return  # the letter of a field, in all likelihood
    match token.kind:
        case TextKind.NOTE:
            read_note(state, token)
        case TextKind.REST:
            read_rest(state, token)
        case TextKind.FIELD:
            read_field(state, token)
        case TextKind.ENDING:
            open_ending(state, token.number)
        case TextKind.BAR:
            read_bar_line(state, token)
        case TextKind.CHORD:
            read_bracket(state, token)
        case TextKind.TUPLET:
            read_tuplet(state, token)
        case _:
            read_mark(state, token)


def read_mark(state: TrackedState, token: TextToken) -> None:
    """The same for what lasts no time."""
    match token.kind:
        case TextKind.SLUR:
            state.slurs = max(0, state.slurs + (1 if token.first == ord("(") else -1))
        case TextKind.GRACE:
            state.in_grace = int(token.first == ord("{"))
        case TextKind.BROKEN_RHYTHM:
            read_broken_rhythm(state, token)
        case TextKind.TIE:
            state.tied = 1
        case TextKind.LINE_END:
            end_line(state)
        case TextKind.MARKER:
            if token.phase == 1 or token.first < 0:
                begin_tune(state)


def end_line(state: TrackedState) -> None:
    """After the key the header ends."""
    state.line_bars = 0
    if state.header and state.has_key:
        state.header = 0
        begin_music(state)


def read_field(state: TrackedState, token: TextToken) -> None:
    """What a field says so far; other letters, and values that say nothing, change nothing."""
    if token.phase == NAME:
        if token.bracket:
            begin_element(state)
            state.in_chord, state.chord_above, state.chord_below = 1, 0, 1
        return
    if token.first == ord("R"):
        state.rhythm = rhythm_of(token)
    elif token.first == ord("M"):
        read_meter(state, token)
    elif token.first == ord("L"):
        read_unit(state, token)
    elif token.first == ord("K"):
        read_key(state, token)
    elif token.first == ord("V") and not state.header:
        begin_voice(state)
    elif token.first == ord("X") and not state.header:
        begin_tune(state)
