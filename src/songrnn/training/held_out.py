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
from songrnn.corpus.settings import recorded_settings
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
    found = _beside(path)
    if found is None or found.sha256 != record["sha256"]:
        found = _again(record, str(checkpoint))
    return found


def _beside(path: Path) -> Corpus | None:
    """The corpus of the run that the checkpoint stands in."""
    folder = RunFolder(path.parent)
    try:
        return folder.read()[0] if folder.settings.exists() else None
    except RunError:
        return None


def _again(record: Mapping[str, Any], checkpoint: str) -> Corpus:
    """The corpus read anew; raises CorpusError if it is another."""
    lost = f"the tunes that {checkpoint} was trained with cannot be found again: {', '.join(record['sources'])}"
    try:
        corpus = read_corpus(recorded_settings(record))
    except SongrnnError as error:
        raise CorpusError(f"{lost} cannot be read ({error})") from error
    if corpus.sha256 != record["sha256"]:
        raise CorpusError(f"{lost} have changed since, or were split in another way")
    return corpus
