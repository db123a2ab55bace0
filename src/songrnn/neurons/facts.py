"""What is known of every character of a tune, as columns: what `concepts` are computed from.

The tracker (`tracking/`) says what the text means after each character; the copier (`model/copying.py`) how long a
stretch repeats an earlier one; a recording how surprised the network was.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from songrnn.model.copying import suggestions
from songrnn.tracking.effects import read_character
from songrnn.tracking.state import NO_STEP, NONE, TextKind, Tracker
from songrnn.tracking.ticks import WHOLE
from songrnn.vocabulary import Ids

Numbers = NDArray[np.float64]
Truths = NDArray[np.bool_]

TOKEN_COLUMNS = ("kind", "first", "phase")
STATE_COLUMNS = (
    *("header", "bar", "compound", "elapsed", "bars", "tune_bars", "written", "part", "repeat", "ending"),
    *("in_chord", "in_grace", "tied", "slurs", "tuplet_left", "pitch", "step", "step_before", "degree", "octave"),
    *("altered", "duration", "downbeat", "former_bars"),
)


@dataclass(frozen=True)
class TuneFacts:
    """One tune of T characters.

    columns: integers [T] of the tracker's token and state after each character, by name. ids: [T] of the characters.
    bits: [T] the network's surprisal at each character; NaN where it had not predicted it.
    """

    text: str
    columns: Mapping[str, NDArray[np.int64]]
    ids: Ids
    bits: Numbers

    @classmethod
    def of(cls, text: str, bits: Numbers | None = None) -> "TuneFacts":
        """The facts of a text in either form."""
        tracker, rows = Tracker(), []
        for character in text:
            read_character(tracker, ord(character))
            token, state = tracker.token, tracker.current
            rows.append(
                [getattr(token, name) for name in TOKEN_COLUMNS] + [getattr(state, name) for name in STATE_COLUMNS]
            )
        names = TOKEN_COLUMNS + STATE_COLUMNS
        values = np.array(rows, dtype=np.int64).reshape(-1, len(names))
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.int64)
        unknown = np.full(len(text), np.nan)
        return cls(text, dict(zip(names, values.T, strict=True)), points, unknown if bits is None else bits)

    def __getitem__(self, name: str) -> NDArray[np.int64]:
        return self.columns[name]

    def among(self, characters: str) -> Truths:
        """Where the character is one of these."""
        return np.isin(self.ids, [ord(character) for character in characters])

    def is_kind(self, *kinds: TextKind) -> Truths:
        """Where a token of one of these kinds is being written."""
        return np.isin(self["kind"], kinds)

    @cached_property
    def body(self) -> Truths:
        """After the header."""
        return np.equal(self["header"], 0)

    @cached_property
    def music(self) -> Truths:
        """In the body, and not within a field, a text, a comment or a marker."""
        words = self.is_kind(TextKind.FIELD, TextKind.TEXT, TextKind.COMMENT, TextKind.DECORATION, TextKind.MARKER)
        return np.logical_and(self.body, ~words)

    @cached_property
    def metered(self) -> Truths:
        """In the body, where bars have a duration."""
        return np.logical_and(self.body, self["bar"] > 0)

    @cached_property
    def pitched(self) -> Truths:
        """In the body, after the first note."""
        return np.logical_and(self.body, np.not_equal(self["pitch"], NONE))

    @cached_property
    def share(self) -> Numbers:
        """The time elapsed as a share of the bar, 0..1; NaN without meter."""
        return only(self["elapsed"] / np.maximum(self["bar"], 1), self.metered)

    @cached_property
    def whole_bar(self) -> NDArray[np.int64]:
        """How many bars have ended so far, pickups and endings among them: a new number for each bar of the tune."""
        return np.cumsum(np.diff(self["elapsed"], prepend=0) < 0)

    @cached_property
    def matched(self) -> NDArray[np.int64]:
        """Characters up to here that repeat an earlier stretch of the tune, the longest such."""
        return suggestions(self.ids, nothing=0)[:, 1]

    def last_bar_of_part(self) -> Numbers:
        """Whether the bar that is being written is the last full one of its part, or has just ended it."""
        part, bars = self["part"], self["bars"]
        last = np.zeros_like(bars)
        for number in np.unique(part):
            own = part == number
            after = np.flatnonzero(part == number + 1)
            last[own] = self["former_bars"][after[0]] if len(after) else (bars + (self["elapsed"] > 0))[own][-1]
        return only(bars >= last - 1, self.metered & (last > 0))

    def near_end(self, count: int) -> Numbers:
        """Whether at most `count` bars of the tune are left, the one that is being written among them."""
        number = self.whole_bar
        music = number[self.music]
        return only(number >= (music.max() if len(music) else 0) - count, self.body)


def only(values: NDArray[np.generic], where: Truths) -> Numbers:
    """The values as numbers, NaN elsewhere."""
    return np.where(where, values.astype(np.float64), np.nan)


def whole_notes(ticks: NDArray[np.int64]) -> Numbers:
    """Ticks as whole notes."""
    return ticks / WHOLE


def beat_strength(facts: TuneFacts) -> Numbers:
    """Of the time elapsed: 3 the beginning of the bar, 2 its middle, 1 another beat, 0 between beats."""
    elapsed, bar = facts["elapsed"], np.maximum(facts["bar"], 1)
    beat = np.where(facts["compound"] != 0, 3 * WHOLE // 8, WHOLE // 4)
    strength = np.where(elapsed % beat == 0, 1, 0)
    strength = np.where(2 * elapsed == bar, 2, strength)
    return only(np.where(elapsed % bar == 0, 3, strength), facts.metered)


def interval(facts: TuneFacts) -> Numbers:
    """Diatonic steps from the note before the last to the last, upwards positive."""
    known = facts.body & (facts["step"] != NO_STEP) & (facts["step_before"] != NO_STEP)
    return only(facts["step"] - facts["step_before"], known)
