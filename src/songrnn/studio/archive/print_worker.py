"""The child process that sets a PDF with Typst: `python -m songrnn.studio.archive.print_worker`; see `printing.py`.

It reads and answers lines as `rendering/worker.py` does; a source is the JSON of a book.
"""

import base64
import json
import re
import signal
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

from songrnn.child_process import Reply
from songrnn.errors import RenderingError
from songrnn.rendering.limits import limit_memory
from songrnn.rendering.worker import answer_requests

LAYOUT = """
#let book = json("book.json")
#set document(title: book.title)
#set page(
  paper: book.paper,
  margin: (x: 11mm, top: 12mm, bottom: 16mm),
  footer: context if counter(page).final().first() > 1 {
    align(center, text(9pt, counter(page).display("1 / 1", both: true)))
  },
)
#set text(font: "Libertinus Serif", size: 10pt)
#set heading(outlined: true)
#if book.tunes.len() > 1 [
  #align(center, text(20pt, weight: "bold", book.title))
  #v(2mm)
  #columns(2, outline(title: none))
  #v(4mm)
]
#for tune in book.tunes {
  block(breakable: false, width: 100%, below: 5mm, {
    place(hide(heading(tune.title)))
    align(center, image(tune.picture, width: tune.width * 100%))
  })
}
"""
TALLEST = 1.25
"""Height of a picture by its width, at full width: taller ones shrink, so that they fit on a page of either paper."""
_FONT = re.compile(rb"font-woff2[^,]*;base64,([A-Za-z0-9+/=]+)")
_FONT_STYLE = re.compile(rb"<style[^>]*>\s*@font-face.*?</style>", re.DOTALL)
_SIZE = re.compile(rb'viewBox="0 0 (\d+(?:\.\d+)?) (\d+(?:\.\d+)?)"')


def print_scores(request: dict[str, Any]) -> Reply:
    """The PDF of a book. Raises RenderingError where Typst cannot set it."""
    import typst

    book = json.loads(base64.b64decode(request["source"]))
    pictures = [base64.b64decode(tune.pop("svg")) for tune in book["tunes"]]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, (tune, picture) in enumerate(zip(book["tunes"], pictures, strict=True)):
            tune |= {"picture": f"{number}.svg", "width": _width(picture)}
            (folder / f"{number}.svg").write_bytes(_FONT_STYLE.sub(b"", picture))
        (folder / "book.json").write_text(json.dumps(book), encoding="ascii")
        (folder / "main.typ").write_text(LAYOUT, encoding="utf-8")
        _write_music_font(pictures, folder)
        try:
            return Reply(typst.compile(str(folder / "main.typ"), root=name, font_paths=[name]))
        except typst.TypstError as error:
            raise RenderingError(" ".join(str(error).split())) from error


def _width(picture: bytes) -> float:
    """The share of the page's width that a picture takes."""
    found = _SIZE.search(picture)
    if found is None:
        raise RenderingError("a score is no picture of verovio's")
    return min(1.0, TALLEST * float(found[1]) / float(found[2]))


def _write_music_font(pictures: list[bytes], folder: Path) -> None:
    """The font of the notes in texts (tempo marks), which a picture that needs it carries; Typst takes no WOFF2."""
    found = next(filter(None, map(_FONT.search, pictures)), None)
    if found is None:
        return
    from fontTools.ttLib import TTFont

    font = TTFont(BytesIO(base64.b64decode(found[1])))
    font.flavor = None
    font.save(folder / "music.ttf")


def main() -> None:
    """Answer requests until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle; it ends us
    limit_memory()
    answer_requests(print_scores)


if __name__ == "__main__":
    main()
