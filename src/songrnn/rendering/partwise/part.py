"""A voice that is laid out -> its <part>: measures with attributes, directions, notes and bar lines."""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from xml.etree.ElementTree import Element

from songrnn.notation.shift import settings_in
from songrnn.notation.tune import PLAIN, Field, Header, Marks
from songrnn.performance.music_state import MusicState
from songrnn.rendering.partwise.attributes import (
    DEFAULT_CLEF,
    ORDER,
    Clef,
    clef_element,
    clef_in,
    key_element,
    shown_signature,
    time_element,
    transpose_element,
)
from songrnn.rendering.partwise.beams import beam
from songrnn.rendering.partwise.decorations import direction_of, is_hairpin_end, rehearsal, words
from songrnn.rendering.partwise.layout import DetachedNotes, Item, MeasureLayout, Slot, duration_of
from songrnn.rendering.partwise.measures import Measure
from songrnn.rendering.partwise.notes import NoteIds, NoteWriter
from songrnn.rendering.partwise.tempo import tempo_direction
from songrnn.rendering.partwise.texts import text_element
from songrnn.rendering.partwise.xml import child, text_content

BAR_STYLES: Mapping[str, str] = MappingProxyType(
    {
        "||": "light-light",
        "|]": "light-heavy",
        "[|": "heavy-light",
        ".|": "dashed",
        "[|]": "none",
    }
)


@dataclass(frozen=True, slots=True)
class PartSource:
    """One voice on its way into a part. settings: those of the header's V: fields of this voice."""

    settings: Sequence[str]
    measures: Sequence[Measure]
    laid: Sequence[MeasureLayout]


def write_part(
    part: Element,
    source: PartSource,
    header: Header,
    *,
    numbers: Sequence[Measure],
    divisions: int,
    ids: NoteIds,
    tempo: Element | None,
) -> None:
    """Fill <part>.

    numbers: the measures that have the numbers; divisions: of a quarter note; tempo: written in the first measure.
    """
    writer = _PartWriter(source.settings, header, divisions, ids)
    for index, numbered in enumerate(numbers):
        element = child(part, "measure", number=numbered.number)
        if numbered.implicit:
            element.set("implicit", "yes")
        if index >= len(source.measures):
            writer.write_silence(element)
            continue
        writer.begin(element, source.measures[index])
        if tempo is not None and not index:
            writer.write_direction(tempo)
        writer.write(source.measures[index], source.laid[index])


class _PartWriter:
    """Writes the measures of one part, with the clef and key in force."""

    def __init__(self, voice_settings: Sequence[str], header: Header, divisions: int, ids: NoteIds) -> None:
        self._divisions = divisions
        self._known_ticks: dict[Fraction, str] = {}
        self._measure = Element("measure")
        self._state = MusicState.at_start(header, voice_settings)
        self._clef = DEFAULT_CLEF
        self._notes = NoteWriter(ids, self._ticks)
        for settings in (header.key.clef, *voice_settings):
            self._clef = clef_in(settings, self._clef)
        element = Element("divisions")
        element.text = str(divisions)
        self._attributes = {  # still to be written
            "divisions": element,
            "key": key_element(self._state.key),
            "time": time_element(self._state.meter),
            "clef": clef_element(self._clef, self._state.shift),
        }
        if self._state.shift.transpose:
            self._attributes["transpose"] = transpose_element(self._state.shift)

    def begin(self, element: Element, measure: Measure) -> None:
        """The beginning of a measure."""
        self._measure = element
        if measure.new_line:
            child(element, "print", **{"new-system": "yes"})
        self._write_left(measure)

    def write(self, measure: Measure, laid: MeasureLayout) -> None:
        """The layers of a measure, one after another, and its end."""
        end = Fraction(0)
        for number, items in enumerate(laid.layers, 1):
            self._move(end, Fraction(0))
            beam(items)
            self._write_layer(items, str(number))
            end = duration_of(items) if len(laid.layers) > 1 or laid.detached else end
        self._write_detached(laid.detached, end, len(laid.layers))
        self._write_attributes()
        for marks in measure.marks:
            self._write_marks(marks, hairpins_end=True)
        if measure.times > 2:
            self._append(words(f"{measure.times}×", "above"))
        self._write_right(measure)

    def write_silence(self, element: Element) -> None:
        """A measure of a voice that has ended."""
        self._measure = element
        self._write_attributes()
        note = child(element, "note", **{"print-object": "no"})
        child(note, "rest", measure="yes")
        child(note, "duration", self._ticks(self._state.meter.duration or Fraction(1)))

    def write_direction(self, direction: Element) -> None:
        """Write a direction here."""
        self._write_attributes()
        self._measure.append(direction)

    # ---- layers

    def _write_layer(self, items: Sequence[Item], voice: str) -> None:
        """One layer from the start of the measure."""
        for item in items:
            match item:
                case Slot():
                    self._write_slot(item, voice)
                case Field():
                    self._read_field(item)
                case _:
                    self._write_marks(item.marks)

    def _write_slot(self, slot: Slot, voice: str) -> None:
        self._write_attributes()
        self._write_marks(slot.marks)
        for head in slot.heads:
            if head.note.marks is not slot.marks and not head.tied_from_before:
                self._write_marks(head.note.marks)
        self._notes.write(self._measure, slot, voice)
        for name in slot.marks.decorations:
            if is_hairpin_end(name):
                self._append(direction_of(name))

    def _write_detached(self, detached: Sequence[DetachedNotes], now: Fraction, voices: int) -> None:
        """Notes that no layer holds, in as many voices as it takes for none to begin before the last has ended."""
        ends: list[tuple[Fraction, int]] = []
        rows: list[list[DetachedNotes]] = []
        for one in sorted(detached, key=lambda one: one.onset):
            if ends and ends[0][0] <= one.onset:
                _, row = heapq.heappop(ends)
            else:
                row = len(rows)
                rows.append([])
            rows[row].append(one)
            heapq.heappush(ends, (one.end, row))
        for number, notes in enumerate(rows, voices + 1):
            for one in notes:
                self._move(now, one.onset)
                for slot in one.slots:
                    self._write_slot(slot, str(number))
                now = one.end

    def _move(self, now: Fraction, then: Fraction) -> None:
        """Move to another time of the measure."""
        if now != then:
            move = child(self._measure, "backup" if then < now else "forward")
            child(move, "duration", self._ticks(abs(then - now)))

    def _ticks(self, duration: Fraction) -> str:
        text = self._known_ticks.get(duration)
        if text is None:
            ticks = duration * 4 * self._divisions
            assert ticks.denominator == 1
            text = self._known_ticks[duration] = str(ticks.numerator)
        return text

    # ---- directions

    def _write_marks(self, marks: Marks, *, hairpins_end: bool = False) -> None:
        """Texts, and the decorations outside the staff; the end of a hairpin comes after its note."""
        if marks is PLAIN:
            return
        for text in marks.texts:
            self._append(text_element(text))
        for name in marks.decorations:
            if hairpins_end or not is_hairpin_end(name):
                self._append(direction_of(name))

    def _append(self, element: Element | None) -> None:
        if element is not None:
            self._write_attributes()
            self._measure.append(element)

    # ---- fields

    def _read_field(self, field: Field) -> None:
        before, self._state = self._state, self._state.after(field)
        self._change_attributes(before, clef_in(settings_in(field), self._clef))
        match field.letter, field.value:
            case "Q", str() if self._state.tempo is not None and self._state is not before:
                self._append(tempo_direction(self._state.tempo))
            case "P", str(text) if text:
                self._append(rehearsal(text_content(text)))
            case "T", str(text) if text:
                self._append(words(text_content(text), "above", **{"font-weight": "bold"}))

    def _change_attributes(self, before: MusicState, clef: Clef) -> None:
        """Change what the score shows differently from `before`."""
        now = self._state
        if dict(shown_signature(now.key)) != dict(shown_signature(before.key)):
            self._attributes["key"] = key_element(now.key)
        if now.meter != before.meter:
            self._attributes["time"] = time_element(now.meter)
        if (clef, now.shift.clef) != (self._clef, before.shift.clef):
            self._attributes["clef"] = clef_element(clef, now.shift)
        if now.shift.transpose != before.shift.transpose:
            self._attributes["transpose"] = transpose_element(now.shift)
        self._clef = clef

    def _write_attributes(self) -> None:
        """Write the pending attributes, in the order that MusicXML prescribes."""
        if self._attributes:
            attributes = child(self._measure, "attributes")
            attributes.extend(self._attributes[tag] for tag in ORDER if tag in self._attributes)
            self._attributes = {}

    # ---- bar lines

    def _write_left(self, measure: Measure) -> None:
        if not (measure.starts_repeat or measure.ending_begins or measure.left in BAR_STYLES):
            return
        line = child(self._measure, "barline", location="left")
        style = "heavy-light" if measure.starts_repeat else BAR_STYLES.get(measure.left)
        if style:
            child(line, "bar-style", style)
        if measure.ending_begins:
            _write_ending(line, measure.ending_begins, "start")
        if measure.starts_repeat:
            child(line, "repeat", direction="forward")

    def _write_right(self, measure: Measure) -> None:
        style = "light-heavy" if measure.ends_repeat else BAR_STYLES.get(measure.right)
        fermata = any("fermata" in marks.decorations for marks in measure.marks)
        if not (style or measure.ending_ends or fermata):
            return
        line = child(self._measure, "barline", location="right")
        if style:
            child(line, "bar-style", style)
        if fermata:
            child(line, "fermata")
        if measure.ending_ends:
            _write_ending(line, measure.ending_ends, "stop" if measure.closed else "discontinue")
        if measure.ends_repeat:
            times = {"times": str(measure.times)} if measure.times > 2 else {}
            child(line, "repeat", direction="backward", **times)


def _write_ending(line: Element, numbers: Sequence[int], kind: str) -> None:
    text = ", ".join(map(str, numbers))
    ending = child(line, "ending", number=text, type=kind)
    if kind == "start":
        ending.text = f"{text}."
