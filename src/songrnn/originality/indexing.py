"""A checkpoint and its training corpus -> the index of melodies beside it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from songrnn.checkpoint import Checkpoint, Description, place_of
from songrnn.corpus.corpus import Corpus
from songrnn.engines.settings import EngineSettings
from songrnn.errors import OriginalityError
from songrnn.evaluation.bits_per_character import bits_of_each
from songrnn.originality.index import Index, NamedText, index_path


def index_checkpoint(
    checkpoint: Path | str,
    corpus: Corpus,
    *,
    earlier: Index | None = None,
    progress: Callable[[Sequence[str]], Iterable[str]] = iter,
) -> Index:
    """Make the index of a checkpoint and write it beside it, unless an earlier call has done so.

    It has the melodies of the corpus, and how well the network predicts each of its validation tunes.
    earlier: the index of the network from which the training started, if any.
    progress: takes the texts to read and yields them one by one.
    Raises OriginalityError for another corpus than the network was trained on, CheckpointError, RunError.
    """
    path = index_path(checkpoint)
    description = Description.read(checkpoint)
    learned = description.training.get("corpus", {}).get("sha256")
    if learned != corpus.sha256:
        raise OriginalityError(
            f"{place_of(checkpoint)} has learned from another corpus than {', '.join(corpus.sources)}"
        )
    index = _found(path, corpus) or _built(corpus, earlier, progress)
    if index.bits_of != description.digest:
        bits = bits_of_each(Checkpoint.load(checkpoint), corpus.validation, EngineSettings())
        index = replace(index, held_out_bits=bits, bits_of=description.digest)
        index.save(path)
    return index


def _built(corpus: Corpus, earlier: Index | None, progress: Callable[[Sequence[str]], Iterable[str]]) -> Index:
    names = corpus.names or tuple(f"training tune {number}" for number, _ in enumerate(corpus.training, start=1))
    training = [NamedText(*pair) for pair in zip(names, corpus.training, strict=True)]
    index = Index.build(training, [*corpus.validation, *corpus.test], corpus=corpus.sha256, progress=progress)
    return index if earlier is None else index.joined(earlier)


def _found(path: Path, corpus: Corpus) -> Index | None:
    """The index at `path`, if it is a whole one of this corpus."""
    try:
        index = Index.load(path) if path.is_file() else None
    except OriginalityError:
        return None
    return index if index is not None and index.corpus == corpus.sha256 else None
