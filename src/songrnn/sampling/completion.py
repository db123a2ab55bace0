"""The way out: from every viable state a short one to the end of a valid tune, one character after the other."""

from collections.abc import Iterable
from dataclasses import replace

from songrnn.sampling.constraints import Constraint
from songrnn.sampling.tune_state import BAR_LINE, LINE, NONE, NOTE, State
from songrnn.sampling.words import GRAINS, ROOT_BODY, ROOT_HEADER, ROOT_LENGTH, ROOT_NOTE, STARTS, Kind, Word

UNRANKED, DETOUR, NEVER = 50, 60, 100
"""Ranks, the lowest first: of words that nothing speaks for; of bar lines that make the way longer, which may yet be
the only way; of words that lead nowhere."""
CLOSING = (Kind.CHORD_CLOSE, Kind.GRACE_CLOSE, Kind.SLUR_CLOSE)
RANKED = {Kind.LENGTH, *CLOSING, Kind.ENDING, Kind.LINE_END, Kind.BAR, Kind.LETTER}
"""The others have rank UNRANKED."""


class Completion:
    """Completes the tunes of one constraint."""

    def __init__(self, constraint: Constraint) -> None:
        self.constraint, self.words = constraint, constraint.words
        self.bar_lines, self.form = constraint.bar_lines, constraint.form

    def next(self, state: State) -> int:
        """The next character of the way out, from a viable state."""
        if state.gap == LINE and self.constraint.push(state, self.constraint.end) is not None:
            return self.constraint.end
        while True:
            best = self._best(state, self.words.within[state.node])
            ends_here = self.constraint.settled(state) if state.node not in (ROOT_HEADER, ROOT_BODY) else None
            if ends_here is None or (best != NONE and self._goes_on(state, self.words.words[best], best)):
                return self._towards(state.node, best)
            state = ends_here

    def length(self, state: State) -> int:
        """How many ids that way has, the end among them; equal notes and bars in a row are counted, not walked."""
        length, note, bar = 1, (state, 0), (state, 0)  # a state on the way and the length there; 0: none yet
        while (character := self.next(state)) != self.constraint.end:
            behind = self.constraint.push(state, character)
            assert behind is not None
            state, length = behind, length + 1
            if state.node != ROOT_NOTE or state.sound != NOTE:
                continue
            skipped = (length - note[1]) * self._skip_notes(note[0], state) if note[1] else 0
            if not state.in_bar and bar[1]:
                skipped += (length - bar[1]) * self._skip_bars(bar[0], state)
            length += skipped
            note = (state.copy(), length)
            bar = bar if state.in_bar else note
        return length

    def _skip_notes(self, before: State, state: State) -> int:
        """Repeat the notes from `before` to `state` while the time left decides nothing; how often it did."""
        ticks, time = state.elapsed - before.elapsed, self.constraint.time
        if not state.bar or ticks <= 0 or replace(before, elapsed=state.elapsed) != state:
            return 0
        kept = max(3 * ticks, state.pickup, state.first_pickup, state.owed) + ticks
        times = max(0, (time.target(state) - state.elapsed - kept) // ticks)
        state.elapsed += times * ticks
        return times

    def _skip_bars(self, before: State, state: State) -> int:
        """The same for bars, while their number decides nothing."""
        follows = before.count > 0 and (state.count, state.bars) == (before.count + 1, before.bars + 1)
        if not self.form.bars or not follows or replace(before, count=state.count, bars=state.bars) != state:
            return 0
        times = max(0, self.form.bars - state.count - 3)
        state.count, state.bars = state.count + times, state.bars + times
        return times

    def _goes_on(self, state: State, word: Word, index: int) -> bool:
        """Whether the way leads on within the word that is being written, though it could end here."""
        if state.node > ROOT_LENGTH:
            return index != self.words.ended[state.node]
        return word.kind is Kind.LENGTH and word.a > GRAINS

    def _best(self, state: State, words: Iterable[int]) -> int:
        """Of `words` the viable one that leads to the end soonest; NONE if there is none."""
        for ranked in (True, False):  # what has no rank of its own comes only where nothing else leads on
            best, least = NONE, 0
            for index in words:
                word = self.words.words[index]
                if ranked and word.kind not in RANKED:
                    continue
                behind = state.copy()
                if self.constraint.apply(behind, word) and self.constraint.viable(behind):
                    rank = self._rank(state, behind, word)
                    if best == NONE or rank < least:
                        best, least = index, rank
            if best != NONE and least < UNRANKED:
                return best
        return best

    def _rank(self, state: State, behind: State, word: Word) -> int:
        match word.kind:
            case Kind.LENGTH:
                return -word.a
            case kind if kind in CLOSING:
                return 0
            case Kind.ENDING:
                return 1 if word.a == 2 else NEVER
            case Kind.LINE_END:
                opens = not self.bar_lines.may_start_bar(state) and state.gap == BAR_LINE
                return 0 if self.bar_lines.may_end(state) else 4 if opens else NEVER
            case Kind.BAR:
                return self._rank_of_bar_line(state, behind, word)
            case Kind.LETTER:
                key = self.words.keys[state.key]
                return 10 if word.b == key.tonic and behind.altered == key.alterations[word.b] else 11
        return UNRANKED

    def _rank_of_bar_line(self, state: State, behind: State, word: Word) -> int:
        if not state.in_bar:
            return 3 if word.a == STARTS and not self.bar_lines.may_start_bar(state) else NEVER
        if self.bar_lines.may_end(behind):
            return 1
        if (behind.lacks_music and word.b == 0) or behind.owed or behind.must_divide or word.b == 1:
            return DETOUR
        if word.a == 0:
            return 5
        return 3 if not word.a & STARTS or self.form.sections else 6

    def _towards(self, node: int, word: int) -> int:
        """The first character on the way from a node to a word."""
        words = self.words
        return next(
            character
            for character, child in words.edges[node].items()
            if word in (words.within[child] or (words.ended[child],))
        )
