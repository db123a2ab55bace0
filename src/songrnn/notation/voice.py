"""Collects the bars of one voice while its notes and signs are read.

Signs that belong to a note are written before it (texts, decorations, grace notes, slurs) or after it (ties, slurs,
broken rhythm). The former are kept here until the note is read; the latter change the last note.
"""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from songrnn.notation.grammar import TUPLET_TIMES
from songrnn.notation.scan import sensible
from songrnn.notation.tune import (
    PLAIN,
    Bar,
    BarLine,
    BarRest,
    BeamBreak,
    Chord,
    Element,
    Ending,
    Field,
    GraceNotes,
    Header,
    LineBreak,
    Marks,
    Meter,
    Note,
    Overlay,
    Pitch,
    Position,
    Rest,
    Sounding,
    Spacer,
    Tuplet,
    Voice,
)
from songrnn.notation.values import fits_inline

# (where, what was expected, whether music is lost); raises when reading is strict
Report = Callable[[Position, str, bool], None]


class VoiceReader:
    """Collects one voice. Lengths come in unit note lengths and leave as parts of a whole note."""

    def __init__(self, name: str, header: Header, report: Report) -> None:
        self.name = name
        self.meter = header.meter_in_force
        self.unit = header.unit_in_force
        self.at_line_start = True
        self.lyrics_end = False  # a line of the text has ended that is none of the score, and had no lyrics so far
        self._report = report
        self._bars: list[tuple[list[Element], BarLine | None, Position]] = []
        self._elements: list[Element] = []
        # waiting for the next note
        self._grace: GraceNotes | None = None
        self._texts: list[str] = []
        self._decorations: list[str] = []
        self._slurs: list[Position] = []
        self._broken: tuple[Fraction, Position] | None = None
        self._tuplet_left = 0
        self._tuplet_factor = Fraction(1)
        self._waiting_tuplet: Tuplet | None = None
        self._tuplet: tuple[list[Element], int] | None = None  # the list that holds the present one, its place there
        # the last note, rest or chord: the list that holds it, its place there, and its whole-notes-per-length
        self._last: tuple[list[Element], int, Fraction] | None = None
        # inside a chord
        self._chord: list[tuple[Pitch, Fraction, bool, int, int, Marks, Position]] | None = None
        self._chord_marks = PLAIN
        self._chord_slurs = 0

    # ---- what sounds

    def note(self, pitch: Pitch, length: Fraction, position: Position) -> None:
        """A note, alone or in the chord that is open."""
        if self._chord is not None:
            self._chord.append((pitch, length, False, self._opened_slurs(), 0, self._marks(), position))
            return
        (length,), scale = self._timed([length], position)
        self._sound(Note(pitch, length * scale, False, self._opened_slurs(), 0, self._marks(), position), scale)

    def rest(self, length: Fraction, *, visible: bool, position: Position) -> None:
        """Add a rest; it is not allowed in a chord."""
        if self._chord is not None:
            self._report(position, "expected a note in the chord, found a rest", False)
            return
        (length,), scale = self._timed([length], position)
        self._sound(Rest(length * scale, visible, self._opened_slurs(), 0, self._marks(), position), scale)

    def open_chord(self, position: Position) -> None:
        """`[`; what waited for a note belongs to the whole chord."""
        if self._chord is not None:
            self._report(position, "expected ']' before the next chord", False)
            return
        self._chord, self._chord_marks, self._chord_slurs = [], self._marks(), self._opened_slurs()

    def close_chord(self, length: Fraction, position: Position) -> None:
        """`]`, or the end of what can be in a chord; `length` multiplies that of every note."""
        members, self._chord = self._chord, None
        if members is None:
            self._report(position, "expected a chord before ']'", False)
            return
        if not members:
            self._report(position, "expected a note in the chord", False)
            return
        lengths = [length * member[1] for member in members]
        if not all(map(sensible, lengths)):
            self._report(position, "expected a chord of a length that can be written", True)
            lengths = [member[1] for member in members]
        lengths, scale = self._timed(lengths, position)
        notes = tuple(
            Note(pitch, own * scale, tied, begun, ended, marks, place)
            for own, (pitch, _, tied, begun, ended, marks, place) in zip(lengths, members, strict=True)
        )
        self._sound(Chord(notes, self._chord_slurs, 0, self._chord_marks, members[0][-1]), scale)

    def bar_rest(self, bars: int, *, visible: bool, position: Position) -> None:
        """Bars of rest."""
        self._append(BarRest(bars, visible, self._marks(), position))

    # ---- what waits for a note

    def text(self, words: str) -> None:
        """A chord symbol or annotation."""
        self._texts.append(words)

    def decoration(self, name: str) -> None:
        """A decoration by its name."""
        self._decorations.append(name)

    def grace(self, grace: GraceNotes) -> None:
        """Grace notes; those of two groups before one note become one group."""
        before = self._grace
        self._grace = grace if before is None else GraceNotes(before.notes + grace.notes, before.slashed)

    def open_slur(self, position: Position) -> None:
        """`(`."""
        self._slurs.append(position)

    def tuplet(self, notes: int, time: int | None, count: int | None, position: Position) -> None:
        """`(p:q:r`, with None for what is left to the standard's defaults."""
        if self._tuplet_left:
            self._report(position, f"expected {self._tuplet_left} more notes of the tuplet before the next", False)
            self._end_tuplet()
        time = time or TUPLET_TIMES.get(notes) or (3 if self.meter.compound else 2)
        count = count or notes
        self._tuplet_left, self._tuplet_factor = count, Fraction(time, notes)
        self._waiting_tuplet = Tuplet(notes, time, count, position)

    # ---- what changes the note before it

    def tie(self, position: Position) -> None:
        """`-`."""
        if self._chord:
            pitch, length, _, begun, ended, marks, place = self._chord[-1]
            self._chord[-1] = (pitch, length, True, begun, ended, marks, place)
            return
        last = self._last_element()
        if isinstance(last, Note):
            self._replace_last(replace(last, tied=True))
        elif isinstance(last, Chord):
            self._replace_last(replace(last, notes=tuple(replace(note, tied=True) for note in last.notes)))
        else:
            self._report(position, "expected a note before the tie '-'", False)
            return
        if not self._directly_after_last():
            self._report(position, "expected the tie '-' directly after its note", False)

    def close_slur(self, position: Position) -> None:
        """`)`."""
        if self._chord:
            pitch, length, tied, begun, ended, marks, place = self._chord[-1]
            self._chord[-1] = (pitch, length, tied, begun, ended + 1, marks, place)
            return
        last = self._last_element()
        if last is None or self._slurs:
            self._report(position, "expected a note before the end of the slur ')'", False)
            del self._slurs[-1:]
            return
        self._replace_last(replace(last, slurs_end=last.slurs_end + 1))

    def broken(self, signs: str, position: Position) -> None:
        """`>` or `<`, up to three: the note before takes from the note after it, or gives to it."""
        last = self._last_element()
        if last is None or self._last is None or self._last[0] is not self._elements or self._broken is not None:
            self._report(position, f"expected a note before '{signs}'", True)
            return
        short = Fraction(1, 2 ** len(signs))
        before, after = (2 - short, short) if signs[0] == ">" else (short, 2 - short)
        scale = self._last[2]
        if any(sensible(length / scale * before) is None for length in _durations(last)):
            self._report(position, f"expected a longer note before '{signs}'", True)
            return
        self._replace_last(_scaled(last, before))
        self._broken = after, position

    def late_length(self, length: Fraction) -> bool:
        """A length that a blank keeps from its note; whether there is such a note, and the length is now its."""
        if self._chord:
            pitch, own, tied, begun, ended, marks, place = self._chord[-1]
            if sensible(own * length) is None:
                return False
            self._chord[-1] = (pitch, own * length, tied, begun, ended, marks, place)
            return True
        last = self._last_element()
        if last is None or self._last is None or not self._directly_after_last():
            return False
        scale = self._last[2]
        if any(sensible(duration / scale * length) is None for duration in _durations(last)):
            return False
        self._replace_last(_scaled(last, length))
        return True

    # ---- bars and lines

    def ending(self, numbers: tuple[int, ...], position: Position) -> None:
        """`[1`."""
        self._append(Ending(numbers, position))

    def overlay(self, position: Position) -> None:
        """`&`."""
        self._append(Overlay(position))

    def spacer(self, width: int | None, position: Position) -> None:
        """`y`."""
        self._append(Spacer(width, self._marks(), position))

    def field(self, field: Field) -> None:
        """A field among the notes; M and L hold from here on."""
        if isinstance(field.value, Meter):
            self.meter = field.value
        elif isinstance(field.value, Fraction):
            self.unit = field.value
            self._forget_unwritable_grace(field.position)
        self._append(field)
        self.lyrics_end &= field.letter != "w"
        self.at_line_start = not fits_inline(field.letter, field.value)  # a break of the line comes with its own line

    def bar_line(self, style: str, ends: int, starts: int, position: Position) -> None:
        """A bar line: the bar is complete."""
        if self._broken is not None:
            self._report(self._broken[1], "expected a note of the same bar after the broken rhythm", False)
        self._end_bar(BarLine(style, ends, starts, self._marks(), position), position)
        self.at_line_start = False

    def beam_break(self) -> None:
        """A blank: it has a meaning between notes only."""
        if self._chord is None and self._elements and isinstance(self._elements[-1], Sounding):
            self._elements.append(BeamBreak())

    def line_break(self, *, within: bool = False) -> None:
        """The end of a line on which something stood. within: of the score only."""
        if self._chord is not None:
            return
        if not self.at_line_start:
            self._strip(BeamBreak)
            self._elements.append(LineBreak(within))
        elif not within and self._elements[-1:] == [LineBreak(within=True)]:
            self._elements[-1] = LineBreak()  # the two ends at one place are one
        self.at_line_start = True

    def line_end(self, *, breaks: bool, goes_on: bool) -> None:
        """The end of a line of the text. breaks: it ends a line of the score, too, unless a backslash joins it."""
        self.lyrics_end = not (goes_on or breaks)
        if goes_on:
            return
        if breaks:
            self.line_break()
        else:
            self.beam_break()

    def end_chord(self, position: Position) -> None:
        """What comes now cannot be in a chord: one that is open ends here."""
        if self._chord is not None:
            self._report(position, "expected ']' at the end of the chord", False)
            self.close_chord(Fraction(1), position)

    def finish(self, position: Position) -> Voice:
        """The voice as read. Signs still without a note are put on a spacer."""
        if self._broken is not None:
            self._report(self._broken[1], "expected a note after the broken rhythm", True)
        if self._waiting_tuplet is not None:
            self._report(self._waiting_tuplet.position, "expected notes after the beginning of the tuplet", False)
        for slur in self._slurs:
            self._report(slur, "expected a note after the slur '('", False)
        if marks := self._marks():
            self._append(Spacer(None, marks, position))
        self._strip(LineBreak)
        if self._elements:
            self._end_bar(None, position)
        return Voice(self.name, tuple(Bar(tuple(elements), line, place) for elements, line, place in self._bars))

    # ---- inside

    def _timed(self, lengths: list[Fraction], position: Position) -> tuple[list[Fraction], Fraction]:
        """`lengths` after broken rhythm, and whole notes per length; takes a place of the tuplet."""
        scale = self.unit
        if self._tuplet_left:
            self._tuplet_left -= 1
            scale *= self._tuplet_factor
        if self._broken is not None:
            factor, self._broken = self._broken[0], None
            broken = [length * factor for length in lengths]
            if all(map(sensible, broken)):
                return broken, scale
            self._report(position, "expected a longer note after the broken rhythm", True)
        return lengths, scale

    def _end_tuplet(self) -> None:
        """End a tuplet that is cut short with the notes read so far; one without notes is dropped."""
        if self._waiting_tuplet is None and self._tuplet is not None:
            elements, index = self._tuplet
            tuplet = elements[index]
            assert isinstance(tuplet, Tuplet)
            elements[index] = replace(tuplet, count=tuplet.count - self._tuplet_left)
        self._waiting_tuplet = None

    def _forget_unwritable_grace(self, position: Position) -> None:
        """Pending grace notes are written after a change of unit: they must have a length there too."""
        if self._grace and not all(sensible(note.duration / self.unit) for note in self._grace.notes):
            self._report(position, "expected the grace notes to have a length in the new unit note length", False)
            self._grace = None

    def _sound(self, element: Sounding, scale: Fraction) -> None:
        if self._waiting_tuplet is not None:
            self._append(self._waiting_tuplet)
            self._tuplet, self._waiting_tuplet = (self._elements, len(self._elements) - 1), None
        self._append(element)
        self._last = self._elements, len(self._elements) - 1, scale

    def _append(self, element: Element) -> None:
        if isinstance(element, Ending | Overlay | Field):
            self._strip(BeamBreak)
        self._elements.append(element)
        self.at_line_start = False

    def _end_bar(self, line: BarLine | None, position: Position) -> None:
        self._strip(BeamBreak)
        first = next((place for element in self._elements if (place := getattr(element, "position", None))), position)
        self._bars.append((self._elements, line, first))
        self._elements = []

    def _strip(self, kind: type[BeamBreak] | type[LineBreak]) -> None:
        if self._elements and isinstance(self._elements[-1], kind):
            self._elements.pop()

    def _marks(self) -> Marks:
        """The signs that preceded the note; they are cleared."""
        if not (self._grace or self._texts or self._decorations):
            return PLAIN
        marks = Marks(self._grace, tuple(self._texts), tuple(self._decorations))
        self._grace, self._texts, self._decorations = None, [], []
        return marks

    def _opened_slurs(self) -> int:
        count = len(self._slurs)
        self._slurs.clear()
        return count

    def _last_element(self) -> Sounding | None:
        if self._last is None:
            return None
        element = self._last[0][self._last[1]]
        assert isinstance(element, Sounding)
        return element

    def _replace_last(self, element: Sounding) -> None:
        assert self._last is not None
        self._last[0][self._last[1]] = element

    def _directly_after_last(self) -> bool:
        assert self._last is not None
        is_last = self._last[0] is self._elements and self._last[1] == len(self._elements) - 1
        return is_last and self._broken is None and not (self._grace or self._texts or self._decorations or self._slurs)


def _durations(element: Sounding) -> list[Fraction]:
    return [note.duration for note in element.notes] if isinstance(element, Chord) else [element.duration]


def _scaled(element: Sounding, factor: Fraction) -> Sounding:
    if isinstance(element, Chord):
        notes = tuple(replace(note, duration=note.duration * factor) for note in element.notes)
        return replace(element, notes=notes)
    return replace(element, duration=element.duration * factor)
