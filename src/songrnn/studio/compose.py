"""/api/compose: a request in, finished compositions out, at once or as server-sent events; /api/settings."""

import json
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from starlette.types import Send

from songrnn.composing import request as composing
from songrnn.composing.composition import Composition
from songrnn.composing.form import FormSettings
from songrnn.engines.settings import SamplingSettings
from songrnn.errors import SettingsError
from songrnn.neurons.concepts import CONCEPTS
from songrnn.neurons.settings import InterventionSettings
from songrnn.originality.settings import OriginalitySettings
from songrnn.rendering.instruments import INSTRUMENTS
from songrnn.settings import Settings
from songrnn.studio.problems import problem_event
from songrnn.studio.state import CurrentStudio, Studio
from songrnn.studio.work import still_wanted

if TYPE_CHECKING:
    from songrnn.originality.shared_runs import Originality
    from songrnn.variation.rewriting import Rewritten

router = APIRouter(prefix="/api", tags=["compose"])
Model = Annotated[str, Query(description="the name of a model that the studio has open; none: the first")]


class Events(StreamingResponse):
    """Server-sent events; what makes them ends as soon as the client goes."""

    async def stream_response(self, send: Send) -> None:
        """See StreamingResponse."""
        assert isinstance(self.body_iterator, AsyncGenerator)
        async with aclosing(self.body_iterator):
            await super().stream_response(send)


class Marked(BaseModel):
    """What to know of the characters begin..end of a tune: "shared" with a training tune, or "copied" from itself."""

    begin: int
    end: int
    remark: str
    kind: str


class ComposedTune(BaseModel):
    """A composed tune. `request` composes this one again, alone, with the same model."""

    abc: str
    title: str
    seed: int
    number: int = Field(description="which of the tunes of the seed, from 0")
    finished: bool = Field(description="whether the network ended it itself")
    bits_per_character: float | None = Field(description="mean surprisal of the composed characters; null: undefined")
    originality: str = Field(description='such as "longest shared run: 2.3 bars (19 notes)"; "": unknown')
    marks: list[Marked]
    rank: list[float] = Field(description="criterion by criterion, the lower is the better, as lists are compared")
    request: dict[str, Any]


class Composed(BaseModel):
    """The tunes of a request in their order. `best`: their places, the best first. `notes`: what to know of it."""

    model: str
    seed: int
    tunes: list[ComposedTune]
    best: list[int]
    notes: list[str]


@router.post("/compose")
async def compose(request: Request, studio: CurrentStudio, body: composing.Request, model: Model = "") -> Composed:
    """The tunes of a request, when all are there."""
    _check(studio, body)
    body = body.with_seed()

    def made() -> Composed:
        composer = studio.models.composer(model)
        notes = composer.notes(body)
        tunes = [_composed(made, body) for made in _each(studio, model, body)]
        return Composed(
            model=model or studio.models.names[0],
            seed=_seed(body),
            tunes=tunes,
            best=sorted(range(len(tunes)), key=lambda place: tunes[place].rank),
            notes=[*notes, *composer.companions.faults],
        )

    return await studio.work.run(request, made)


@router.post(
    "/compose/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "`tune` for each, then `end`, or `problem`"}},
)
async def compose_events(studio: CurrentStudio, body: composing.Request, model: Model = "") -> StreamingResponse:
    """The tunes of a request, each as soon as it is there, as server-sent events."""
    _check(studio, body)
    body = body.with_seed()
    studio.models.composer(model)

    def tunes() -> Iterator[ComposedTune]:
        return (_composed(made, body) for made in _each(studio, model, body))

    async def events() -> AsyncGenerator[str]:
        try:
            async with aclosing(studio.work.each(tunes)) as each:
                async for tune in each:
                    yield _event("tune", tune.model_dump_json())
        except Exception as error:  # noqa: BLE001, RUF100  (the answer has begun: its status cannot change any more)
            yield _event("problem", problem_event(error))
        else:
            yield _event("end", json.dumps({"seed": body.seed}))

    return Events(events(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})


class RewriteRequest(Settings):
    """A tune, and which of its bars are to be written anew; the others stay to the letter."""

    abc: str = Field(min_length=1, description="the tune, in ABC notation")
    first: int = Field(ge=0, description="the first of the bars, an index among those of /api/render")
    last: int = Field(ge=0, description="the last of them")
    count: int = Field(4, ge=1, le=16, description="how many tunes")
    candidates: int = Field(64, ge=1, le=256, description="how many are composed, to keep the most probable")
    vary: bool = Field(False, description="keep those that are most like the old bars: a variation")
    sampling: SamplingSettings = SamplingSettings()


class RewrittenTune(BaseModel):
    """A tune with new bars, at begin..end of its text. log_probability: of all after them, natural logarithm."""

    abc: str
    begin: int
    end: int
    log_probability: float
    originality: str
    marks: list[Marked]


class RewrittenTunes(BaseModel):
    """The tunes, the most probable first; fewer than requested where no more differ."""

    model: str
    seed: int
    tunes: list[RewrittenTune]


@router.post("/rewrite")
async def rewrite_bars(
    request: Request, studio: CurrentStudio, body: RewriteRequest, model: Model = ""
) -> RewrittenTunes:
    """New bars between the text before them and the text after them."""
    studio.check_length(body.abc)
    sampling = body.sampling.with_seed()

    def made() -> RewrittenTunes:
        from songrnn.variation.rewriting import rewrite

        composer, bars = studio.models.composer(model), (body.first, body.last)
        found = rewrite(
            composer,
            body.abc,
            bars,
            sampling=sampling,
            count=body.count,
            candidates=body.candidates,
            vary=body.vary,
        )
        tunes = [_rewritten(one, composer.companions.originality(one.abc)) for one in found]
        return RewrittenTunes(model=model or studio.models.names[0], seed=sampling.seed or 0, tunes=tunes)

    return await studio.work.run(request, made)


@router.get("/settings")
def settings(studio: CurrentStudio) -> dict[str, Any]:
    """What can be requested: models, instruments, limits, the JSON schema of each group of settings, and the concepts
    that a network can be steered along."""
    return {
        "models": studio.models.names,
        "instruments": INSTRUMENTS,
        "limits": studio.settings.limits.model_dump(),
        "form": FormSettings.model_json_schema(),
        "sampling": SamplingSettings.model_json_schema(),
        "originality": OriginalitySettings.model_json_schema(),
        "intervention": InterventionSettings.model_json_schema(),
        "concepts": [one.name for one in CONCEPTS.values() if one.kind != "class"],
    }


def _check(studio: Studio, body: composing.Request) -> None:
    """Raise SettingsError for more than one request may ask for."""
    limits = studio.settings.limits
    studio.check_length(body.prompt, "prompt")
    for name, found, most in (
        ("max_characters", body.sampling.max_characters, limits.characters),
        ("tries", body.originality.tries if body.originality.original else 1, limits.tries),
    ):
        if found > most:
            raise SettingsError(f"{name} is {found:,}; this studio allows {most:,}", name)
    _check_count(studio, body.count, body.best_of or 1)


def _check_count(studio: Studio, count: int, candidates: int) -> None:
    """Raise SettingsError for more tunes than one request may ask for."""
    found, most = count * candidates, studio.settings.limits.tunes
    if found > most:
        together = ", its candidates counted," if candidates > 1 else ""
        raise SettingsError(f"count{together} is {found:,}; this studio allows {most:,}", "count")


def _each(studio: Studio, model: str, body: composing.Request) -> Iterator[Composition]:
    composer = studio.models.composer(model)
    _check_count(studio, body.count, composer.candidates_of(body))
    for made in composer.compose_request(body):
        still_wanted()
        studio.measures.composed(len(made.text))
        yield made


def _composed(made: Composition, body: composing.Request) -> ComposedTune:
    bits = made.bits_per_character
    again = body.model_copy(update={"count": 1, "best_of": 1, "first": made.number})
    return ComposedTune(
        abc=made.abc(),
        title=made.title,
        seed=_seed(body),
        number=made.number,
        finished=made.finished,
        bits_per_character=bits if bits == bits else None,
        originality=_sentence(made.originality),
        marks=[Marked(**vars(mark)) for mark in made.highlights],
        rank=[float(criterion) for criterion in made.rank],
        request=again.as_json(),
    )


def _rewritten(one: "Rewritten", originality: "Originality | None") -> RewrittenTune:
    from songrnn.originality.sentences import shared_stretch

    marks = [
        Marked(begin=begin, end=end, remark=remark, kind="shared") for begin, end, remark in shared_stretch(originality)
    ]
    return RewrittenTune(**vars(one), originality=_sentence(originality), marks=marks)


def _sentence(originality: "Originality | None") -> str:
    from songrnn.originality.sentences import sentence

    return "" if originality is None else sentence(originality)


def _seed(body: composing.Request) -> int:
    assert body.seed is not None, "`with_seed` has drawn one"
    return body.seed


def _event(name: str, data: str) -> str:
    return f"event: {name}\ndata: {data}\n\n"
