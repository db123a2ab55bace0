"""A tune in another key: every note sounds the same number of semitones higher, and is spelled as the new key has it.

All on the line of fifths, ... Bb F C G D A E B F# ..., where a letter with its alteration is a number and transposing
is adding one: what was in the scale stays in it, and what was a step of it stays that step. The new key is the one with
the fewest sharps or flats; of F sharp and G flat, which have six each, the one with the kind of sign that was there.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from songrnn.notation.grammar import LETTER_SHARPS, OCTAVES, PIPE_KEYS, SEMITONES, SHARP_ORDER
from songrnn.notation.pitches import Accidentals
from songrnn.notation.tune import (
    Bar,
    BarRest,
    Chord,
    Element,
    Field,
    GraceNotes,
    Header,
    Key,
    Marks,
    Note,
    Overlay,
    Pitch,
    Rest,
    Spacer,
    Tune,
    Voice,
)

MOST_SEMITONES = 24
_MOST_ALTERATION = 2  # there is a sign for a double sharp, and none for a triple one
_CHORD_SYMBOL = re.compile(
    r"(?P<open>\(?)(?P<root>[A-G][#b]?)(?P<kind>(?:maj|min|ma|mi|m|M|dim|aug|sus|add|o|\+|-|[#b]?\d|[()])*+)"
    r"(?:/(?P<bass>[A-G][#b]?))?(?P<close>\)?)",
    re.ASCII,
)


def transpose(tune: Tune, semitones: int) -> Tune:
    """The tune so many semitones higher, or lower below zero, with its chord symbols.

    A key without a tonic (K:none) is taken for C, a key of the pipes for A mixolydian, the scale of K:Hp.
    Raises ValueError outside -24..24, and when a note would lie lower than C,,,,, or higher than b'''''.
    """
    if abs(semitones) > MOST_SEMITONES:
        raise ValueError(f"semitones is {semitones}; expected -{MOST_SEMITONES} to {MOST_SEMITONES}, two octaves")
    if semitones == 0:
        return tune
    key = transposed_key(tune.header.key, semitones)
    voices = tuple(_Transposer(tune.header, semitones).voice(voice) for voice in tune.voices)
    return replace(tune, header=replace(tune.header, key=key), voices=voices)


def transposed_key(key: Key, semitones: int) -> Key:
    """The key so many semitones higher, in its best spelling."""
    key, fifths = _with_tonic(key), _fifths_to_new_key(key, semitones)
    letter, alteration = _spelled(_fifth(key.tonic[0], _alteration(key.tonic[1:])) + fifths)
    accidentals = tuple(_spelled(_fifth(name, value) + fifths) for name, value in key.accidentals)
    return Key(letter + _signs(alteration), key.mode, accidentals, key.clef)


def _with_tonic(key: Key) -> Key:
    if key.tonic in PIPE_KEYS:
        return Key("A", "mix", (), key.clef)
    return key if key.tonic else replace(key, tonic="C", mode="maj")


def _fifths_to_new_key(key: Key, semitones: int) -> int:
    """How far the new key is along the line of fifths; a semitone is seven fifths, and twelve are an octave."""
    key = _with_tonic(key)
    sharps = replace(key, mode="maj").sharps if key.mode == "exp" else key.sharps
    same_sound = ((sharps + 7 * semitones) % 12 - 12, (sharps + 7 * semitones) % 12)
    return min(same_sound, key=lambda choice: (abs(choice), choice * sharps < 0)) - sharps


def _fifth(letter: str, alteration: int) -> int:
    """Place on the line of fifths: F is -1, C is 0, G is 1; a sharp is seven further."""
    return LETTER_SHARPS[letter] + 7 * alteration


def _spelled(fifth: int) -> tuple[str, int]:
    """Letter and alteration of a place on the line of fifths; the nearest place of that sound that has a sign."""
    while abs((fifth + 1) // 7) > _MOST_ALTERATION:
        fifth += 12 if fifth < 0 else -12
    return SHARP_ORDER[(fifth + 1) % 7], (fifth + 1) // 7


def _alteration(signs: str) -> int:
    return signs.count("#") - signs.count("b")


def _signs(alteration: int) -> str:
    return "#" * alteration if alteration > 0 else "b" * -alteration


class _Transposer:
    """Transposes one voice, with the accidentals in force at each note in the old key and in the new."""

    def __init__(self, header: Header, semitones: int) -> None:
        self._semitones = semitones
        self._fifths = _fifths_to_new_key(header.key, semitones)
        self._old = Accidentals(header)
        self._new = Accidentals(replace(header, key=transposed_key(header.key, semitones)))

    def voice(self, voice: Voice) -> Voice:
        return Voice(voice.name, tuple(self._bar(bar) for bar in voice.bars))

    def _bar(self, bar: Bar) -> Bar:
        elements = tuple(self._element(element) for element in bar.elements)
        line = None if bar.line is None else replace(bar.line, marks=self._marks(bar.line.marks))
        if line is not None:
            for accidentals in (self._old, self._new):
                accidentals.end_bar()
        return Bar(elements, line, bar.position)

    def _element(self, element: Element) -> Element:
        match element:
            case Note():
                return self._sounding((element,))[0]
            case Chord():
                marks = self._marks(element.marks)
                return replace(element, marks=marks, notes=self._sounding(element.notes))
            case Rest() | BarRest() | Spacer():
                if not isinstance(element, Spacer):
                    self._next_element()
                return replace(element, marks=self._marks(element.marks)) if element.marks else element
            case Overlay():
                self._old.begin_layer()
                self._new.begin_layer()
            case Field():
                return self._field(element)
        return element

    def _field(self, field: Field) -> Field:
        self._old.change(field)
        if isinstance(field.value, Key):
            self._fifths = _fifths_to_new_key(field.value, self._semitones)
            field = replace(field, value=transposed_key(field.value, self._semitones))
        self._new.change(field)
        return field

    def _sounding(self, notes: Sequence[Note]) -> tuple[Note, ...]:
        self._next_element()
        moved = []
        for note in notes:
            marks = self._marks(note.marks)
            pitch, alteration = self._pitch(note.pitch, self._old.read(note))
            moved.append(replace(note, pitch=pitch, marks=marks))
            self._new.record(moved[-1], alteration)
        return tuple(moved)

    def _pitch(self, pitch: Pitch, alteration: int) -> tuple[Pitch, int]:
        """The new pitch and its alteration; an accidental where there was one, and where the new key needs it."""
        letter, new = _spelled(_fifth(pitch.letter, alteration) + self._fifths)
        natural = pitch.natural_midi + alteration + self._semitones - new
        plain = Pitch(letter, (natural - SEMITONES[letter]) // 12 - 1)
        if plain.octave not in OCTAVES:
            raise ValueError(
                f"{self._semitones} semitones take a note to octave {plain.octave}; "
                f"expected {OCTAVES[0]} to {OCTAVES[-1]}, as far as octave signs go"
            )
        shown = pitch.accidental is not None or self._new.expected(plain) != new
        return replace(plain, accidental=new if shown else None), new

    def _marks(self, marks: Marks) -> Marks:
        if not marks:
            return marks
        texts = tuple(self._text(text) for text in marks.texts)
        return Marks(self._grace(marks.grace), texts, marks.decorations)

    def _grace(self, grace: GraceNotes | None) -> GraceNotes | None:
        """Grace notes transposed; their accidentals affect no other note, as in `performance`."""
        if grace is None:
            return None
        notes = []
        for note in grace.notes:
            written = note.pitch.accidental
            pitch, _ = self._pitch(note.pitch, self._old.expected(note.pitch) if written is None else written)
            notes.append(replace(note, pitch=pitch))
        return replace(grace, notes=tuple(notes))

    def _text(self, text: str) -> str:
        """A chord symbol in the new key; any other text as it is."""
        found = _CHORD_SYMBOL.fullmatch(text)
        if found is None:
            return text
        bass = f"/{self._name(found['bass'])}" if found["bass"] else ""
        return found["open"] + self._name(found["root"]) + found["kind"] + bass + found["close"]

    def _name(self, name: str) -> str:
        letter, alteration = _spelled(_fifth(name[0], _alteration(name[1:])) + self._fifths)
        return letter + _signs(alteration)

    def _next_element(self) -> None:
        self._old.next_element()
        self._new.next_element()
