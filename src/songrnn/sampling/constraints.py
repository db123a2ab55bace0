"""Which characters can still lead to a valid tune: the readable twin of native/constraint.cpp, which composes.

A tune is valid when `notation.read_tune` reads it strictly, `notation.check` finds nothing, and abc2midi plays it
without an error; bars add up as `check` defines it: they last what the meter says, but for pickups and their partners.
On top of that comes the form that was asked for.

The constraints follow a tune character by character. A `State` knows the word that is being written (`words.py`), how
much of the bar has sounded, and what is open: tuplets, broken rhythm, chords, slurs, ties, repeats, endings. A
character is allowed when it goes on with the word, or ends it and begins another, and the state behind it is *viable*:
the time that is left in the bar can be filled exactly, and all that is open can be closed. So there is no dead end:
from every viable state `completion` leads to the end of a valid tune.

`bar_time.py` knows the time left in a bar, `bar_lines.py` which bar line may end it, `pitches.py` which notes may
sound.
"""

import numpy as np
from numpy.typing import NDArray

from songrnn.sampling.bar_lines import BarLines
from songrnn.sampling.bar_time import BarTime
from songrnn.sampling.pitches import Pitches
from songrnn.sampling.tune_state import (
    BEGIN,
    BLANK,
    CHORD,
    DECORATED,
    DOTTED,
    FIELD,
    GRACE,
    GRACED,
    LINE,
    MEMBER,
    MOST_GRACE,
    MOST_IN_CHORD,
    MOST_SLURS,
    MOST_TEXTS,
    MUSIC,
    NO_CHORD,
    NONE,
    NOTE,
    NOTHING,
    PLACED,
    RESTING,
    SHORTHANDED,
    SLURRED,
    STRETCHED,
    TEXTS,
    Form,
    State,
)
from songrnn.sampling.words import (
    ACCOMPANIED,
    DOT,
    FERMATA,
    GRAINS,
    ROLL,
    ROOT_BODY,
    ROOT_HEADER,
    ROOT_LENGTH,
    ROOT_NOTE,
    SWINGING,
    TRILL,
    Kind,
    Word,
    Words,
)


class Constraint:
    """The words of one vocabulary and one form. end: the id of the tune's end; size: how many ids there are."""

    def __init__(self, words: Words, form: Form, *, end: int, size: int) -> None:
        self.words, self.form, self.end, self.size = words, form, end, size
        self.bar_lines = BarLines(words, form)
        self.time = BarTime(words, form, self.bar_lines)
        self.pitches = Pitches(words, form, self.bar_lines)

    # ---- one character further

    def push(self, state: State, character: int) -> State | None:
        """The state behind a character; None when no valid tune goes on like this."""
        edges = self.words.edges
        if character not in edges[state.node] or character == self.end:
            settled = self.settled(state)
            if settled is None:
                return None
            if character == self.end:
                return settled if settled.gap == LINE and self.bar_lines.may_end(settled) else None
            if character not in edges[settled.node]:
                return None
            state = settled
        behind = state.copy()
        behind.node = edges[state.node][character]
        if not edges[behind.node] and not self.apply(behind, self.words.words[self.words.ended[behind.node]]):
            return None
        return behind if self.viable(behind) else None

    def allowed(self, state: State) -> NDArray[np.bool_]:
        """[V] whether each id may come next."""
        return np.array([self.push(state, character) is not None for character in range(self.size)])

    def settled(self, state: State) -> State | None:
        """`state` where the word that is being written has ended, and another may begin; None when it cannot end."""
        state = state.copy()
        if state.node > ROOT_LENGTH:
            word = self.words.ended[state.node]
            if word < 0 or not self.apply(state, self.words.words[word]):
                return None
        if state.node in (ROOT_NOTE, ROOT_LENGTH) and not self._end_sound(state, GRAINS):
            return None
        return state if self.viable(state) else None

    # ---- viable

    def viable(self, state: State) -> bool:
        """Whether a valid tune can still come of it."""
        if state.node == ROOT_HEADER:
            return True
        if state.node == ROOT_BODY:
            return self._viable_between_words(state)
        if state.node in (ROOT_NOTE, ROOT_LENGTH):
            return self.pitches.in_some_octave(state) and self._has_length(state)
        for index in self.words.within[state.node]:
            behind = state.copy()
            if self.apply(behind, self.words.words[index]) and self.viable(behind):
                return True
        return False

    def _has_length(self, state: State) -> bool:
        """Whether what is open can end with some length."""
        if state.sound == GRACE:
            return True
        if state.sound == MEMBER:
            return any(self._chord_fits(state, length) for length in self.time.lengths)
        if state.sound == CHORD and state.chord_length != GRAINS:
            return self.time.fits(state, state.chord_length)
        return self.time.any_fits(state)

    def _chord_fits(self, state: State, length: int) -> bool:
        """Whether the notes of the open chord can have this length; inside or behind it, never both."""
        if state.chord > 0 and length != state.chord_length:
            return False
        if length != GRAINS:
            return self.time.fits(state, length)
        return self.time.any_fits(state)

    def _viable_between_words(self, state: State) -> bool:
        if state.accidental != NONE or state.grace != NONE or state.chord != NONE or state.lead & ~PLACED:
            if state.chord > 0:
                return self._chord_fits(state, state.chord_length)
            behind = state.copy()
            # what is to come can be the tonic, but for a chord
            behind.on_tonic, behind.has_notes = int(state.accidental == NONE and state.chord == NONE), 1
            return self.time.any_fits(behind)
        if not self.time.fillable(state):
            return False
        if state.tie != NONE and not self._tie_can_end(state):
            return False
        return bool(state.in_bar) or self.bar_lines.may_end(state) or self.bar_lines.may_go_on(state)

    def _tie_can_end(self, state: State) -> bool:
        """Whether the note that a tie waits for can come, in this bar or behind a plain bar line."""
        if state.bar == 0:
            return True
        left = self.time.target(state) - state.elapsed
        if left == 0:
            behind = state.copy()
            return self.bar_lines.bar(behind, 0, 0) and self.bar_lines.may_go_on(behind)
        if state.on_tonic or not self.pitches.keeps_tonic(state):
            return True
        return left >= self.time.shortest_ticks(state) + self.time.due(state)

    # ---- what words do

    def apply(self, state: State, word: Word) -> bool:
        """Change `state` to what it is behind `word`; False when the word may not stand here."""
        state.node = ROOT_BODY
        if word.kind <= Kind.KEY:
            return self._apply_field(state, word)
        if word.kind is Kind.LENGTH:
            return self._end_sound(state, word.a)
        if word.kind is Kind.OCTAVE:
            state.node, state.line_letter = ROOT_NOTE, 0
            state.pitch += word.a
            return (word.a > 0) == bool(state.small)
        if state.chord != NONE or state.grace != NONE:
            return self._apply_inside(state, word)
        match word.kind:
            case Kind.LINE_END | Kind.SPACE:
                return self._apply_blank(state, word.kind)
            case Kind.BAR:
                return not self._waits(state) and self.bar_lines.bar(state, word.a, word.b)
            case Kind.ENDING:
                return not self._waits(state) and state.gap != BEGIN and self.bar_lines.ending(state, word.a)
            case Kind.TIE:
                fits = state.sound == NOTE and state.gap == MUSIC and state.tie == NONE and not state.broken
                state.tie, state.sound, state.last_length = state.pitch, NOTHING, 0
                return fits and (state.on_tonic == 1 or not self.pitches.keeps_tonic(state))
            case Kind.SLUR_CLOSE:
                fits = state.slurs > 0 and bool(state.in_bar) and not self._waits_closely(state) and state.tie == NONE
                state.slurs, state.sound = state.slurs - 1, NOTHING
                state.gap, state.last_length = MUSIC, state.last_length if state.gap == MUSIC else 0
                return fits
            case Kind.BROKEN:
                fits = state.last_length > 0 and state.gap == MUSIC and not self._waits(state, tuplet=False)
                return fits and state.tie == NONE and self.time.break_rhythm(state, word.a)
        return self.bar_lines.may_start_bar(state) and self._apply_music(state, word)

    def _waits(self, state: State, *, tuplet: bool = True) -> bool:
        """Whether something waits for a note that a bar line must not cut off."""
        waits = state.lead & ~PLACED or state.accidental != NONE or state.broken
        return bool(waits or (tuplet and state.tuplet))

    def _apply_field(self, state: State, word: Word) -> bool:
        in_body = state.fields == 4
        if in_body and not self._may_change(state):
            return False
        if in_body:
            state.gap = FIELD
        match word.kind:
            case Kind.RHYTHM:
                fits, state.fields, state.hornpipe = state.fields == 0, 1, word.a
            case Kind.METER:
                fits, state.fields = in_body or state.fields < 2, max(2, state.fields)
                state.bar, state.compound, state.accompanied = word.a, word.b, word.c & ACCOMPANIED
                state.swing = word.a // 8 if state.hornpipe and word.c & SWINGING else 0
            case Kind.UNIT:
                fits, state.fields = in_body or state.fields == 2, max(3, state.fields)
                state.unit = word.a
            case _:
                fits, state.fields = in_body or state.fields == 3, 4
                state.key = word.a
        state.node = ROOT_BODY if state.fields == 4 else ROOT_HEADER
        return fits and (state.fields < 3 or state.bar % self.time.shortest_ticks(state) == 0)

    def _may_change(self, state: State) -> bool:
        """Whether a field may stand here, within the tune."""
        if not self.form.changes or state.gap != LINE or state.in_bar or state.tie != NONE or state.lead:
            return False
        return not state.owed and self.bar_lines.may_start_bar(state)

    def _apply_blank(self, state: State, kind: Kind) -> bool:
        if state.lead & ~GRACED or state.accidental != NONE or state.broken or state.gap in (BEGIN, LINE, FIELD):
            return False
        if kind is Kind.SPACE:
            fits = state.gap != BLANK
            state.gap, state.line_letter = BLANK, 0
            return fits
        fits = not state.tuplet and not state.lead
        state.gap = LINE
        return fits

    def _waits_closely(self, state: State) -> bool:
        return bool(state.lead & ~PLACED or state.accidental != NONE)

    def _apply_inside(self, state: State, word: Word) -> bool:
        """Words between the brackets of a chord or grace notes."""
        in_chord = state.chord != NONE
        sound, count, most = (MEMBER, state.chord, MOST_IN_CHORD) if in_chord else (GRACE, state.grace, MOST_GRACE)
        match word.kind:
            case Kind.LETTER:
                return count < most and self._open(state, word, sound)
            case Kind.ACCIDENTAL:
                fits, state.accidental = state.accidental == NONE and count < most, word.a + 2
                return fits and self.pitches.may_alter(state, word.a)
            case Kind.CHORD_CLOSE:
                fits = state.chord > 0 and state.accidental == NONE
                state.chord, state.sound, state.node = NONE, CHORD, ROOT_LENGTH
                return fits
            case Kind.GRACE_CLOSE:
                fits = state.grace > 0 and state.accidental == NONE
                state.grace, state.lead = NONE, state.lead | GRACED
                return fits
        return False

    def _apply_music(self, state: State, word: Word) -> bool:
        """Words that begin something, or wait for a note."""
        lead, free = state.lead, state.accidental == NONE
        begins_line = state.gap in (BEGIN, LINE, FIELD) and free
        state.gap, state.line_letter = MUSIC, int(word.kind is Kind.LETTER and begins_line)
        state.sound, state.last_length = NOTHING, state.last_length if state.broken else 0
        match word.kind:
            case Kind.LETTER:
                return self._open(state, word, NOTE)
            case Kind.REST:
                state.sound, state.node = RESTING, ROOT_LENGTH
                return free and not lead & ~TEXTS and state.tie == NONE
            case Kind.ACCIDENTAL:
                state.accidental = word.a + 2
                return free and state.tie == NONE and self.pitches.may_alter(state, word.a)
            case Kind.CHORD_OPEN:
                state.chord, state.chord_length = 0, 0
                return free and not lead & (DECORATED | NO_CHORD) and state.tie == NONE
            case Kind.GRACE_OPEN:
                state.grace = 0
                return free and not lead & (DOTTED | SHORTHANDED | GRACED) and state.tie == NONE
            case Kind.SLUR_OPEN:
                state.slurs, state.lead = state.slurs + 1, lead | SLURRED
                return free and state.slurs <= MOST_SLURS and state.tie == NONE and not lead & (SHORTHANDED | SLURRED)
            case Kind.TUPLET:
                return free and not lead & (DOTTED | SHORTHANDED) and self.time.begin_tuplet(state, word)
            case Kind.SHORTHAND:
                free = free and not (word.a == ROLL and lead & GRACED)
                free = free and not (word.a in (TRILL, ROLL) and state.tie != NONE)
                state.lead = lead | (DOTTED if word.a == DOT and not lead & DOTTED else SHORTHANDED)
                state.lead |= NO_CHORD if word.a in (TRILL, ROLL) else 0
                state.lead |= STRETCHED if word.a in (DOT, ROLL, FERMATA) else 0
                free = free and not (state.swing and word.a == DOT)
            case Kind.DECORATION | Kind.TEXT:
                free = free and not lead & (DOTTED | SHORTHANDED)
                state.lead = lead | (TEXTS if word.kind is Kind.TEXT else DECORATED)
                if word.kind is Kind.DECORATION:
                    state.lead |= STRETCHED if word.a == FERMATA else NO_CHORD if word.a == TRILL else 0
                state.symbol |= int(word.kind is Kind.TEXT and word.a)
                free = free and not (state.symbol and (not state.accompanied or state.uneven))
            case _:
                return False
        held = word.kind is not Kind.TEXT and word.a == FERMATA  # abc2midi makes the note longer
        free = free and not (held and (state.swing or state.symbol))
        state.uneven |= int(held)
        state.texts += 1
        return free and state.texts <= MOST_TEXTS and not (state.broken and state.lead & STRETCHED)

    def _open(self, state: State, word: Word, sound: int) -> bool:
        """A letter: its note begins; octave marks and a length may follow."""
        letter, key = word.b, self.words.keys[state.key]
        said, state.accidental = state.accidental, NONE
        kept = state.alterations[letter]
        if sound != NOTE or state.tie == NONE:  # a tie carries its accidental across the bar line
            state.altered = said - 2 if said != NONE else kept - 2 if kept != NONE else key.alterations[letter]
        if said != NONE and sound != GRACE:
            state.alterations[letter] = said
            if self.pitches.keeps_tonic(state) and letter == key.tonic and state.altered != key.alterations[letter]:
                return False
        state.sound, state.node = sound, ROOT_NOTE
        state.pitch, state.letter, state.small = word.a, letter, word.c
        if sound == NOTE or (sound == MEMBER and state.chord == 0):
            at_tonic = letter == key.tonic and state.altered == key.alterations[letter]
            state.on_tonic = int(at_tonic and sound == NOTE)
            state.has_notes = 1
        return not (sound == NOTE and state.tie != NONE and said != NONE)

    # ---- sounds

    def _end_sound(self, state: State, length: int) -> bool:
        """What is open ends, with a length in grains."""
        sound, state.node, state.line_letter = state.sound, ROOT_BODY, int(state.line_letter and length == GRAINS)
        if not self.pitches.reaches(state, 0):
            return False
        if sound == GRACE:
            state.grace += 1
            return True
        if sound == MEMBER:
            fits = state.chord == 0 or length == state.chord_length
            state.chord, state.chord_length = state.chord + 1, length
            return fits
        if sound == CHORD:
            if GRAINS not in (length, state.chord_length):
                return False
            length = length if state.chord_length == GRAINS else state.chord_length
        stretched, trilled = state.lead & STRETCHED, state.lead & NO_CHORD
        state.lead = state.texts = 0
        state.tie = NONE
        if not self.time.advance(state, length):
            return False
        state.sound = NOTHING if stretched or trilled else sound
        state.last_length = 0 if stretched else state.last_length
        return True
