"""The state of a tune after some of its characters, and what is constant while it is written."""

from dataclasses import dataclass, field

from songrnn.constraints import syntax
from songrnn.constraints.tokens import (
    ENDS,
    GRAINS,
    LONGEST_SUM,
    MOST_TUPLET,
    ROOT_HEADER,
    USUAL_LENGTHS,
    Kind,
    TokenAutomaton,
)
from songrnn.tracking.state import UNMARKED

LOWEST, HIGHEST = 24, 107
"""The white keys that octave marks may reach, as MIDI numbers."""
OCTAVES = (0, 12, 24, 36)
"""What up to three octave marks change."""

NO, MAY_BE_PICKUP, MUST_BE_FULL = range(3)
"""Whether this bar is the first of a part (`TuneState.begins_part`)."""
NO_ENDING, FIRST, BETWEEN, SECOND = range(4)
"""The place of the bar among first and second endings (`TuneState.ending`)."""

COMPOSED, PARTLY_GIVEN, GIVEN = range(3)
"""What of the text is the prompt's: neither token nor bar; something of the bar; the token too (`TuneState.given`)."""


@dataclass(frozen=True)
class RequestedForm:
    """What is requested beyond the header's fields.

    bars: of each section, or without sections of the whole tune; as written, second endings, pickups and repeats not
        counted again; 0: any number. sections: for each, whether it is repeated; (): any. low, high: MIDI numbers.
    changes: whether meter, unit note length and key may change within the tune.
    """

    bars: int = 0
    sections: tuple[bool, ...] = ()
    low: int = 0
    high: int = 127
    ends_on_tonic: bool = False
    changes: bool = True


@dataclass(frozen=True)
class Context:
    """What is constant while a tune is written: the tokens, the requested form, and what follows from the two.

    end: the id of the tune's end. lengths: all that can be written, in grains; shortest: the least of them; usual:
        those of composed notes. sums: for 0 to MOST_TUPLET notes, every sum of usual lengths up to LONGEST_SUM, counted
        in shortest ones.
    has_endings: whether the vocabulary can write second endings; has_second_ending: whether even at a distance from the
        bar line that ends the first one. (Repeats it can always write: a header and bars need `:` and `|`.)
    octaves_up, octaves_down: semitones that octave marks can add to a small letter, and to a capital one.
    any_pitch: whether the form leaves all pitches free.
    given: characters of music that the prompt has.
    """

    automaton: TokenAutomaton
    form: RequestedForm
    end: int
    lengths: tuple[int, ...]
    usual: tuple[int, ...]
    shortest: int
    sums: tuple[tuple[int, ...], ...]
    has_endings: bool
    has_second_ending: bool
    octaves_up: tuple[int, ...]
    octaves_down: tuple[int, ...]
    any_pitch: bool
    given: int = 0

    @classmethod
    def of(cls, automaton: TokenAutomaton, form: RequestedForm, end: int, given: int = 0) -> "Context":
        """The context of one vocabulary's tokens and one form."""
        lengths = tuple(dict.fromkeys([GRAINS, *(t.a for t in automaton.tokens if t.kind is Kind.LENGTH)]))
        usual = tuple(length for length in lengths if length in USUAL_LENGTHS)
        shortest, second_ending = min(lengths), automaton.spells(Kind.ENDING, a=2)
        return cls(
            automaton,
            form,
            end,
            lengths=lengths,
            usual=usual,
            shortest=shortest,
            sums=cls._sums([length // shortest for length in usual]),
            has_endings=second_ending or automaton.spells(Kind.BAR, a=ENDS, b=2),
            has_second_ending=second_ending,
            octaves_up=OCTAVES if automaton.spells(Kind.OCTAVE, a=12) else (0,),
            octaves_down=tuple(-octave for octave in OCTAVES) if automaton.spells(Kind.OCTAVE, a=-12) else (0,),
            any_pitch=(form.low, form.high) == (0, 127),
            given=given,
        )

    @staticmethod
    def _sums(lengths: list[int]) -> tuple[tuple[int, ...], ...]:
        sums: list[set[int]] = [{0}]
        for _ in range(MOST_TUPLET):
            sums.append({a + b for a in sums[-1] for b in lengths if a + b <= LONGEST_SUM})
        return tuple(tuple(sorted(found)) for found in sums)


@dataclass
class TuneState:
    """The state of a tune. Times in ticks; `bar` is the duration of a bar, 0 in free meter."""

    node: int = ROOT_HEADER
    flags: int = syntax.BEGIN  # `syntax.py`
    fields: int = 0  # of the header so far: 1 rhythm, 2 meter, 3 unit, 4 key
    bar: int = 0
    compound: int = 0
    hornpipe: int = 0
    swing: int = 0  # abc2midi swings notes of so many ticks in pairs, from the beginning of each bar; 0: none
    unit: int = GRAINS  # never 0, whatever the tokens: times are divided by it
    key: int = 0
    # open elements
    texts: int = 0  # decorations, chord symbols and annotations before the next note
    accidental: int = 0  # its semitones
    pitch: int = 0  # of the open note's white key
    small: int = 0
    altered: int = 0  # by so many semitones
    members: int = 0  # notes of the open chord or grace notes so far
    chord_length: int = 0
    slurs: int = 0
    tied_pitch: int = 0  # of the white key
    # time
    elapsed: int = 0
    tuplet_left: int = 0  # notes
    tuplet_notes: int = 1
    tuplet_time: int = 1
    broken: int = 0  # signs; below zero for <
    last_length: int = 0  # grains of the note before, 0 when nothing may break it
    last_ticks: int = 0
    sounding: int = 0  # duration of the note or rest before; 0 in a tuplet
    rests: int = 0  # in a row
    on_tonic: int = 0
    has_notes: int = 0
    alterations: list[int] = field(default_factory=lambda: [UNMARKED] * 7)  # of this bar, in semitones
    written: int = 0  # characters of music so far, up to those of the prompt
    given: int = COMPOSED
    # bars and parts
    in_bar: int = 0
    begins_part: int = MAY_BE_PICKUP
    lacks_music: int = 0  # after a pickup or the number of a second ending: some must come before the end
    has_bars: int = 0  # a full one has ended
    count: int = 0  # full ones, as the form counts them
    first: int = 1  # no bar has ended yet
    first_pickup: int = 0
    pickup: int = 0  # of this part
    pickup_due: int = 0  # duration that the pickup of the next part must have
    must_divide: int = 0  # a short bar must be the last of its part
    repeat: int = 0
    has_repeated: int = 0  # from the first repeat on, endings and :: need a |: before them
    ending: int = NO_ENDING
    ending_bars: int = 0
    section: int = 0

    def copy(self) -> "TuneState":
        """A state with the same content."""
        other = object.__new__(TuneState)  # dataclasses.replace takes ten times as long, and a character needs hundreds
        other.__dict__.update(self.__dict__)
        other.alterations = self.alterations.copy()
        return other


# ---- durations, in ticks (`tracking.ticks.WHOLE`)


def ticks_of_length(state: TuneState, length: int) -> int:
    """What so many grains last, tuplets and broken rhythm apart."""
    return state.unit // GRAINS * length


def shortest_ticks(context: Context, state: TuneState) -> int:
    """Duration of the shortest note that can be written; every time that is left must be a multiple of it."""
    return ticks_of_length(state, context.shortest)


def target(state: TuneState) -> int:
    """Duration of this bar, if it does not end early as a pickup or its partner."""
    return state.pickup_due if state.pickup_due and state.begins_part else state.bar
