"""/health, and /metrics in the format of Prometheus."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

import songrnn
from songrnn.studio.state import CurrentStudio

router = APIRouter(tags=["server"])


class Health(BaseModel):
    """That the server answers."""

    status: str
    version: str
    models: list[str]


@router.get("/health")
def health(studio: CurrentStudio) -> Health:
    """Whether the server answers; no model is opened for it."""
    return Health(status="ok", version=songrnn.__version__, models=list(studio.models.names))


@router.get("/metrics", response_class=Response)
def metrics(studio: CurrentStudio) -> Response:
    """What was done, for Prometheus."""
    studio.measures.in_work.set(studio.work.taken)
    return Response(generate_latest(studio.measures.registry), media_type=CONTENT_TYPE_LATEST)
