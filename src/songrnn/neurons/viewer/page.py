"""What neurons do -> one HTML page with its own script, style and data."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from songrnn.neurons.viewer.packing import as_json, compressed
from songrnn.pages.document import document

TEMPLATE = Path(__file__).with_name("viewer.html.jinja")


def viewer_page(title: str, introduction: Sequence[str], content: Mapping[str, Any]) -> str:
    """A whole HTML document; content: as `content_of` makes it; introduction: paragraphs."""
    return document(
        TEMPLATE,
        title,
        style=TEMPLATE.with_name("viewer.css"),
        script=TEMPLATE.with_name("viewer.js"),
        introduction=introduction,
        contents=[],
        data=compressed(as_json(content).encode("ascii")),
    )
