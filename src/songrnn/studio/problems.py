"""Errors as `application/problem+json` (RFC 9457): what was found, what was expected, what to do."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from songrnn.errors import SettingsError, SongrnnError
from songrnn.studio.archive.records import NotKept
from songrnn.studio.work import Busy, ClientGone

TITLES = {
    400: "Request cannot be read",
    401: "Token required",
    403: "Cross-site request refused",
    404: "Not found",
    405: "Method not allowed",
    413: "Request too large",
    421: "Unknown host",
    422: "Request cannot be fulfilled",
    499: "Client closed the connection",
    500: "Internal error",
    503: "Server busy",
}
JSON = "application/problem+json"


class ProblemDetails(BaseModel):
    """What went wrong with a request (RFC 9457)."""

    title: str
    status: int
    detail: str = Field(description="in one line: what was found, what was expected, what to do")
    setting: str = Field("", description="the setting that is wrong, if one is")


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For OpenAPI: these statuses, each with a problem."""
    return {
        status: {"model": ProblemDetails, "description": TITLES[status], "content": {JSON: {}}} for status in statuses
    }


DOCUMENTED = documented(400, 401, 403, 413, 421, 422, 503)
"""What every resource may answer."""
NOT_FOUND = documented(404)
"""What a resource may answer whose address names something."""


def problem(status: int, detail: str, setting: str = "", headers: dict[str, str] | None = None) -> JSONResponse:
    """The answer for one problem."""
    content = ProblemDetails(title=TITLES.get(status, "Problem"), status=status, detail=detail, setting=setting)
    return JSONResponse(content.model_dump(), status, headers, media_type=JSON)


def problem_event(error: Exception) -> str:
    """The same as data of a server-sent event; raises what is no mistake of the user."""
    if not isinstance(error, SongrnnError | Busy):
        raise error
    status, detail = (503, str(error)) if isinstance(error, Busy) else (422, " ".join(str(error).split()))
    return ProblemDetails(title=TITLES[status], status=status, detail=detail, setting="").model_dump_json()


def add_handlers(app: FastAPI) -> None:
    """Let every error of `app` be answered as a problem."""
    app.add_exception_handler(SongrnnError, _mistake)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(NotKept, _not_kept)
    app.add_exception_handler(Busy, _busy)
    app.add_exception_handler(ClientGone, _gone)


async def _mistake(_: Request, error: Exception) -> JSONResponse:
    setting = error.setting if isinstance(error, SettingsError) else ""
    return problem(422, " ".join(str(error).split()), setting)


async def _unreadable(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"][1:])
    return problem(422, f"{place or 'the request'}: {first['msg'].lower()}", place)


async def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return problem(error.status_code, str(error.detail), headers=dict(error.headers or {}))


async def _not_kept(_: Request, error: Exception) -> JSONResponse:
    return problem(404, str(error))


async def _busy(_: Request, error: Exception) -> JSONResponse:
    return problem(503, str(error), headers={"Retry-After": "2"})


async def _gone(_: Request, __: Exception) -> JSONResponse:
    return problem(499, "the connection was closed before the answer was there")
