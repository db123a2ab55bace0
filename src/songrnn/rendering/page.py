"""One HTML page with rendered tunes, figures and tables in it."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from songrnn.notation.text_strings import UNTITLED
from songrnn.pages.document import Figure, Table, data_address, document, picture_address
from songrnn.rendering.render import ENDINGS, Rendering

LABELS = {"abc": "ABC", "midi": "MIDI", "wav": "WAV", "mp3": "MP3", "musicxml": "MusicXML", "svg": "SVG"}
LONGEST_STEM = 60  # characters of a title in a file name


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
    shown = [_tune(number, rendering) for number, rendering in enumerate(tunes, start=1)]
    return document(
        Path(__file__).with_name("page.html.jinja"),
        title,
        introduction=[part.strip() for part in introduction.split("\n\n") if part.strip()],
        contents=_contents(shown, tables, figures),
        tunes=shown,
        figures=[(figure, picture_address(figure)) for figure in figures],
        tables=tables,
    )


def _contents(
    tunes: Sequence[dict[str, object]], tables: Sequence[Table], figures: Sequence[Figure]
) -> list[tuple[str, str]]:
    """Id and label of every section, in the order of the page."""
    return [
        *((str(tune["id"]), f"{number}. {tune['title']}") for number, tune in enumerate(tunes, start=1)),
        *((f"table-{number}", table.title) for number, table in enumerate(tables, start=1)),
        *((f"figure-{number}", figure.title) for number, figure in enumerate(figures, start=1)),
    ]


def file_stem(number: int, title: str) -> str:
    """A file name without its ending, from number and title: 1, "The Brown Thorn" -> 001-the-brown-thorn."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode("ascii").lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain.replace("'", "")).strip("-")[:LONGEST_STEM].rstrip("-")
    return f"{number:03d}-{words or UNTITLED}"


def _tune(number: int, rendering: Rendering) -> dict[str, object]:
    """One tune for the template."""
    outputs = rendering.outputs
    sound = next((name for name in ("mp3", "wav") if name in outputs), None)
    shown = {"svg": f"tune-{number}-score"} | ({sound: f"tune-{number}-sound"} if sound else {})
    return {
        "id": f"tune-{number}",
        "title": rendering.title or UNTITLED.capitalize(),
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
