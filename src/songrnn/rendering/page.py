"""One HTML page with everything in it: scores, sound, text, figures, tables.

It opens from the disk without a network: pictures, sound and files stand in the page as `data:` addresses. What a tune
says stays text: Jinja escapes it, scores are shown as images (in which nothing runs), and the page's content security
policy names the one script and the one style sheet by their hashes and forbids every load from elsewhere.
"""

import base64
import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from songrnn.rendering.render import ENDINGS, Rendering

MEDIA_TYPES = {
    "abc": "text/vnd.abc;charset=utf-8",
    "midi": "audio/midi",
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "musicxml": "application/vnd.recordare.musicxml+xml",
    "svg": "image/svg+xml",
    "png": "image/png",
}
LABELS = {"abc": "ABC", "midi": "MIDI", "wav": "WAV", "mp3": "MP3", "musicxml": "MusicXML", "svg": "SVG"}
LONGEST_STEM = 60  # characters of a title in a file name


@dataclass(frozen=True)
class Figure:
    """A picture with its caption: `svg` is shown where there is one, else `png`.

    wide: it is as wide as it must be to be read, and is shown at that size in a box that scrolls; others fit the page.
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


@dataclass(frozen=True)
class Download:
    """A link that saves a file; `copies` is the id of the element on the page whose `src` it shares, or ""."""

    name: str
    label: str
    address: str
    copies: str = ""


def page(
    title: str,
    *,
    introduction: str = "",
    tunes: Sequence[Rendering] = (),
    figures: Sequence[Figure] = (),
    tables: Sequence[Table] = (),
) -> str:
    """A whole HTML document; `introduction` is plain text, an empty line in it starts a new paragraph."""
    return document(
        Path(__file__).with_name("page.html.jinja"),
        title,
        paragraphs=[part.strip() for part in introduction.split("\n\n") if part.strip()],
        tunes=[_tune(number, rendering) for number, rendering in enumerate(tunes, start=1)],
        figures=[(figure, _picture(figure)) for figure in figures],
        tables=tables,
    )


def document(template: Path, title: str, **content: object) -> str:
    """A whole HTML document from any template: it gets our style, script and policy, and `picture(figure)`."""
    here = Path(__file__).parent
    style, script = ((here / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    environment = Environment(
        loader=FileSystemLoader(template.parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template.name).render(
        title=title,
        policy=_policy(style, script),
        style=Markup(style),  # noqa: S704, RUF100  (our own file, not a user's text)
        script=Markup(script),  # noqa: S704, RUF100
        picture=_picture,
        **content,
    )


def file_stem(number: int, title: str) -> str:
    """A file name without its ending that says what is in the file: 1, "The Brown Thorn" -> 001-the-brown-thorn."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode("ascii").lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")[:LONGEST_STEM].rstrip("-")
    return f"{number:03d}-{words or 'untitled'}"


def data_address(content: bytes, kind: str) -> str:
    """`content` as an address that holds the whole file; `kind` is a key of `MEDIA_TYPES`."""
    return f"data:{MEDIA_TYPES[kind]};base64,{base64.b64encode(content).decode('ascii')}"


def _tune(number: int, rendering: Rendering) -> dict[str, object]:
    """What the template shows of one tune."""
    outputs = rendering.outputs
    sound = next((name for name in ("mp3", "wav") if name in outputs), None)
    shown = {"svg": f"tune-{number}-score"} | ({sound: f"tune-{number}-sound"} if sound else {})
    return {
        "id": f"tune-{number}",
        "title": rendering.title or "Untitled",
        "pieces": _pieces(rendering),
        "score": data_address(outputs["svg"], "svg") if "svg" in outputs else None,
        "sound": data_address(outputs[sound], sound) if sound else None,
        "played": rendering.sound,
        "problems": rendering.messages,
        "failures": _failures(rendering),
        "downloads": [
            Download(
                name=file_stem(number, rendering.title) + ENDINGS[name],
                label=LABELS[name],
                address="" if name in shown else data_address(content, name),
                copies=shown.get(name, ""),
            )
            for name, content in outputs.items()
            if not (name == "wav" and sound == "mp3")  # the same sound, eight times as large
        ],
    }


def _pieces(rendering: Rendering) -> list[tuple[str, str, str]]:
    """(text, remark, kind) from the first character of the ABC to the last; remark and kind are "" without a mark."""
    pieces, place = [], 0
    for mark in rendering.marks:
        pieces.append((rendering.abc[place : mark.begin], "", ""))
        pieces.append((rendering.abc[mark.begin : mark.end], mark.remark, mark.kind))
        place = mark.end
    return [*pieces, (rendering.abc[place:], "", "")]


def _failures(rendering: Rendering) -> list[tuple[str, str]]:
    """(formats, reason), each reason once: sound fails for the reason for which MIDI does."""
    formats_of: dict[str, list[str]] = {}
    for name, reason in rendering.failures.items():
        formats_of.setdefault(reason, []).append(name)
    return [(", ".join(names), reason) for reason, names in formats_of.items()]


def _picture(figure: Figure) -> str:
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
