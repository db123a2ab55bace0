"""Tunes of the tunebook -> files: the text of several, pictures and sound of one, a PDF, a ZIP, one page to share."""

import io
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from songrnn.errors import RenderingError, SettingsError
from songrnn.rendering.folder import NamedTune, PageContent, render_to_folder
from songrnn.rendering.page import file_stem, page
from songrnn.rendering.render import ENDINGS, Renderer
from songrnn.studio.archive.archive import Archive
from songrnn.studio.archive.printing import Paper, PrintedScore, printed
from songrnn.studio.archive.provenance import with_provenance
from songrnn.studio.archive.records import MEDIA_TYPES, MOST_EXPORTED, ExportFormat, Version
from songrnn.studio.archive.tune_text import numbered

IN_ZIP = ("midi", "mp3", "musicxml", "svg")
ON_PAGE = ("midi", "mp3", "svg")


@dataclass(frozen=True)
class File:
    """A file to hand out. name: of ASCII letters, digits, hyphens and one dot, whatever the tune is called."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class KeptText:
    """A tune of the tunebook as it leaves it: with provenance, and its place in the file as its number."""

    title: str
    abc: str


def exported(
    archive: Archive,
    tunes: Sequence[int],
    kind: ExportFormat,
    renderer: Renderer,
    *,
    title: str = "Tunebook",
    paper: Paper = "a4",
    wanted: Callable[[], None] = lambda: None,
) -> File:
    """The file of these tunes in their order.

    wanted: called between tunes; raises where nobody waits for the file any more.
    Raises NotKept for a tune that is not there, SettingsError for too many, RenderingError for what cannot be made.
    """
    most = MOST_EXPORTED[kind]
    if not 1 <= len(tunes) <= most:
        raise SettingsError(f"found {len(tunes)} tunes; a file of the format {kind} takes 1 to {most}", "tune")
    texts = list(kept_texts(archive, tunes))
    _, _, name = file_stem(0, texts[0].title if len(texts) == 1 else title).partition("-")
    return File(f"{name}.{_ENDINGS[kind]}", MEDIA_TYPES[kind], _content(texts, kind, renderer, title, paper, wanted))


_ENDINGS = {name: ending.removeprefix(".") for name, ending in ENDINGS.items()} | {
    name: name for name in ("pdf", "html", "zip")
}


def kept_texts(archive: Archive, tunes: Sequence[int]) -> Iterator[KeptText]:
    """The texts of these tunes. Raises NotKept."""
    for place, number in enumerate(tunes, start=1):
        tune = archive.tune(number)
        lineage = list(_lineage(archive, number, tune.current))
        composed = next((version for version in lineage if version.can_be_composed_again), None)
        yield KeptText(tune.title, numbered(with_provenance(tune.abc, lineage[0], composed), place))


def _lineage(archive: Archive, tune: int, number: int | None) -> Iterator[Version]:
    """A version and those that it was made from, up to the first that was composed."""
    while number is not None:
        version = archive.version(tune, number)
        yield version
        number = None if version.can_be_composed_again else version.parent


def _content(
    texts: Sequence[KeptText],
    kind: ExportFormat,
    renderer: Renderer,
    title: str,
    paper: Paper,
    wanted: Callable[[], None],
) -> bytes:
    match kind:
        case "abc":
            return "\n".join(text.abc for text in texts).encode("utf-8")
        case "zip":
            return _zipped(texts, title, wanted)
        case "pdf":
            return printed(title, [_score(renderer, text, wanted) for text in texts], paper=paper)
        case "html":
            shown = []
            for text in texts:
                wanted()
                shown.append(renderer.render(text.abc, title=text.title, formats=ON_PAGE))
            return page(title, tunes=shown).encode("utf-8")
    return _rendered(renderer, texts[0], kind)


def _rendered(renderer: Renderer, text: KeptText, kind: str) -> bytes:
    made = renderer.render(text.abc, title=text.title, formats=(kind,))
    if kind not in made.outputs:
        raise RenderingError(f"{text.title}: {made.failures[kind]}")
    return made.outputs[kind]


def _score(renderer: Renderer, text: KeptText, wanted: Callable[[], None]) -> PrintedScore:
    wanted()
    return PrintedScore(text.title, _rendered(renderer, text, "svg"))


def _zipped(texts: Sequence[KeptText], title: str, wanted: Callable[[], None]) -> bytes:
    """A folder as `render_to_folder` writes it, with a page, and the text of all tunes in one file."""
    packed = io.BytesIO()

    def watched(tunes: Sequence[NamedTune], _: str, *, total: int) -> Iterator[NamedTune]:  # noqa: ARG001
        for tune in tunes:
            wanted()
            yield tune

    with tempfile.TemporaryDirectory() as folder:
        named = [NamedTune(text.title, text.abc, "tunebook") for text in texts]
        render_to_folder(named, Path(folder), formats=IN_ZIP, content=PageContent(title), bar=watched)
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("tunes.abc", "\n".join(text.abc for text in texts))
            for path in sorted(Path(folder).glob("[!.]*")):
                archive.write(path, path.name)
    return packed.getvalue()
