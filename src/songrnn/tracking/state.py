"""What a text means so far, and the token that is being written: fields of integers, so that the engine has them, too.

A list that begins with a content is an array of that length; one that begins empty grows.
"""

from dataclasses import dataclass, field
from enum import IntEnum

UNMARKED = 99
"""In place of semitones: the bar has no accidental for this letter so far."""
NONE = -1
NO_TONIC = 7
NO_STEP = 70
"""In place of a diatonic step: no note has been written. Steps beyond 0..NO_STEP-1 count as the nearest of these."""
LONGEST_VALUE = 32
"""Of a field's value no more characters are kept."""


class TextKind(IntEnum):
    """What a token is."""

    UNKNOWN = 0
    NOTE = 1
    REST = 2
    FIELD = 3
    ENDING = 4
    BAR = 5
    CHORD = 6
    TUPLET = 7
    SLUR = 8
    GRACE = 9
    BROKEN_RHYTHM = 10
    TIE = 11
    TEXT = 12
    DECORATION = 13
    COMMENT = 14
    SPACE = 15
    LINE_END = 16
    MARKER = 17  # a line such as <start>, or the boundary of a tune


@dataclass
class TextToken:
    """The token that is being written.

    first: its first character; size: how many it has; line: whether it begins a line; phase: how far it has come, for
        kinds of several pieces. last: the last sign of a bar line; signs: how many accidentals or signs of a bar line.
    letter: in CDEFGAB; octave: 4 for the capital letters; sign: semitones of the accidental.
    above, slashes, below: the length as written; digits of above and below. bracket: whether a field or bar line
        has one; bars: how many | a bar line has; doubled, ends, starts: what its signs do.
    number: of an ending. notes, time, count: of a tuplet. value: of a field, its spaces brought to one.
    """

    kind: int = 0
    first: int = 0
    size: int = 0
    line: int = 0
    phase: int = 0
    last: int = 0
    signs: int = 0
    letter: int = 0
    octave: int = 0
    sign: int = 0
    above: int = 0
    above_digits: int = 0
    slashes: int = 0
    below: int = 0
    below_digits: int = 0
    doubled: int = 0
    bracket: int = 0
    bars: int = 0
    starts: int = 0
    ends: int = 0
    number: int = 0
    notes: int = 0
    time: int = 0
    count: int = 0
    value_size: int = 0
    value: list[int] = field(default_factory=lambda: [0] * LONGEST_VALUE)


@dataclass
class TrackedState:
    """What the text means if it ends here. Times in ticks; NONE where nothing is known.

    tunes: how many have begun before this one; voices: how often the voice has changed in the body.
    bar: duration of a bar, 0 in free meter or without one; meter, key, rhythm: their values in the tables.
    bars: full bars of the part that have ended, those of a first ending not counted again in the second; written: all,
        with pickups and both endings; tune_bars: as bars, of the tune. line_bars: all on this line.
    between: whether a first ending has ended, so that a second one may follow.
    pickup: of this part, 0 when it has none, NONE until its first bar has ended; ended_pickup: whether the bar that
        ended last was one. former_*, first_bars: of the parts before this one.
    step, degree, pitch, octave, altered: of the last note; altered: semitones above what the key says.
    """

    # the tune
    tunes: int = 0
    voices: int = 0
    header: int = 1
    has_key: int = 0
    at_line: int = 1
    bar: int = 0
    meter: int = 0
    compound: int = 0
    unit: int = 0
    tonic: int = NO_TONIC
    key: int = 0
    rhythm: int = 0
    # bars and parts
    elapsed: int = 0
    bars: int = 0
    written: int = 0
    tune_bars: int = 0
    line_bars: int = 0
    part: int = 0
    repeat: int = 0
    ending: int = 0
    between: int = 0
    ending_bars: int = 0
    ending_tune_bars: int = 0
    repeated: int = 0
    has_endings: int = 0
    pickup: int = NONE
    ended_pickup: int = 0
    former_bars: int = 0
    former_pickup: int = NONE
    former_repeated: int = 0
    former_endings: int = 0
    former_cadence: int = NONE
    first_bars: int = 0
    # what is open
    in_chord: int = 0
    in_grace: int = 0
    tied: int = 0
    slurs: int = 0
    tuplet_left: int = 0
    tuplet_notes: int = 1
    tuplet_time: int = 1
    broken_above: int = 1  # the next note lasts broken_above / 2**broken_halvings of what is written
    broken_halvings: int = 0
    chord_above: int = 0
    chord_below: int = 1
    # notes
    pitch: int = NONE
    step: int = NO_STEP
    step_before: int = NO_STEP
    degree: int = NONE
    degree_before: int = NONE
    downbeat: int = NONE  # degree of the note at the beginning of the bar
    octave: int = 0
    altered: int = 0
    duration: int = NONE
    signature: list[int] = field(default_factory=lambda: [0] * 7)
    alterations: list[int] = field(default_factory=lambda: [UNMARKED] * 7)

    def copy(self) -> "TrackedState":
        """Another one with the same content."""
        other = object.__new__(TrackedState)  # dataclasses.replace takes ten times as long
        other.__dict__.update(self.__dict__)
        other.signature, other.alterations = self.signature.copy(), self.alterations.copy()
        return other


@dataclass
class Tracker:
    """token: what is being written; settled: the state before it; current: the state if the text ends with it."""

    token: TextToken = field(default_factory=TextToken)
    settled: TrackedState = field(default_factory=TrackedState)
    current: TrackedState = field(default_factory=TrackedState)
