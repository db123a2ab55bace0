"""Where a tune stands while it is composed, and the form that was asked for: what `constraints.py` reasons about."""

from dataclasses import dataclass, field

from songrnn.sampling.words import ROOT_HEADER

NONE = -1
LOWEST, HIGHEST = 24, 107  # of what octave marks may reach, as MIDI numbers of white keys
MOST_IN_CHORD, MOST_GRACE, MOST_SLURS, MOST_TEXTS = 6, 8, 2, 3

# What waits for a note (State.lead), as bits.
TEXTS, DECORATED, DOTTED, SHORTHANDED, NO_CHORD, STRETCHED, GRACED, SLURRED = (2**bit for bit in range(8))
PLACED = TEXTS | DECORATED
"""These may stand before a bar line, too."""
# What stands before the next character (State.gap).
BEGIN, MUSIC, BLANK, LINE, BAR_LINE, FIELD = range(6)
# What is open (State.sound): nothing, or what waits for its length.
NOTHING, NOTE, RESTING, CHORD, MEMBER, GRACE = range(6)
# Whether this bar is the first of a part (State.begins_part).
NO, MAY_BE_PICKUP, MUST_BE_FULL = range(3)
# Endings (State.ending).
NO_ENDING, FIRST, BETWEEN, SECOND = range(4)


@dataclass(frozen=True)
class Form:
    """What was asked for beyond the header's fields.

    bars: of each section, or without sections of the whole tune; as written, second endings, pickups and repeats not
        counted again; 0: any number. sections: for each, whether it is repeated; (): any. low, high: MIDI numbers.
    """

    bars: int = 0
    sections: tuple[bool, ...] = ()
    low: int = 0
    high: int = 127
    ends_on_tonic: bool = False
    changes: bool = True  # meter, unit note length and key may change within the tune


@dataclass
class State:
    """Where a tune stands. Times in ticks; `bar` is what a bar lasts, 0 in free meter."""

    node: int = ROOT_HEADER
    fields: int = 0  # of the header so far: 1 rhythm, 2 meter, 3 unit, 4 key
    bar: int = 0
    compound: int = 0
    accompanied: int = 0  # abc2midi has an accompaniment for chord symbols in this meter
    hornpipe: int = 0
    swing: int = 0  # notes of so many ticks are swung in pairs by abc2midi, from the beginning of each bar; 0: none
    unit: int = 0
    key: int = 0
    # what is open
    gap: int = BEGIN
    lead: int = 0
    texts: int = 0
    accidental: int = NONE  # 2 more than its semitones
    sound: int = NOTHING
    pitch: int = 0  # of its white key
    letter: int = 0
    small: int = 0
    altered: int = 0  # by so many semitones
    chord: int = NONE  # notes so far
    chord_length: int = 0
    grace: int = NONE  # notes so far
    slurs: int = 0
    tie: int = NONE  # pitch of the white key
    symbol: int = 0  # a chord symbol has come: from then on short bars last whole eighths, as abc2midi needs them
    uneven: int = 0  # a short bar has come that does not, or a fermata: so no chord symbol may
    line_letter: int = 0  # the line has nothing yet but a letter: a colon would make it a field
    # time
    elapsed: int = 0
    tuplet: int = 0  # notes left
    tuplet_notes: int = 1
    tuplet_time: int = 1
    broken: int = 0  # signs; below zero for <
    last_length: int = 0  # grains of the note before, 0 when nothing may break it
    last_ticks: int = 0
    on_tonic: int = 0
    has_notes: int = 0
    alterations: list[int] = field(default_factory=lambda: [NONE] * 7)  # of this bar, 2 more than semitones
    # bars and parts
    in_bar: int = 0
    begins_part: int = MAY_BE_PICKUP
    lacks_music: int = 0  # behind a pickup or the number of a second ending: some must come before the end
    bars: int = 0  # full ones so far
    count: int = 0  # full ones, as the form counts them
    first: int = 1  # no bar has ended yet
    first_pickup: int = 0
    pickup: int = 0  # of this part
    owed: int = 0  # what the pickup of the next part must last
    must_divide: int = 0
    repeat: int = 0
    has_repeated: int = 0  # from the first repeat on, endings and :: need a |: before them
    ending: int = NO_ENDING
    ending_bars: int = 0
    section: int = 0

    def copy(self) -> "State":
        """Another one with the same content."""
        other = object.__new__(State)  # dataclasses.replace takes ten times as long, and a character needs hundreds
        other.__dict__.update(self.__dict__)
        other.alterations = self.alterations.copy()
        return other
