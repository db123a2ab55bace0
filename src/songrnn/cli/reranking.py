"""How `songrnn compose --best-of` chooses: by the classifier and the melodies beside the checkpoint."""

import sys
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from songrnn.cli.originality_report import OriginalityReport
from songrnn.composing.composition import Composition

if TYPE_CHECKING:
    from songrnn.evaluation.classifier import Classifier


class Reranker:
    """Chooses among the tunes that a checkpoint composes; everything it needs loads when it is first requested."""

    def __init__(self, checkpoint: Path, report: OriginalityReport) -> None:
        self._checkpoint, self._report = checkpoint, report

    @cached_property
    def classifier(self) -> "Classifier | None":
        """The classifier beside the checkpoint; that there is none is told on standard error."""
        from songrnn.evaluation.classifier import Classifier, classifier_path

        classifier = Classifier.beside(self._checkpoint)
        if classifier is None:
            print(
                f"note: there is no {classifier_path(self._checkpoint)} here, so --best-of keeps the first "
                f"tune that is whole and original; this trains one: songrnn classifier {self._checkpoint}",
                file=sys.stderr,
            )
        return classifier

    @property
    def name(self) -> str:
        """What it goes by, for the record of a file that is half composed."""
        melodies = "" if self._report.index is None else ", original"
        return f"{'whole' if self.classifier is None else self.classifier.trained_on}{melodies}"

    def __call__(self, candidates: Sequence[Composition]) -> Composition:
        """The best of them."""
        from songrnn.composing.reranking import Candidate, choose

        return candidates[choose([Candidate.of(made, self._shared_bars(made)) for made in candidates], self.classifier)]

    def _shared_bars(self, made: Composition) -> float:
        originality = self._report.of(made)
        closest = None if originality is None else originality.closest
        return 0.0 if closest is None else float(closest.bars)
