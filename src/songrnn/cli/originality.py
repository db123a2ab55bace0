"""`songrnn originality`: runs of notes that tunes share with a network's training tunes, or with other tunes."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from songrnn.checkpoint import Description, names_checkpoint, place_of
from songrnn.cli.bar import with_bar
from songrnn.cli.source_tunes import read_source_tunes
from songrnn.cli.train import MOST_INDEXED, index_run, reading_melodies
from songrnn.corpus.corpus import read_corpus
from songrnn.corpus.settings import recorded_settings
from songrnn.corpus.sources import SourceTune
from songrnn.errors import OriginalityError, SongrnnError
from songrnn.notation.text_strings import title_of
from songrnn.originality.index import Index, NamedText, index_path
from songrnn.originality.indexing import index_checkpoint
from songrnn.originality.sentences import COMMON, SHARED_CAPTION, length, origin, shared_stretch
from songrnn.originality.shared_runs import Originality, shared_runs_of
from songrnn.settings import Flag, Positional, Settings
from songrnn.storage import locked_file, locked_folder, refuse_no_folder, refuse_package
from songrnn.training.folder import RunFolder


class Command(Settings):
    """Check tunes for copies: for each the longest run of notes that it shares with a training tune, in any key.

    A run counts when its steps are the same and two thirds of its notes last as long; bar lines do not count. It is
    common stock when three quarters of it are also in a held-out tune, or in three unrelated training tunes.

    The melodies of a checkpoint's training tunes are in a file beside it (checkpoint.melodies); where there is none, it
    is made from its run or its sources.

    Examples:
      songrnn originality tunes.abc
      songrnn originality tunes.abc --against runs/mine --out report
      songrnn originality tunes.abc --against my-tunebook.abc oneills --json
    """

    files: Positional[tuple[str, ...]] = Field(
        min_length=1, description="tunes to judge: ABC files, folders of them, or files with <start> and <end> lines"
    )
    against: tuple[str, ...] = Field(
        ("folk",),
        min_length=1,
        description="a checkpoint, or folk, the model in the box: the tunes that it has learned; or ABC files, folders "
        "and collections: these tunes",
    )
    out: Path | None = Field(None, description="also render the tunes to this folder, with a page that marks the runs")
    as_json: Annotated[bool, Flag("json")] = Field(False, description="print one JSON object, with every shared run")


def run(command: Command) -> None:
    """Analyse every tune, print, then render; raises CorpusError when the files hold no tune."""
    if command.out is not None:
        refuse_no_folder(command.out)
    index = index_of(command.against)
    tunes = read_source_tunes(command.files)
    judged = [(tune, shared_runs_of(tune.text, index)) for tune in with_bar(tunes, "judging", total=len(tunes))]
    if command.as_json:
        rows = [
            {"file": tune.source, "number": tune.number, "title": title_of(tune.text), **originality.as_json()}
            for tune, originality in judged
        ]
        print(json.dumps({"against": list(command.against), "tunes": rows}, ensure_ascii=False))
    else:
        _print(judged)
    if command.out is not None:
        _render(command, command.out, judged)


def index_of(against: Sequence[str]) -> Index:
    """The index of a checkpoint's training tunes, made if there is none yet, or of the tunes in files.

    Raises OriginalityError where a checkpoint's tunes cannot be read, CorpusError for files without tunes.
    """
    [first, *others] = against
    if not others and names_checkpoint(first):
        return Index.beside(first) or _made(first)
    tunes = read_source_tunes(against)
    return Index.build([NamedText(tune.name, tune.text) for tune in tunes], progress=reading_melodies)


def _made(checkpoint: str) -> Index:
    """The index of a checkpoint without one: of the run in whose folder it lies, else of the sources that it names."""
    path = place_of(checkpoint)
    refuse_package(path, "install songrnn again, which brings its melodies")
    record = Description.read(path).training.get("corpus", {})
    if path == RunFolder(path.parent).checkpoint and RunFolder(path.parent).settings.is_file():
        made = index_run(path.parent)
        if made is None:
            raise OriginalityError(
                f"{path} learned from more than {MOST_INDEXED:,} tunes, of which no index of melodies is made; name "
                "the files whose tunes to compare with"
            )
        return made
    try:
        corpus = read_corpus(recorded_settings(record))
        with locked_file(index_path(path)):
            return index_checkpoint(path, corpus, progress=reading_melodies)
    except (KeyError, SongrnnError) as error:
        reason = error if isinstance(error, SongrnnError) else "it does not say from which"
        raise OriginalityError(
            f"the training tunes of {path} cannot be read: {reason}. Put its run.json beside it, or name the "
            "tunes: --against FILES"
        ) from error


def _print(judged: Sequence[tuple[SourceTune, Originality]]) -> None:
    table = Table("tune", "longest shared run", "as in", box=None, pad_edge=False)
    for tune, originality in judged:
        name = escape(title_of(tune.text) or f"tune {tune.number}")
        shown = originality.foremost
        if shown is None:
            table.add_row(name, "none", "")
        else:
            table.add_row(name, length(shown), escape(origin(shown)) + (COMMON if shown.common else ""))
    Console(highlight=False).print(table)


def _render(command: Command, out: Path, judged: Sequence[tuple[SourceTune, Originality]]) -> None:
    """The page, with the longest run of each tune in colour."""
    from songrnn.cli.render import print_report
    from songrnn.rendering.folder import NamedTune, PageContent, render_to_folder
    from songrnn.rendering.render import Mark

    tunes = [
        NamedTune(
            title_of(tune.text),
            tune.text,
            f"{tune.source}, tune {tune.number}",
            tuple(Mark(*stretch, "shared") for stretch in shared_stretch(originality)),
        )
        for tune, originality in judged
    ]
    content = PageContent(f"What {', '.join(command.files)} shares with {', '.join(command.against)}", SHARED_CAPTION)
    with locked_folder(out):
        report = render_to_folder(tunes, out, content=content, bar=with_bar)
    if not command.as_json:
        print_report(report)
