"""Scores -> a PDF to print: several tunes a page, none divided between two, with a list of contents.

Typst sets it in a child process (`print_worker.py`), like every converter. What a tune says reaches it as data and as
pictures, never as text of its language.
"""

import base64
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from songrnn.child_process import ConverterProcess
from songrnn.errors import RenderingError

WORKER_COMMAND = (sys.executable, "-P", "-m", "songrnn.studio.archive.print_worker")
TIMEOUT_SECONDS = 60.0
Paper = Literal["a4", "us-letter"]


@dataclass(frozen=True)
class PrintedScore:
    """One tune's picture (SVG), with its title in it."""

    title: str
    svg: bytes


def printed(title: str, scores: Sequence[PrintedScore], *, paper: Paper = "a4") -> bytes:
    """The PDF of these scores in their order, under a title. Raises RenderingError."""
    book = {
        "title": title,
        "paper": paper,
        "tunes": [{"title": score.title, "svg": base64.b64encode(score.svg).decode("ascii")} for score in scores],
    }
    with ConverterProcess(WORKER_COMMAND, timeout_seconds=TIMEOUT_SECONDS) as process:
        reply = process.convert(json.dumps(book).encode("ascii"), "pdf")
    if reply.content is None:
        raise RenderingError(f"the PDF cannot be made: {reply.reason}")
    return reply.content
