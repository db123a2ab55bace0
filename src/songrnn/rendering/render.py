"""One tune in ABC -> sound, score and the formats of other programs.

    abc ──> midi ──> wav, mp3
     ├────> musicxml ──> svg
     └────> timemap

A format that fails leaves a reason; it never stops the other formats, nor the next tune.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from songrnn.child_process import TIMEOUT_SECONDS, WORKER_COMMAND, ConverterProcess, Reply
from songrnn.errors import RenderingError, SettingsError
from songrnn.notation.text_strings import title_of
from songrnn.rendering.highlighting import coloured
from songrnn.rendering.limits import PAGE_WIDTH, check_text
from songrnn.rendering.sound_settings import SoundSettings
from songrnn.rendering.soundfont import find_soundfont

MusicFormat = Literal["midi", "wav", "mp3", "musicxml", "svg"]
TIMEMAP = "timemap"
"""When each note sounds (`performance/timemap.py`): made like a format, but no file to keep."""
FORMATS = ("abc", "midi", "wav", "mp3", "musicxml", "svg")
DEFAULT_FORMATS: tuple[MusicFormat, ...] = ("midi", "wav", "musicxml", "svg")
MADE_FROM = {
    **{"midi": "abc", "wav": "midi", "mp3": "midi", "musicxml": "abc", "svg": "musicxml"},
    TIMEMAP: "abc",
}
"""In working order."""
ENDINGS = {"abc": ".abc", "midi": ".mid", "wav": ".wav", "mp3": ".mp3", "musicxml": ".musicxml", "svg": ".svg"}

SHARED_COLOUR = "#b3261e"


@dataclass(frozen=True)
class Mark:
    """A remark about the characters begin..end of a tune's ABC.

    kind: "copied" from earlier in the tune, which the page underlines; or "shared" with other tunes, which the page and
    the score show in colour.
    """

    begin: int
    end: int
    remark: str
    kind: Literal["copied", "shared"] = "copied"


@dataclass(frozen=True)
class Rendering:
    """The rendering of one tune.

    outputs:  format -> file content, for requested ones that succeeded; `abc` is always there.
    failures: format -> reason in one line, for requested ones that failed.
    messages: what `notation.check` finds wrong with the tune, and fields that are ignored, a line each with its place.
    sound: how it is played, such as "1/2=112, violin"; "" unless MIDI, sound or a timemap was made.
    marks: what the page shows in the text, in their order; none of them overlap.
    """

    title: str
    abc: str
    outputs: Mapping[str, bytes]
    failures: Mapping[str, str]
    messages: tuple[str, ...]
    sound: str = ""
    marks: tuple[Mark, ...] = ()


def render(
    abc: str, *, title: str = "", formats: Sequence[str] = DEFAULT_FORMATS, sound: SoundSettings | None = None
) -> Rendering:
    """One tune, in a child process of its own; for many tunes use `Renderer`, which keeps it.

    Raises SettingsError for an unknown format, RenderingError for a soundfont that is not there; nothing for the tune.
    """
    with Renderer(sound) as renderer:
        return renderer.render(abc, title=title, formats=formats)


class Renderer:
    """Renders tunes, one after another, in a child process that outlives a tune and is replaced when it crashes.

    A context manager, for one thread at a time. `timeout_seconds` is for each conversion. Raises RenderingError when
    `sound` names a soundfont that is not there.
    """

    def __init__(
        self,
        sound: SoundSettings | None = None,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        worker_command: Sequence[str] = WORKER_COMMAND,
    ) -> None:
        self._sound = sound or SoundSettings()
        self._soundfont: Path | None = None
        if self._sound.soundfont is not None:
            self._soundfont = find_soundfont(self._sound.soundfont)
        self._process = ConverterProcess(worker_command, timeout_seconds=timeout_seconds)

    def render(
        self,
        abc: str,
        *,
        title: str = "",
        formats: Sequence[str] = DEFAULT_FORMATS,
        marks: Sequence[Mark] = (),
        sound: SoundSettings | None = None,
        page_width: int = PAGE_WIDTH,
    ) -> Rendering:
        """The tune in `formats`, and as TIMEMAP; without a `title` the tune's first `T:` field names it.

        marks: what the page shows in the text, in the order of the text and without overlaps. sound: in place of the
        renderer's own settings, but for the soundfont. page_width: of the score, in tenths of a millimetre.

        Raises SettingsError for an unknown format, RenderingError when sound is requested and no soundfont is found.
        """
        check_formats([name for name in formats if name != TIMEMAP])
        sound = sound or self._sound
        answers = {"abc": Reply(abc.encode("utf-8", "replace"))}
        refused = _refused(abc)
        for target in (name for name in MADE_FROM if name in _with_their_sources(formats)):
            source = refused or answers[MADE_FROM[target]]
            if target == "svg":
                source = _with_colour(source, abc, marks)
            answers[target] = self._convert(source, target, sound, page_width)
        requested = [name for name in (*FORMATS, TIMEMAP) if name == "abc" or name in formats]
        return Rendering(
            title=title or title_of(abc),
            abc=abc,
            outputs={name: content for name in requested if (content := answers[name].content) is not None},
            failures={name: answers[name].reason for name in requested if answers[name].content is None},
            messages=next((answer.messages for answer in answers.values() if answer.messages), ()),
            sound=next(
                (f"{answers[name].sound}, {sound.instrument}" for name in ("midi", TIMEMAP) if _is_made(answers, name)),
                "",
            ),
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

    def _convert(self, source: Reply, target: str, sound: SoundSettings, page_width: int) -> Reply:
        if source.content is None:
            return Reply(None, source.reason)
        return self._process.convert(source.content, target, **self._details(target, sound, page_width))

    def _details(self, target: str, sound: SoundSettings, page_width: int) -> dict[str, str | int]:
        """The converter's settings besides the source."""
        if target == "svg":
            return {"page_width": page_width}
        if target in ("midi", "musicxml", TIMEMAP):
            return {"tempo": sound.tempo, "program": sound.program, "swing": int(sound.swing)}
        if self._soundfont is None:
            self._soundfont = find_soundfont()
        return {"soundfont": str(self._soundfont)}


def check_formats(formats: Sequence[str]) -> None:
    """Raise SettingsError naming the first format that is not among `FORMATS`."""
    for name in formats:
        if name not in FORMATS:
            raise SettingsError(f"format {name!r} is unknown; the formats are {', '.join(FORMATS)}")


def _refused(abc: str) -> Reply | None:
    """Why a text is not converted at all."""
    try:
        check_text(abc)
    except RenderingError as error:
        return Reply(None, str(error))
    return None


def _is_made(answers: Mapping[str, Reply], target: str) -> bool:
    return target in answers and answers[target].content is not None


def _with_colour(musicxml: Reply, abc: str, marks: Sequence[Mark]) -> Reply:
    """The MusicXML that the score is drawn from; the one that is returned has no colours."""
    shared = [(mark.begin, mark.end) for mark in marks if mark.kind == "shared"]
    if musicxml.content is None or not shared:
        return musicxml
    return Reply(coloured(musicxml.content, abc, shared, SHARED_COLOUR))


def _with_their_sources(formats: Sequence[str]) -> set[str]:
    needed = set(formats)
    return needed | {MADE_FROM[name] for name in needed if name in MADE_FROM}
