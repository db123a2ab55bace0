"""MusicXML -> the score as SVG, by verovio.

Verovio reads ABC too, but must not be used for it: its ABC reader ends the whole process on some tunes.
"""

import verovio

from songrnn.errors import RenderingError
from songrnn.rendering.limits import PAGE_WIDTH

OPTIONS = {
    "pageHeight": 60_000,  # verovio's largest: one page, some 240 lines of music; shrunk to what is there
    "adjustPageHeight": True,
    "footer": "none",
    "svgViewBox": True,  # scales with the page that shows it
    "xmlIdSeed": 1,  # the same tune gives the same bytes
}

_FREE_METER = b"<time><senza-misura /></time>"  # draws nothing; in one voice of several verovio divides by zero there


def svg_from_musicxml(musicxml: bytes, *, page_width: int = PAGE_WIDTH) -> bytes:
    """One SVG picture (UTF-8), `page_width` units wide and as tall as the tune needs.

    A system ends where a line of the text does, if that fills two thirds of the width, else where it is full; on a
    narrower page than usual, where it is full.

    Raises RenderingError when verovio cannot read the file, draws no note, or needs more than one page.
    """
    toolkit = verovio.toolkit()
    as_written = b"new-system" in musicxml and page_width >= PAGE_WIDTH
    toolkit.setOptions({**OPTIONS, "pageWidth": page_width, "breaks": "smart" if as_written else "auto"})
    if not toolkit.loadData(musicxml.replace(_FREE_METER, b"").decode("utf-8")):
        raise RenderingError("verovio cannot read the MusicXML")  # the reason is on the standard error only
    if toolkit.getPageCount() > 1:
        raise RenderingError(f"the score is too long for one picture: it fills {toolkit.getPageCount()}")
    svg: str = toolkit.renderToSVG(1)
    if 'class="note"' not in svg:
        raise RenderingError("verovio drew no notes")
    return svg.encode("utf-8")
