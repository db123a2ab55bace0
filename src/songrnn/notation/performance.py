"""Tune -> the notes that sound, each with onset, duration and pitch.

Conventions, those of abc2midi where the standard leaves a choice:

- Times are `Fraction`s of a whole note from the start; there is no tempo in them.
- A repeat goes back to the last `|:` or `::`. Where none is, to the last double bar line behind the repeat or endings
  before it, else to these, else to the start. `|::` repeats twice, and so on. A `|:` that nothing ends is played once.
- Of numbered endings that of the present pass is played, the others are left out.
- P: in the header gives the order of the parts that P: in the body names, each with its repeats.
- A tune that would be played more than six times over, and of more than 6,000 notes and signs, is played as written.
- Ties join notes of one pitch that follow each other as played; a tie to anything else is no tie.
- Accidentals: see `pitches.py`.
- Grace notes take no time and do not sound, as in `abc2midi -NGRA`. Decorations change nothing.
- Of a chord with notes of several lengths each sounds its own; the first says when the music goes on.
- Voices begin together, and every voice plays its own repeats.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice

from songrnn.notation.pitches import Accidentals
from songrnn.notation.tune import (
    BarLine,
    BarRest,
    Chord,
    Element,
    Ending,
    Field,
    Header,
    Key,
    Meter,
    Note,
    Overlay,
    Position,
    Rest,
    Tune,
    Voice,
)

# An order of parts may multiply, as in ((A9)9)9, and so may endings: [1-99. Of every third tune of the collections none
# is more than 4.1 times as long in playing as it is written.
MOST_PARTS = 100
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
class _Sound:
    """Notes that begin together, or none for a rest; `advance` is the time until the next."""

    notes: tuple[tuple[int, Note], ...]
    advance: Fraction


@dataclass(frozen=True, slots=True)
class _Jump:
    """A repeat: back to what stands behind this bar line, or to the start."""

    behind: BarLine | None


_Event = _Sound | BarLine | Ending | Overlay


def perform(tune: Tune, *, repeats: bool = True) -> tuple[TimedNote, ...]:
    """All notes in order of onset, then voice, then pitch; without `repeats` every bar once, as written."""
    order = {voice.name: index for index, voice in enumerate(tune.voices)}
    notes = [note for name, events in _events_of(tune, repeats=repeats).items() for note in _timed(events, name)]
    return tuple(sorted(notes, key=lambda note: (note.onset, order[note.voice], note.pitch)))


def unmarked_starts(tune: Tune) -> tuple[Position, ...]:
    """The bar lines behind which a repeat begins without a `|:`, in the order of the text.

    With `|:` written there, nobody has to guess what `perform` plays; the start of a tune needs none.
    """
    events = (event for of_voice in _events_of(tune, repeats=True).values() for event in of_voice)
    behind = (event.behind for event in events if isinstance(event, _Jump) and event.behind is not None)
    return tuple(sorted({line.position for line in behind if not line.starts_repeat}))


def _events_of(tune: Tune, *, repeats: bool) -> Mapping[str, Sequence[_Event | _Jump]]:
    """Voice -> its events; as written when they are not to be repeated, or too many that way."""
    parts = {voice.name: _events(voice, tune.header) for voice in tune.voices}
    written = {name: [event for events in of_voice.values() for event in events] for name, of_voice in parts.items()}
    if not repeats:
        return written
    order = _part_order(tune.header)
    most = max(MOST_PLAYED, MOST_TIMES * sum(map(len, written.values())))
    played = {}
    for name, of_voice in parts.items():
        events = (event for part in _parts_in_order(of_voice, order) for event in _played(of_voice[part]))
        played[name] = list(islice(events, most + 1))
        most -= len(played[name])
        if most < 0:
            return written
    return played


# ---- as written: pitches


def _events(voice: Voice, header: Header) -> dict[str, list[_Event]]:
    """Part -> its events as written, with pitches; "" is what stands before the first P: in the music."""
    accidentals, meter = Accidentals(header.key), header.meter_in_force
    parts: dict[str, list[_Event]] = {"": []}
    events = parts[""]
    for element in _with_bar_lines(voice):
        match element:
            case Note() | Chord() | Rest():
                events.append(_sound(element, accidentals))
            case BarRest():
                accidentals.end_ties()
                events.append(_Sound((), element.bars * (meter.duration or Fraction(1))))
            case BarLine() | Ending() | Overlay():
                if isinstance(element, Overlay):
                    accidentals.end_ties()
                if not isinstance(element, Ending):
                    accidentals.end_bar()
                events.append(element)
            case Field(letter="P", value=str(name)):
                events = parts.setdefault(name, [])
            case Field(value=Key() as key):
                accidentals.change_key(key)
            case Field(value=Meter() as changed):
                meter = changed
    return parts


def _with_bar_lines(voice: Voice) -> Iterator[Element | BarLine]:
    for bar in voice.bars:
        yield from bar.elements
        if bar.line is not None:
            yield bar.line


def _sound(element: Note | Chord | Rest, accidentals: Accidentals) -> _Sound:
    accidentals.next_element()
    if isinstance(element, Rest):
        return _Sound((), element.duration)
    notes = element.notes if isinstance(element, Chord) else (element,)
    pitches = tuple((note.pitch.natural_midi + accidentals.read(note), note) for note in notes)
    return _Sound(pitches, element.duration)


# ---- as played: repeats, endings, parts


def _part_order(header: Header) -> list[str] | None:
    """The parts in the order of the header's P:; None when it names none."""
    orders = header.values("P")
    return _expanded(re.sub(r"[.\s]", "", orders[-1])) if orders else None


def _parts_in_order(parts: Mapping[str, Sequence[_Event]], order: Sequence[str] | None) -> list[str]:
    """What stands before all parts, then these in `order`; as written when there is none or it names others."""
    return ["", *order] if order and set(order) <= set(parts) else list(parts)


def _expanded(order: str) -> list[str] | None:
    """ "A2(BC)2" -> A A B C B C; None for what is no order, or has more than MOST_PARTS parts."""
    stack: list[list[str]] = [[]]
    last: list[str] = []
    for token in re.findall(r"[A-Za-z()]|\d+|.", order, re.ASCII):
        if token == "(":
            stack.append([])
        elif token == ")" and len(stack) > 1:
            last = stack.pop()
            stack[-1] += last
        elif token.isascii() and token.isalpha():
            last = [token]
            stack[-1] += last
        elif token.isascii() and token.isdigit() and last and len(token) <= 2 and int(token) > 0:
            stack[-1] += last * (int(token) - 1)
            last = []
        else:
            return None
        if len(stack[-1]) > MOST_PARTS or len(stack) > MOST_PARTS:
            return None
    return stack[0] if len(stack) == 1 else None


def _played(events: Sequence[_Event]) -> Iterator[_Event | _Jump]:
    """The events of one part with its repeats and endings played out; endings that are left out are named all the same.

    The time of each step is bounded, so that one who wants no more than so many events can stop there.
    """
    last_passes, behind_endings = _last_passes(events), _behind_endings(events)
    start, index, now = 0, 0, 1  # where a repeat goes back to; the next event; which pass this is
    movable = False  # whether a double bar line moves the start, because no |: has set it
    ending: Ending | None = None
    over = False  # behind the last ending of this pass: anything but another ending begins something new
    ending_at = -1  # where the ending is that follows, so that bar lines before it are looked over once
    while index < len(events):
        event = events[index]
        if over and index > ending_at:
            ending_at = _next_ending(events, index, now, last_passes)
            if ending_at < index:
                start, now, movable, ending, over = index, 1, True, None, False
        index += 1
        yield event
        if isinstance(event, Ending):
            over = now not in event.numbers
            if over:
                index = behind_endings[index]
            else:
                ending = event
            continue
        if not isinstance(event, BarLine):
            continue
        last_pass = last_passes[index - 1]
        if event.ends_repeat and now <= (event.ends_repeat if ending is None else max(1, last_pass - 1)):
            yield _jump(events, start)
            index, now, ending, ending_at = start, now + 1, None, -1
        elif event.starts_repeat or (event.ends_repeat and ending is None):
            start, now, movable, ending = index, 1, not event.starts_repeat, None
        elif ending is not None:
            over = event.divides and now >= last_pass
        elif movable and event.divides:
            start = index


def _jump(events: Sequence[_Event], start: int) -> _Jump:
    before = events[start - 1] if start else None
    return _Jump(before if isinstance(before, BarLine) else None)


def _next_ending(events: Sequence[_Event], index: int, now: int, last_passes: Sequence[int]) -> int:
    """Where an ending of the group that is being played stands, with nothing but plain bar lines before it; else -1."""
    for found in range(index, len(events)):
        event = events[found]
        if isinstance(event, Ending):
            return found if now <= last_passes[found] else -1
        if not isinstance(event, BarLine) or event.ends_repeat or event.starts_repeat:
            return -1
    return -1


def _last_passes(events: Sequence[_Event]) -> list[int]:
    """For every event the last pass of the numbered endings that it belongs to; 0 outside."""
    last_passes = [0] * len(events)
    first, last = 0, 0  # of the present group of endings: its first event, its last pass
    for index, event in enumerate(events):
        opens = isinstance(event, BarLine) and event.starts_repeat
        if opens or (isinstance(event, Ending) and 1 in event.numbers):
            last_passes[first:index] = [last] * (index - first)
            first, last = index, 0
        if isinstance(event, Ending):
            last = max(last, *event.numbers)
    last_passes[first:] = [last] * (len(events) - first)
    return last_passes


def _behind_endings(events: Sequence[_Event]) -> list[int]:
    """For every event the first one behind an ending that lasts from there on; one entry more for the end."""
    behind = [len(events)] * (len(events) + 1)
    for index in reversed(range(len(events))):
        event = events[index]
        if isinstance(event, Ending):
            behind[index] = index
        elif isinstance(event, BarLine) and event.divides:
            behind[index] = index if event.starts_repeat else index + 1
        else:
            behind[index] = behind[index + 1]
    return behind


# ---- as heard: times


def _timed(events: Sequence[_Event | _Jump], voice: str) -> list[TimedNote]:
    """Times, and one note for several that are tied."""
    notes: list[TimedNote] = []
    time = bar_start = Fraction(0)
    first_layer_end: Fraction | None = None
    tied: dict[int, int] = {}  # pitch -> index of the note that waits for its other half
    for event in events:
        if isinstance(event, BarLine):
            time = bar_start = time if first_layer_end is None else first_layer_end
            first_layer_end = None
        elif isinstance(event, Overlay):
            first_layer_end = time if first_layer_end is None else first_layer_end
            time, tied = bar_start, {}
        elif isinstance(event, _Sound):
            waiting, tied = tied, {}
            for pitch, note in event.notes:
                index = waiting.get(pitch, len(notes))
                if index == len(notes):
                    notes.append(TimedNote(time, note.duration, pitch, voice, note.position))
                else:
                    notes[index] = replace(notes[index], duration=notes[index].duration + note.duration)
                if note.tied:
                    tied[pitch] = index
            time += event.advance
    return notes
