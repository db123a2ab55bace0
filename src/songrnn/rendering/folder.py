"""Many tunes -> a folder of files named by number and title, and one page with everything."""

import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from songrnn.errors import RunError
from songrnn.pages.document import Figure, Table
from songrnn.rendering.page import file_stem, page
from songrnn.rendering.render import DEFAULT_FORMATS, ENDINGS, Mark, Renderer, Rendering, check_formats
from songrnn.rendering.sound_settings import SoundSettings
from songrnn.rendering.written_files import WrittenFiles

PAGE = "index.html"


@dataclass(frozen=True)
class NamedTune:
    """A tune to render: its title, its text, where it comes from, for messages, and what to mark in it on the page."""

    title: str
    abc: str
    origin: str
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True)
class Failure:
    """One format of one tune that could not be made; `tune` is its number in the output."""

    tune: int
    title: str
    origin: str
    format: str
    reason: str


@dataclass(frozen=True)
class Faulty:
    """A tune in which `check` found something wrong: each problem in a line with its place."""

    tune: int
    title: str
    origin: str
    problems: tuple[str, ...]


@dataclass(frozen=True)
class FolderReport:
    """The result: `rendered` counts the tunes that became each format; `page` is the page's path, if any."""

    tunes: int
    out: str
    page: str | None
    rendered: dict[str, int]
    failures: list[Failure]
    faulty: list[Faulty]


@dataclass(frozen=True)
class PageContent:
    """The content of the page besides the tunes."""

    title: str
    introduction: str = ""
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()


Bar = Callable[..., Iterable[NamedTune]]
"""Tunes, a title and `total=` in, the same tunes out: how progress is shown (`cli/bar.py`)."""


def _no_bar(tunes: Iterable[NamedTune], _title: str, *, total: int) -> Iterable[NamedTune]:  # noqa: ARG001
    return tunes


def render_to_folder(
    tunes: Sequence[NamedTune],
    out: Path,
    *,
    formats: Sequence[str] = DEFAULT_FORMATS,
    content: PageContent | None = None,
    sound: SoundSettings | None = None,
    bar: Bar = _no_bar,
) -> FolderReport:
    """Write `001-title.abc`, `001-title.mid`, ... for every tune, and index.html if there is `content`.

    Files of an earlier rendering in `out` are replaced. The page plays MP3, an eighth of the size of WAV, whether or
    not that is among the formats.
    Raises RunError when `out` cannot be written, or holds a file of the same name that songrnn did not write;
    RenderingError for a soundfont that is not there; nothing for a tune.
    """
    check_formats(formats)
    _make_folder(out)
    files = WrittenFiles(out)
    endings = [ENDINGS[name] for name in ("abc", *formats)]
    stems = [file_stem(number, tune.title) for number, tune in enumerate(tunes, start=1)]
    files.refuse_others([stem + ending for stem in stems for ending in endings] + [PAGE] * (content is not None))
    shown: list[Rendering] = []
    report = FolderReport(len(tunes), str(out), None, dict.fromkeys(formats, 0), [], [])
    with_sound = content is not None and "wav" in formats and "mp3" not in formats
    with Renderer(sound) as renderer:
        for number, tune in enumerate(bar(tunes, "rendering", total=len(tunes)), start=1):
            requested = (*formats, "mp3") if with_sound else formats
            rendering = renderer.render(tune.abc, title=tune.title, formats=requested, marks=tune.marks)
            if content is not None:
                shown.append(rendering)
            written = _only(rendering, ("abc", *formats))
            for name, made in written.outputs.items():
                files.write(stems[number - 1] + ENDINGS[name], made)
            _record(report, number, tune, written)
    if content is not None:
        files.write(PAGE, _page(content, shown))
        report = replace(report, page=str(out / PAGE))
    files.finish()
    return report


def _record(report: FolderReport, number: int, tune: NamedTune, rendering: Rendering) -> None:
    """Add the rendering of one tune."""
    for name in rendering.outputs:
        if name in report.rendered:
            report.rendered[name] += 1
    for name, reason in rendering.failures.items():
        report.failures.append(Failure(number, tune.title, tune.origin, name, reason))
    if rendering.messages:
        report.faulty.append(Faulty(number, tune.title, tune.origin, rendering.messages))


def _page(content: PageContent, shown: Sequence[Rendering]) -> str:
    return page(
        content.title,
        introduction=content.introduction,
        tunes=shown,
        figures=content.figures,
        tables=content.tables,
    )


def _make_folder(folder: Path) -> None:
    """Make the folder before the work begins; raises RunError when that is impossible."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise RunError(f"cannot write into {str(folder)!r}: {error.strerror or error}") from error


def _only(rendering: Rendering, formats: Sequence[str]) -> Rendering:
    return replace(
        rendering,
        outputs={name: content for name, content in rendering.outputs.items() if name in formats},
        failures={name: reason for name, reason in rendering.failures.items() if name in formats},
    )
