"""`create_app`: the studio as an ASGI application, made of a router for each resource."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

import songrnn
from songrnn.studio import compose, health, judge, page, render, tunebook
from songrnn.studio.insight import resource as insight
from songrnn.studio.listening import resource as listening
from songrnn.studio.measures import Measured
from songrnn.studio.problems import DOCUMENTED, add_handlers
from songrnn.studio.renderers import Renderers
from songrnn.studio.security import Guard
from songrnn.studio.settings import StudioSettings
from songrnn.studio.state import Studio

ROUTERS = [
    page.router,
    compose.router,
    render.router,
    judge.router,
    health.router,
    tunebook.router,
    tunebook.pages,
    insight.router,
    listening.router,
    listening.pages,
]
"""One for each resource."""
DESCRIPTION = (
    "Compose tunes in ABC notation, see and hear them, and find out what they share with the tunes of the tunebook. "
    "Errors are application/problem+json."
)


def create_app(settings: StudioSettings | None = None, renderers: Renderers | None = None) -> FastAPI:
    """The application; opening it takes no model and starts no process, the first request that needs one does.

    renderers: those to use, if some are made already.
    """
    settings = settings or StudioSettings()
    studio = Studio.opened(settings, renderers)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        studio.close()

    app = FastAPI(
        title="songrnn studio",
        version=songrnn.__version__,
        description=DESCRIPTION,
        docs_url=None,  # its page would load a script from elsewhere
        redoc_url=None,
        lifespan=lifespan,
        responses=DOCUMENTED,
    )
    app.state.studio = studio
    add_handlers(app)
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=page.STATIC), name="static")
    app.add_middleware(Measured, measures=studio.measures)
    app.add_middleware(Guard, settings=settings)
    return app
