"""The effect of a token on a state: first a row of the syntax table, then counts, time, bars and pitch."""

from songrnn.constraints import filler, syntax
from songrnn.constraints.bar_lines import begin_ending, may_start_bar, write_bar_line
from songrnn.constraints.bar_time import advance, begin_tuplet, break_rhythm
from songrnn.constraints.pitches import keeps_tonic, may_alter, reaches
from songrnn.constraints.state import GIVEN, Context, TuneState, shortest_ticks
from songrnn.constraints.tokens import ACCOMPANIMENT, GRAINS, ROOT_BODY, ROOT_HEADER, ROOT_LENGTH, SWUNG, Kind, Token
from songrnn.tracking.state import NONE, UNMARKED


def apply_token(context: Context, state: TuneState, token: Token) -> bool:
    """Change `state` to what it is after a token; False when the token is not allowed here."""
    if state.node <= ROOT_LENGTH:
        filler.begin_token(context, state)
    if token.kind <= Kind.KEY:
        return write_field(context, state, token)
    if token.kind == Kind.LENGTH:
        return end_element(context, state, token.a)
    index = row_of(token.kind, state.flags)
    if index == NONE or (syntax.TABLE[index].begins and not may_start_bar(context, state)):
        return False
    row, before = syntax.TABLE[index], state.flags
    state.flags = before & ~row.clears | row.sets
    state.node = row.node
    if row.begins and not before & syntax.BROKEN:
        state.last_length = 0
    return count_token(context, state, token, before)


def row_of(kind: int, flags: int) -> int:
    """Index of the first row of the table that allows a token of this kind; NONE if there is none."""
    for index in range(syntax.FIRST_ROW[kind], syntax.FIRST_ROW[kind + 1]):
        if flags & syntax.TABLE[index].needs == syntax.TABLE[index].needs and not flags & syntax.TABLE[index].forbids:
            return index
    return NONE


def count_token(context: Context, state: TuneState, token: Token, before: int) -> bool:
    """Apply what the table cannot express; `before`: the flags before the token."""
    if token.kind >= Kind.DOT:  # decorations and texts
        state.texts += 1
        return state.texts <= filler.MOST_TEXTS and filler.may_decorate(context, state, token.kind, before)
    match token.kind:
        case Kind.LETTER:
            return open_note(context, state, token)
        case Kind.ACCIDENTAL:
            state.accidental = token.a
            return has_room(state) and may_alter(context, state, token.a)
        case Kind.OCTAVE:
            state.pitch += token.a
            return (token.a > 0) == bool(state.small)
        case Kind.CHORD_OPEN | Kind.GRACE_OPEN:
            state.members = state.chord_length = 0
        case Kind.CHORD_CLOSE | Kind.GRACE_CLOSE:
            return state.members > 0
        case _:
            return count_mark(context, state, token, before)
    return True


def count_mark(context: Context, state: TuneState, token: Token, before: int) -> bool:
    """The same for tokens between notes."""
    match token.kind:
        case Kind.LINE_END:
            return filler.may_break_line(state, before)
        case Kind.REST:
            state.rests += 1
            return filler.may_rest(state)
        case Kind.TIE:
            state.tied_pitch, state.last_length = state.pitch, 0
            return bool(state.on_tonic) or not keeps_tonic(context, state)
        case Kind.SLUR_OPEN:
            state.slurs += 1
            return state.slurs <= filler.MOST_SLURS and filler.may_open_slur(context, state)
        case Kind.SLUR_CLOSE:
            state.slurs -= 1
            if not before & syntax.MUSIC:
                state.last_length = 0
            return state.slurs >= 0 and bool(state.in_bar)
        case Kind.BROKEN_RHYTHM:
            return state.last_length > 0 and break_rhythm(state, token.a)
        case Kind.TUPLET:
            begin_tuplet(state, token)
        case Kind.BAR:
            return write_bar_line(context, state, token.a, token.b)
        case Kind.ENDING:
            return begin_ending(context, state, token.a)
    return True


def write_field(context: Context, state: TuneState, token: Token) -> bool:
    """A line of the header, or one within the tune."""
    in_body = state.fields == Kind.KEY + 1
    if in_body and not may_change(context, state):
        return False
    if token.kind != state.fields and not in_body and not (token.kind == Kind.METER and state.fields == 0):
        return False  # in the header the fields have their order; a rhythm may be missing
    if in_body:
        state.flags = state.flags & ~syntax.PRECEDING | syntax.FIELD
    state.fields = max(state.fields, token.kind + 1)
    match token.kind:
        case Kind.RHYTHM:
            state.hornpipe = token.a
        case Kind.METER:
            set_meter(state, token)
        case Kind.UNIT:
            state.unit = token.a
        case _:
            state.key = token.a
    state.node = ROOT_BODY if state.fields == Kind.KEY + 1 else ROOT_HEADER
    return state.fields <= Kind.UNIT or state.bar % shortest_ticks(context, state) == 0


def set_meter(state: TuneState, token: Token) -> None:
    """Set the duration of a bar, and how abc2midi plays it."""
    state.bar, state.compound = token.a, token.b
    state.swing = token.a // 8 if state.hornpipe and token.c & SWUNG else 0
    state.flags &= ~(syntax.SWING | syntax.ACCOMPANIED)
    state.flags |= (syntax.SWING if state.swing else 0) | (syntax.ACCOMPANIED if token.c & ACCOMPANIMENT else 0)


def may_change(context: Context, state: TuneState) -> bool:
    """Whether a field is allowed here, within the tune."""
    if state.flags & (syntax.LINE | syntax.TIED | syntax.PREFIX) != syntax.LINE or state.in_bar or state.pickup_due:
        return False
    return context.form.changes and may_start_bar(context, state)


def has_room(state: TuneState) -> bool:
    """Whether another note may follow; chords and groups of grace notes have a largest number of notes."""
    grace = filler.MOST_GRACE if state.given == GIVEN else filler.MOST_GRACE_NOTES
    most = filler.MOST_IN_CHORD if state.flags & syntax.IN_CHORD else grace
    return not state.flags & syntax.INSIDE or state.members < most


def open_note(context: Context, state: TuneState, token: Token) -> bool:
    """A letter: its note begins; octave marks and a length may follow."""
    key, letter, kept = context.automaton.keys[state.key], token.b, state.alterations[token.b]
    own, marked = key.alterations[letter], bool(state.flags & syntax.ACCIDENTAL)
    state.flags &= ~syntax.ACCIDENTAL
    carried = state.flags & syntax.TIED and state.flags & syntax.NOTE
    if not carried:  # a tie carries its accidental across the bar line
        written = own if kept == UNMARKED else kept
        state.altered = state.accidental if marked else written
    if marked and not state.flags & syntax.GRACE:
        state.alterations[letter] = state.accidental
        if keeps_tonic(context, state) and letter == key.tonic and state.altered != own:
            return False
    state.pitch, state.small = token.a, token.c
    if state.flags & (syntax.NOTE | syntax.MEMBER):
        state.on_tonic = int(bool(state.flags & syntax.NOTE) and letter == key.tonic and state.altered == own)
        state.has_notes, state.rests = 1, 0
    return has_room(state)


def end_element(context: Context, state: TuneState, length: int) -> bool:
    """The note, rest or chord that waits for its length ends, with a length in grains."""
    state.node = ROOT_BODY
    if length != GRAINS:
        state.flags &= ~syntax.LINE_LETTER
    if not reaches(context, state, 0):
        return False
    if state.flags & (syntax.GRACE | syntax.MEMBER):
        if not filler.member_suits(context, state, length):
            return False
        state.members += 1
        fits = state.flags & syntax.GRACE or state.members == 1 or length == state.chord_length
        state.chord_length = length
        return bool(fits)
    if state.flags & syntax.CHORD:
        if length != GRAINS and state.chord_length != GRAINS:
            return False
        length = length if state.chord_length == GRAINS else state.chord_length
    if not filler.suits(context, state, length):
        return False
    prefix = state.flags & syntax.PREFIX
    state.flags &= ~(syntax.PREFIX | syntax.TIED)
    state.texts = 0
    if not advance(state, length):
        return False
    if prefix & (syntax.STRETCHED | syntax.NO_CHORD):
        state.flags &= ~syntax.ELEMENT
    if prefix & syntax.STRETCHED:
        state.last_length = 0
    return True
