"""What any ABC text means after each of its characters: a tolerant reading without look-ahead.

The constraints hold a strict tune character by character; the tracker follows whatever is written. What it does not
know it passes over, and at every bar line time begins anew, so that an error does not last. A token that may still go
on counts as if the text ended here: after `A` a note of one unit has been written, after `A2` one of two.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from songrnn.tracking.effects import read_character
from songrnn.tracking.state import NONE, TextKind, Tracker
from songrnn.tracking.ticks import WHOLE

TOKENS = {kind: kind.name.lower().replace("_", " ") for kind in TextKind}


@dataclass(frozen=True)
class TextState:
    """What a text means after one of its characters. Times in whole notes.

    field: the letter of the field that is being written, "" in music. token: what is being written, one of TOKENS.
    elapsed: time of the bar so far; left: to its end, None in free meter and in the header.
    bar: bars that have ended in this part; part: parts that have ended; repeat: whether a repeat is open; ending: the
        number of the ending, 0 outside.
    in_chord, in_grace, tied, slurs, tuplet_left: what is open.
    pitch: of the last note, as a MIDI number; degree: its letter's distance from the tonic, 0 to 6; octave: 4 for the
        capital letters; duration: of the last note or rest. None before the first, and without a tonic.
    """

    field: str = ""
    token: str = "unknown"
    elapsed: Fraction = Fraction(0)
    left: Fraction | None = None
    bar: int = 0
    part: int = 0
    repeat: bool = False
    ending: int = 0
    in_chord: bool = False
    in_grace: bool = False
    tied: bool = False
    slurs: int = 0
    tuplet_left: int = 0
    pitch: int | None = None
    degree: int | None = None
    octave: int | None = None
    duration: Fraction | None = None


def track(text: str) -> Iterator[TextState]:
    """The state after each character."""
    tracker = Tracker()
    for character in text:
        read_character(tracker, ord(character))
        yield _text_state(tracker)


def _text_state(tracker: Tracker) -> TextState:
    """What of the tracker the outside sees."""
    state, token = tracker.current, tracker.token
    has_note = state.pitch != NONE
    return TextState(
        field=chr(token.first) if token.kind == TextKind.FIELD else "",
        token=TOKENS[TextKind(token.kind)],
        elapsed=Fraction(state.elapsed, WHOLE),
        left=Fraction(state.bar - state.elapsed, WHOLE) if state.bar and not state.header else None,
        bar=state.written,
        part=state.part,
        repeat=bool(state.repeat),
        ending=state.ending,
        in_chord=bool(state.in_chord),
        in_grace=bool(state.in_grace),
        tied=bool(state.tied),
        slurs=state.slurs,
        tuplet_left=state.tuplet_left,
        pitch=state.pitch if has_note else None,
        degree=state.degree if has_note and state.degree != NONE else None,
        octave=state.octave if has_note else None,
        duration=Fraction(state.duration, WHOLE) if state.duration != NONE else None,
    )
