"""The child process in which the converters run: `python -m songrnn.rendering.worker`.

It reads one JSON object a line and answers each with one line:

    {"source": base64, "target": "midi", "tempo": "", "program": 40, "swing": 0}
    {"source": base64, "target": "musicxml", "tempo": "", "program": 40, "swing": 0}
    {"source": base64, "target": "timemap", "tempo": "", "swing": 0}
    {"source": base64, "target": "svg", "page_width": 2100}
    {"source": base64, "target": "wav", "soundfont": path}
    {"content": base64, "messages": [...], "sound": "1/2=112"}    or    {"reason": "the tune has no notes", ...}

`child_process.py` is the parent's side. The end of the input ends it. Its memory is limited (`limits.py`).
"""

import base64
import json
import os
import signal
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from songrnn.checks.check import check
from songrnn.child_process import Reply
from songrnn.errors import AbcSyntaxError, RenderingError
from songrnn.notation.read import read_tune
from songrnn.notation.text_strings import decode_text
from songrnn.notation.tune import Tune
from songrnn.rendering.limits import MOST_MEMORY, check_text, check_tune, limit_memory

MOST_MESSAGES = 200  # a long meaningless text has a problem for each character


def main() -> None:
    """Answer requests until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle; it ends us
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # NumPy reserves memory for every core, which is not needed here
    limit_memory()
    answer_requests(convert)


def answer_requests(convert: Callable[[dict[str, Any]], Reply]) -> None:
    """Answer each line of the standard input through `convert`.

    Afterwards what the libraries print (descriptors 1 and 2, also from C) is sent to the standard error, so that
    nothing is written between two answers.
    """
    with os.fdopen(os.dup(1), "wb") as answers, os.fdopen(os.dup(0), "rb") as requests:
        os.dup2(2, 1)
        for line in requests:
            answers.write(json.dumps(_reply(json.loads(line), convert)).encode("ascii") + b"\n")
            answers.flush()


def convert(request: dict[str, Any]) -> Reply:
    """One conversion. Each library is loaded when it is first needed: a score alone needs no synthesiser.

    Raises RenderingError, or whatever else a converter throws.
    """
    source = base64.b64decode(request["source"])
    match request["target"]:
        case "midi":
            return _midi(source, request)
        case "wav" | "mp3" as audio_format:
            from songrnn.rendering.audio import audio_from_midi

            return Reply(audio_from_midi(source, audio_format, soundfont=Path(request["soundfont"])))
        case "musicxml":
            return _musicxml(source, request)
        case "svg":
            from songrnn.rendering.score import svg_from_musicxml

            return Reply(svg_from_musicxml(source, page_width=request["page_width"]))
        case "timemap":
            return _timemap(source, request)
        case unknown:
            raise AssertionError(f"no converter makes {unknown!r}")


def _midi(source: bytes, request: dict[str, Any]) -> Reply:
    from songrnn.rendering.interpretation import interpret
    from songrnn.rendering.midi import midi_from_timeline

    tune, problems = _read(source)
    try:
        sounding = interpret(tune, tempo=request["tempo"], swing=bool(request["swing"]))
        content = midi_from_timeline(
            sounding.timeline,
            title=decode_text(next(iter(tune.header.titles), "")),
            voices=[voice.name for voice in tune.voices],
            program=request["program"],
        )
    except RenderingError as error:
        return Reply(None, str(error), problems)
    return Reply(content, messages=problems, sound=sounding.words)


def _timemap(source: bytes, request: dict[str, Any]) -> Reply:
    from songrnn.performance.timemap import timemap_of
    from songrnn.rendering.interpretation import interpret

    tune, problems = _read(source)
    sounding = interpret(tune, tempo=request["tempo"], swing=bool(request["swing"]))
    made = timemap_of(tune, source.decode("utf-8"), sounding.timeline)
    return Reply(made.as_json(), messages=problems, sound=sounding.words)


def _musicxml(source: bytes, request: dict[str, Any]) -> Reply:
    from songrnn.performance.dance_tempo import requested_tempo
    from songrnn.rendering.musicxml import musicxml_of

    tune, problems = _read(source)
    try:
        content = musicxml_of(
            tune,
            tempo=requested_tempo(request["tempo"], tune.header.meter_in_force),
            program=request["program"],
            swing=bool(request["swing"]),
        )
    except RenderingError as error:
        return Reply(None, str(error), problems)
    return Reply(content, messages=problems)


@lru_cache(maxsize=1)  # MIDI and MusicXML are made of the same tune, one after the other
def _read(source: bytes) -> tuple[Tune, tuple[str, ...]]:
    """The tune, and what is wrong or ignored in it. Raises RenderingError without music, or beyond the limits."""
    text = source.decode("utf-8")
    check_text(text)
    try:
        tune = read_tune(text, strict=False)
    except AbcSyntaxError as error:
        raise RenderingError(str(error)) from error
    check_tune(tune)
    ignored = (f"{remark.position}: {remark.reason}" for remark in tune.remarks)
    return tune, tuple([*map(str, check(tune)), *ignored][:MOST_MESSAGES])


def _reply(request: dict[str, Any], convert: Callable[[dict[str, Any]], Reply]) -> dict[str, Any]:
    try:
        answer = convert(request)
    except RenderingError as error:
        return {"reason": str(error)}
    except MemoryError:
        return {"reason": f"the conversion takes more than {MOST_MEMORY // 2**20:,} megabytes of memory"}
    except Exception as error:  # noqa: BLE001, RUF100  (whatever a converter raises costs one format)
        return {"reason": " ".join(f"{type(error).__name__}: {error}".split())}
    reply: dict[str, Any] = {"reason": answer.reason, "messages": list(answer.messages), "sound": answer.sound}
    if answer.content is not None:
        reply["content"] = base64.b64encode(answer.content).decode("ascii")
    return reply


if __name__ == "__main__":
    main()
