"""Where the human tunes of a round come from."""

from collections.abc import Sequence
from functools import lru_cache

from songrnn.composing.composer import Composer
from songrnn.corpus.decoding import NotText, text_in
from songrnn.corpus.sources import tunes_in
from songrnn.errors import CorpusError
from songrnn.notation.text_strings import title_of
from songrnn.studio.archive.archive import Archive
from songrnn.studio.archive.records import MOST_LISTED, TuneQuery
from songrnn.studio.listening.pairs import HumanTune

IMPORTED = ("imported", "edited")
"""A version of one of these origins is a person's, unless an earlier version of the tune was composed."""


@lru_cache(maxsize=4)  # reading a corpus takes seconds
def held_out_tunes(checkpoint: str, digest: str) -> tuple[HumanTune, ...]:  # noqa: ARG001  (another file, another corpus)
    """The validation and test tunes of a checkpoint, which it has not learned from; their titles are not known.

    Raises CorpusError where its corpus cannot be read again, such as without the collections' package.
    """
    from songrnn.training.held_out import held_out_corpus

    corpus = held_out_corpus(checkpoint)
    return tuple(HumanTune(text) for text in (*corpus.validation, *corpus.test))


def imported_tunes(archive: Archive) -> list[HumanTune]:
    """The tunes of the tunebook of which no version was composed, wholly or in part."""
    found: list[HumanTune] = []
    offset, total = 0, 1
    while offset < total:
        page = archive.find(TuneQuery(offset=offset, limit=MOST_LISTED, order="title"))
        offset, total = offset + MOST_LISTED, page.total
        for one in page.tunes:
            tune = archive.tune(one.id)
            if all(version.origin in IMPORTED for version in tune.versions):
                found.append(HumanTune(tune.abc, tune.title))
    return found


def tunes_of_file(text: str) -> list[HumanTune]:
    """The tunes of a file in ABC. Raises CorpusError for a text without any."""
    try:
        content, _ = text_in(text.encode("utf-8", "replace"))
    except NotText as reason:
        raise CorpusError(f"the file {reason}; expected tunes in ABC notation, which is plain text") from reason
    found = [HumanTune(tune.text, title_of(tune.text) or "") for tune in tunes_in(content, "file")]
    if not found:
        raise CorpusError("the file has no tune; each begins with a line such as X:1")
    return found


def tunes_of_source(
    source: str, *, composer: Composer, checkpoint: str, archive: Archive, file: str
) -> Sequence[HumanTune]:
    """The tunes of a source; raises CorpusError where it has none."""
    if composer.description.form != "tunebook":
        raise CorpusError("a model of the raw form composes tunes with titles; choose one of the tunebook form")
    if source == "file":
        return tunes_of_file(file)
    if source == "tunebook":
        found = imported_tunes(archive)
        if not found:
            raise CorpusError("the tunebook has no tune that a person made; import some, or choose another source")
        return found
    return held_out_tunes(checkpoint, composer.description.digest)
