"""The accidentals that a score shows: the written ones, and those without which the score would mean another note.

ABC and the score disagree on how far an accidental reaches. In ABC it holds in every octave, or in none, as the tune
says; in a score for its own line or space until the bar line. So a note whose pitch the score would not
imply gets a sign that the text does not have.
"""

from collections.abc import Mapping

from songrnn.notation.pitches import sounding_signature
from songrnn.notation.tune import Key, Pitch


class ShownAccidentals:
    """The alterations in force in the score at each place."""

    def __init__(self, key: Key) -> None:
        self._signature: Mapping[str, int] = sounding_signature(key)
        self._of_bar: dict[tuple[str, int], int] = {}

    def change_key(self, key: Key) -> None:
        """Set another signature."""
        self._signature = sounding_signature(key)
        self._of_bar.clear()

    def end_bar(self) -> None:
        """End a bar."""
        self._of_bar.clear()

    def read(self, pitch: Pitch, alter: int, *, tied: bool) -> int | None:
        """The accidental to show at a note that sounds `alter` semitones above its letter; None for none.

        tied: whether it is tied to the note before, which determines its pitch.
        """
        place = pitch.letter, pitch.octave
        expected = self._of_bar.get(place, self._signature.get(pitch.letter, 0))
        if pitch.accidental is None and (tied or expected == alter):
            return None
        self._of_bar[place] = alter
        return alter
