"""The measures of a voice -> their content: signs with their pitches, ties, slurs, tuplets and syllables.

Much of what belongs to a note is known only later: whether the next note ends its tie, whether its slur ends, which
syllable is sung to it. So a whole voice is laid out first, and written afterwards (`part.py`).

- Pitches are those of `notation.pitches`, moved by octave= and by the clef; transpose= is left to `<transpose>`.
- A tie is shown when the next notes of the voice have its pitch; one before endings goes into each of them.
- A chord whose notes are not equally long lasts as long as its first; the others are in a voice of their own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from songrnn.notation.pitches import Accidentals, Ties
from songrnn.notation.tune import (
    PLAIN,
    BarRest,
    BeamBreak,
    Chord,
    Element,
    Ending,
    Field,
    Header,
    Key,
    LineBreak,
    Marks,
    Note,
    Rest,
    Sounding,
    Spacer,
    Tuplet,
)
from songrnn.performance.music_state import MusicState
from songrnn.rendering.partwise.accidentals import ShownAccidentals
from songrnn.rendering.partwise.lengths import BEAMS, Sign, signs_of
from songrnn.rendering.partwise.lyrics import Singing, Syllable
from songrnn.rendering.partwise.measures import Measure

MOST_SLURS = 16  # at one time; MusicXML has no more numbers


@dataclass(slots=True)
class Head:
    """One note head. octave, alter: as written in the score; accidental: semitones if one is shown, else None."""

    note: Note
    octave: int
    alter: int
    accidental: int | None = None
    tied_on: bool = False
    tied_from_before: bool = False

    @property
    def pitch(self) -> int:
        """The MIDI number of the written note."""
        return self.note.pitch.natural_midi + 12 * (self.octave - self.note.pitch.octave) + self.alter


@dataclass(slots=True)
class Slot:
    """One sign of a voice: a note, a chord of notes equally long, or a rest, when it has no heads.

    whole_measure, visible: of rests. grace: the notes before it. tuplet_begins, tuplet_ends: whether its bracket does.
    slurs_begin, slurs_end: their numbers. group: signs of one group are beamed together.
    """

    sign: Sign
    heads: Sequence[Head] = ()
    visible: bool = True
    whole_measure: bool = False
    marks: Marks = PLAIN
    grace: Sequence[Head] = ()
    tuplet: Tuplet | None = None
    tuplet_begins: bool = False
    tuplet_ends: bool = False
    slurs_begin: list[int] = field(default_factory=list)
    slurs_end: list[int] = field(default_factory=list)
    syllables: dict[int, Syllable] = field(default_factory=dict)
    group: int = 0
    beams: Sequence[str] = ()

    @property
    def beam_count(self) -> int:
        """How many beams it can have: none for rests and for quarters and longer."""
        return BEAMS.get(self.sign.note_type, 0) if self.heads else 0


@dataclass(slots=True)
class DetachedNotes:
    """Notes of a chord that do not last as long as its first; they begin at `onset` of the measure."""

    onset: Fraction
    slots: list[Slot]

    @property
    def end(self) -> Fraction:
        """When they have ended."""
        return self.onset + duration_of(self.slots)


Item = Slot | Field | Spacer


def duration_of(items: Sequence[Item]) -> Fraction:
    """How long signs last that follow each other."""
    return sum((item.sign.duration for item in items if isinstance(item, Slot)), Fraction(0))


@dataclass(slots=True)
class MeasureLayout:
    """The content of one measure: a list a layer, and the notes that no layer holds."""

    layers: list[list[Item]] = field(default_factory=list)
    detached: list[DetachedNotes] = field(default_factory=list)

    def slots(self) -> Iterator[Slot]:
        """All signs."""
        yield from (item for layer in self.layers for item in layer if isinstance(item, Slot))
        yield from (slot for detached in self.detached for slot in detached.slots)


def lay_out(measures: Sequence[Measure], header: Header, voice_settings: Sequence[str]) -> list[MeasureLayout]:
    """The measures of a voice as they are written. voice_settings: those of the header's V: fields of this voice."""
    layout = _Layout(header, voice_settings)
    laid = [layout.measure(measure) for measure in measures]
    layout.finish()
    return laid


class _Layout:
    """Lays out a voice; keeps what earlier signs determine of later ones."""

    def __init__(self, header: Header, voice_settings: Sequence[str]) -> None:
        self._state = MusicState.at_start(header, voice_settings)
        self._accidentals = Accidentals(header)
        self._shown = ShownAccidentals(header.key)
        self._ties = Ties[int, list[Head]]()  # pitch -> heads
        self._ties_at_endings: dict[int, list[Head]] = {}
        self._slurs: list[tuple[Slot, int]] = []  # where those that are open began, and their numbers; 0 for none
        self._free_slurs = list(range(MOST_SLURS, 0, -1))
        self._tuplet: Tuplet | None = None
        self._tuplet_left = 0
        self._last_of_tuplet: Slot | None = None  # in this layer
        self._group = 0
        self._singing = Singing()

    def measure(self, measure: Measure) -> MeasureLayout:
        """One measure, in the order of the text."""
        laid = MeasureLayout()
        for layer in measure.layers:
            if laid.layers:
                self._accidentals.begin_layer()
                self._ties.begin_layer()
                self._shown.end_bar()
            self._lay(layer, laid)
        if not measure.goes_on:
            self._accidentals.end_bar()
            self._ties.end_bar()
            self._shown.end_bar()
        return laid

    def finish(self) -> None:
        """Finish the voice: a slur without an end is dropped."""
        for slot, number in self._slurs:
            if number:
                slot.slurs_begin.remove(number)

    def _lay(self, layer: Sequence[Element], laid: MeasureLayout) -> None:
        """One layer. Only the first is sung."""
        items: list[Item] = []
        onset, counted = Fraction(0), 0  # when the item of this index begins; kept for chords of several lengths
        for element in layer:
            match element:
                case Note() | Chord() | Rest() | BarRest():
                    slots, others = self._sound(element)
                    if slots[0].heads and not laid.layers:
                        self._singing.note(slots[0])
                    if others:
                        onset += duration_of(items[counted:])
                        counted = len(items)
                        laid.detached += [DetachedNotes(onset, other) for other in others]
                    items += slots
                case BeamBreak() | LineBreak():
                    self._group += 1
                case Tuplet():
                    self._tuplet, self._tuplet_left, self._last_of_tuplet = element, element.count, None
                case Ending():
                    self._begin_ending(element)
                case Field(letter="w", value=str(words)):
                    self._singing.sing(words)
                case Field() | Spacer():
                    self._change(element)
                    items.append(element)
        if not laid.layers:
            self._singing.bar()
        if self._last_of_tuplet is not None:
            self._last_of_tuplet.tuplet_ends, self._last_of_tuplet = True, None
        laid.layers.append(items)

    # ---- what sounds

    def _sound(self, element: Sounding | BarRest) -> tuple[list[Slot], list[list[Slot]]]:
        """The signs of an element, one after another; and those of each other length in a chord."""
        grace = self._grace(element.marks)
        self._accidentals.next_element()
        waiting = self._ties.take()
        if isinstance(element, BarRest):
            sign = Sign(element.duration(self._state.meter), "")
            slots = [Slot(sign, (), element.visible, True)]
            others: list[list[Slot]] = []
        else:
            of_length: dict[Fraction, list[Head]] = {element.duration: []}
            for note in _notes_of(element):
                of_length.setdefault(note.duration, []).append(self._head(note, waiting))
            ratio = self._ratio()
            slots, *others = [self._split(heads, length, ratio) for length, heads in of_length.items()]
            if isinstance(element, Rest):
                slots = [replace(slot, visible=element.visible) for slot in slots]
            self._bracket(slots)
            self._slur(element, slots)
        slots[0].marks, slots[0].grace = element.marks, grace
        for slot in slots:
            slot.group = self._group
        return slots, others

    def _head(self, note: Note, waiting: dict[int, list[Head]]) -> Head:
        alter = self._accidentals.read(note)
        head = Head(note, note.pitch.octave + self._state.shift.octave + self._state.shift.clef, alter)
        for before in waiting.get(head.pitch, ()):
            before.tied_on = head.tied_from_before = True
        head.accidental = self._shown.read(note.pitch, alter, tied=head.tied_from_before)
        return head

    def _grace(self, marks: Marks) -> list[Head]:
        """Grace notes; an accidental of theirs affects them alone, but in the score the bar."""
        heads = []
        for note in marks.grace.notes if marks.grace else ():
            written = note.pitch.accidental
            alter = self._accidentals.expected(note.pitch) if written is None else written
            octave = note.pitch.octave + self._state.shift.octave + self._state.shift.clef
            heads.append(Head(note, octave, alter, self._shown.read(note.pitch, alter, tied=False)))
        return heads

    def _split(self, heads: Sequence[Head], length: Fraction, ratio: tuple[int, int]) -> list[Slot]:
        """These heads, once for each sign that it takes to show the length; tied to each other and to what comes."""
        signs = signs_of(length, *ratio)
        slots = [Slot(signs[0], heads)]
        for sign in signs[1:]:
            for head in slots[-1].heads:
                head.tied_on = True
            copies = [Head(head.note, head.octave, head.alter, tied_from_before=True) for head in heads]
            slots.append(Slot(sign, copies))
        for head in slots[-1].heads:
            if head.note.tied:
                self._ties.waiting.setdefault(head.pitch, []).append(head)
        return slots

    def _ratio(self) -> tuple[int, int]:
        if self._tuplet is None or not self._tuplet_left:
            return 1, 1
        return self._tuplet.notes, self._tuplet.time

    def _bracket(self, slots: Sequence[Slot]) -> None:
        """Count the places of the tuplet; its bracket ends with the last of them, or with the bar."""
        if self._tuplet is None or not self._tuplet_left:
            return
        for slot in slots:
            slot.tuplet = self._tuplet
        slots[0].tuplet_begins = self._last_of_tuplet is None
        self._last_of_tuplet = slots[-1]
        self._tuplet_left -= 1
        if not self._tuplet_left:
            slots[-1].tuplet_ends, self._last_of_tuplet = True, None

    def _slur(self, element: Sounding, slots: Sequence[Slot]) -> None:
        """Give each slur a number that no other open one has; those beyond MOST_SLURS are not shown."""
        parts: list[Sounding] = [element, *element.notes] if isinstance(element, Chord) else [element]
        for _ in range(sum(part.slurs_begin for part in parts)):
            number = self._free_slurs.pop() if self._free_slurs else 0
            self._slurs.append((slots[0], number))
            if number:
                slots[0].slurs_begin.append(number)
        for _ in range(min(sum(part.slurs_end for part in parts), len(self._slurs))):
            _, number = self._slurs.pop()
            if number:
                slots[-1].slurs_end.append(number)
                self._free_slurs.append(number)

    # ---- what changes

    def _begin_ending(self, ending: Ending) -> None:
        if 1 in ending.numbers:
            self._ties_at_endings = self._ties.waiting
        else:
            self._ties.waiting = self._ties_at_endings

    def _change(self, element: Field | Spacer) -> None:
        self._group += 1
        if isinstance(element, Field):
            self._state = self._state.after(element)
            self._accidentals.change(element)
            if isinstance(element.value, Key):
                self._shown.change_key(element.value)


def _notes_of(element: Sounding) -> Sequence[Note]:
    match element:
        case Chord():
            return element.notes
        case Note():
            return (element,)
    return ()
