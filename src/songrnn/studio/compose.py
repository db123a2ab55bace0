"""/api/compose: a request in, finished compositions out, at once or as server-sent events; /api/settings."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from songrnn.composing import request as composing
from songrnn.composing.composition import Composition
from songrnn.composing.form import FormSettings
from songrnn.engines.settings import SamplingSettings
from songrnn.errors import SettingsError
from songrnn.originality.settings import OriginalitySettings
from songrnn.rendering.instruments import INSTRUMENTS
from songrnn.studio.problems import problem_event
from songrnn.studio.state import CurrentStudio, Studio
from songrnn.studio.work import still_wanted

router = APIRouter(prefix="/api", tags=["compose"])
Model = Annotated[str, Query(description="the name of a model that the studio has open; none: the first")]


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
    bits_per_character: float | None = Field(description="how surprising the network finds it; null: undefined")
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

    async def events() -> AsyncIterator[str]:
        try:
            async for tune in studio.work.each(lambda: (_composed(made, body) for made in _each(studio, model, body))):
                yield _event("tune", tune.model_dump_json())
        except Exception as error:  # noqa: BLE001, RUF100  (the answer has begun: its status cannot change any more)
            yield _event("problem", problem_event(error))
        else:
            yield _event("end", json.dumps({"seed": body.seed}))

    return StreamingResponse(events(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})


@router.get("/settings")
def settings(studio: CurrentStudio) -> dict[str, Any]:
    """What can be asked for: models, instruments, limits, and the JSON schema of each group of settings."""
    return {
        "models": studio.models.names,
        "instruments": INSTRUMENTS,
        "limits": studio.settings.limits.model_dump(),
        "form": FormSettings.model_json_schema(),
        "sampling": SamplingSettings.model_json_schema(),
        "originality": OriginalitySettings.model_json_schema(),
    }


def _check(studio: Studio, body: composing.Request) -> None:
    """Raise SettingsError for more than one request may ask for."""
    limits = studio.settings.limits
    studio.check_length(body.prompt, "prompt")
    for name, found, most in (
        ("max_characters", body.sampling.max_characters, limits.characters),
        ("count", body.count * body.best_of, limits.tunes),
        ("tries", body.originality.tries if body.originality.original else 1, limits.tries),
    ):
        if found > most:
            together = ", its candidates counted," if name == "count" and body.best_of > 1 else ""
            raise SettingsError(f"{name}{together} is {found:,}; this studio allows {most:,}", name)


def _each(studio: Studio, model: str, body: composing.Request) -> Iterator[Composition]:
    for made in studio.models.composer(model).compose_request(body):
        still_wanted()
        studio.measures.composed(len(made.text))
        yield made


def _composed(made: Composition, body: composing.Request) -> ComposedTune:
    from songrnn.originality.sentences import sentence

    bits = made.bits_per_character
    again = body.model_copy(update={"count": 1, "best_of": 1, "first": made.number})
    return ComposedTune(
        abc=made.abc(),
        title=made.title,
        seed=_seed(body),
        number=made.number,
        finished=made.finished,
        bits_per_character=bits if bits == bits else None,
        originality="" if made.originality is None else sentence(made.originality),
        marks=[Marked(**vars(mark)) for mark in made.highlights],
        rank=[float(criterion) for criterion in made.rank],
        request=again.as_json(),
    )


def _seed(body: composing.Request) -> int:
    assert body.seed is not None, "`with_seed` has drawn one"
    return body.seed


def _event(name: str, data: str) -> str:
    return f"event: {name}\ndata: {data}\n\n"
