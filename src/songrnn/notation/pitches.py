"""Which pitch a written note has: key signature, accidentals of the bar, and ties.

An accidental holds until the bar line, for its letter in every octave: so the ABC standard has it
(`%%propagate-accidentals pitch`, the default), and so does abc2midi. A note tied from a note of the same line or space
keeps that note's pitch across the bar line, and the accidental does not hold on behind it.
"""

from collections.abc import Mapping

from songrnn.notation.tune import Key, Note, Pitch


class Accidentals:
    """What has been said so far about the letters of one voice, in the order in which it is written."""

    def __init__(self, key: Key) -> None:
        self._signature: Mapping[str, int] = key.signature
        self._of_bar: dict[str, int] = {}
        self._tied: dict[tuple[str, int], int] = {}
        self._tied_next: dict[tuple[str, int], int] = {}

    def change_key(self, key: Key) -> None:
        """Another signature; accidentals of the bar are over, as in abc2midi."""
        self._signature = key.signature
        self._of_bar.clear()

    def end_bar(self) -> None:
        """A bar line, or the start of an overlay: accidentals are over, ties are not."""
        self._of_bar.clear()

    def next_element(self) -> None:
        """The notes to come sound after those so far: only these can be tied to them."""
        self._tied, self._tied_next = self._tied_next, {}

    def end_ties(self) -> None:
        """A rest, or an overlay: nothing is tied over it."""
        self._tied, self._tied_next = {}, {}

    def expected(self, pitch: Pitch) -> int:
        """The alteration in semitones that a pitch has without an accidental of its own."""
        tied = self._tied.get((pitch.letter, pitch.octave))
        if tied is not None:
            return tied
        return self._of_bar.get(pitch.letter, self._signature.get(pitch.letter, 0))

    def read(self, note: Note) -> int:
        """The alteration of the next note; its accidental, if it has one, holds from here on."""
        alteration = self.expected(note.pitch) if note.pitch.accidental is None else note.pitch.accidental
        self.said(note, alteration)
        return alteration

    def said(self, note: Note, alteration: int) -> None:
        """Take note of a note that has this alteration."""
        if note.pitch.accidental is not None:
            self._of_bar[note.pitch.letter] = note.pitch.accidental
        if note.tied:
            self._tied_next[note.pitch.letter, note.pitch.octave] = alteration
