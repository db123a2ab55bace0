"""How much of a bar has sounded, and whether what is left can be filled exactly.

Times are ticks (`words.WHOLE`), so that every note, in every tuplet and broken rhythm, lasts a whole number of them.
The time left in a bar can be filled when it is a whole number of the shortest notes that can be written; behind a
broken rhythm, when the note that it waits for leaves such a time; in a tuplet, when lengths of its remaining notes
exist that do.
"""

from collections.abc import Sequence

from songrnn.sampling.bar_lines import BarLines
from songrnn.sampling.tune_state import NOTHING, Form, State
from songrnn.sampling.words import COMPOUND, GRAINS, MOST_TUPLET, Kind, Word, Words

LONGEST_SUM = 40
"""Lengths of a tuplet's notes are tried up to this sum, in shortest lengths. What decides is the sum's remainder when
divided by the p notes, and p is 9 at most: among sums of up to 9 notes every remainder that there is comes before."""


class BarTime:
    """The time of one vocabulary's notes. lengths: all that can be written, in grains."""

    def __init__(self, words: Words, form: Form, bar_lines: BarLines) -> None:
        self.form, self.bar_lines = form, bar_lines
        self.lengths = tuple(dict.fromkeys([GRAINS, *(w.a for w in words.words if w.kind is Kind.LENGTH)]))
        self.shortest = min(self.lengths)
        self.sums = sums_of_lengths([length // self.shortest for length in self.lengths])

    # ---- what is left

    def fits(self, state: State, length: int) -> bool:
        """Whether a note of so many grains leaves a time that can be filled."""
        behind = state.copy()
        return self.advance(behind, length) and self.fillable(behind)

    def any_fits(self, state: State) -> bool:
        """Whether a note of some length does."""
        if state.bar and not state.tuplet and not state.broken and not self.bar_lines.in_last_bar(state):
            left, grain = self.target(state) - state.elapsed, self.shortest_ticks(state)
            return left >= grain and left % grain == 0  # the shortest one decides
        return any(self.fits(state, length) for length in self.lengths)

    def fillable(self, state: State) -> bool:
        """Whether the time left in the bar can be filled exactly."""
        if state.bar == 0:
            return True
        left, grain = self.target(state) - state.elapsed, self.shortest_ticks(state)
        if left < 0:
            return False
        if state.broken:
            behind = state.copy()
            behind.on_tonic, behind.has_notes = 1, 1
            return self.advance(behind, state.last_length) and self.fillable(behind)
        if state.tuplet == 0:
            return left % grain == 0 and not (left < self.due(state) and self.lacks_ending(state))
        notes, time = state.tuplet_notes, state.tuplet_time
        if left * notes % grain:
            return False
        whole = left * notes // grain  # of which every grain of the notes to come takes `time`
        return any(time * total <= whole and (whole - time * total) % notes == 0 for total in self.sums[state.tuplet])

    def lacks_ending(self, state: State) -> bool:
        """Whether the note is still to come that the tune must end with, in its last bar."""
        has_it = state.has_notes and (state.on_tonic or not self.form.ends_on_tonic)
        return not has_it and self.bar_lines.in_last_bar(state)

    def due(self, state: State) -> int:
        """What must be left of the last bar until that note has begun; time enough to hear it."""
        due = state.unit if self.form.ends_on_tonic else self.shortest_ticks(state)
        return due if state.bar // 2 >= due else self.shortest_ticks(state)

    def shortest_ticks(self, state: State) -> int:
        """How long the shortest note that can be written sounds; every time that is left must be made of these."""
        return state.unit // GRAINS * self.shortest

    def target(self, state: State) -> int:
        """What this bar lasts, if it is not ended early as a pickup or a partner."""
        return state.owed if state.owed and state.begins_part else state.bar

    # ---- what passes

    def advance(self, state: State, length: int) -> bool:
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
        state.in_bar, state.lacks_music = 1, 0
        return True

    def begin_tuplet(self, state: State, word: Word) -> bool:
        """From here on c notes last q/p of what is written."""
        fits = state.tuplet == 0 and not state.broken
        state.tuplet, state.tuplet_notes = word.c, word.a
        state.tuplet_time = word.b or (COMPOUND if state.compound else 2)
        return fits

    def break_rhythm(self, state: State, signs: int) -> bool:
        """`>` and `<`: the note before becomes longer or shorter by what the next loses or gains."""
        kept, begin = state.last_ticks >> abs(signs), state.elapsed - state.last_ticks
        if state.swing and state.last_ticks == state.swing and begin % (2 * state.swing):
            return False  # abc2midi has swung it with the note before
        if state.bar:
            state.elapsed += state.last_ticks - kept if signs > 0 else kept - state.last_ticks
        state.broken, state.sound = signs, NOTHING
        return state.last_ticks % (1 << abs(signs)) == 0


def sums_of_lengths(lengths: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """For 0 to MOST_TUPLET notes, every sum of their lengths up to LONGEST_SUM."""
    sums: list[set[int]] = [{0}]
    for _ in range(MOST_TUPLET):
        sums.append({a + b for a in sums[-1] for b in lengths if a + b <= LONGEST_SUM})
    return tuple(tuple(sorted(found)) for found in sums)
