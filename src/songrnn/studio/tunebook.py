"""/api/tunebook: the tunes, versions, tags and sets that the player keeps, and files in and out; the page /tunebook."""

from typing import Annotated, TypeVar

from fastapi import APIRouter, Body, Path, Query, Request
from fastapi.responses import HTMLResponse, Response

from songrnn.composing.composer import Composer
from songrnn.composing.request import Request as ComposingRequest
from songrnn.errors import SettingsError
from songrnn.originality.settings import OriginalitySettings
from songrnn.studio.archive.records import (
    LARGEST_ID,
    MEDIA_TYPES,
    MOST_EXPORTED,
    ComposedAgain,
    Count,
    ExportFormat,
    Id,
    ImportReport,
    KeptTune,
    NewTune,
    NewVersion,
    SetContent,
    Tag,
    Title,
    TitleRequest,
    TuneChange,
    TuneList,
    TuneQuery,
    TuneSet,
    Version,
)
from songrnn.studio.page import NAVIGATION, page
from songrnn.studio.problems import NOT_FOUND
from songrnn.studio.state import CurrentStudio, Studio
from songrnn.studio.work import still_wanted

router = APIRouter(prefix="/api/tunebook", tags=["tunebook"], responses=NOT_FOUND)
Number = Annotated[int, Path(ge=1, le=LARGEST_ID)]
MOST_IMPORTED = 2_000
"""Tunes of one file."""
NAVIGATION.append(("/tunebook", "Tunebook"))
pages = APIRouter(include_in_schema=False)


@router.get("/tunes")
def find_tunes(studio: CurrentStudio, query: Annotated[TuneQuery, Query()]) -> TuneList:
    """The tunes of which all conditions hold."""
    return studio.tunebook.archive.find(query)


@router.post("/tunes", status_code=201)
def keep_tune(studio: CurrentStudio, new: NewTune, response: Response) -> KeptTune:
    """Keep a tune: when the answer comes, it is on the disk."""
    tune = studio.tunebook.archive.keep(_complete(studio, new))
    response.headers["Location"] = f"/api/tunebook/tunes/{tune.id}"
    return tune


@router.get("/tunes/{tune}")
def show_tune(studio: CurrentStudio, tune: Number) -> KeptTune:
    """A tune, its current text, and the tree of its versions; deleted or not."""
    return studio.tunebook.archive.tune(tune)


@router.patch("/tunes/{tune}")
def change_tune(studio: CurrentStudio, tune: Number, change: TuneChange) -> KeptTune:
    """Change title, tags, stars or notes, or go to another version: undo and redo."""
    return studio.tunebook.archive.change(tune, change)


@router.delete("/tunes/{tune}")
def delete_tune(studio: CurrentStudio, tune: Number) -> KeptTune:
    """Delete a tune; `restore` brings it back."""
    return studio.tunebook.archive.delete(tune)


@router.post("/tunes/{tune}/restore")
def restore_tune(studio: CurrentStudio, tune: Number) -> KeptTune:
    """Bring a deleted tune back."""
    return studio.tunebook.archive.restore(tune)


@router.delete("/deleted/{tune}", status_code=204)
def remove_tune(studio: CurrentStudio, tune: Number) -> None:
    """Remove a deleted tune with all its versions, for good."""
    studio.tunebook.archive.remove_for_good(tune)


@router.post("/tunes/{tune}/versions", status_code=201)
def keep_version(studio: CurrentStudio, tune: Number, new: NewVersion) -> KeptTune:
    """Keep another version of a tune, which becomes the current one."""
    return studio.tunebook.archive.add_version(tune, _complete(studio, new))


@router.get("/tunes/{tune}/versions/{version}")
def read_version(studio: CurrentStudio, tune: Number, version: Number) -> Version:
    """A version with its text, and the settings and seed that composed it."""
    return studio.tunebook.archive.version(tune, version)


@router.post("/tunes/{tune}/versions/{version}/compose")
async def compose_again(studio: CurrentStudio, request: Request, tune: Number, version: Number) -> ComposedAgain:
    """Compose a version again from its record, and say whether the same music came of it."""
    return await studio.work.run(request, lambda: _composed_again(studio, tune, version))


@router.get("/tags")
def all_tags(studio: CurrentStudio) -> tuple[Count, ...]:
    """All tags, each with how many tunes have it."""
    return studio.tunebook.archive.tags()


@router.get("/rhythms")
def all_rhythms(studio: CurrentStudio) -> tuple[Count, ...]:
    """All rhythms, each with how many tunes have it."""
    return studio.tunebook.archive.rhythms()


@router.post("/titles")
def proposed_titles(wanted: TitleRequest) -> tuple[str, ...]:
    """Titles for a tune, from its key, rhythm and place."""
    from songrnn.studio.archive.titles import propose_titles
    from songrnn.studio.archive.tune_text import facts_of, one_tune

    abc = one_tune(wanted.abc)
    return propose_titles(facts_of(abc), abc, place=wanted.place, count=wanted.count)


@router.get("/sets")
def all_sets(studio: CurrentStudio, *, deleted: bool = False) -> tuple[TuneSet, ...]:
    """All sets, or all deleted ones."""
    return studio.tunebook.sets.all(deleted=deleted)


@router.post("/sets", status_code=201)
def keep_set(studio: CurrentStudio, content: SetContent) -> TuneSet:
    """Keep a set: tunes that are played one after another."""
    return studio.tunebook.sets.keep(content)


@router.get("/sets/{number}")
def read_set(studio: CurrentStudio, number: Number) -> TuneSet:
    """One set, deleted or not."""
    return studio.tunebook.sets.get(number)


@router.put("/sets/{number}")
def replace_set(studio: CurrentStudio, number: Number, content: SetContent) -> TuneSet:
    """Give a set another title, notes, tunes or order."""
    return studio.tunebook.sets.replace(number, content)


@router.delete("/sets/{number}")
def delete_set(studio: CurrentStudio, number: Number) -> TuneSet:
    """Delete a set; its tunes stay, and `restore` brings it back."""
    return studio.tunebook.sets.delete(number)


@router.post("/sets/{number}/restore")
def restore_set(studio: CurrentStudio, number: Number) -> TuneSet:
    """Bring a deleted set back."""
    return studio.tunebook.sets.restore(number)


@pages.get("/tunebook")
def tunebook_page() -> HTMLResponse:
    """What is kept: list, search, sets, versions, files."""
    return page("tunebook.html.jinja", "Tunebook", "/tunebook", formats=MOST_EXPORTED)


@router.post("/import")
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
    "/export/{kind}",
    response_class=Response,
    responses={200: {"description": "the file", "content": {kind: {} for kind in MEDIA_TYPES.values()}}},
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


Kept = TypeVar("Kept", bound=NewVersion)


def _complete(studio: Studio, new: Kept) -> Kept:
    """With what the studio knows of the model. Raises SettingsError for a text that is too long."""
    studio.check_length(new.abc)
    if not new.model:
        return new
    composer = studio.models.composer(new.model)
    found = {"checkpoint": composer.description.digest, "engine": composer.engine.used.as_json()}
    return new.model_copy(update=found)


def _composed_again(studio: Studio, tune: int, version: int) -> ComposedAgain:
    from songrnn.studio.archive.tune_text import music_digest, one_tune

    record = studio.tunebook.archive.version(tune, version)
    if not record.can_be_composed_again or record.request is None or record.tune_number is None:
        raise SettingsError(
            f"version {version} of tune {tune} was not composed whole, so it has no seed to compose it by"
        )
    name, composer = _model_of(studio, record.checkpoint)
    again = ComposingRequest(**record.request).replace(
        first=record.tune_number, count=1, best_of=1, originality=OriginalitySettings()
    )
    abc = one_tune(next(composer.compose_request(again)).abc())
    return ComposedAgain(same=music_digest(abc) == music_digest(record.abc), model=name, abc=abc)


def _model_of(studio: Studio, digest: str) -> tuple[str, Composer]:
    for name in studio.models.names:
        composer = studio.models.composer(name)
        if composer.description.digest == digest:
            return name, composer
    raise SettingsError(
        f"the tune was composed with the model {digest[:12]}, which is not open; name it when you start"
    )


def _wanted(studio: Studio, tunes: list[int], number: int | None) -> tuple[list[int], str]:
    """The numbers of the tunes, and what they are called together."""
    if tunes and number is not None:
        raise SettingsError("name tunes, or a set, not both", "set")
    if number is not None:
        found = studio.tunebook.sets.get(number)
        return [tune.id for tune in found.tunes], found.title
    return tunes or list(studio.tunebook.archive.numbers()), "Tunebook"
