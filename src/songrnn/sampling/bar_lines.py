"""Which bar lines and endings may stand where: bars that add up, repeats and endings that close, the form asked for.

A bar is full, a pickup (the first of a part, and shorter), or the partner of a pickup: the last of a part, shorter by
the pickup of its own part, or by one that is then owed by the next part, or by the tune's first one at the very end. So
`notation.check` has it; here a short bar lacks half a bar at most.
"""

from songrnn.sampling.tune_state import (
    BAR_LINE,
    BEGIN,
    BETWEEN,
    FIELD,
    FIRST,
    LINE,
    MAY_BE_PICKUP,
    MUSIC,
    MUST_BE_FULL,
    NO,
    NO_ENDING,
    NONE,
    NOTHING,
    SECOND,
    Form,
    State,
)
from songrnn.sampling.words import DOUBLE, ENDS, STARTS, WHOLE, Kind, Words

EIGHTH = WHOLE // 8


class BarLines:
    """The bar lines of one vocabulary and one form."""

    def __init__(self, words: Words, form: Form) -> None:
        self.form = form
        self.can_start = words.spells(Kind.BAR, a=STARTS, b=0)
        self.can_repeat = words.spells(Kind.BAR, a=ENDS, b=0)
        brackets = self.can_repeat and words.spells(Kind.ENDING, a=2)
        self.has_endings = brackets or words.spells(Kind.BAR, a=ENDS, b=2)

    # ---- the end

    def may_end(self, state: State) -> bool:
        """Whether the tune may end at this bar line, but for the end of the line."""
        if state.in_bar or state.gap == FIELD or state.lacks_music or state.bars == 0 or not state.has_notes:
            return False
        if state.repeat or state.ending in (FIRST, BETWEEN) or state.slurs or state.tie != NONE:
            return False
        if state.owed and state.owed != state.first_pickup:
            return False
        if self.form.ends_on_tonic and not state.on_tonic:
            return False
        if self.form.sections:
            if state.section == len(self.form.sections):
                return True
            if state.section + 1 < len(self.form.sections):
                return False
            if self.form.sections[-1] and state.ending != SECOND:
                return False
        if state.ending == SECOND and self.form.bars:
            return state.ending_bars == 0 and (bool(self.form.sections) or state.count == self.form.bars)
        return not self.form.bars or state.count == self.form.bars

    def may_go_on(self, state: State) -> bool:
        """Whether another bar may follow, if need be behind `|:` or the number of an ending."""
        if self.form.sections and state.section == len(self.form.sections):
            return False
        if state.ending == BETWEEN:
            return True
        if state.must_divide:
            return self.can_start and self.can_repeat and not self.form.bars and not self.form.sections
        if not self.form.bars:
            return True
        return state.ending_bars > 0 if state.ending == SECOND else state.count < self.form.bars

    def may_start_bar(self, state: State) -> bool:
        """Whether music may come here."""
        if state.in_bar:
            return True
        if state.ending == BETWEEN or state.must_divide or not self.may_go_on(state):
            return False
        sections = self.form.sections
        opens = bool(sections) and state.section > 0 and sections[state.section] and state.count == 0
        return not opens or bool(state.repeat) or state.ending != NO_ENDING

    def in_last_bar(self, state: State) -> bool:
        """Whether the bar that is being written must be the last."""
        if not self.form.bars or (state.owed and state.begins_part):
            return False
        if state.section + 1 < len(self.form.sections):
            return False
        if state.ending == SECOND:
            return state.ending_bars == 1
        return state.ending == NO_ENDING and state.count + 1 == self.form.bars

    # ---- bar lines and endings

    def bar(self, state: State, flags: int, ending: int) -> bool:
        """A bar line; with a number, the ending behind it."""
        fits = self._end_bar(state, flags) if state.in_bar else self._repeat_bar_line(state, flags)
        if not fits:
            return False
        state.elapsed = state.in_bar = state.lead = state.texts = state.last_length = 0
        state.sound, state.gap, state.first = NOTHING, BAR_LINE, 0
        state.alterations = [NONE] * 7
        return ending == 0 or self.ending(state, ending)

    def _repeat_bar_line(self, state: State, flags: int) -> bool:
        """A bar line without music before it: at the beginning of a line, or `|:` somewhere behind another."""
        if state.lead or state.gap in (BAR_LINE, MUSIC):
            return False
        if flags == 0:
            return state.gap in (BEGIN, LINE, FIELD) and not state.must_divide and self.may_go_on(state)
        if flags == DOUBLE and not state.repeat and (state.begins_part or state.must_divide):
            fits = state.gap == LINE and state.ending == NO_ENDING and self.may_go_on(state)
            state.begins_part, state.must_divide = MAY_BE_PICKUP, 0
            return fits
        if flags != STARTS or state.repeat or state.tie != NONE or state.slurs or not self.can_repeat:
            return False
        sections = self.form.sections
        if sections and not (state.section < len(sections) and sections[state.section] and state.count == 0):
            return False
        bare = state.ending == SECOND and state.lacks_music
        if state.ending in (FIRST, BETWEEN) or bare or not self.may_go_on(state):
            return False
        self._divide(state)
        state.repeat = 1
        return True

    def _end_bar(self, state: State, flags: int) -> bool:
        """A bar with music ends: a full one, a pickup, or the partner of one."""
        ends, starts = flags & ENDS, flags & STARTS
        if ends and (state.line_letter or state.tie != NONE or state.slurs):
            return False
        if flags and (state.tie != NONE or state.slurs):
            return False
        if (starts and not self.can_repeat) or (flags & DOUBLE and state.repeat):
            return False
        due = state.owed if state.begins_part else 0
        if due or (state.begins_part == MAY_BE_PICKUP and state.bar and state.elapsed < state.bar):
            return (
                self._is_even(state, state.elapsed)
                and flags in (0, STARTS)
                and state.elapsed == (due or state.elapsed)
                and self._end_pickup(state, flags)
            )
        missing = state.bar - state.elapsed if state.bar else 0
        if missing < 0 or missing * 2 > state.bar or not self._line_fits(state, flags):
            return False
        if state.begins_part:
            state.pickup = 0
        if missing and not self._is_partner(state, missing, flags):
            return False
        if state.ending == SECOND:
            state.ending_bars -= bool(self.form.bars)
        else:
            state.count += 1
            state.ending_bars += state.ending == FIRST
        state.bars += 1
        state.begins_part = NO
        if flags:
            self._end_part(state, flags)
        elif missing:
            if state.slurs or state.tie != NONE or state.repeat:
                return False
            state.must_divide, state.in_bar = 1, 0
            return self.may_end(state) or self.may_go_on(state)
        return True

    def _end_pickup(self, state: State, flags: int) -> bool:
        if flags and (state.repeat or state.ending != NO_ENDING or not self._may_open(state)):
            return False
        state.pickup, state.owed = state.elapsed, 0
        if state.first:
            state.first_pickup = state.pickup
        state.begins_part, state.lacks_music = NO, 1
        if flags:
            state.repeat, state.pickup, state.begins_part = 1, 0, MUST_BE_FULL
        return True

    def _is_even(self, state: State, ticks: int) -> bool:
        """Whether a short bar may last or lack so much, where there are chord symbols."""
        state.uneven |= int(ticks % EIGHTH > 0)
        return not (state.symbol and state.uneven)

    def _may_open(self, state: State) -> bool:
        """Whether `|:` may begin this part."""
        sections = self.form.sections
        return not sections or (state.section < len(sections) and sections[state.section] and state.count == 0)

    def _is_partner(self, state: State, missing: int, flags: int) -> bool:
        """Whether a pickup, of this part or of what follows, makes a short bar whole."""
        if (
            not self._is_even(state, missing)
            or state.begins_part
            or (state.ending == FIRST and (missing != state.pickup or not flags))
        ):
            return False
        if state.ending == SECOND and flags & ENDS:
            return False
        if missing == state.pickup:
            state.owed = 0
            return True
        state.owed = missing
        return True

    def _line_fits(self, state: State, flags: int) -> bool:
        """Whether this bar line may stand behind a bar that counts."""
        ends, starts, bars = flags & ENDS, flags & STARTS, self.form.bars
        last = bool(bars) and state.count + 1 == bars
        if state.ending == FIRST:
            return (flags == ENDS and (last or not (bars and self.form.sections))) or (flags == 0 and not last)
        if state.repeat if starts and not ends else starts and state.has_repeated and not state.repeat:
            return False
        if self.form.sections:
            return self._section_line_fits(state, flags, last)
        if state.ending == SECOND:
            if not bars:
                return flags != ENDS | STARTS
            if state.ending_bars > 1:
                return flags == 0
            return flags == (0 if state.count == bars else DOUBLE) or (flags in (DOUBLE, STARTS) and state.count < bars)
        if last:
            return flags == ENDS if state.repeat else not starts
        return True

    def _section_line_fits(self, state: State, flags: int, last: bool) -> bool:
        """The same where sections are asked for: only at its end may a section be closed, and as it should be."""
        sections, bars = self.form.sections, self.form.bars
        final = state.section + 1 == len(sections)
        opens_next = not final and sections[state.section + 1]
        complete = not bars or (state.ending_bars == 1 if state.ending == SECOND else last)
        if flags == 0:
            if not bars or not complete:
                return True
            return final and (state.ending == SECOND or not sections[state.section])
        if not complete or (flags & STARTS and not opens_next):
            return False
        if sections[state.section] and state.ending != SECOND:
            return bool(flags & ENDS)
        return not flags & ENDS

    def _end_part(self, state: State, flags: int) -> None:
        """What a dividing bar line changes behind a bar that counts."""
        state.has_repeated |= flags & ENDS
        if state.ending == FIRST:
            state.ending, state.repeat, state.pickup, state.begins_part = BETWEEN, 0, 0, NO
            return
        if self.form.sections:
            state.section, state.count = state.section + 1, 0
        self._divide(state)
        if flags & ENDS:
            state.repeat = 0
        if flags & STARTS:
            state.repeat = 1

    def _divide(self, state: State) -> None:
        state.begins_part, state.must_divide, state.lacks_music = MAY_BE_PICKUP, 0, 0
        state.ending, state.ending_bars = NO_ENDING, 0

    def ending(self, state: State, number: int) -> bool:
        """The number of an ending, at a bar line."""
        if state.in_bar or state.lead or state.tie != NONE or state.must_divide or state.owed or state.lacks_music:
            return False
        state.gap = BAR_LINE
        if number == 2:
            fits, state.ending, state.begins_part = state.ending == BETWEEN, SECOND, NO
            state.lacks_music, state.on_tonic = 1, 0  # the notes of the first ending are not heard the second time
            return fits
        if state.ending != NO_ENDING or not self.has_endings or state.begins_part or not self.may_go_on(state):
            return False
        if self.form.sections and not self.form.sections[state.section]:
            return False
        state.ending, state.ending_bars = FIRST, 0
        return bool(state.repeat or not state.has_repeated)
