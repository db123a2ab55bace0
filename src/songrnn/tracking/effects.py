"""What a token does to the state."""

from songrnn.tracking.bars import begin_ending, begin_music, begin_tune, begin_voice, write_bar_line
from songrnn.tracking.characters import BAR_SIGN, LETTER, NOTE, is_any
from songrnn.tracking.fields import rhythm_of, write_key, write_meter, write_unit
from songrnn.tracking.notes import begin_element, break_rhythm, write_bracket, write_note, write_rest, write_tuplet
from songrnn.tracking.state import Kind, State, Token, Tracker
from songrnn.tracking.tokens import NAME, begin, continues


def step(tracker: Tracker, character: int) -> None:
    """A character: it continues the token, or ends it and begins another."""
    if is_bar_line_after_note(tracker.token, tracker.settled, character):
        begin(tracker.token, tracker.settled, tracker.token.first)
        apply_token(tracker.settled, tracker.token)
        begin(tracker.token, tracker.settled, ord(":"))
        continues(tracker.token, tracker.settled, character)
    elif not continues(tracker.token, tracker.settled, character):
        tracker.settled = tracker.current
        begin(tracker.token, tracker.settled, character)
    tracker.current = tracker.settled.copy()
    apply_token(tracker.current, tracker.token)


def is_bar_line_after_note(token: Token, state: State, character: int) -> bool:
    """Whether what looked like a field, such as `A:`, is a note and the beginning of a bar line."""
    if token.kind != Kind.FIELD or not token.line or token.size != 2 or state.header:
        return False
    return is_any(token.first, NOTE) and is_any(character, BAR_SIGN)


def apply_token(state: State, token: Token) -> None:
    """Change `state` to what it is after a token."""
    if token.kind != Kind.SPACE:
        state.at_line = int(token.kind == Kind.LINE_END)
    if state.header and token.line and token.size == 1 and is_any(token.first, LETTER):
        return  # the letter of a field, in all likelihood
    match token.kind:
        case Kind.NOTE:
            write_note(state, token)
        case Kind.REST:
            write_rest(state, token)
        case Kind.FIELD:
            write_field(state, token)
        case Kind.ENDING:
            begin_ending(state, token.number)
        case Kind.BAR:
            write_bar_line(state, token)
        case Kind.CHORD:
            write_bracket(state, token)
        case Kind.TUPLET:
            write_tuplet(state, token)
        case _:
            apply_mark(state, token)


def apply_mark(state: State, token: Token) -> None:
    """The same for what lasts no time."""
    match token.kind:
        case Kind.SLUR:
            state.slurs = max(0, state.slurs + (1 if token.first == ord("(") else -1))
        case Kind.GRACE:
            state.in_grace = int(token.first == ord("{"))
        case Kind.BROKEN_RHYTHM:
            break_rhythm(state, token)
        case Kind.TIE:
            state.tied = 1
        case Kind.LINE_END:
            end_line(state)
        case Kind.MARKER:
            if token.phase == 1 or token.first < 0:
                begin_tune(state)


def end_line(state: State) -> None:
    """After the key the header ends."""
    state.line_bars = 0
    if state.header and state.has_key:
        state.header = 0
        begin_music(state)


def write_field(state: State, token: Token) -> None:
    """What a field says so far; other letters, and values that say nothing, change nothing."""
    if token.phase == NAME:
        if token.bracket:
            begin_element(state)
            state.in_chord, state.chord_above, state.chord_below = 1, 0, 1
        return
    if token.first == ord("R"):
        state.rhythm = rhythm_of(token)
    elif token.first == ord("M"):
        write_meter(state, token)
    elif token.first == ord("L"):
        write_unit(state, token)
    elif token.first == ord("K"):
        write_key(state, token)
    elif token.first == ord("V") and not state.header:
        begin_voice(state)
    elif token.first == ord("X") and not state.header:
        begin_tune(state)
