"""/api/render: a tune as score, with the times of its notes, and as files; /api/spoken.

/api/transpose and /api/meter: it in another key or meter.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from songrnn.errors import RenderingError, SettingsError
from songrnn.notation.read import read_tune
from songrnn.notation.text_strings import title_of
from songrnn.notation.transpose import transpose
from songrnn.notation.tune import Meter, Tune
from songrnn.notation.values import read_value
from songrnn.notation.write import write_tune
from songrnn.pages.document import MEDIA_TYPES
from songrnn.performance.rebar import rebar
from songrnn.rendering.limits import PAGE_WIDTH
from songrnn.rendering.page import file_stem
from songrnn.rendering.render import ENDINGS, TIMEMAP
from songrnn.rendering.sound_settings import SoundSettings
from songrnn.settings import Settings
from songrnn.studio.problems import NOT_FOUND
from songrnn.studio.state import CurrentStudio, Studio

FileFormat = Literal["abc", "midi", "wav", "mp3", "musicxml", "svg"]
SOURCE = "source"
IMMUTABLE = "private, max-age=31536000, immutable"
_STYLE = re.compile(r"\s*<style.*?</style>", re.DOTALL)
_DESCRIPTION = re.compile(r"\s*<desc>.*?</desc>", re.DOTALL)
_NOTE_ID = re.compile(r' id="(n\d+-\d+)(?:-\d+)?"')
_OTHER_ID = re.compile(r' id="[^"]*"')
_END_OF_GLYPHS = "</defs>"
_BEAT = re.compile(r'<tspan font-family="Leipzig" font-size="\d+px">([\ueca0-\uecbf\s]+)</tspan>')
_BEATS = {
    "\ueca0": "double whole",
    "\ueca2": "whole",
    "\ueca3": "half",
    "\ueca5": "quarter",
    "\ueca7": "eighth",
    "\ueca9": "sixteenth",
    "\uecab": "thirty-second",
}
_DOT = "\uecb7"
TUNE = "X:1\nT:The Morning Kettle\nR:jig\nM:6/8\nK:D\n|:DFA dfa|gec d3:|\n"

router = APIRouter(prefix="/api", tags=["render"])


def _of_sound(name: str) -> Any:
    """The default and description that `SoundSettings` has for one of its fields."""
    info = SoundSettings.model_fields[name]
    return Field(info.default, description=info.description)


class RenderRequest(Settings):
    """A tune, and how it is to look and sound."""

    abc: str = Field(min_length=1, description="the tune, in ABC notation", examples=[TUNE])
    tempo: str = _of_sound("tempo")
    instrument: str = _of_sound("instrument")
    swing: bool = _of_sound("swing")
    page_width: int = Field(
        PAGE_WIDTH,
        ge=600,
        le=4_000,
        description="of the score, in tenths of a millimetre: narrower, larger notes",
    )

    @property
    def sound(self) -> SoundSettings:
        """How it sounds; raises SettingsError for a tempo or an instrument that is none."""
        return SoundSettings(tempo=self.tempo, instrument=self.instrument, swing=self.swing)


class NoteTime(BaseModel):
    """A note that sounds from second `begin` to second `end`; `note` is the `data-note` of its sign in the score."""

    begin: float
    end: float
    note: str


class Rendered(BaseModel):
    """A tune as score and times. `id` names it in /api/rendered/{id}/{format}, while it is kept."""

    id: str
    title: str
    svg: str = Field(description='the score; its notes have data-note="n3-12": line 3, column 12 of the text')
    notes: list[NoteTime] = Field(description="in the order of playing; a note of a repeat once for each pass")
    bars: list[tuple[int, int]] = Field(description="begin and end of each bar, in characters of the text")
    bar_numbers: list[int] = Field(description="the number of each bar, as in the score; 0 for a pickup")
    beats: list[tuple[float, bool]] = Field(description="of a metronome: the second, and whether it begins a bar")
    seconds: float
    sound: str = Field(description="such as 3/8=120, violin")
    messages: list[str] = Field(description="what is wrong with the tune, or ignored in it, with its place")


@router.post("/render")
async def render_tune(request: Request, studio: CurrentStudio, body: RenderRequest) -> Rendered:
    """The score of a tune, and when each of its notes sounds."""
    studio.check_length(body.abc)
    return await studio.work.run(request, lambda: _rendered(studio, body))


@router.get("/rendered/{key}/{file_format}", response_class=Response, responses=NOT_FOUND)
async def rendered_file(
    request: Request, studio: CurrentStudio, key: str, file_format: FileFormat, save: bool = False
) -> Response:
    """A rendered tune as a file; `save`: to be saved, under the name of the tune."""
    content, title = await studio.work.run(request, lambda: _file(studio, key, file_format))
    headers = {"Cache-Control": IMMUTABLE}
    if save:
        name = file_stem(1, title).partition("-")[2] + ENDINGS[file_format]
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return Response(content, media_type=MEDIA_TYPES[file_format], headers=headers)


class TransposeRequest(Settings):
    """A tune, and by how much it is to be transposed."""

    abc: str = Field(min_length=1, examples=[TUNE])
    semitones: int = Field(ge=-24, le=24, description="up, or down below 0")


class MeterRequest(Settings):
    """A tune, and the meter into which it is to be put."""

    abc: str = Field(min_length=1, examples=[TUNE])
    meter: str = Field(min_length=1, max_length=20, description="such as 12/8 or C|", examples=["12/8"])


class ChangedTune(BaseModel):
    """A tune in another key or meter."""

    abc: str


@router.post("/transpose")
async def transposed(request: Request, studio: CurrentStudio, body: TransposeRequest) -> ChangedTune:
    """The tune in another key, its key and chord symbols with it."""

    def change(tune: Tune) -> Tune:
        try:
            return transpose(tune, body.semitones)
        except ValueError as error:
            raise SettingsError(str(error)) from error

    return await _changed(request, studio, body.abc, change)


@router.post("/meter")
async def in_meter(request: Request, studio: CurrentStudio, body: MeterRequest) -> ChangedTune:
    """The tune in another meter: its bars joined or divided, every note as long as before."""
    meter = read_value("M", body.meter)
    if not isinstance(meter, Meter):
        raise SettingsError(f"meter is {body.meter!r}; expected a meter such as 6/8 or C|", "meter")
    return await _changed(request, studio, body.abc, lambda tune: rebar(tune, meter))


async def _changed(request: Request, studio: Studio, abc: str, change: Callable[[Tune], Tune]) -> ChangedTune:
    studio.check_length(abc)
    return await studio.work.run(request, lambda: ChangedTune(abc=write_tune(change(read_tune(abc)))))


class SpokenRequest(Settings):
    """A tune to be said in words."""

    abc: str = Field(min_length=1, examples=[TUNE])


class SpokenBarOfTune(BaseModel):
    """A bar in words; `bar` is its index among those of /api/render."""

    bar: int
    part: str
    number: int
    words: str


class Spoken(BaseModel):
    """A score in words, for screen readers."""

    bars: list[SpokenBarOfTune]


@router.post("/spoken")
async def spoken_score(request: Request, studio: CurrentStudio, body: SpokenRequest) -> Spoken:
    """The score in words, bar by bar."""
    studio.check_length(body.abc)

    def made() -> Spoken:
        from songrnn.performance.spoken import spoken_bars

        found = spoken_bars(read_tune(body.abc, strict=False))
        return Spoken(bars=[SpokenBarOfTune(bar=place, **asdict(bar)) for place, bar in enumerate(found)])

    return await studio.work.run(request, made)


def _rendered(studio: Studio, body: RenderRequest) -> Rendered:
    source = json.dumps({**body.model_dump(), **body.sound.model_dump(include={"tempo", "instrument"})})
    key = hashlib.sha256(source.encode("utf-8")).hexdigest()[:32]
    kept = studio.rendered.get(key)
    if kept is None or "answer" not in kept:
        made = _made(studio, body, ("svg", TIMEMAP))
        times = json.loads(made.outputs[TIMEMAP])
        answer = Rendered(
            id=key,
            title=made.title,
            svg=page_svg(made.outputs["svg"].decode("utf-8")),
            sound=made.sound,
            messages=list(made.messages),
            **times,
        )
        kept = {SOURCE: source.encode("utf-8"), "answer": answer.model_dump_json().encode("utf-8")}
        _keep(studio, key, kept)
    return Rendered.model_validate_json(kept["answer"])


def page_svg(svg: str) -> str:
    """Verovio's SVG as it can stand in the page: without styles of its own, with `data-note` in place of ids.

    The page's style sheet draws it, so that the content security policy needs no exception, and several scores stand in
    one page without two elements of one id. The beat of a tempo, which needs a music font, is said in words.
    """
    plain = _BEAT.sub(_beat_in_words, _DESCRIPTION.sub("", _STYLE.sub("", svg)))
    glyphs, end, drawing = plain.partition(_END_OF_GLYPHS)
    if not end:
        glyphs, drawing = "", glyphs
    return glyphs + end + _OTHER_ID.sub("", _NOTE_ID.sub(r' data-note="\1"', drawing))


def _beat_in_words(found: re.Match[str]) -> str:
    """Such as "dotted quarter", in the size of the text after it."""
    words = " ".join(filter(None, ("dotted" if _DOT in found[1] else "", *map(_BEATS.get, found[1]))))
    return f'<tspan font-size="405px">{words}</tspan>'


def _file(studio: Studio, key: str, file_format: FileFormat) -> tuple[bytes, str]:
    """The file and the tune's title; raises HTTPException for a tune that is not kept any more."""
    kept = studio.rendered.get(key)
    if kept is None:
        raise HTTPException(404, "this tune is not kept here any more; render it again")
    body = RenderRequest(**json.loads(kept[SOURCE]))
    if file_format not in kept:
        made = _made(studio, body, (file_format,))
        kept = {**kept, file_format: made.outputs[file_format]}
        _keep(studio, key, kept)
    return kept[file_format], title_of(body.abc)


def _made(studio: Studio, body: RenderRequest, formats: tuple[str, ...]) -> Any:
    """The rendering; raises RenderingError where one of the formats cannot be made."""
    with studio.renderers.borrowed() as renderer:
        made = renderer.render(body.abc, formats=formats, sound=body.sound, page_width=body.page_width)
    for reason in made.failures.values():
        raise RenderingError(reason)
    return made


def _keep(studio: Studio, key: str, kept: Mapping[str, bytes]) -> None:
    studio.rendered.put(key, kept, sum(map(len, kept.values())))
