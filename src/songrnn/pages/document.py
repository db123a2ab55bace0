"""The base of every HTML page: one template, one style sheet, one script; figures, tables and downloads.

A page opens from the disk without a network: pictures, sound and files are in it as `data:` addresses. The text of a
tune stays text: Jinja escapes it, scores are shown as images (in which nothing runs), and the page's content security
policy names the one script and the one style sheet by their hashes and forbids every load from elsewhere.
"""

import base64
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

HERE = Path(__file__).parent
MEDIA_TYPES = {
    "abc": "text/vnd.abc;charset=utf-8",
    "midi": "audio/midi",
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "musicxml": "application/vnd.recordare.musicxml+xml",
    "svg": "image/svg+xml",
    "png": "image/png",
}


@dataclass(frozen=True)
class Figure:
    """A picture with its caption: `svg` is shown where there is one, else `png`.

    wide: shown at its own width in a box that scrolls; other figures are fitted to the page.
    """

    title: str
    svg: bytes | None
    png: bytes | None
    caption: str
    wide: bool = False


@dataclass(frozen=True)
class Table:
    """Rows of texts under a header of the same length."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str


def filled(template: Path, **content: object) -> str:
    """A template in its place, which may extend those here; what stands in a tune is escaped."""
    return _environment(template.parent).get_template(template.name).render(**content)


@lru_cache(maxsize=8)
def _environment(folder: Path) -> Environment:
    return Environment(
        loader=FileSystemLoader([folder, HERE]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def document(
    template: Path, title: str, *, style: Path | None = None, script: Path | None = None, **content: object
) -> str:
    """A whole HTML document from a template that extends base.html.jinja; it may call `picture(figure)`.

    style, script: files of this page's own, after those of every page.
    """
    whole_style, whole_script = (
        "".join(path.read_text(encoding="utf-8") for path in (HERE / base, own) if path is not None)
        for base, own in (("page.css", style), ("page.js", script))
    )
    return filled(
        template,
        title=title,
        policy=_policy(whole_style, whole_script),
        style=Markup(whole_style),  # noqa: S704, RUF100  (our own file, not a user's text)
        script=Markup(whole_script),  # noqa: S704, RUF100
        picture=picture_address,
        **content,
    )


def data_address(content: bytes, kind: str) -> str:
    """`content` as an address that holds the whole file; `kind` is a key of `MEDIA_TYPES`."""
    return f"data:{MEDIA_TYPES[kind]};base64,{base64.b64encode(content).decode('ascii')}"


def picture_address(figure: Figure) -> str:
    """The figure as an address: `svg` where there is one, else `png`; "" without either."""
    if figure.svg is not None:
        return data_address(figure.svg, "svg")
    return data_address(figure.png, "png") if figure.png is not None else ""


def _policy(style: str, script: str) -> str:
    """The content security policy: nothing from elsewhere, no code or style but the two that this page carries."""
    return (
        "default-src 'none'; img-src data:; media-src data:; base-uri 'none'; form-action 'none'; "
        f"style-src 'sha256-{_hash(style)}'; script-src 'sha256-{_hash(script)}'"
    )


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
