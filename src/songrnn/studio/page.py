"""The page: HTML from the templates, and the files that it loads from /static."""

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

import songrnn
from songrnn.pages.document import filled
from songrnn.studio.state import CurrentStudio

HERE = Path(__file__).parent
STATIC = HERE / "static"
NAVIGATION: list[tuple[str, str]] = [("/", "Compose")]
"""Address and label of the pages, as the top of each shows them; a resource with a page adds its own."""

router = APIRouter(include_in_schema=False)


def page(template: str, title: str, here: str, **content: object) -> HTMLResponse:
    """A page from a template that extends studio.html.jinja. here: its address, which the navigation marks."""
    text = filled(
        HERE / "templates" / template,
        title=title,
        here=here,
        navigation=NAVIGATION,
        version=songrnn.__version__,
        **content,
    )
    return HTMLResponse(text, headers={"Cache-Control": "no-cache"})


@router.get("/")
def main_page(studio: CurrentStudio) -> HTMLResponse:
    """Ask, compose, hear and change. While the browser loads it, what the first tune needs is opened."""
    studio.warm()
    return page("compose.html.jinja", "Compose", "/", models=studio.models.names)
