"""Tune -> the notes that sound, each with onset, duration and pitch, and the tempos, meters and keys along the way.

Conventions, those of abc2midi where the standard leaves a choice:

- Times are `Fraction`s of a whole note from the start; there is no tempo in them.
- Repeats and endings: see `repeats.py`. Parts and their order: see `parts.py`.
- A tune that would be played more than six times over, and of more than 6,000 notes and signs, is played as written.
- Ties join notes of one pitch that follow each other as played; a tie to anything else is ignored.
- Accidentals: see `pitches.py`. Octaves and transposition of a voice: see `shift.py`.
- Grace notes take no time and do not sound, as in `abc2midi -NGRA`. Decorations change nothing.
- Of a chord with notes of several lengths each sounds its own; the first determines when the music continues.
- Voices begin together, and so does every part of an order of parts; every voice plays its own repeats.
- Tempo, meter and key are those of the place in the text: a repeat restores what was in force where it begins.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice
from typing import TypeVar

from songrnn.notation.pitches import Ties
from songrnn.notation.tune import BarLine, Key, Meter, Overlay, Position, Tune
from songrnn.performance.music_state import MusicState
from songrnn.performance.parts import divided, in_order, part_order
from songrnn.performance.repeats import Jump, played
from songrnn.performance.sounds import Clock, Event, Sound, written_events
from songrnn.performance.tempo import Tempo

# Of every third tune of the collections none is more than 4.1 times as long in playing as it is written.
MOST_TIMES = 6
MOST_PLAYED = 6_000  # events of a short tune: notes, chords, rests, bar lines, endings


@dataclass(frozen=True, slots=True)
class TimedNote:
    """One sounding note. onset, duration: in whole notes; pitch: MIDI number, 60 for C; position: of its first note."""

    onset: Fraction
    duration: Fraction
    pitch: int
    voice: str
    position: Position


@dataclass(frozen=True, slots=True)
class Timeline:
    """A tune as it is played; all times in whole notes from the start.

    notes:    in order of onset, then voice, then pitch.
    tempos, meters, keys: (onset, value) in order of onset, one at most for each onset, and no value twice in a row. The
              first meter and key are at 0; there is no tempo without a Q: field. Where voices disagree at one time, the
              first voice counts.
    duration: when the last note or rest of all voices ends.
    """

    notes: tuple[TimedNote, ...]
    tempos: tuple[tuple[Fraction, Tempo], ...]
    meters: tuple[tuple[Fraction, Meter], ...]
    keys: tuple[tuple[Fraction, Key], ...]
    duration: Fraction


def perform(tune: Tune, *, repeats: bool = True) -> tuple[TimedNote, ...]:
    """All notes in order of onset, then voice, then pitch; without `repeats` every bar once, as written."""
    return timeline(tune, repeats=repeats).notes


def timeline(tune: Tune, *, repeats: bool = True) -> Timeline:
    """The tune as it is played; without `repeats` every bar once, as written."""
    start = MusicState.at_start(tune.header)
    players = [_Player(voice.name, start) for voice in tune.voices]
    for step in zip(*play_order(tune, repeats=repeats).played.values(), strict=True):
        begin = max(player.clock.time for player in players)
        for player, events in zip(players, step, strict=True):
            player.play(events, begin)
    order = {voice.name: index for index, voice in enumerate(tune.voices)}
    notes = (note for player in players for note in player.notes)
    states = [player.states for player in players] or [[(Fraction(0), start)]]
    return Timeline(
        tuple(sorted(notes, key=lambda note: (note.onset, order[note.voice], note.pitch))),
        _merged([[(time, held.tempo) for time, held in one if held.tempo is not None] for one in states]),
        _merged([[(time, held.meter) for time, held in one] for one in states]),
        _merged([[(time, held.key) for time, held in one] for one in states]),
        max((player.end for player in players), default=Fraction(0)),
    )


def unmarked_starts(tune: Tune) -> tuple[Position, ...]:
    """The bar lines after which a repeat begins without a `|:`, in the order of the text.

    With `|:` written there, the text states what `perform` plays; the start of a tune needs none.
    """
    steps = (step for of_voice in play_order(tune).played.values() for step in of_voice)
    after = (event.after for step in steps for event in step if isinstance(event, Jump) and event.after is not None)
    return tuple(sorted({line.position for line in after if not line.starts_repeat}))


@dataclass(frozen=True, slots=True)
class PlayOrder:
    """What is written and what is played of it.

    written: voice -> its events in the order of the text.
    played:  voice -> its events in each step; the steps of all voices are equally many, and begin together.
    """

    written: Mapping[str, Sequence[Event]]
    played: Mapping[str, Sequence[Sequence[Event | Jump]]]


def play_order(tune: Tune, *, repeats: bool = True) -> PlayOrder:
    """The events of a tune as they are played; without `repeats`, or where these are too many, as written."""
    written = written_events(tune)
    steps = _steps(tune, written) if repeats else None
    return PlayOrder(written, steps or {name: [events] for name, events in written.items()})


# ---- what is played


def _steps(tune: Tune, voices: Mapping[str, Sequence[Event]]) -> Mapping[str, list[Sequence[Event | Jump]]] | None:
    """Voice -> what it plays in each step; None when it is too much."""
    most = max(MOST_PLAYED, MOST_TIMES * sum(map(len, voices.values())))
    steps: dict[str, list[Sequence[Event | Jump]]] = {}
    for name, of_voice in _in_order(tune, voices).items():
        steps[name] = []
        for parts in of_voice:
            events = (event for part in parts for event in played(part))
            steps[name].append(list(islice(events, most + 1)))
            most -= len(steps[name][-1])
            if most < 0:
                return None
    return steps


def _in_order(tune: Tune, voices: Mapping[str, Sequence[Event]]) -> Mapping[str, list[list[Sequence[Event]]]]:
    """Voice -> the parts of each of its steps: one part a step where there is an order, else all in one step."""
    order = part_order(tune.header)
    if order is not None:
        shared = divided(voices, together=True)
        if set(order) <= {part.name for parts in shared.values() for part in parts}:
            return {name: [[part] for part in in_order(parts, order)] for name, parts in shared.items()}
    own = divided(voices, together=False)
    return {name: [[part.events for part in parts]] for name, parts in own.items()}


# ---- as it sounds: times


class _Player:
    """Plays one voice: times, one note for several that are tied, and what is in force from when on."""

    def __init__(self, voice: str, start: MusicState) -> None:
        self.clock = Clock()
        self.notes: list[TimedNote] = []
        self.states = [(Fraction(0), start)]
        self.end = Fraction(0)
        self._voice = voice
        self._ties = Ties[int, int]()  # pitch -> index of the note

    def play(self, events: Sequence[Event | Jump], begin: Fraction) -> None:
        """Play these events next, not before `begin`."""
        self.clock.wait_until(begin)
        for event in events:
            if isinstance(event, Sound):
                self._sound(event)
            elif isinstance(event, Overlay):
                self._end_layer()
                self._ties.begin_layer()
            elif isinstance(event, BarLine):
                self._end_layer()
                self._ties.end_bar()
            else:
                continue
            self.clock.pass_event(event)
        self._end_layer()
        self.clock.end_bar()

    def _end_layer(self) -> None:
        """Of layers of one bar the longest may be any."""
        self.end = max(self.end, self.clock.time)

    def _sound(self, sound: Sound) -> None:
        time = self.clock.time
        if sound.state is not self.states[-1][1] and time >= self.states[-1][0]:
            self.states.append((time, sound.state))
        waiting = self._ties.take()
        for pitch, note in sound.notes:
            index = waiting.get(pitch, len(self.notes))
            if index == len(self.notes):
                self.notes.append(TimedNote(time, note.duration, pitch, self._voice, note.position))
            else:
                longer = self.notes[index].duration + note.duration
                self.notes[index] = replace(self.notes[index], duration=longer)
            if note.tied:
                self._ties.waiting[pitch] = index
        if len(sound.notes) > 1:
            self.end = max(self.end, time + max(note.duration for _, note in sound.notes))


_Value = TypeVar("_Value")


def _merged(voices: Iterable[Iterable[tuple[Fraction, _Value]]]) -> tuple[tuple[Fraction, _Value], ...]:
    """What is in force from when on, of all voices: at one time the first voice that changes anything there counts."""
    at: dict[Fraction, _Value] = {}
    for held in voices:
        for time, value in _changes(held):
            at.setdefault(time, value)
    return tuple(_changes(sorted(at.items(), key=lambda change: change[0])))


def _changes(held: Iterable[tuple[Fraction, _Value]]) -> list[tuple[Fraction, _Value]]:
    """The changes without repeated values; of several at one time the last."""
    changes: list[tuple[Fraction, _Value]] = []
    for time, value in held:
        if changes and changes[-1][0] == time:
            changes.pop()
        if not changes or changes[-1][1] != value:
            changes.append((time, value))
    return changes
