"""A tune in another meter: every note at the same time and as long as before, between other bar lines.

Bars are joined (2/4 to 4/4, 6/8 to 12/8), divided (4/4 to 2/4), or stay (4/4 to 2/2). A note across a new bar line is
written as two that are tied. A part keeps its pickup, repeats and endings; an ending may then begin within a bar.
Accidentals are written where the new bars need them. Where the usual tempo of the rhythm is another in the new meter, a
Q: field keeps the one that the tune had.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from songrnn.errors import SettingsError
from songrnn.notation.pitches import Accidentals
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
    Header,
    LineBreak,
    Marks,
    Meter,
    Note,
    Overlay,
    Position,
    Rest,
    Sounding,
    Spacer,
    Tune,
    Tuplet,
    Voice,
)
from songrnn.notation.values import value_text
from songrnn.performance.bar_lengths import bar_length
from songrnn.performance.dance_tempo import tempo_of, tempo_text
from songrnn.performance.tempo import Tempo

USUAL_METERS = ("4/4", "2/2", "2/4", "3/4", "3/2", "6/4", "3/8", "6/8", "9/8", "12/8")
INVISIBLE = "[|]"
MOST_JOINED = 16
"""Bars that become one, and pieces of a bar."""
MOST_RESTS = 1_000
"""Bars of rest in a voice: each is written out."""


def rebar(tune: Tune, meter: Meter) -> Tune:
    """The tune in this meter.

    Raises SettingsError where that cannot be without changing the length of a note: no bar of one meter is a multiple
    of one of the other, a part has no whole number of the new bars, or a tuplet would lie across a bar line; and for
    what is not divided anew at all: free or changing meters, overlays, bars that do not add up.
    """
    old, new = _durations(tune.header.meter_in_force, meter)
    header = replace(tune.header, meter=meter, unit_note_length=tune.header.unit_in_force)
    if old == new:
        voices = tune.voices
    else:
        _check_voices(tune)
        voices = tuple(_Rebarring(tune.header, meter, old, new).voice(voice) for voice in tune.voices)
    return _at_tempo(replace(tune, header=header, voices=voices), tempo_of(tune))


def _durations(old: Meter, new: Meter) -> tuple[Fraction, Fraction]:
    """Of a bar in each; raises SettingsError where neither is a multiple of the other."""
    before, after = old.duration, new.duration
    if before is None or after is None:
        raise SettingsError("free meter has no bars that could be joined or divided: both meters must be fixed")
    if not _fits(before, after):
        possible = ", ".join(name for name in USUAL_METERS if _fits(before, _named(name)) and name != value_text(old))
        raise SettingsError(
            f"bars of {value_text(old)} can be neither joined nor divided into bars of {value_text(new)} without "
            f"changing the length of notes; possible: {possible or 'no usual meter'}"
        )
    return before, after


def _fits(one: Fraction, other: Fraction) -> bool:
    ratio = max(one, other) / min(one, other)
    return ratio.denominator == 1 and ratio <= MOST_JOINED


def _named(meter: str) -> Fraction:
    return Fraction(*map(int, meter.split("/")))


def _check_voices(tune: Tune) -> None:
    for voice in tune.voices:
        rests = sum(element.bars for element in voice.elements() if isinstance(element, BarRest))
        if rests > MOST_RESTS:
            raise SettingsError(f"a tune with {rests:,} bars of rest keeps its bars; expected at most {MOST_RESTS:,}")
        for bar in voice.bars:
            for element in bar.elements:
                if isinstance(element, Overlay):
                    raise SettingsError(f"{bar.position}: a tune with overlays (&) keeps its bars")
                if isinstance(element, Field) and isinstance(element.value, Meter):
                    raise SettingsError(f"{element.position}: a tune that changes its meter keeps its bars")


def _at_tempo(tune: Tune, tempo: Tempo) -> Tune:
    """With a field that says the tempo, unless it is that of the tune anyway."""
    if _speed(tempo) == _speed(tempo_of(tune)):
        return tune
    return replace(tune, header=replace(tune.header, fields=(*tune.header.fields, Field("Q", tempo_text(tempo)))))


def _speed(tempo: Tempo) -> Fraction:
    """Whole notes a minute."""
    assert tempo.beats_per_minute is not None
    return sum(tempo.beats, Fraction(0)) * tempo.beats_per_minute


class _Rebarring:
    """Puts the elements of one voice into new bars, with the accidentals in force in the old bars and in the new."""

    def __init__(self, header: Header, meter: Meter, old: Fraction, new: Fraction) -> None:
        self._meters, self._old_length, self._new_length = (header.meter_in_force, meter), old, new
        self._old, self._new = Accidentals(header), Accidentals(header)
        self._bars: list[Bar] = []
        self._elements: list[Element] = []  # of the new bar that is not ended yet
        self._time = Fraction(0)  # how much of it has passed; a pickup begins late
        self._before_ending = Fraction(0), Fraction(0)  # where the first ending began in the old bar, and in the new
        self._tuplet, self._tuplet_left = Position(0, 0), 0

    def voice(self, voice: Voice) -> Voice:
        begins_part = True
        bars = list(_whole_bars(voice.bars, self._meters[0]))
        for number, bar in enumerate(bars):
            ends_part = bar.line is None or bar.line.divides or number + 1 == len(bars)
            self._bar(bar, begins_part=begins_part, ends_part=ends_part)
            lasts = any(isinstance(element, Sounding) for element in bar.elements)
            begins_part = bool(bar.line and bar.line.divides) or (begins_part and not lasts)
        return Voice(voice.name, tuple(self._bars))

    def _bar(self, bar: Bar, *, begins_part: bool, ends_part: bool) -> None:
        length = bar_length(bar.elements, self._meters[0])
        missing = self._old_length - length.duration
        if begins_part and length.before_ending == 0 and not _is_first_ending(bar):
            missing -= self._before_ending[0]
            self._time = self._before_ending[1]
        elif begins_part and missing > 0:
            self._time = -length.duration % self._new_length
            missing = Fraction(0)
        elif length.duration and (missing < 0 or (missing and not ends_part)):
            found = f"this bar lasts {length.duration}, expected {self._old_length}"
            raise SettingsError(f"{bar.position}: {found}; mend it first")
        self._put_all(bar.elements, length.duration)
        self._old.end_bar()
        if ends_part and length.duration and (-self._time - missing) % self._new_length:
            raise SettingsError(
                f"{bar.position}: the part that ends here has no whole number of bars of {value_text(self._meters[1])}"
            )
        self._put_line(bar.line, ends_part=ends_part)

    def _put_all(self, elements: Sequence[Element], left: Fraction) -> None:
        """Put the elements of an old bar, of which notes and rests last `left`."""
        begin = left
        for element in elements:
            if left and self._time == self._new_length and not isinstance(element, BeamBreak):
                self._end_bar(BarLine())
            match element:
                case Note() | Chord() | Rest():
                    self._put_sounding(element)
                    left -= element.duration
                case Ending() if 1 in element.numbers:
                    self._before_ending = begin - left, self._time
                    self._put_silent(element)
                case Tuplet():
                    self._tuplet, self._tuplet_left = element.position, element.count
                    self._elements.append(element)
                case _:
                    self._put_silent(element)

    def _put_sounding(self, element: Sounding) -> None:
        """Put a note, chord or rest, in as many pieces as new bars have of it."""
        element = self._respelled(element)
        while self._time + element.duration > self._new_length:
            first, element = _divided(element, self._new_length - self._time)
            self._add(first)
            self._end_bar(BarLine())
            self._new.next_element()
        self._add(element)
        self._tuplet_left = max(0, self._tuplet_left - 1)

    def _add(self, element: Sounding) -> None:
        self._elements.append(element)
        self._time += element.duration
        for note in _notes(element):
            self._new.read(note)

    def _put_silent(self, element: Element) -> None:
        last = self._elements[-1] if self._elements else None
        if isinstance(element, BeamBreak) and (last is None or isinstance(last, BeamBreak | LineBreak)):
            return
        if isinstance(element, LineBreak | Ending) and isinstance(last, BeamBreak):
            self._elements.pop()
        if isinstance(element, Field):
            self._old.change(element)
            self._new.change(element)
        self._elements.append(element)

    def _put_line(self, line: BarLine | None, *, ends_part: bool) -> None:
        """End the new bar where the old bar line stands, or take that away."""
        if ends_part or self._time in (0, self._new_length):
            if line is not None or self._elements:
                self._end_bar(line)
            self._time = Fraction(0)
        else:
            if line is not None and line.marks:
                self._elements.append(Spacer(marks=line.marks))
            self._put_silent(BeamBreak())

    def _end_bar(self, line: BarLine | None) -> None:
        if self._tuplet_left:
            raise SettingsError(
                f"{self._tuplet}: a tuplet would lie across a bar line of {value_text(self._meters[1])}"
            )
        if line is not None and self._elements and isinstance(self._elements[-1], BeamBreak):
            self._elements.pop()
        self._bars.append(Bar(tuple(self._elements), line))
        self._elements, self._time = [], Fraction(0)
        self._new.end_bar()

    # ---- accidentals

    def _respelled(self, element: Sounding) -> Sounding:
        """With the accidentals that it needs in the new bar."""
        self._old.next_element()
        self._new.next_element()
        marks = self._respelled_marks(element.marks)
        if isinstance(element, Rest):
            return replace(element, marks=marks)
        notes = tuple(self._respelled_note(note) for note in _notes(element))
        if isinstance(element, Note):
            return replace(notes[0], marks=marks)
        return replace(element, notes=notes, marks=marks)

    def _respelled_note(self, note: Note) -> Note:
        alteration = self._old.read(note)
        plain = replace(note.pitch, accidental=None)
        shown = note.pitch.accidental is not None or self._new.expected(plain) != alteration
        return replace(note, pitch=replace(plain, accidental=alteration if shown else None))

    def _respelled_marks(self, marks: Marks) -> Marks:
        """With the accidentals that grace notes need; theirs affect no other note."""
        if marks.grace is None:
            return marks
        notes = []
        for note in marks.grace.notes:
            pitch = note.pitch
            if pitch.accidental is None and self._old.expected(pitch) != self._new.expected(pitch):
                pitch = replace(pitch, accidental=self._old.expected(pitch))
            notes.append(replace(note, pitch=pitch))
        return replace(marks, grace=replace(marks.grace, notes=tuple(notes)))


def _whole_bars(bars: Sequence[Bar], meter: Meter) -> Iterator[Bar]:
    """The bars, pieces between invisible bar lines as one, bars of rest as one rest each."""
    elements: list[Element] = []
    position: Position | None = None
    for bar in bars:
        position = position or bar.position
        for element in bar.elements:
            if isinstance(element, BarRest):
                rest = Rest(element.duration(meter) / element.bars, element.visible, position=element.position)
                elements.append(replace(rest, marks=element.marks))
                for _ in range(element.bars - 1):
                    yield Bar(tuple(elements), BarLine(), position)
                    elements = [rest]
            else:
                elements.append(element)
        if bar.line is None or bar.line.style != INVISIBLE:
            yield Bar(tuple(elements), bar.line, position)
            elements, position = [], None
    if elements and position is not None:
        yield Bar(tuple(elements), None, position)


def _is_first_ending(bar: Bar) -> bool:
    return any(isinstance(element, Ending) and 1 in element.numbers for element in bar.elements)


def _notes(element: Sounding) -> tuple[Note, ...]:
    match element:
        case Note():
            return (element,)
        case Chord():
            return element.notes
    return ()


def _divided(element: Sounding, length: Fraction) -> tuple[Sounding, Sounding]:
    """Two elements that sound as one: the first lasts `length`; slurs end with the second."""
    rest = element.duration - length
    match element:
        case Rest():
            return replace(element, duration=length, slurs_end=0), replace(
                element, duration=rest, slurs_begin=0, marks=PLAIN
            )
        case Note():
            return _divided_note(element, length)
    if any(note.duration != element.duration for note in element.notes):
        raise SettingsError(f"{element.position}: a chord of notes of several lengths would lie across a bar line")
    pairs = [_divided_note(note, length) for note in element.notes]
    first, second = (tuple(pair[place] for pair in pairs) for place in (0, 1))
    return replace(element, notes=first, slurs_end=0), replace(element, notes=second, slurs_begin=0, marks=PLAIN)


def _divided_note(note: Note, length: Fraction) -> tuple[Note, Note]:
    first = replace(note, duration=length, slurs_end=0, tied=True)
    pitch = replace(note.pitch, accidental=None)  # the tie keeps it
    return first, replace(note, pitch=pitch, duration=note.duration - length, slurs_begin=0, marks=PLAIN)
