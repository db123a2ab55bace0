"""The companion files of a checkpoint: melodies of its corpus, and a classifier.

`checkpoint.melodies` is an index of the training tunes (`originality/index.py`), `checkpoint.classifier` reranks
candidates (`evaluation/classifier.py`). Both are optional.
"""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from songrnn.errors import CheckpointError, OriginalityError

if TYPE_CHECKING:
    from songrnn.evaluation.classifier import Classifier
    from songrnn.originality.index import Index
    from songrnn.originality.shared_runs import Originality, Threshold


class Companions:
    """The files beside the checkpoint at a path, each read once, when it is first needed; none without a path.

    faults: one line for each file that was read and cannot be used.
    """

    def __init__(self, checkpoint: Path | None) -> None:
        self._checkpoint = checkpoint
        self.faults: list[str] = []

    @cached_property
    def melodies(self) -> "Index | None":
        """The index of the training tunes; None where there is none, or a damaged one, which `faults` then names."""
        if self._checkpoint is None:
            return None
        from songrnn.originality.index import Index

        try:
            return Index.beside(self._checkpoint)
        except OriginalityError as error:
            self.faults.append(str(error))
            return None

    @cached_property
    def classifier(self) -> "Classifier | None":
        """The classifier of this checkpoint; None where there is none. Raises CheckpointError for a damaged one."""
        if self._checkpoint is None:
            return None
        from songrnn.evaluation.classifier import Classifier

        return Classifier.beside(self._checkpoint)

    @cached_property
    def usable_classifier(self) -> "Classifier | None":
        """The classifier; None where there is none, or a damaged one, which `faults` then names."""
        try:
            return self.classifier
        except CheckpointError as error:
            self.faults.append(str(error))
            return None

    @property
    def criteria(self) -> str:
        """The criteria of reranking, for the record of an unfinished file."""
        melodies = "" if self.melodies is None else ", original"
        return f"{'whole' if self.classifier is None else self.classifier.trained_on}{melodies}"

    def originality(self, abc: str) -> "Originality | None":
        """What a tune shares with training tunes; None without an index."""
        if self.melodies is None:
            return None
        from songrnn.originality.shared_runs import shared_runs_of

        return shared_runs_of(abc, self.melodies)

    def threshold(self, original: str) -> "Threshold":
        """The longest run that may be shared; raises OriginalityError without an index."""
        from songrnn.originality.index import index_path
        from songrnn.originality.shared_runs import Threshold

        if self.melodies is not None:
            return Threshold.read(original)
        if self.faults:
            raise OriginalityError(self.faults[0])
        if self._checkpoint is None:
            raise OriginalityError("a network that lies in no file has no melodies; save it, and open it by its path")
        raise OriginalityError(
            f"--original needs the melodies that the network has learned, and there is no "
            f"{index_path(self._checkpoint)}; this makes it: songrnn originality TUNES --against {self._checkpoint}"
        )

    def reranking_note(self) -> str:
        """One line where candidates are reranked without a classifier; "" where there is one."""
        if self.classifier is not None:
            return ""
        lacking, remedy = "a network that lies in no file has no classifier", ""
        if self._checkpoint is not None:
            from songrnn.evaluation.classifier import classifier_path

            lacking = f"there is no classifier of this checkpoint at {classifier_path(self._checkpoint)}"
            remedy = f"; this trains one: songrnn classifier {self._checkpoint}"
        return f"{lacking}, so --best-of keeps the first tune that is whole and original{remedy}"


NO_COMPANIONS = Companions(None)
