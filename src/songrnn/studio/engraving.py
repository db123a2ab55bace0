"""Verovio's SVG -> SVG that can stand in the page: without styles of its own, with `data-note` in place of ids.

The page's style sheet draws it, so that the content security policy needs no exception, and several scores stand in one
page without two elements of one id.
"""

import re

_STYLE = re.compile(r"\s*<style.*?</style>", re.DOTALL)
_DESCRIPTION = re.compile(r"\s*<desc>.*?</desc>", re.DOTALL)
_NOTE_ID = re.compile(r' id="(n\d+-\d+)(?:-\d+)?"')
_OTHER_ID = re.compile(r' id="[^"]*"')
_END_OF_GLYPHS = "</defs>"


def page_svg(svg: str) -> str:
    """The score for the page."""
    glyphs, end, drawing = _DESCRIPTION.sub("", _STYLE.sub("", svg)).partition(_END_OF_GLYPHS)
    if not end:
        glyphs, drawing = "", glyphs
    return glyphs + end + _OTHER_ID.sub("", _NOTE_ID.sub(r' data-note="\1"', drawing))
