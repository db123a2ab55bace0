"""/api/check: what is wrong with a text; /api/judge: the figures of one tune, and its originality."""

import math

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from songrnn.checks.check import check
from songrnn.errors import AbcSyntaxError
from songrnn.notation.read import read_tune
from songrnn.notation.tune import Position
from songrnn.settings import Settings
from songrnn.studio.compose import Model
from songrnn.studio.render import TUNE
from songrnn.studio.state import CurrentStudio, Studio

MOST_PROBLEMS = 200

router = APIRouter(prefix="/api", tags=["judge"])


class Text(Settings):
    """A tune."""

    abc: str = Field(description="the tune, in ABC notation", examples=[TUNE])


class FoundProblem(BaseModel):
    """One thing that is wrong. line, column: from 1. kind: "error" where the text cannot be read at all, else as
    `checks.Problem` has it; "remark" for what is ignored and no fault."""

    line: int
    column: int
    kind: str
    message: str


class Checked(BaseModel):
    """What is wrong with a text, in its order; `readable`: whether there is a tune at all."""

    readable: bool
    problems: list[FoundProblem]


class TuneFigure(BaseModel):
    """One figure of a tune; null where it is undefined. better: higher, lower, or near human."""

    name: str
    title: str
    value: float | None
    percent: bool
    better: str


class Judged(BaseModel):
    """The figures of a tune, and what it shares with the training tunes of a model ("" where that is unknown)."""

    fault: str = Field(description="the first thing that is wrong with it; empty if nothing is")
    form: str = Field(description="such as AABB; empty without strains of eight bars")
    figures: list[TuneFigure]
    originality: str


@router.post("/check")
async def check_abc(request: Request, studio: CurrentStudio, body: Text) -> Checked:
    """What is wrong with a text, each with line and column."""
    studio.check_length(body.abc)
    return await studio.work.run(request, lambda: _checked(body.abc))


@router.post("/judge")
async def judge_tune(request: Request, studio: CurrentStudio, body: Text, model: Model = "") -> Judged:
    """The figures of one tune, and the longest run of notes that it shares with a training tune."""
    studio.check_length(body.abc)
    return await studio.work.run(request, lambda: _judged(studio, body.abc, model))


def _checked(abc: str) -> Checked:
    try:
        tune = read_tune(abc, strict=False)
    except AbcSyntaxError as error:
        fault = FoundProblem(line=error.line, column=error.column, kind="error", message=error.reason)
        return Checked(readable=False, problems=[fault])
    found = [_found(problem.position, problem.kind, problem.message) for problem in check(tune)]
    found += [_found(remark.position, "remark", remark.reason) for remark in tune.remarks]
    return Checked(readable=True, problems=sorted(found, key=lambda one: (one.line, one.column))[:MOST_PROBLEMS])


def _found(position: Position, kind: str, message: str) -> FoundProblem:
    return FoundProblem(line=position.line, column=position.column, kind=kind, message=message)


def _judged(studio: Studio, abc: str, model: str) -> Judged:
    from songrnn.evaluation.analysed import analyse
    from songrnn.evaluation.form import form_of
    from songrnn.evaluation.metrics import METRICS
    from songrnn.originality.sentences import sentence

    analysed = analyse(abc)
    figures = [
        TuneFigure(
            name=metric.name,
            title=metric.title,
            value=None if math.isnan(value := metric.compute(analysed)) else value,
            percent=metric.percent,
            better=metric.better,
        )
        for metric in METRICS
        if metric.compute is not None
    ]
    originality = studio.models.composer(model).companions.originality(abc)
    return Judged(
        fault=analysed.fault,
        form=form_of(analysed.bars),
        figures=figures,
        originality="" if originality is None else sentence(originality),
    )
