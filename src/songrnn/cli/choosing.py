"""How `songrnn compose --best-of` chooses: by the listener and the melodies beside the checkpoint."""

import sys
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from songrnn.cli.originality_report import OriginalityReport
from songrnn.sampling.compose import Composition

if TYPE_CHECKING:
    from songrnn.evaluation.listener import Listener


class Chooser:
    """Chooses among the tunes that a checkpoint composes; everything it needs loads when it is first asked."""

    def __init__(self, checkpoint: Path, report: OriginalityReport) -> None:
        self._checkpoint, self._report = checkpoint, report

    @cached_property
    def listener(self) -> "Listener | None":
        """The listener beside the checkpoint; that there is none is told on standard error."""
        from songrnn.evaluation.listener import Listener, listener_path

        listener = Listener.beside(self._checkpoint)
        if listener is None:
            print(
                f"note: there is no {listener_path(self._checkpoint)} of this checkpoint, so --best-of keeps the first "
                f"tune that is whole and original; this trains one: songrnn listener {self._checkpoint}",
                file=sys.stderr,
            )
        return listener

    @property
    def name(self) -> str:
        """What it goes by, for the record of a file that is half composed."""
        melodies = "" if self._report.index is None else ", original"
        return f"{'whole' if self.listener is None else self.listener.taught}{melodies}"

    def __call__(self, candidates: Sequence[Composition]) -> Composition:
        """The best of them."""
        from songrnn.evaluation.choice import Candidate, choose

        return candidates[choose([Candidate.of(made, self._shared_bars(made)) for made in candidates], self.listener)]

    def _shared_bars(self, made: Composition) -> float:
        originality = self._report.of(made)
        closest = None if originality is None else originality.closest
        return 0.0 if closest is None else float(closest.bars)
