"""Problems of a tune as it is played: parts, notes that no pass plays, ties that no pass joins to anything.

Every note that is written sounds in some pass, or there is a problem here at the first of the notes that do not.
"""

from collections.abc import Iterable, Iterator, Sequence

from songrnn.checks.problem import Problem
from songrnn.notation.pitches import Ties
from songrnn.notation.tune import BarLine, Ending, Field, Note, Overlay, Tune
from songrnn.performance.parts import part_order
from songrnn.performance.repeats import Jump
from songrnn.performance.sounds import Event, PartLabel, Sound
from songrnn.performance.timeline import PlayOrder, play_order

_Place = tuple[str, int]  # letter and octave


def playing_problems(tune: Tune) -> Iterator[Problem]:
    """All of them, voice by voice."""
    order = play_order(tune)
    yield from _wrong_labels(tune, order)
    yield from _silent_notes(order)
    yield from _wrong_ties(order)


def _wrong_labels(tune: Tune, order: PlayOrder) -> Iterator[Problem]:
    """Labels with music on their line, and an order of parts that names one without a label."""
    labels = {event.name for events in order.written.values() for event in events if isinstance(event, PartLabel)}
    for voice in tune.voices:
        for element in voice.elements():
            if isinstance(element, Field) and element.letter == "P" and "|" in str(element.value):
                message = "expected nothing but a label in the line of P:, found music, which is not played"
                yield Problem(element.position, "part", message)
    missing = [name for name in dict.fromkeys(part_order(tune.header) or ()) if name not in labels]
    if labels and missing:
        position = [field.position for field in tune.header.fields if field.letter == "P"][-1]
        message = f"expected parts that are in the music, found {missing[0]}; the tune is played as written"
        yield Problem(position, "part", message)


def _silent_notes(order: PlayOrder) -> Iterator[Problem]:
    for name, events in order.written.items():
        sounding = {id(event) for step in order.played[name] for event in step}
        parts_played = {part for part, event in _with_parts(events) if id(event) in sounding}
        label, ending, reported = "", "", False
        for part, event in _with_parts(events):
            if isinstance(event, PartLabel):
                label, ending, reported = event.name, "", False
            elif isinstance(event, Ending):
                ending, reported = ",".join(map(str, event.numbers)), False
            elif isinstance(event, Sound) and event.notes:
                silent = id(event) not in sounding
                if silent and not reported:
                    yield _silent(event.notes[0][1], "" if part in parts_played else label, ending)
                reported = silent


def _with_parts(events: Sequence[Event]) -> Iterator[tuple[int, Event]]:
    """Every event with the number of its part; 0 before the first label."""
    part = 0
    for event in events:
        part += isinstance(event, PartLabel)
        yield part, event


def _silent(note: Note, part: str, ending: str) -> Problem:
    """part: the label of the part, if nothing of it is played; ending: its last ending so far."""
    if part:
        message = f"expected part {part} in the order of the header's P:, found a part that is never played"
        return Problem(note.position, "part", message)
    if ending:
        message = f"expected a repeat that leads to ending {ending}, found notes that are never played"
        return Problem(note.position, "ending", message)
    return Problem(note.position, "part", "expected every note to be played, found notes that no pass plays")


# ---- ties


def _wrong_ties(order: PlayOrder) -> Iterator[Problem]:
    for name, steps in order.played.items():
        sounds = (event for event in order.written[name] if isinstance(event, Sound))
        tied = [note for sound in sounds for _, note in sound.notes if note.tied]
        if not tied:
            continue
        follower = _TieFollower()
        for step in steps:
            for event in step:
                follower.pass_event(event)
        at_end = {id(note) for note in follower.waiting()}
        for note in tied:
            if id(note) not in follower.joined:
                yield _wrong_tie(note, at_end=id(note) in at_end)


def _wrong_tie(note: Note, *, at_end: bool) -> Problem:
    if at_end:
        return Problem(note.position, "tie", "expected a note after the tie, found the end")
    return Problem(note.position, "tie", "expected the same note after the tie; a slur is written '(' and ')'")


class _TieFollower:
    """Follows the ties of one voice; joined: the ids of the notes that were tied to something in some pass."""

    def __init__(self) -> None:
        self.joined: set[int] = set()
        self._ties = Ties[_Place, Note]()

    def pass_event(self, event: Event | Jump) -> None:
        """The next event as played."""
        if isinstance(event, BarLine):
            self._ties.end_bar()
        elif isinstance(event, Overlay):
            self._ties.begin_layer()
        elif isinstance(event, Sound):
            waiting = self._ties.take()
            for _, note in event.notes:
                place = note.pitch.letter, note.pitch.octave
                if place in waiting:
                    self.joined.add(id(waiting[place]))
                if note.tied:
                    self._ties.waiting[place] = note

    def waiting(self) -> Iterable[Note]:
        """The notes that are still tied at the end."""
        return self._ties.waiting.values()
