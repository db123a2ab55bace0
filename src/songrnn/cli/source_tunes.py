"""The tunes that a command reads, and a note on each file without any."""

from collections.abc import Sequence

from songrnn.cli.streams import print_notes
from songrnn.corpus.sources import SourceTune, read_sources
from songrnn.errors import CorpusError


def read_source_tunes(files: Sequence[str]) -> list[SourceTune]:
    """Every tune of files, folders and collections, unchanged, broken ones too; raises CorpusError without any."""
    sources = read_sources(files)
    tunes = [tune for tune in sources.tunes if not tune.stray]
    if not tunes:
        raise CorpusError(f"no tune in {', '.join(files)}; in ABC a tune begins with a line such as X:1")
    print_notes(sources.notes)
    return tunes
