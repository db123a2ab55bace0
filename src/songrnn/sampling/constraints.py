"""Which characters can still lead to a valid tune: the readable twin of native/constraint.cpp, which composes.

A tune is valid when `notation.read_tune` reads it strictly, `notation.check` finds nothing, and abc2midi plays it
without an error; bars add up as `check` defines it: they last what the meter says, but for pickups and their partners.
On top of that comes the form that was asked for.

The constraints follow a tune character by character. A `State` knows the word that is being written (`tokens.py`), how
much of the bar has sounded, and what is open: tuplets, broken rhythm, chords, slurs, ties, repeats, endings. A
character is allowed when it goes on with the word, or ends it and begins another, and the state behind it is *viable*:
the time that is left in the bar can be filled exactly, and all that is open can be closed. So there is no dead end:
from every viable state `completion` leads to the end of a valid tune.

Times are ticks (`tokens.WHOLE`). The time left in a bar can be filled when it is a whole number of the shortest notes
that can be written; in a tuplet, when lengths of its remaining notes exist that leave such a time.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from songrnn.sampling.bar_lines import BarLines
from songrnn.sampling.tokens import (
    COMPOUND,
    DOT,
    FERMATA,
    GRAINS,
    ROLL,
    ROOT_BODY,
    ROOT_HEADER,
    ROOT_LENGTH,
    ROOT_NOTE,
    TRILL,
    Kind,
    Word,
    Words,
)
from songrnn.sampling.tune_state import (
    BEGIN,
    BLANK,
    CHORD,
    DECORATED,
    DOTTED,
    FIELD,
    GRACE,
    GRACED,
    HIGHEST,
    LINE,
    LOWEST,
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

LONGEST_SUM = 40
"""Lengths of a tuplet's notes are tried up to this sum, in shortest lengths; every remainder comes long before."""


class Constraint:
    """The words of one vocabulary and one form. end: the id of the tune's end; size: how many ids there are."""

    def __init__(self, words: Words, form: Form, *, end: int, size: int) -> None:
        self.words, self.form, self.end, self.size = words, form, end, size
        self.bar_lines = BarLines(words, form)
        self.lengths = tuple(dict.fromkeys([GRAINS, *(w.a for w in words.words if w.kind is Kind.LENGTH)]))
        self.shortest = min(self.lengths)
        self.sums = sums_of_lengths([length // self.shortest for length in self.lengths])
        self.octave_up, self.octave_down = words.spells(Kind.OCTAVE, a=12), words.spells(Kind.OCTAVE, a=-12)

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
            return any(self._reaches(state, step) for step in self._octaves(state)) and self._has_length(state)
        for index in self.words.within[state.node]:
            behind = state.copy()
            if self.apply(behind, self.words.words[index]) and self.viable(behind):
                return True
        return False

    def _octaves(self, state: State) -> range:
        """What octave marks can still do to the letter, in semitones."""
        if state.node != ROOT_NOTE or not (self.octave_up if state.small else self.octave_down):
            return range(1)
        return range(0, 48, 12) if state.small else range(0, -48, -12)

    def _reaches(self, state: State, step: int) -> bool:
        """Whether a pitch so many semitones from the present one may sound."""
        pitch = state.pitch + step
        if state.sound in (RESTING, CHORD):
            return True
        if state.tie != NONE and state.sound == NOTE:
            return pitch == state.tie
        return LOWEST <= pitch <= HIGHEST and self.form.low <= pitch + state.altered <= self.form.high

    def _has_length(self, state: State) -> bool:
        """Whether what is open can end with some length."""
        if state.sound == GRACE:
            return True
        if state.sound == MEMBER:
            return any(self._chord_fits(state, length) for length in self.lengths)
        if state.sound == CHORD and state.chord_length != GRAINS:
            return self._fits(state, state.chord_length)
        return any(self._fits(state, length) for length in self.lengths)

    def _chord_fits(self, state: State, length: int) -> bool:
        """Whether the notes of the open chord can have this length; inside or behind it, never both."""
        if state.chord > 0 and length != state.chord_length:
            return False
        if length != GRAINS:
            return self._fits(state, length)
        return any(self._fits(state, outer) for outer in self.lengths)

    def _fits(self, state: State, length: int) -> bool:
        """Whether a note of so many grains leaves a time that can be filled."""
        behind = state.copy()
        return self._advance(behind, length) and self._fillable(behind)

    def _viable_between_words(self, state: State) -> bool:
        if state.accidental != NONE or state.grace != NONE or state.chord != NONE or state.lead & ~PLACED:
            if state.chord > 0:
                return self._chord_fits(state, state.chord_length)
            behind = state.copy()
            behind.on_tonic, behind.has_notes = int(state.accidental == NONE), 1  # what is to come can be the tonic
            return any(self._fits(behind, length) for length in self.lengths)
        if not self._fillable(state):
            return False
        if state.tie != NONE and not self._tie_can_end(state):
            return False
        return bool(state.in_bar) or self.bar_lines.may_end(state) or self.bar_lines.may_go_on(state)

    def _fillable(self, state: State) -> bool:
        """Whether the time left in the bar can be filled exactly."""
        if state.bar == 0:
            return True
        left, grain = self._target(state) - state.elapsed, self._shortest_ticks(state)
        if left < 0:
            return False
        if state.broken:
            behind = state.copy()
            behind.on_tonic, behind.has_notes = 1, 1
            return self._advance(behind, state.last_length) and self._fillable(behind)
        if state.tuplet == 0:
            return left % grain == 0 and not (left < self._due(state) and self._lacks_ending(state))
        notes, time = state.tuplet_notes, state.tuplet_time
        if left * notes % grain:
            return False
        whole = left * notes // grain  # of which every grain of the notes to come takes `time`
        return any(time * total <= whole and (whole - time * total) % notes == 0 for total in self.sums[state.tuplet])

    def _shortest_ticks(self, state: State) -> int:
        return state.unit // GRAINS * self.shortest

    def _target(self, state: State) -> int:
        """What this bar lasts, if it is not ended early as a pickup or a partner."""
        return state.owed if state.owed and state.begins_part else state.bar

    def _due(self, state: State) -> int:
        """What must be left of the last bar until that note has begun; time enough to hear it."""
        due = state.unit if self.form.ends_on_tonic else self._shortest_ticks(state)
        return due if state.bar // 2 >= due else self._shortest_ticks(state)

    def _lacks_ending(self, state: State) -> bool:
        """Whether the note is still to come that the tune must end with, in its last bar."""
        has_it = state.has_notes and (state.on_tonic or not self.form.ends_on_tonic)
        return not has_it and self.bar_lines.in_last_bar(state)

    def _tie_can_end(self, state: State) -> bool:
        """Whether the note that a tie waits for can come, in this bar or behind a plain bar line."""
        if state.bar == 0:
            return True
        left = self._target(state) - state.elapsed
        if left == 0:
            behind = state.copy()
            return self.bar_lines.bar(behind, 0, 0) and self.bar_lines.may_go_on(behind)
        return left >= self._shortest_ticks(state) + self._due(state) or not self._keeps_tonic(state)

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
                tonic_is_due = self.form.ends_on_tonic and self.bar_lines.in_last_bar(state) and not state.on_tonic
                return fits and not tonic_is_due
            case Kind.SLUR_CLOSE:
                fits = state.slurs > 0 and bool(state.in_bar) and not self._waits_closely(state) and state.tie == NONE
                state.slurs, state.sound = state.slurs - 1, NOTHING
                state.gap, state.last_length = MUSIC, state.last_length if state.gap == MUSIC else 0
                return fits
            case Kind.BROKEN:
                fits = state.last_length > 0 and state.gap == MUSIC and not self._waits(state, tuplet=False)
                return fits and state.tie == NONE and self._apply_broken(state, word.a)
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
                fits, state.fields = state.fields == 0, 1
            case Kind.METER:
                fits, state.fields = in_body or state.fields < 2, max(2, state.fields)
                state.bar, state.compound, state.accompanied = word.a, word.b, word.c
            case Kind.UNIT:
                fits, state.fields = in_body or state.fields == 2, max(3, state.fields)
                state.unit = word.a
            case _:
                fits, state.fields = in_body or state.fields == 3, 4
                state.key = word.a
        state.node = ROOT_BODY if state.fields == 4 else ROOT_HEADER
        return fits and (state.fields < 3 or state.bar % self._shortest_ticks(state) == 0)

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
                return fits and self._may_alter(state, word.a)
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
                return free and state.tie == NONE and self._may_alter(state, word.a)
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
                return free and not lead & (DOTTED | SHORTHANDED) and self._apply_tuplet(state, word)
            case Kind.SHORTHAND:
                free = free and not (word.a == ROLL and lead & GRACED)
                free = free and not (word.a in (TRILL, ROLL) and state.tie != NONE)
                state.lead = lead | (DOTTED if word.a == DOT and not lead & DOTTED else SHORTHANDED)
                state.lead |= NO_CHORD if word.a in (TRILL, ROLL) else 0
                state.lead |= STRETCHED if word.a in (DOT, ROLL, FERMATA) else 0
            case Kind.DECORATION | Kind.TEXT:
                free = free and not lead & (DOTTED | SHORTHANDED)
                state.lead = lead | (TEXTS if word.kind is Kind.TEXT else DECORATED)
                if word.kind is Kind.DECORATION:
                    state.lead |= STRETCHED if word.a == FERMATA else NO_CHORD if word.a == TRILL else 0
                state.symbol |= int(word.kind is Kind.TEXT and word.a)
                free = free and not (state.symbol and (not state.accompanied or state.uneven))
            case _:
                return False
        state.texts += 1
        return free and state.texts <= MOST_TEXTS and not (state.broken and state.lead & STRETCHED)

    def _may_alter(self, state: State, semitones: int) -> bool:
        """Whether some letter may be altered so within the range asked for, and the tonic can still come."""
        if (self.form.low, self.form.high, self.form.ends_on_tonic) == (0, 127, False):
            return True
        return any(self._letter_reaches(state, letter, semitones) for letter in range(7))

    def _letter_reaches(self, state: State, letter: int, semitones: int) -> bool:
        key = self.words.keys[state.key]
        if self._keeps_tonic(state) and letter == key.tonic and semitones != key.alterations[letter]:
            return False
        return any(
            word.kind is Kind.LETTER and word.b == letter and self._letter_fits(word, semitones)
            for word in self.words.words
        )

    def _letter_fits(self, word: Word, semitones: int) -> bool:
        """Whether a letter, altered so, reaches the range in some octave that can be written."""
        marks = self.octave_up if word.c else self.octave_down
        steps = (range(0, 48, 12) if word.c else range(0, -48, -12)) if marks else range(1)
        return any(
            LOWEST <= word.a + step <= HIGHEST and self.form.low <= word.a + step + semitones <= self.form.high
            for step in steps
        )

    def _keeps_tonic(self, state: State) -> bool:
        return self.form.ends_on_tonic and self.bar_lines.in_last_bar(state)

    def _open(self, state: State, word: Word, sound: int) -> bool:
        """A letter: its note begins; octave marks and a length may follow."""
        letter, key = word.b, self.words.keys[state.key]
        said, state.accidental = state.accidental, NONE
        kept = state.alterations[letter]
        state.altered = said - 2 if said != NONE else kept - 2 if kept != NONE else key.alterations[letter]
        if said != NONE and sound != GRACE:
            state.alterations[letter] = said
            if self._keeps_tonic(state) and letter == key.tonic and state.altered != key.alterations[letter]:
                return False
        state.sound, state.node = sound, ROOT_NOTE
        state.pitch, state.letter, state.small = word.a, letter, word.c
        if sound == NOTE or (sound == MEMBER and state.chord == 0):
            state.on_tonic = int(letter == key.tonic and state.altered == key.alterations[letter])
            state.has_notes = 1
        return not (sound == NOTE and state.tie != NONE and said != NONE)

    def _apply_tuplet(self, state: State, word: Word) -> bool:
        fits = state.tuplet == 0 and not state.broken
        state.tuplet, state.tuplet_notes = word.c, word.a
        state.tuplet_time = word.b or (COMPOUND if state.compound else 2)
        return fits

    def _apply_broken(self, state: State, signs: int) -> bool:
        """`>` and `<`: the note before becomes longer or shorter by what the next loses or gains."""
        kept = state.last_ticks >> abs(signs)
        if state.bar:
            state.elapsed += state.last_ticks - kept if signs > 0 else kept - state.last_ticks
        state.broken, state.sound = signs, NOTHING
        return state.last_ticks % (1 << abs(signs)) == 0

    # ---- sounds

    def _end_sound(self, state: State, length: int) -> bool:
        """What is open ends, with a length in grains."""
        sound, state.node, state.line_letter = state.sound, ROOT_BODY, int(state.line_letter and length == GRAINS)
        if not self._reaches(state, 0):
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
        if not self._advance(state, length):
            return False
        state.sound = NOTHING if stretched or trilled else sound
        state.last_length = 0 if stretched else state.last_length
        return True

    def _advance(self, state: State, length: int) -> bool:
        """Time passes: one note of so many grains, in its tuplet and broken rhythm."""
        ticks = state.unit // GRAINS * length
        if state.tuplet:
            if ticks * state.tuplet_time % state.tuplet_notes:
                return False
            ticks = ticks * state.tuplet_time // state.tuplet_notes
        if state.broken:
            if length != state.last_length:
                return False
            kept = ticks >> abs(state.broken)
            sounding = kept if state.broken > 0 else 2 * ticks - kept
            state.broken = state.last_length = 0
        else:
            sounding, state.last_length = ticks, length
        state.elapsed += sounding if state.bar else 0
        state.last_ticks = ticks
        if state.tuplet:
            state.tuplet -= 1
            if state.tuplet == 0:
                state.last_length = 0  # nothing may break a rhythm across the end of a tuplet
        state.in_bar, state.after_pickup = 1, 0
        return True


def sums_of_lengths(lengths: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """For 0 to 9 notes, every sum of their lengths up to LONGEST_SUM."""
    sums: list[set[int]] = [{0}]
    for _ in range(9):
        sums.append({a + b for a in sums[-1] for b in lengths if a + b <= LONGEST_SUM})
    return tuple(tuple(sorted(found)) for found in sums)
