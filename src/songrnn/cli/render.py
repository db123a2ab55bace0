"""`songrnn render`: tunes in ABC files -> score, MIDI, sound, MusicXML, a page."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from songrnn.cli.bar import with_bar
from songrnn.cli.source_tunes import read_source_tunes
from songrnn.corpus.sources import SourceTune
from songrnn.errors import RenderingError
from songrnn.notation.text_strings import UNTITLED, title_of
from songrnn.rendering.folder import Faulty, FolderReport, NamedTune, PageContent, render_to_folder
from songrnn.rendering.render import DEFAULT_FORMATS, MusicFormat
from songrnn.rendering.sound_settings import SoundSettings
from songrnn.settings import Flag, Positional, Settings
from songrnn.storage import locked_folder

MOST_TUNES_ON_AUTOMATIC_PAGE = 50  # about 20 MB with sound; which a browser still shows quickly
MOST_ON_SCREEN = 20  # lines of failures, and as many of tunes with problems


class Command(Settings):
    """Turn tunes in ABC notation into scores, MIDI, sound, MusicXML and one page to look at and listen to.

    Every tune becomes files such as 001-the-brown-thorn.mid, numbered in reading order; its text is always written.
    Rendering again into the same folder replaces what songrnn wrote there, and nothing else. A tune or format
    that cannot be rendered is listed with the reason and never stops the others; the status is 2 if none could be.

    The tempo is that of a tune's Q: field, else the usual one of its dance.

    Examples:
      songrnn render tunes.abc --out rendered --formats midi svg
      songrnn render tunes.abc --formats wav --tempo 90 --instrument flute --swing
    """

    files: Positional[tuple[str, ...]] = Field(
        ..., min_length=1, description="ABC files, folders of them, files with <start> and <end> lines, or collections"
    )
    out: Path = Field(Path("rendered"), description="folder to write into; it is made if it is not there")
    formats: tuple[MusicFormat, ...] = Field(DEFAULT_FORMATS, description="what to make of each tune")
    page: Literal["auto", "always", "never"] = Field(
        "auto",
        description="also write index.html, one page with everything, about 0.5 MB a tune; "
        f"auto: for up to {MOST_TUNES_ON_AUTOMATIC_PAGE} tunes",
    )
    sound: SoundSettings = SoundSettings()
    as_json: Annotated[bool, Flag("json")] = Field(False, description="print one JSON object for programs")


def run(command: Command) -> None:
    """Render every tune, write the files, print the summary.

    Raises CorpusError when the sources hold no tune, RunError when `out` cannot be written or holds another file
    of the same name, RenderingError when a named soundfont is not there, or when nothing could be rendered.
    """
    tunes = read_source_tunes(command.files)
    with_page = command.page == "always" or (command.page == "auto" and len(tunes) <= MOST_TUNES_ON_AUTOMATIC_PAGE)
    title = f"Tunes of {', '.join(Path(source).name for source in command.files)}"
    with locked_folder(command.out):
        report = render_to_folder(
            [_named(tune) for tune in tunes],
            command.out,
            formats=command.formats,
            content=PageContent(title) if with_page else None,
            sound=command.sound,
            bar=with_bar,
        )
    if command.as_json:
        print(json.dumps(asdict(report), indent=2, ensure_ascii=False))
    else:
        print_report(report)
    if report.failures and not any(report.rendered.values()):
        raise RenderingError(f"nothing could be rendered of {', '.join(command.files)}: {report.failures[0].reason}")


def _named(tune: SourceTune) -> NamedTune:
    return NamedTune(title_of(tune.text), tune.text, f"{tune.source}, tune {tune.number}")


def print_report(report: FolderReport) -> None:
    """What was rendered and what failed, on the screen."""
    console = Console()
    table = Table("format", "tunes", "failed", box=None, pad_edge=False)
    for name, count in report.rendered.items():
        table.add_row(name, str(count), str(report.tunes - count))
    console.print(table)
    failures = [f"tune {one.tune} ({one.title or UNTITLED}), {one.format}: {one.reason}" for one in report.failures]
    _print_first(console, failures, "failures")
    _print_first(console, [_faulty_line(faulty) for faulty in report.faulty], "tunes with problems")
    tunes = "1 tune" if report.tunes == 1 else f"{report.tunes} tunes"
    console.print(f"{tunes}, written into {escape(report.out)}", highlight=False, soft_wrap=True)
    if report.page is not None:
        console.print(f"to look and listen: {escape(report.page)}", highlight=False, soft_wrap=True)


def _faulty_line(faulty: Faulty) -> str:
    """The first problem of a tune, and how many more it has."""
    more = f", and {len(faulty.problems) - 1} more" if len(faulty.problems) > 1 else ""
    return f"tune {faulty.tune} ({faulty.title or UNTITLED}): {faulty.problems[0]}{more}"


def _print_first(console: Console, lines: Sequence[str], kind: str) -> None:
    """The first MOST_ON_SCREEN lines, and how many more there are."""
    for line in lines[:MOST_ON_SCREEN]:
        console.print(escape(line), highlight=False, soft_wrap=True)
    if len(lines) > MOST_ON_SCREEN:
        console.print(f"... and {len(lines) - MOST_ON_SCREEN} more {kind}; --json lists them all")
