"""A file of tunes in ABC -> tunes of the tunebook, with what is wrong in each."""

from pydantic import ValidationError

from songrnn.checks.check import check
from songrnn.corpus.decoding import NotText, text_in
from songrnn.corpus.sources import tunes_in
from songrnn.errors import CorpusError, SongrnnError
from songrnn.notation.read import read_tune
from songrnn.notation.text_strings import UNTITLED, title_of
from songrnn.studio.archive.archive import Archive
from songrnn.studio.archive.provenance import of_import
from songrnn.studio.archive.records import ImportedTune, ImportReport, LeftOutTune, NewTune, Tags
from songrnn.studio.archive.tune_text import one_tune

MOST_PROBLEMS = 20
"""That are said of one tune."""


def import_tunes(archive: Archive, data: bytes, *, tags: Tags = (), most: int) -> ImportReport:
    """Keep every tune of an ABC file that can be read and is not there yet.

    Each tune is kept by itself: what was kept before a failure stays. Raises CorpusError for a file that is no ABC, has
    no tune, or more than `most`.
    """
    try:
        text, encoding = text_in(data)
    except NotText as reason:
        raise CorpusError(f"the file {reason}; expected tunes in ABC notation, which is plain text") from reason
    tunes = [tune.text for tune in tunes_in(text, "file")]
    if not tunes or len(tunes) > most:
        raise CorpusError(
            f"found {len(tunes):,} tunes; expected 1 to {most:,}, each of which begins with a line such as X:1"
        )
    kept, left_out = list[ImportedTune](), list[LeftOutTune]()
    for number, abc in enumerate(tunes, start=1):
        title = title_of(abc) or UNTITLED
        try:
            if (same := archive.with_same_music(one_tune(abc))) is not None:
                left_out.append(LeftOutTune(number=number, title=title, reason="it is there already", id=same))
                continue
            made = archive.keep(NewTune(**dict(of_import(abc)), tags=tags))
            kept.append(ImportedTune(id=made.id, title=made.title, problems=_problems(made.abc)))
        except ValidationError as error:
            left_out.append(
                LeftOutTune(number=number, title=title, reason=error.errors()[0]["msg"].removeprefix("Value error, "))
            )
        except SongrnnError as error:
            left_out.append(LeftOutTune(number=number, title=title, reason=str(error)))
    return ImportReport(encoding=encoding, kept=tuple(kept), left_out=tuple(left_out))


def _problems(abc: str) -> tuple[str, ...]:
    return tuple(map(str, check(read_tune(abc, strict=False))))[:MOST_PROBLEMS]
