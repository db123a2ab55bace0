"""The tunes that a checkpoint did not learn from, found again.

A run folder holds its whole corpus (`run.json` beside the checkpoint). For any other checkpoint the sources that it
names are read and split again; the split is the same for the same tunes and settings, and the hash in the checkpoint's
record tells whether it is the same corpus.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from songrnn.checkpoint import Description, place_of
from songrnn.corpus.corpus import Corpus, read_corpus
from songrnn.corpus.settings import CorpusSettings
from songrnn.errors import CorpusError, RunError, SongrnnError
from songrnn.training.folder import RunFolder


def held_out_corpus(checkpoint: Path | str) -> Corpus:
    """The corpus of a checkpoint file, or of a model in the box; its validation and test tunes were not learned from.

    Raises CheckpointError if there is no such file, CorpusError if the corpus cannot be had any more.
    """
    path = place_of(checkpoint)
    record: Mapping[str, Any] = Description.read(path).training.get("corpus", {})
    if not record.get("sources") or not record.get("sha256"):
        raise CorpusError(f"{checkpoint} does not say which tunes it has learned from")
    corpus = _beside(path) or _again(record)
    if isinstance(corpus, str) or corpus.sha256 != record["sha256"]:
        why = f" ({corpus})" if isinstance(corpus, str) else ", or were split in another way"
        raise CorpusError(
            f"the tunes that {checkpoint} was trained with cannot be found again: {', '.join(record['sources'])} "
            f"{'cannot be read' if isinstance(corpus, str) else 'have changed since'}{why}"
        )
    return corpus


def _beside(path: Path) -> Corpus | None:
    """The corpus of the run that the checkpoint stands in."""
    folder = RunFolder(path.parent)
    try:
        return folder.read()[0] if folder.settings.exists() else None
    except RunError:
        return None


def _again(record: Mapping[str, Any]) -> Corpus | str:
    """The corpus read anew, or why that is impossible."""
    try:
        return read_corpus(CorpusSettings(sources=tuple(record["sources"]), form=record["form"]))
    except SongrnnError as error:
        return str(error)
