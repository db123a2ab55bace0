"""`songrnn compose`: new tunes from a checkpoint."""

import json
import math
from pathlib import Path
from typing import Annotated, Any

import tyro
from pydantic import Field

from songrnn.cli.progress import with_bar
from songrnn.errors import PromptError, SettingsError
from songrnn.sampling.compose import Composition
from songrnn.sampling.composer import load
from songrnn.sampling.settings import SamplingSettings
from songrnn.settings import Settings
from songrnn.storage import write_whole

COPIED = "Underlined: the network went on as it had before, in the line that the pointer shows."


class Command(Settings):
    """Compose new tunes. The same seed gives the same tunes.

    A prompt is what the tune begins with. For a checkpoint of `tunebook` form, fields ask for a kind of tune: R rhythm,
    M meter, L unit note length, K key; what you leave out, the network chooses.

    Examples:
      songrnn compose
      songrnn compose --prompt R:reel M:4/4 K:Ador --seed 7
      songrnn compose runs/mine/checkpoint.safetensors --prompt R:jig M:6/8 K:Dmaj --count 4 --out jigs.abc
      songrnn compose runs/mine/checkpoint.safetensors --prompt-file beginning.abc --temperature 0.7 --render tunes
    """

    checkpoint: tyro.conf.Positional[Path] = Field(
        Path("folk"), description="the checkpoint.safetensors of a run; folk: the model in the box"
    )
    prompt: tuple[str, ...] = Field((), description="lines that the tune begins with, such as R:reel K:Ador '|:eA'")
    prompt_file: Path | None = Field(None, description="a file with the text that the tune begins with")
    count: int = Field(1, ge=1, description="how many tunes")
    sampling: SamplingSettings = SamplingSettings()
    out: Path | None = Field(None, description="write the tunes to this ABC file in place of the screen")
    render: Path | None = Field(None, description="also render them to this folder: score, MIDI, sound, a page")
    as_json: Annotated[bool, tyro.conf.arg(name="json")] = Field(
        False, description="print one JSON object, with the log-probability of each character"
    )


def run(command: Command) -> None:
    """Compose, then print or write, then render."""
    composer = load(command.checkpoint)
    prompt = prompt_of(command)
    settings = command.sampling.model_dump()
    compositions = []
    for number in with_bar(range(command.count), "composing"):
        compositions.append(composer.compose(prompt, number=number, **settings))
        if command.out is None and not command.as_json:
            print(compositions[-1].abc(), end="\n" if number + 1 < command.count else "", flush=True)
    if command.out is not None:
        write_whole(command.out, "\n".join(composition.abc() for composition in compositions))
        if not command.as_json:
            print(f"{command.count} tunes: {command.out}")
    if command.as_json:
        print(json.dumps({"compositions": [as_json(composition) for composition in compositions]}, ensure_ascii=False))
    if command.render is not None:
        _render(command, compositions)


def _render(command: Command, compositions: list[Composition]) -> None:
    """Render to the folder asked for; the page engine loads only now, so that nobody else waits for it."""
    from songrnn.cli.render import print_report
    from songrnn.rendering.folder import NamedTune, PageContent, render_to_folder
    from songrnn.rendering.render import Mark

    assert command.render is not None
    tunes = [
        NamedTune(made.title, made.abc(), "composed", tuple(Mark(*mark) for mark in copied_marks(made)))
        for made in compositions
    ]
    content = PageContent(f"Composed by {command.checkpoint}", COPIED if any(tune.marks for tune in tunes) else "")
    report = render_to_folder(with_bar(tunes, "rendering"), command.render, content=content)
    if not command.as_json:
        print_report(report)


def copied_marks(composition: Composition) -> list[tuple[int, int, str]]:
    """Where in the tune's ABC it repeats itself: begin, end, and a remark that says what."""
    abc, text = composition.abc(), composition.text.strip()
    offset = abc.find(text) - composition.text.find(text)
    if offset < 0:
        return []
    return [
        (begin + offset, end + offset, f"as in line {abc.count(chr(10), 0, source + offset) + 1}")
        for begin, end, source in composition.copied()
    ]


def prompt_of(command: Command) -> str:
    """The prompt from the flag or the file; a backslash and an n in the flag stand for a line end."""
    if command.prompt and command.prompt_file is not None:
        raise SettingsError("give --prompt or --prompt-file, not both")
    if command.prompt_file is None:
        return "\n".join(command.prompt).replace("\\n", "\n")
    try:
        return command.prompt_file.read_text(encoding="utf-8")
    except OSError as error:
        raise PromptError(f"cannot read the prompt {command.prompt_file}: {(error.strerror or '').lower()}") from error
    except UnicodeDecodeError as error:
        raise PromptError(f"the prompt {command.prompt_file} is not UTF-8 text (byte {error.start})") from error


def as_json(composition: Composition) -> dict[str, Any]:
    """A composition for programs."""
    bits = composition.bits_per_character
    return {
        "abc": composition.abc(),
        "text": composition.text,
        "prompt": composition.prompt,
        "form": composition.form,
        "number": composition.number,
        "finished": composition.finished,
        "bits_per_character": None if math.isnan(bits) else bits,
        "log_probabilities": composition.log_probabilities,
        "given": composition.given,
        "copied_from": composition.copied_from,
        "settings": composition.settings.model_dump(),
    }
