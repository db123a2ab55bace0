"""/api/tunebook/import and /export: files in, files out; and the page /tunebook."""

from typing import Annotated

from fastapi import APIRouter, Body, Query, Request
from fastapi.responses import HTMLResponse, Response

from songrnn.errors import SettingsError
from songrnn.studio.archive.records import MOST_EXPORTED, ExportFormat, Id, ImportReport, Tag, Title
from songrnn.studio.page import NAVIGATION, page
from songrnn.studio.state import CurrentStudio, Studio
from songrnn.studio.tunebook import NOT_FOUND
from songrnn.studio.work import still_wanted

MOST_IMPORTED = 2_000
"""Tunes of one file."""
NAVIGATION.append(("/tunebook", "Tunebook"))
router = APIRouter(tags=["tunebook"], responses=NOT_FOUND)  # type: ignore[arg-type]


@router.get("/tunebook", include_in_schema=False)
def tunebook_page() -> HTMLResponse:
    """What is kept: list, search, sets, versions, files."""
    return page("tunebook.html.jinja", "Tunebook", "/tunebook", formats=MOST_EXPORTED)


@router.post("/api/tunebook/import")
async def import_file(
    studio: CurrentStudio,
    request: Request,
    content: Annotated[bytes, Body(media_type="text/vnd.abc", description="the content of an ABC file")],
    tag: Annotated[list[Tag], Query(max_length=10, description="tags for all of its tunes")] = [],  # noqa: B006
) -> ImportReport:
    """Keep the tunes of an ABC file; says what is wrong in each, and which were left out and why."""
    from songrnn.studio.archive.importing import import_tunes

    archive = studio.tunebook.archive
    return await studio.work.run(
        request, lambda: import_tunes(archive, content, tags=tuple(filter(None, tag)), most=MOST_IMPORTED)
    )


@router.get(
    "/api/tunebook/export/{kind}",
    response_class=Response,
    responses={200: {"description": "the file", "content": {"application/octet-stream": {}}}},
)
async def export_file(
    studio: CurrentStudio,
    request: Request,
    kind: ExportFormat,
    tune: Annotated[list[Id], Query(max_length=1_000, description="the tunes, in this order")] = [],  # noqa: B006
    set: Annotated[Id | None, Query(description="in their place, those of a set")] = None,  # noqa: A002
    title: Annotated[Title, Query(description="of the page or the PDF")] = "",
    paper: Annotated[str, Query(pattern="^(a4|us-letter)$", description="of the PDF")] = "a4",
) -> Response:
    """The tunes as a file: of one, of several, of a set; without any of these all of the tunebook."""
    from songrnn.studio.archive.exporting import exported

    def work() -> Response:
        numbers, usual_title = _wanted(studio, tune, set)
        with studio.renderers.borrowed() as renderer:
            file = exported(
                studio.tunebook.archive,
                numbers,
                kind,
                renderer,
                title=title or usual_title,
                paper="us-letter" if paper == "us-letter" else "a4",
                wanted=still_wanted,
            )
        headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
        return Response(file.content, media_type=file.media_type, headers=headers)

    return await studio.work.run(request, work)


def _wanted(studio: Studio, tunes: list[int], number: int | None) -> tuple[list[int], str]:
    """The numbers of the tunes, and what they are called together."""
    if tunes and number is not None:
        raise SettingsError("name tunes, or a set, not both", "set")
    if number is not None:
        found = studio.tunebook.sets.get(number)
        return [tune.id for tune in found.tunes], found.title
    return tunes or list(studio.tunebook.archive.numbers()), "Tunebook"
