"""Notes, rests and chords: pitch, and how much time elapses."""

from songrnn.notation.grammar import LETTERS, SEMITONES, TUPLET_TIMES
from songrnn.tracking.bars import finish_part
from songrnn.tracking.state import NO_STEP, NO_TONIC, NONE, UNMARKED, TextToken, TrackedState
from songrnn.tracking.ticks import MOST_TICKS, WHOLE, capped, narrow, wide
from songrnn.tracking.tokens import ACCIDENTALS

NATURALS = tuple(SEMITONES[letter] for letter in LETTERS)
MOST_FACTOR = 999_999
"""Of a length's numerator and denominator."""
USUAL_TIMES = tuple(TUPLET_TIMES.get(notes) or 0 for notes in range(10))
"""For p notes the time of a tuplet; 0 where the meter decides."""


def read_note(state: TrackedState, token: TextToken) -> None:
    """A letter, with what belongs to it; accidentals alone mean nothing."""
    if token.phase == ACCIDENTALS:
        return
    if token.signs > 0:
        state.alterations[token.letter] = token.sign
    own, kept = state.signature[token.letter], state.alterations[token.letter]
    alteration = own if kept == UNMARKED else kept
    begin_element(state)
    state.step_before, state.degree_before = state.step, state.degree
    state.step = max(0, capped(7 * token.octave + token.letter, NO_STEP - 1))
    state.degree = (token.letter - state.tonic + 7) % 7 if state.tonic != NO_TONIC else NONE
    state.pitch = max(0, 12 * (token.octave + 1) + NATURALS[token.letter] + alteration)
    state.octave, state.altered = token.octave, alteration - own
    if state.in_chord and not state.in_grace:
        if state.chord_above == 0:
            state.chord_above, state.chord_below = length_above(token), length_below(token)
    elif not state.in_grace:
        elapse(state, length_above(token), length_below(token))


def begin_element(state: TrackedState) -> None:
    """A note, rest or chord begins; after a first ending it begins a part where no second one has begun."""
    if state.between and not state.in_grace:
        finish_part(state)


def read_rest(state: TrackedState, token: TextToken) -> None:
    """Time elapses; a rest of whole bars lasts to the end of this one."""
    begin_element(state)
    elapse(state, length_above(token), length_below(token))
    if token.first in (ord("Z"), ord("X")) and state.bar > 0:
        state.elapsed, state.duration = state.bar, state.bar


def read_bracket(state: TrackedState, token: TextToken) -> None:
    """A chord opens, or ends with its length."""
    opens = token.first == ord("[")
    if opens:
        begin_element(state)
    elif state.in_chord and state.chord_above > 0:
        above = wide(state.chord_above) * length_above(token)
        below = wide(state.chord_below) * length_below(token)
        while above > MOST_FACTOR or below > MOST_FACTOR:
            above = (above + 1) // 2
            below = (below + 1) // 2
        elapse(state, narrow(above), narrow(below))
    state.in_chord, state.chord_above, state.chord_below = int(opens), 0, 1


def length_above(token: TextToken) -> int:
    """The numerator of a length; 1 if none is written."""
    return token.above if token.above_digits > 0 else 1


def length_below(token: TextToken) -> int:
    """Its denominator: as written, or halved by every slash."""
    return token.below if token.below > 0 else 1 << token.slashes


def unit_of(state: TrackedState) -> int:
    """The unit note length in ticks; without a field what the standard says."""
    if state.unit > 0:
        return state.unit
    return WHOLE // 16 if state.bar > 0 and 4 * wide(state.bar) < 3 * WHOLE else WHOLE // 8


def elapse(state: TrackedState, above: int, below: int) -> None:
    """A note, rest or chord of above/below unit note lengths."""
    ticks = wide(unit_of(state)) * above * state.broken_above
    parts = wide(below) << state.broken_halvings
    if state.tuplet_left > 0:
        ticks = ticks * state.tuplet_time
        parts = parts * state.tuplet_notes
        state.tuplet_left -= 1
    ticks = ticks // parts
    if ticks > MOST_TICKS:
        ticks = wide(MOST_TICKS)
    if state.elapsed == 0 and state.downbeat == NONE:
        state.downbeat = state.degree
    state.duration = narrow(ticks)
    state.elapsed = capped(state.elapsed + state.duration, MOST_TICKS)
    state.broken_above, state.broken_halvings, state.tied = 1, 0, 0


def read_tuplet(state: TrackedState, token: TextToken) -> None:
    """The next notes last time/notes of what is written."""
    usual = USUAL_TIMES[token.notes]
    if usual == 0:
        usual = 3 if state.compound else 2
    state.tuplet_notes = token.notes if token.notes > 0 else 1
    state.tuplet_time = 1 if token.notes == 0 else token.time if token.time > 0 else usual
    state.tuplet_left = token.count if token.count > 0 else token.notes


def read_broken_rhythm(state: TrackedState, token: TextToken) -> None:
    """The note before becomes longer or shorter by what the next one loses or gains."""
    before, halvings = state.duration if state.duration > 0 else 0, token.size
    rest = before >> halvings
    if token.first == ord(">"):
        state.elapsed = capped(state.elapsed + before - rest, MOST_TICKS)
        state.duration = capped(2 * before - rest, MOST_TICKS)
        state.broken_above = 1
    else:
        state.elapsed = max(0, state.elapsed - (before - rest))
        state.duration = rest
        state.broken_above = (2 << halvings) - 1
    state.broken_halvings = halvings
