"""/api/listening: rounds of blind listening, their pairs, answers and results; the page /listening."""

import secrets
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, Response

from songrnn.studio.listening.records import (
    LARGEST_SEED,
    LONGEST_CODE,
    MOST_PAIRS,
    Joining,
    NewAnswer,
    NewParticipant,
    NewRound,
    Participant,
    Results,
    Round,
    RoundSummary,
)
from songrnn.studio.page import NAVIGATION, page
from songrnn.studio.state import CurrentStudio, Studio
from songrnn.studio.tunebook import NOT_FOUND
from songrnn.studio.work import still_wanted

if TYPE_CHECKING:
    from songrnn.studio.listening.rounds import Rounds

router = APIRouter(prefix="/api/listening", tags=["listening"], responses=NOT_FOUND)  # type: ignore[arg-type]
pages = APIRouter(include_in_schema=False)
NAVIGATION.append(("/listening", "Listen"))
Code = Annotated[str, Path(max_length=LONGEST_CODE, pattern="^[a-zA-Z0-9]+$", description="of a round")]
Secret = Annotated[str, Path(max_length=100)]


@router.get("/rounds")
def all_rounds(studio: CurrentStudio) -> tuple[RoundSummary, ...]:
    """All rounds, the latest first."""
    return _rounds(studio).all()


@router.post("/rounds", status_code=201)
async def prepare_round(studio: CurrentStudio, request: Request, new: NewRound) -> RoundSummary:
    """Draw human tunes, compose a tune to each, and keep the pairs."""
    return await studio.work.run(request, lambda: _prepared(studio, new))


@router.get("/rounds/{code}")
def read_round(studio: CurrentStudio, code: Code) -> Round:
    """A round and its pairs, which do not say what is human."""
    return _rounds(studio).get(code)


@router.delete("/rounds/{code}", status_code=204)
def delete_round(studio: CurrentStudio, code: Code) -> None:
    """Delete a round with all its answers, for good."""
    _rounds(studio).delete(code)


@router.post("/rounds/{code}/participants", status_code=201)
def join_round(studio: CurrentStudio, code: Code, new: NewParticipant) -> Participant:
    """Take part under a name."""
    return _rounds(studio).join(code, new.name)


@router.get("/rounds/{code}/participants/{secret}")
def read_participant(studio: CurrentStudio, code: Code, secret: Secret) -> Participant:
    """Which pairs somebody has answered."""
    return _rounds(studio).participant(code, secret)


@router.post("/rounds/{code}/pairs/{number}/answers", status_code=201)
def answer_pair(
    studio: CurrentStudio, code: Code, number: Annotated[int, Path(ge=1, le=MOST_PAIRS)], answer: NewAnswer
) -> Participant:
    """Say which tune of a pair is the human one; an answer cannot be changed."""
    return _rounds(studio).answer(code, number, answer)


@router.post("/rounds/{code}/close")
def close_round(studio: CurrentStudio, code: Code) -> Results:
    """End a round, and say which tune was which."""
    from songrnn.studio.listening.results import results_of

    _rounds(studio).close(code)
    return results_of(studio.tunebook.archive, code)


@router.get("/rounds/{code}/results")
def read_results(studio: CurrentStudio, code: Code) -> Results:
    """The share of right answers so far: of all, and of each participant; of each pair once the round is closed."""
    from songrnn.studio.listening.results import results_of

    return results_of(studio.tunebook.archive, code)


@router.get(
    "/rounds/{code}/results.csv",
    response_class=Response,
    responses={200: {"description": "a row for each answer", "content": {"text/csv": {}}}},
)
def export_results(studio: CurrentStudio, code: Code) -> Response:
    """The answers of a closed round as CSV."""
    from songrnn.studio.listening.results import results_as_csv

    content = results_as_csv(studio.tunebook.archive, code)
    headers = {"Content-Disposition": f'attachment; filename="listening-{code}.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/rounds/{code}/joining")
def how_to_join(studio: CurrentStudio, request: Request, code: Code) -> Joining:
    """The address for the telephones of a class."""
    from songrnn.studio.listening.joining import joining

    _, port = request.scope["server"]
    return joining(studio.settings, _rounds(studio).get(code).code, port)


@router.get(
    "/rounds/{code}/qr.svg",
    response_class=Response,
    responses={200: {"description": "the QR code", "content": {"image/svg+xml": {}}}},
)
def joining_qr_code(studio: CurrentStudio, request: Request, code: Code) -> Response:
    """The same address as a QR code."""
    from songrnn.studio.listening.joining import qr_code

    address = how_to_join(studio, request, code).address or str(request.base_url)
    return Response(qr_code(address), media_type="image/svg+xml", headers={"Cache-Control": "no-store"})


@pages.get("/listening")
def listening_page(studio: CurrentStudio) -> HTMLResponse:
    """Human or machine? Prepare a round, take part, see the results."""
    studio.warm()
    return page("listening.html.jinja", "Listen", "/listening", models=studio.models.names, most=MOST_PAIRS)


def _prepared(studio: Studio, new: NewRound) -> RoundSummary:
    from songrnn.studio.listening.pairs import paired
    from songrnn.studio.listening.sources import tunes_of_source

    model = new.model or studio.models.names[0]
    composer, archive = studio.models.composer(model), studio.tunebook.archive
    seed = secrets.randbelow(LARGEST_SEED) if new.seed is None else new.seed
    tunes = tunes_of_source(
        new.source, composer=composer, checkpoint=studio.models.path(model), archive=archive, file=new.file
    )
    pairs = paired(composer, tunes, count=new.pairs, rhythm=new.rhythm, seed=seed, wanted=still_wanted)
    return _rounds(studio).keep(
        pairs,
        title=new.title,
        source=new.source,
        model=model,
        checkpoint=composer.description.digest,
        seed=seed,
    )


def _rounds(studio: Studio) -> "Rounds":
    from songrnn.studio.listening.rounds import Rounds

    return Rounds(studio.tunebook.archive)
