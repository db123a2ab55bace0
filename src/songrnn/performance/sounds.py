"""A voice as written -> its events: what sounds, with its pitches, and the signs that say in what order it is played.

Pitches come from the key, the accidentals (`pitches.py`) and the shift of the voice (`shift.py`). Grace notes are left
out: they take no time. Key, meter and tempo are those of the place in the text, not of what was played before.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from songrnn.notation.pitches import Accidentals
from songrnn.notation.shift import settings_of_voices
from songrnn.notation.tune import (
    BarLine,
    BarRest,
    Chord,
    Element,
    Ending,
    Field,
    Note,
    Overlay,
    Rest,
    Sounding,
    Tune,
    Voice,
)
from songrnn.performance.music_state import MusicState


@dataclass(frozen=True, slots=True)
class Sound:
    """Notes that begin together, or none for a rest; `advance` is the time until the next."""

    notes: tuple[tuple[int, Note], ...]
    advance: Fraction
    state: MusicState


@dataclass(frozen=True, slots=True)
class PartLabel:
    """P: in the music: the part of this name begins here."""

    name: str


Event = Sound | BarLine | Ending | Overlay | PartLabel


class Clock:
    """The time of a voice while its events pass, in whole notes; an overlay goes back to the start of its bar."""

    def __init__(self) -> None:
        self.time = Fraction(0)
        self._bar_start = Fraction(0)
        self._first_layer_end: Fraction | None = None

    def pass_event(self, event: Event) -> None:
        """Advance the time by `event`."""
        if isinstance(event, Sound):
            self.time += event.advance
        elif isinstance(event, Overlay):
            self._first_layer_end = self.time if self._first_layer_end is None else self._first_layer_end
            self.time = self._bar_start
        elif isinstance(event, BarLine):
            self.end_bar()

    def end_bar(self) -> None:
        """End a bar, which is as long as its first layer."""
        self.time = self._bar_start = self.time if self._first_layer_end is None else self._first_layer_end
        self._first_layer_end = None

    def wait_until(self, time: Fraction) -> None:
        """Advance to this time, at which a bar begins."""
        self.end_bar()
        self.time = self._bar_start = max(self.time, time)


def written_events(tune: Tune) -> dict[str, list[Event]]:
    """Voice -> its events in the order of the text."""
    settings = settings_of_voices(tune.header)
    written: dict[str, list[Event]] = {}
    for voice in tune.voices:
        start = MusicState.at_start(tune.header, settings.get(voice.name, ()))
        reader = _EventReader(start, Accidentals(tune.header))
        events = map(reader.read, _with_bar_lines(voice))
        written[voice.name] = [event for event in events if event is not None]
    return written


def _with_bar_lines(voice: Voice) -> Iterator[Element | BarLine]:
    for bar in voice.bars:
        yield from bar.elements
        if bar.line is not None:
            yield bar.line


class _EventReader:
    """Turns the elements of one voice into events."""

    def __init__(self, start: MusicState, accidentals: Accidentals) -> None:
        self._state = start
        self._accidentals = accidentals

    def read(self, element: Element | BarLine) -> Event | None:
        """The event that this element is, if it is one."""
        match element:
            case Note() | Chord() | Rest():
                return self._sound(element)
            case BarRest():
                self._accidentals.next_element()
                return Sound((), element.duration(self._state.meter), self._state)
            case BarLine():
                self._accidentals.end_bar()
                return element
            case Overlay():
                self._accidentals.begin_layer()
                return element
            case Ending():
                return element
            case Field(letter="P", value=str(name)):
                return PartLabel(name)
            case Field():
                self._state = self._state.after(element)
                self._accidentals.change(element)
        return None

    def _sound(self, element: Sounding) -> Sound:
        self._accidentals.next_element()
        if isinstance(element, Rest):
            return Sound((), element.duration, self._state)
        notes = element.notes if isinstance(element, Chord) else (element,)
        pitches = ((self._pitch(note), note) for note in notes)
        return Sound(tuple(pitches), element.duration, self._state)

    def _pitch(self, note: Note) -> int:
        return note.pitch.natural_midi + self._accidentals.read(note) + self._state.shift.semitones
