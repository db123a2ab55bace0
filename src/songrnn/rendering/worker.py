"""The child process in which the converters run: `python -m songrnn.rendering.worker`.

It reads one JSON object a line and answers each with one line:

    {"source": base64, "target": "midi", "soundfont": path or null, "timeout_seconds": 30.0}
    {"content": base64, "messages": [...]}      or      {"reason": "abc2midi made no notes", "messages": [...]}

`process.py` is the other side. The end of the input ends it.
"""

import base64
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from songrnn.errors import RenderingError
from songrnn.rendering.process import Answer


def main() -> None:
    """Answer requests until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle; it ends us
    answer_requests(convert)


def answer_requests(convert: Callable[[dict[str, Any]], Answer]) -> None:
    """Answer each line of the standard input through `convert`.

    Afterwards what the libraries print (descriptors 1 and 2, also from C) goes to the standard error only, so that
    nothing can come between two answers.
    """
    with os.fdopen(os.dup(1), "wb") as answers, os.fdopen(os.dup(0), "rb") as requests:
        os.dup2(2, 1)
        for line in requests:
            answers.write(json.dumps(_reply(json.loads(line), convert)).encode("ascii") + b"\n")
            answers.flush()


def convert(request: dict[str, Any]) -> Answer:
    """One conversion. Each library is loaded when it is first needed: a score alone needs no synthesiser.

    Raises RenderingError, or whatever else a converter throws.
    """
    source = base64.b64decode(request["source"])
    match request["target"]:
        case "midi":
            from songrnn.rendering.midi import midi_from_abc

            return midi_from_abc(source, timeout_seconds=0.8 * request["timeout_seconds"])  # before we are killed
        case "wav" | "mp3" as audio_format:
            from songrnn.rendering.audio import audio_from_midi

            return Answer(audio_from_midi(source, audio_format, soundfont=Path(request["soundfont"])))
        case "musicxml":
            from songrnn.rendering.musicxml import musicxml_from_abc

            return Answer(musicxml_from_abc(source))
        case "svg":
            from songrnn.rendering.score import svg_from_musicxml

            return Answer(svg_from_musicxml(source))
        case unknown:
            raise AssertionError(f"no converter makes {unknown!r}")


def _reply(request: dict[str, Any], convert: Callable[[dict[str, Any]], Answer]) -> dict[str, Any]:
    try:
        answer = convert(request)
    except RenderingError as error:
        return {"reason": str(error)}
    except BaseException as error:  # noqa: BLE001, RUF100  (a panic of Rust code is a BaseException)
        return {"reason": " ".join(f"{type(error).__name__}: {error}".split())}
    reply: dict[str, Any] = {"reason": answer.reason, "messages": list(answer.messages)}
    if answer.content is not None:
        reply["content"] = base64.b64encode(answer.content).decode("ascii")
    return reply


if __name__ == "__main__":
    main()
