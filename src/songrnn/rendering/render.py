"""One tune in ABC -> the formats that one can hear, see, or open elsewhere.

    abc ──> midi ──> wav, mp3
     └────> musicxml ──> svg

A format that fails leaves a reason; it never stops the other formats, nor the next tune.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from songrnn.errors import SettingsError
from songrnn.notation.text_strings import decode_text
from songrnn.rendering.marking import coloured
from songrnn.rendering.process import TIMEOUT_SECONDS, WORKER_COMMAND, Answer, ConverterProcess
from songrnn.rendering.soundfont import find_soundfont
from songrnn.storage import write_whole

MusicFormat = Literal["midi", "wav", "mp3", "musicxml", "svg"]
FORMATS = ("abc", "midi", "wav", "mp3", "musicxml", "svg")
DEFAULT_FORMATS: tuple[MusicFormat, ...] = ("midi", "wav", "musicxml", "svg")
MADE_FROM = {"midi": "abc", "wav": "midi", "mp3": "midi", "musicxml": "abc", "svg": "musicxml"}  # in working order
ENDINGS = {"abc": ".abc", "midi": ".mid", "wav": ".wav", "mp3": ".mp3", "musicxml": ".musicxml", "svg": ".svg"}

SHARED_COLOUR = "#b3261e"


@dataclass(frozen=True)
class Mark:
    """Something to know about the characters begin..end of a tune's ABC.

    kind: "copied" from earlier in the tune, which the page underlines; or "shared" with other tunes, which the page and
    the score show in colour.
    """

    begin: int
    end: int
    remark: str
    kind: Literal["copied", "shared"] = "copied"


@dataclass(frozen=True)
class Rendering:
    """What became of one tune.

    outputs:  format -> file content, for those that were asked for and succeeded; `abc` is always there.
    failures: format -> reason in one line, for those that were asked for and failed.
    messages: what abc2midi said, errors and warnings, a line each; empty unless MIDI or sound was asked for.
    marks: what the page shows in the text, in their order; none of them overlap.
    """

    title: str
    abc: str
    outputs: Mapping[str, bytes]
    failures: Mapping[str, str]
    messages: tuple[str, ...]
    marks: tuple[Mark, ...] = ()


def render(
    abc: str, *, title: str = "", formats: Sequence[str] = DEFAULT_FORMATS, soundfont: str | Path | None = None
) -> Rendering:
    """One tune, in a child process of its own; for many tunes use `Renderer`, which keeps it.

    Raises SettingsError for an unknown format, RenderingError for a soundfont that is not there; nothing for the tune.
    """
    with Renderer(soundfont=soundfont) as renderer:
        return renderer.render(abc, title=title, formats=formats)


class Renderer:
    """Renders tunes, one after another, in a child process that outlives a tune and is replaced when it crashes.

    A context manager, for one thread at a time. `timeout_seconds` is for each conversion. Raises RenderingError when
    `soundfont` is named and not there.
    """

    def __init__(
        self,
        *,
        soundfont: str | Path | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
        worker_command: Sequence[str] = WORKER_COMMAND,
    ) -> None:
        self._soundfont = None if soundfont is None else find_soundfont(soundfont)
        self._process = ConverterProcess(worker_command, timeout_seconds=timeout_seconds)

    def render(
        self,
        abc: str,
        *,
        title: str = "",
        formats: Sequence[str] = DEFAULT_FORMATS,
        marks: Sequence[Mark] = (),
    ) -> Rendering:
        """The tune in `formats`; without a `title` the tune's first `T:` field names it.

        marks: what the page shows in the text, in the order of the text and without overlaps.

        Raises SettingsError for an unknown format, RenderingError when sound is asked for and no soundfont is found.
        """
        check_formats(formats)
        text = abc.encode("utf-8", "replace")
        answers = {"abc": Answer(text)}
        for target in (name for name in MADE_FROM if name in _with_their_sources(formats)):
            source = answers[MADE_FROM[target]]
            if target == "svg":
                source = _with_colour(source, abc, marks)
            answers[target] = self._convert(source, target)
        wanted = [name for name in FORMATS if name == "abc" or name in formats]
        return Rendering(
            title=title or title_of(abc),
            abc=abc,
            outputs={name: content for name in wanted if (content := answers[name].content) is not None},
            failures={name: answers[name].reason for name in wanted if answers[name].content is None},
            messages=answers["midi"].messages if "midi" in answers else (),
            marks=tuple(marks),
        )

    def close(self) -> None:
        """End the child process; may be called twice."""
        self._process.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _convert(self, source: Answer, target: str) -> Answer:
        if source.content is None:
            return Answer(None, source.reason)
        if target not in ("wav", "mp3"):
            return self._process.convert(source.content, target)
        if self._soundfont is None:
            self._soundfont = find_soundfont()
        return self._process.convert(source.content, target, soundfont=str(self._soundfont))


def write_rendering(rendering: Rendering, folder: Path, stem: str) -> list[Path]:
    """Write `<stem>.abc`, `<stem>.mid`, ... into `folder`, which is made if it is not there; returns the paths.

    Each file is written to the side and moved into place. Raises RunError when the folder cannot be written.
    """
    paths = []
    for name, content in rendering.outputs.items():
        paths.append(folder / (stem + ENDINGS[name]))
        write_whole(paths[-1], content, forced=False)
    return paths


def check_formats(formats: Sequence[str]) -> None:
    """Raise SettingsError naming the first format that is not among `FORMATS`."""
    for name in formats:
        if name not in FORMATS:
            raise SettingsError(f"format {name!r} is unknown; the formats are {', '.join(FORMATS)}")


def title_of(abc: str) -> str:
    """The first title in the tune's header with its accents, or "" when it has none."""
    found = re.search(r"^T:[^\S\n]*(\S.*?)\s*$", abc, flags=re.MULTILINE)
    return decode_text(found[1]) if found else ""


def _with_colour(musicxml: Answer, abc: str, marks: Sequence[Mark]) -> Answer:
    """The MusicXML that the score is drawn from; the one that is handed out has no colours."""
    shared = [(mark.begin, mark.end) for mark in marks if mark.kind == "shared"]
    if musicxml.content is None or not shared:
        return musicxml
    return Answer(coloured(musicxml.content, abc, shared, SHARED_COLOUR))


def _with_their_sources(formats: Sequence[str]) -> set[str]:
    needed = set(formats)
    return needed | {MADE_FROM[name] for name in needed if name in MADE_FROM}
