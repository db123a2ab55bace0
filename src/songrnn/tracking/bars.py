"""Bars, parts, repeats and endings: what a bar line means."""

from songrnn.tracking.state import NO_STEP, NO_TONIC, NONE, UNMARKED, TextToken, TrackedState


def read_bar_line(state: TrackedState, token: TextToken) -> None:
    """A bar ends, if it has begun; a repeat may end or begin, a part end, an ending begin."""
    finish_bar(state)
    if token.bars > 0:
        state.header = 0
    if token.ends or token.starts:
        state.repeat = token.starts
    if token.ends:
        state.repeated = 1
    if token.ends and not token.starts and state.ending == 1:
        state.between = 1
    elif (token.ends or token.starts or token.doubled or token.bracket) and state.bars > 0:
        finish_part(state)
    if token.number > 0:
        open_ending(state, token.number)


def finish_bar(state: TrackedState) -> None:
    """What has elapsed is a bar; a short one at the beginning of a part is a pickup."""
    if state.elapsed > 0:
        state.ended_pickup = int(state.written == 0 and state.bar > 0 and state.elapsed < state.bar)
        if state.written == 0:
            state.pickup = state.elapsed if state.ended_pickup else 0
        if state.ended_pickup == 0:
            state.bars += 1
            state.tune_bars += 1
        state.written += 1
        state.line_bars += 1
    state.elapsed = state.in_chord = state.in_grace = state.tuplet_left = 0
    state.broken_above, state.broken_halvings, state.downbeat = 1, 0, NONE
    for letter in range(7):
        state.alterations[letter] = UNMARKED


def finish_part(state: TrackedState) -> None:
    """The bars since the part before are a part."""
    if state.part == 0:
        state.first_bars = state.bars
    state.former_bars, state.former_pickup, state.former_cadence = state.bars, state.pickup, state.degree
    state.former_repeated, state.former_endings = state.repeated, state.has_endings
    state.part += 1
    begin_part(state)


def begin_part(state: TrackedState) -> None:
    """Nothing of a part has been written."""
    state.bars = state.written = state.ending = state.between = state.ending_bars = 0
    state.repeated = state.has_endings = 0
    state.pickup = NONE
    state.ending_tune_bars = state.tune_bars


def open_ending(state: TrackedState, number: int) -> None:
    """The bars of a second ending are counted from where the first began."""
    state.has_endings = 1
    if state.ending == 0:
        state.ending_bars, state.ending_tune_bars = state.bars, state.tune_bars
    elif number > 1:
        state.bars, state.tune_bars = state.ending_bars, state.ending_tune_bars
    state.ending, state.between = number, 0


def begin_tune(state: TrackedState) -> None:
    """A tune begins: nothing of the one before it counts."""
    state.tunes += 1
    state.header = state.at_line = 1
    state.has_key = state.meter = state.compound = state.key = state.rhythm = 0
    state.bar = state.unit = state.voices = state.octave = state.altered = 0
    state.pitch = state.degree = state.degree_before = state.duration = NONE
    state.step = state.step_before = NO_STEP
    state.tonic = NO_TONIC
    for letter in range(7):
        state.signature[letter] = 0
    begin_music(state)


def begin_voice(state: TrackedState) -> None:
    """Another voice begins; it has its own bars."""
    if state.written > 0 or state.part > 0 or state.elapsed > 0:
        state.voices += 1
    finish_bar(state)
    begin_music(state)


def begin_music(state: TrackedState) -> None:
    """Nothing of the music has been written."""
    state.elapsed = 0
    finish_bar(state)
    begin_part(state)
    state.tune_bars = state.ending_tune_bars = state.line_bars = state.part = state.repeat = 0
    state.former_bars = state.first_bars = state.tied = state.slurs = 0
    state.former_pickup, state.ended_pickup = NONE, 0
