"""Many tunes -> a folder of files whose names say what they hold, and one page with everything."""

import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from songrnn.errors import RunError
from songrnn.rendering.page import Figure, Table, file_stem, page
from songrnn.rendering.render import DEFAULT_FORMATS, Mark, Renderer, Rendering, write_rendering
from songrnn.storage import write_whole


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
class FolderReport:
    """What was made: `rendered` counts the tunes that became each format; `page` is the page's path, if any."""

    tunes: int
    out: str
    page: str | None
    rendered: dict[str, int]
    failures: list[Failure]


@dataclass(frozen=True)
class PageContent:
    """What stands on the page beside the tunes."""

    title: str
    introduction: str = ""
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()


def render_to_folder(
    tunes: Iterable[NamedTune],
    out: Path,
    *,
    formats: Sequence[str] = DEFAULT_FORMATS,
    content: PageContent | None = None,
    soundfont: str | Path | None = None,
) -> FolderReport:
    """Write `001-title.abc`, `001-title.mid`, ... for every tune, and index.html if `content` says what it is about.

    The page plays MP3, an eighth of the size of WAV, whether or not that is among the formats.
    Raises RunError when `out` cannot be written, RenderingError for a soundfont that is not there; nothing for a tune.
    """
    make_folder(out)
    shown: list[Rendering] = []
    rendered: Counter[str] = Counter(dict.fromkeys(formats, 0))
    failures: list[Failure] = []
    count = 0
    with_sound = content is not None and "wav" in formats and "mp3" not in formats
    with Renderer(soundfont=soundfont) as renderer:
        for count, tune in enumerate(tunes, start=1):
            asked = (*formats, "mp3") if with_sound else formats
            rendering = renderer.render(tune.abc, title=tune.title, formats=asked, marks=tune.marks)
            if content is not None:
                shown.append(rendering)
            written = _only(rendering, ("abc", *formats))
            write_rendering(written, out, file_stem(count, tune.title))
            rendered.update(name for name in written.outputs if name != "abc")
            failures += [
                Failure(count, tune.title, tune.origin, name, reason) for name, reason in written.failures.items()
            ]
    if content is None:
        return FolderReport(count, str(out), None, dict(rendered), failures)
    path = out / "index.html"
    text = page(
        content.title,
        introduction=content.introduction,
        tunes=shown,
        figures=content.figures,
        tables=content.tables,
    )
    write_whole(path, text, forced=False)
    return FolderReport(count, str(out), str(path), dict(rendered), failures)


def make_folder(folder: Path) -> None:
    """Fail before the work, not after it, when there is nowhere to write: raises RunError."""
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
