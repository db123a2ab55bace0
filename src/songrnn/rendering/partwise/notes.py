"""One sign of the layout -> its <note> elements, children in the order that MusicXML prescribes."""

from collections.abc import Callable
from fractions import Fraction
from xml.etree.ElementTree import Element

from songrnn.notation.grammar import TUPLET_TIMES
from songrnn.notation.tune import NOWHERE, Position
from songrnn.rendering.partwise.attributes import ACCIDENTALS
from songrnn.rendering.partwise.decorations import NOTATIONS, notations_of
from songrnn.rendering.partwise.layout import Head, Slot
from songrnn.rendering.partwise.lyrics import Syllable
from songrnn.rendering.partwise.xml import child, printable


class NoteIds:
    """Gives every note an id of its position in the text: "n3-12" is line 3, column 12.

    Further notes from one position, as of a length that takes two signs, are numbered: "n3-12-2".
    """

    def __init__(self) -> None:
        self._used: dict[Position, int] = {}

    def next(self, position: Position) -> str | None:
        """The id of the next note from this place; None for a note that comes from no text."""
        if position == NOWHERE:
            return None
        count = self._used[position] = self._used.get(position, 0) + 1
        return f"n{position.line}-{position.column}" + (f"-{count}" if count > 1 else "")


def position_of(note_id: str) -> Position:
    """The position in the text that an id of `NoteIds` names."""
    line, column = note_id.removeprefix("n").split("-")[:2]
    return Position(int(line), int(column))


class NoteWriter:
    """Writes notes into measures. duration_text: whole notes -> <duration>."""

    def __init__(self, ids: NoteIds, duration_text: Callable[[Fraction], str]) -> None:
        self._ids = ids
        self._duration_text = duration_text

    def write(self, measure: Element, slot: Slot, voice: str) -> None:
        """A sign with the grace notes before it."""
        self._write_grace(measure, slot, voice)
        if not slot.heads:
            self._write_rest(measure, slot, voice)
        for number, head in enumerate(slot.heads):
            note = self._note(measure, head)
            if number:
                child(note, "chord")
            _pitch(note, head)
            child(note, "duration", self._duration_text(slot.sign.duration))
            _ties(note, head)
            child(note, "voice", voice)
            self._write_sign(note, slot, head.accidental)
            for level, beam in enumerate(slot.beams if not number else (), 1):
                child(note, "beam", beam, number=str(level))
            self._write_notations(note, slot, head, first=not number)
            if not number:
                _write_lyrics(note, slot.syllables)

    def _note(self, measure: Element, head: Head) -> Element:
        note = child(measure, "note")
        if note_id := self._ids.next(head.note.position):
            note.set("id", note_id)
        return note

    def _write_rest(self, measure: Element, slot: Slot, voice: str) -> None:
        note = child(measure, "note")
        if not slot.visible:
            note.set("print-object", "no")
        child(note, "rest", **({"measure": "yes"} if slot.whole_measure else {}))
        child(note, "duration", self._duration_text(slot.sign.duration))
        child(note, "voice", voice)
        self._write_sign(note, slot, None)
        self._write_notations(note, slot, None, first=True)

    def _write_grace(self, measure: Element, slot: Slot, voice: str) -> None:
        count = len(slot.grace)
        slashed = slot.marks.grace is not None and slot.marks.grace.slashed
        for number, head in enumerate(slot.grace):
            note = self._note(measure, head)
            child(note, "grace", **({"slash": "yes"} if slashed else {}))
            _pitch(note, head)
            child(note, "voice", voice)
            child(note, "type", "16th" if count > 1 else "eighth")
            if head.accidental is not None:
                child(note, "accidental", ACCIDENTALS[head.accidental])
            for level in ("1", "2") if count > 1 else ():
                child(
                    note, "beam", "begin" if not number else "end" if number + 1 == count else "continue", number=level
                )

    def _write_sign(self, note: Element, slot: Slot, accidental: int | None) -> None:
        if slot.sign.note_type:
            child(note, "type", slot.sign.note_type)
        for _ in range(slot.sign.dots):
            child(note, "dot")
        if accidental is not None:
            child(note, "accidental", ACCIDENTALS[accidental])
        if slot.sign.actual != 1 or slot.sign.normal != 1:
            ratio = child(note, "time-modification")
            child(ratio, "actual-notes", slot.sign.actual)
            child(ratio, "normal-notes", slot.sign.normal)

    def _write_notations(self, note: Element, slot: Slot, head: Head | None, *, first: bool) -> None:
        """Ties of this head, decorations of its own, and with the first head what belongs to the whole sign."""
        notations = Element("notations")
        if head is not None:
            for kind, tied in (("stop", head.tied_from_before), ("start", head.tied_on)):
                if tied:
                    child(notations, "tied", type=kind)
        names = list(slot.marks.decorations) if first else []
        if head is not None and head.note.marks is not slot.marks and not head.tied_from_before:
            names += head.note.marks.decorations
        if first:
            _write_slurs(notations, slot)
            _write_tuplet(notations, slot)
        if any(name in NOTATIONS for name in names):
            notations_of(names, notations)
        if len(notations):
            note.append(notations)


def _pitch(note: Element, head: Head) -> None:
    pitch = child(note, "pitch")
    child(pitch, "step", head.note.pitch.letter)
    if head.alter:
        child(pitch, "alter", head.alter)
    child(pitch, "octave", head.octave)


def _ties(note: Element, head: Head) -> None:
    if head.tied_from_before:
        child(note, "tie", type="stop")
    if head.tied_on:
        child(note, "tie", type="start")


def _write_slurs(notations: Element, slot: Slot) -> None:
    for number in slot.slurs_end:
        child(notations, "slur", type="stop", number=str(number))
    for number in slot.slurs_begin:
        child(notations, "slur", type="start", number=str(number))


def _write_tuplet(notations: Element, slot: Slot) -> None:
    if slot.tuplet is None:
        return
    if slot.tuplet_begins:
        usual = TUPLET_TIMES.get(slot.tuplet.notes, 0) in (slot.tuplet.time, None)
        child(notations, "tuplet", type="start", **({} if usual else {"show-number": "both"}))
    if slot.tuplet_ends:
        child(notations, "tuplet", type="stop")


def _write_lyrics(note: Element, syllables: dict[int, Syllable]) -> None:
    for verse, syllable in syllables.items():
        lyric = child(note, "lyric", number=str(verse))
        if syllable.text:
            child(lyric, "syllabic", syllable.syllabic)
            child(lyric, "text", printable(syllable.text))
            if syllable.held and syllable.syllabic in ("single", "end"):
                child(lyric, "extend", type="start")
        else:
            child(lyric, "extend", type="continue" if syllable.held else "stop")
