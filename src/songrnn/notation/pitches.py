"""The pitch of a written note: key signature, accidentals of the bar, and ties.

An accidental holds until the bar line, for its letter in every octave: so the ABC standard has it
(`%%propagate-accidentals pitch`, the default), and so does abc2midi. `I:propagate-accidentals octave` keeps it to its
own octave, and `not` to its own note. A note tied from a note of the same line or space keeps that note's pitch across
the bar line, and the accidental does not hold on after it.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Generic, TypeVar

from songrnn.notation.grammar import PIPE_KEYS
from songrnn.notation.tune import Field, Header, Key, Note, Pitch

_PIPE_SIGNATURE = {"F": 1, "C": 1}
_DIRECTIVE = "propagate-accidentals"


class Propagation(Enum):
    """For which later notes of its bar an accidental holds (standard 11.3)."""

    NOT = "not"
    OCTAVE = "octave"
    PITCH = "pitch"


def read_propagation(text: str) -> Propagation | None:
    """The propagation that the value of an I: field declares; None where it declares none."""
    name, _, value = text.partition(" ")
    known = {one.value: one for one in Propagation}
    return known.get(value.strip()) if name == _DIRECTIVE else None


def sounding_signature(key: Key) -> Mapping[str, int]:
    """Letter -> alteration as it sounds: K:HP shows no signature, and sounds with F and C sharp like K:Hp (3.1.14)."""
    return _PIPE_SIGNATURE | dict(key.signature) if key.tonic in PIPE_KEYS else key.signature


_Place = TypeVar("_Place")
_Value = TypeVar("_Value")


class Ties(Generic[_Place, _Value]):
    """Ties whose second note is still to come. A tie at the end of a bar continues in the same layer of the next bar.

    waiting: place of the note -> what is known of the note that is tied.
    """

    def __init__(self) -> None:
        self.waiting: dict[_Place, _Value] = {}
        self._last_bar: list[dict[_Place, _Value]] = []
        self._this_bar: list[dict[_Place, _Value]] = []

    def take(self) -> dict[_Place, _Value]:
        """The ties that the notes of the next element can end; any other tie is dropped."""
        taken, self.waiting = self.waiting, {}
        return taken

    def begin_layer(self) -> None:
        """Begin an overlay."""
        self._this_bar.append(self.waiting)
        layer = len(self._this_bar)
        self.waiting = self._last_bar[layer] if layer < len(self._last_bar) else {}

    def end_bar(self) -> None:
        """End a bar: the first layer continues."""
        self._last_bar, self._this_bar = [*self._this_bar, self.waiting], []
        self.waiting = self._last_bar[0]


class Accidentals:
    """The accidentals in force in one voice, which is read in the order of the text."""

    def __init__(self, header: Header) -> None:
        self._propagation = Propagation.PITCH
        self._signature = sounding_signature(header.key)
        self._of_bar: dict[tuple[str, int], int] = {}
        self._tied: Mapping[tuple[str, int], int] = {}  # letter and octave -> alteration
        self._ties = Ties[tuple[str, int], int]()
        for text in header.values("I"):
            self._propagation = read_propagation(text) or self._propagation

    def change(self, field: Field) -> None:
        """Apply a field.

        K: sets another signature and ends the accidentals of the bar, as in abc2midi; I: may set another propagation.
        """
        match field.letter, field.value:
            case "K", Key() as key:
                self._signature = sounding_signature(key)
                self._of_bar.clear()
            case "I", str(text):
                self._propagation = read_propagation(text) or self._propagation

    def end_bar(self) -> None:
        """End a bar: accidentals end, ties do not."""
        self._of_bar.clear()
        self._ties.end_bar()

    def begin_layer(self) -> None:
        """Begin an overlay: accidentals end, and ties are those of this layer in the bar before."""
        self._of_bar.clear()
        self._ties.begin_layer()

    def next_element(self) -> None:
        """Begin the next notes or rest: only these can be tied to the notes before."""
        self._tied = self._ties.take()

    def expected(self, pitch: Pitch) -> int:
        """The alteration in semitones that a pitch has without an accidental of its own."""
        tied = self._tied.get((pitch.letter, pitch.octave))
        if tied is not None:
            return tied
        return self._of_bar.get(self._reach(pitch), self._signature.get(pitch.letter, 0))

    def read(self, note: Note) -> int:
        """The alteration of the next note; its accidental, if it has one, holds from here on."""
        alteration = self.expected(note.pitch) if note.pitch.accidental is None else note.pitch.accidental
        self.record(note, alteration)
        return alteration

    def record(self, note: Note, alteration: int) -> None:
        """Record a note that has this alteration."""
        if note.pitch.accidental is not None and self._propagation is not Propagation.NOT:
            self._of_bar[self._reach(note.pitch)] = note.pitch.accidental
        if note.tied:
            self._ties.waiting[note.pitch.letter, note.pitch.octave] = alteration

    def _reach(self, pitch: Pitch) -> tuple[str, int]:
        """The key under which an accidental of this pitch is kept: its letter, and its octave where that counts."""
        return pitch.letter, pitch.octave if self._propagation is Propagation.OCTAVE else 0
