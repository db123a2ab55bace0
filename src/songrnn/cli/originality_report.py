"""What a command says about the originality of a tune: a line of text, marks on the page, a condition for composing."""

import sys
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from songrnn.composing.composition import Composition
from songrnn.composing.retry import Condition
from songrnn.errors import OriginalityError
from songrnn.originality.settings import OriginalitySettings

if TYPE_CHECKING:
    from songrnn.originality.index import Index
    from songrnn.originality.shared_runs import Originality, SharedRun

SHARED = "Coloured: the longest run of notes that training tunes have too; the pointer shows which."
COMMON = "; common stock"
MOST_NAMES = 2


class OriginalityReport:
    """Judges the tunes that a checkpoint composes by the index beside it, which loads when the first tune asks it."""

    def __init__(self, checkpoint: Path, settings: OriginalitySettings) -> None:
        self._checkpoint, self._settings = checkpoint, settings
        self._last: tuple[Composition, Originality] | None = None

    @cached_property
    def index(self) -> "Index | None":
        """The index beside the checkpoint, if there is one.

        A damaged one is told on standard error; where --original asks for it, it raises OriginalityError.
        """
        from songrnn.originality.index import Index

        try:
            return Index.beside(self._checkpoint)
        except OriginalityError as error:
            if self._settings.original is not None:
                raise
            print(f"note: {error}", file=sys.stderr)
            return None

    def condition(self) -> Condition | None:
        """What --original asks for; raises OriginalityError where no index can tell."""
        if self._settings.original is None:
            return None
        from songrnn.originality.index import index_path
        from songrnn.originality.shared_runs import Threshold

        threshold = Threshold.read(self._settings.original)
        if self.index is None:
            raise OriginalityError(
                f"--original needs the melodies that the network has learned, and there is no "
                f"{index_path(self._checkpoint)}; this makes it: songrnn originality TUNES --against {self._checkpoint}"
            )

        def accept(made: Composition) -> bool:
            judged = self.of(made)
            return judged is None or not threshold.exceeded_by(judged)

        return Condition(accept, self._settings.tries, f"no shared run over {threshold}", self.remark)

    def of(self, made: Composition) -> "Originality | None":
        """What the tune shares with training tunes; None without an index."""
        if self.index is None:
            return None
        from songrnn.originality.shared_runs import judge

        if self._last is None or self._last[0] is not made:
            self._last = (made, judge(made.abc(), self.index))
        return self._last[1]

    def remark(self, made: Composition) -> str:
        """The line of comment below the tune, with its line end; "" without an index."""
        judged = self.of(made)
        return "" if judged is None else f"% {sentence(judged)}\n"


def sentence(originality: "Originality") -> str:
    """In one line, what a player wants to know first: the longest uncommon run, or else the longest."""
    run = originality.foremost
    if run is None:
        return "no run of notes is shared with a training tune"
    return f"longest shared run: {length(run)}, as in {origin(run)}{COMMON if run.common else ''}"


def length(run: "SharedRun") -> str:
    """Such as "2.3 bars (19 notes), bars 5-7"."""
    last = run.last_bar
    where = f"bar {last}" if last == run.first_bar else f"bars {run.first_bar}-{last}"
    return f"{float(run.bars):.1f} bars ({run.notes} notes), {where}"


def origin(run: "SharedRun") -> str:
    """Its sources, and how far the first was transposed."""
    named = " and ".join(run.sources[:MOST_NAMES])
    more = len(run.sources) - MOST_NAMES
    others = f" and {more} more" if more > 0 else ""
    steps = abs(run.transposed_by)
    if not steps:
        return named + others
    return (
        f"{named}{others}, {steps} semitone{'s' if steps > 1 else ''} {'higher' if run.transposed_by > 0 else 'lower'}"
    )


def shared_mark(originality: "Originality | None") -> list[tuple[int, int, str]]:
    """Begin, end and remark of the run that `sentence` tells of, as the only mark; none where there is no run."""
    run = None if originality is None else originality.foremost
    if run is None:
        return []
    return [(run.begin, run.end, f"{length(run)}, as in {origin(run)}{COMMON if run.common else ''}")]


def without_overlaps(
    first: Sequence[tuple[int, int, str]], second: Sequence[tuple[int, int, str]]
) -> list[tuple[int, int, str]]:
    """Of `second` what no mark of `first` covers; in the order of the text."""
    parts: list[tuple[int, int, str]] = []
    for begin, end, remark in second:
        at = begin
        for taken, until, _ in sorted(first):
            if until <= at or taken >= end:
                continue
            if taken > at:
                parts.append((at, taken, remark))
            at = until
        if at < end:
            parts.append((at, end, remark))
    return parts
