"""Which pitches may sound: within the range asked for, the one that a tie waits for, the tonic at the end.

A pitch is known only when its word is over, for octave marks stand behind the letter: until then some octave must do.
"""

from songrnn.notation.grammar import LETTERS
from songrnn.sampling.bar_lines import BarLines
from songrnn.sampling.tune_state import CHORD, HIGHEST, LOWEST, NONE, NOTE, RESTING, Form, State
from songrnn.sampling.words import ROOT_NOTE, Kind, Word, Words


class Pitches:
    """The pitches of one vocabulary's notes, in one form."""

    def __init__(self, words: Words, form: Form, bar_lines: BarLines) -> None:
        self.words, self.form, self.bar_lines = words, form, bar_lines
        self.octave_up, self.octave_down = words.spells(Kind.OCTAVE, a=12), words.spells(Kind.OCTAVE, a=-12)

    def in_some_octave(self, state: State) -> bool:
        """Whether the open note may sound, with the octave marks that may still come."""
        marks = state.node == ROOT_NOTE and (self.octave_up if state.small else self.octave_down)
        return any(self.reaches(state, step) for step in (_steps(state.small) if marks else range(1)))

    def reaches(self, state: State, step: int) -> bool:
        """Whether a pitch so many semitones from the present one may sound."""
        pitch = state.pitch + step
        if state.sound in (RESTING, CHORD):
            return True
        if state.tie != NONE and state.sound == NOTE:
            return pitch == state.tie
        return LOWEST <= pitch <= HIGHEST and self.form.low <= pitch + state.altered <= self.form.high

    def keeps_tonic(self, state: State) -> bool:
        """Whether the tonic must still sound, as the key has it, before this bar ends."""
        return self.form.ends_on_tonic and self.bar_lines.in_last_bar(state)

    def may_alter(self, state: State, semitones: int) -> bool:
        """Whether some letter may be altered so within the range asked for, and the tonic can still come."""
        if (self.form.low, self.form.high, self.form.ends_on_tonic) == (0, 127, False):
            return True
        return any(self._letter_reaches(state, letter, semitones) for letter in range(len(LETTERS)))

    def _letter_reaches(self, state: State, letter: int, semitones: int) -> bool:
        key = self.words.keys[state.key]
        if self.keeps_tonic(state) and letter == key.tonic and semitones != key.alterations[letter]:
            return False
        return any(
            word.kind is Kind.LETTER and word.b == letter and self._letter_fits(word, semitones)
            for word in self.words.words
        )

    def _letter_fits(self, word: Word, semitones: int) -> bool:
        """Whether a letter, altered so, reaches the range in some octave that can be written."""
        marks = self.octave_up if word.c else self.octave_down
        steps = _steps(word.c) if marks else range(1)
        return any(
            LOWEST <= word.a + step <= HIGHEST and self.form.low <= word.a + step + semitones <= self.form.high
            for step in steps
        )


def _steps(small: int) -> range:
    """What none to three octave marks do to a letter, in semitones; `'` behind small letters, `,` behind capitals."""
    return range(0, 48, 12) if small else range(0, -48, -12)
