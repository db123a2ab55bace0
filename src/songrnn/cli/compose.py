"""`songrnn compose`: new tunes from a checkpoint."""

import json
import math
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from songrnn.cli.bar import with_bar
from songrnn.cli.originality_report import SHARED, OriginalityReport, shared_mark, without_overlaps
from songrnn.cli.reranking import Reranker
from songrnn.composing.bulk import BulkFile, Former, Order, recorded_seed, wanted_tunes
from songrnn.composing.composer import Composer
from songrnn.composing.composition import TRIES_APART, Composition
from songrnn.composing.familiarity import unfamiliar
from songrnn.composing.form import FormSettings
from songrnn.corpus.decoding import NotText, read_text
from songrnn.engines.select import NOT_BUILT, native_module
from songrnn.engines.settings import EngineSettings, SamplingSettings
from songrnn.errors import PromptError, SettingsError
from songrnn.originality.settings import OriginalitySettings
from songrnn.rendering.sound_settings import SoundSettings
from songrnn.settings import Flag, Positional, Settings
from songrnn.storage import locked_folder

if TYPE_CHECKING:
    from songrnn.rendering.render import Mark

COPIED = "Underlined: the network went on as it had before, in the line that the pointer shows."


class Command(Settings):
    """Compose new tunes: others each time, unless --seed says which. The same seed gives the same tunes.

    Every tune of a checkpoint of `tunebook` form is valid ABC that plays, and its bars add up: characters that could
    not lead to such a tune are never drawn. You can ask for a meter, a key, a rhythm, a number of bars, parts, a range,
    an ending on the tonic, and get exactly that; what you leave out, the network chooses.

    A prompt is what the tune begins with: fields (R rhythm, M meter, L unit note length, K key) and music, which is
    cleaned as a tunebook is. A note on standard error says where the network never learned the rhythm, or not in the
    meter.

    Below each tune a comment tells the longest run of notes that it shares with a training tune, where the checkpoint's
    melodies lie beside it (songrnn originality --help); in a file only with --original, which refuses long runs.

    To a file, any number of tunes can be composed: a call that was stopped or killed goes on when it is repeated.

    Examples:
      songrnn compose
      songrnn compose --rhythm reel --meter 4/4 --key Ador --bars 16 --parts AABB --end-on-tonic --seed 7
      songrnn compose --prompt R:jig M:6/8 K:G '|:GAB d' --range D-b
      songrnn compose runs/mine --prompt R:jig M:6/8 K:Dmaj --count 4 --out jigs.abc
      songrnn compose runs/mine --prompt-file beginning.abc --temperature 0.7 --render tunes
      songrnn compose --count 100000 --out tunes.abc
      songrnn compose --best-of 8 --count 10 --out best.abc
      songrnn compose --original 3bars --count 10 --out mine.abc
    """

    checkpoint: Positional[Path] = Field(
        Path("folk"), description="the folder of a run, or a checkpoint file; folk: the model in the box"
    )
    prompt: tuple[str, ...] = Field((), description="lines that the tune begins with, such as R:reel K:Ador '|:eA'")
    prompt_file: Path | None = Field(None, description="a file with the text that the tune begins with")
    count: int = Field(1, ge=1, le=TRIES_APART, description="how many tunes")
    first: int = Field(1, ge=1, le=TRIES_APART, description="which of the seed's tunes is the first, from 1")
    best_of: int = Field(
        1,
        ge=1,
        le=65_536,
        description="compose so many for each tune, and keep the best: original, and most like the tunebook's",
    )
    requested: FormSettings = FormSettings()
    strict: bool = Field(
        False,
        description="refuse to compose where tunes cannot be held to syntax and bars; they are wherever they can be",
    )
    sampling: SamplingSettings = SamplingSettings()
    computing: EngineSettings = EngineSettings()
    closeness: OriginalitySettings = OriginalitySettings()
    out: Path | None = Field(None, description="write the tunes to this ABC file in place of the screen")
    append: bool = Field(False, description="add the tunes to the file --out, if that is there already")
    overwrite: Annotated[bool, Flag("replace")] = Field(
        False, description="replace the file --out, if that is there already"
    )
    render: Path | None = Field(None, description="also render them to this folder: score, MIDI, sound, a page")
    sound: SoundSettings = SoundSettings()
    as_json: Annotated[bool, Flag("json")] = Field(
        False,
        description="print one JSON object: the tunes, with the log-probability of each character, or with --out "
        "how many there are",
    )


def run(command: Command) -> None:
    """Compose, then print or write, then render."""
    _refuse_contradictions(command)
    prompt = prompt_of(command)
    warn_without_engine(command.computing)
    composer = Composer(command.checkpoint, command.computing)
    if command.strict and (command.sampling.free or composer.description.form == "raw"):
        why = "--free" if command.sampling.free else "this checkpoint's raw form"
        raise SettingsError(f"tunes cannot be strict with {why}; leave --strict out")
    if remark := unfamiliar(composer, prompt, command.requested):
        print(f"note: {remark}", file=sys.stderr)
    report = OriginalityReport(command.checkpoint, command.closeness)
    order = Order(prompt, command.sampling, command.count, command.best_of, command.first - 1, command.requested)
    if command.best_of > 1:
        chooser = Reranker(command.checkpoint, report)
        order = replace(order, choose=chooser, chosen_by=chooser.name)
    order = order.with_seed(None if command.out is None else recorded_seed(command.out))
    if command.out is not None:
        compositions = _to_file(command, composer, order, command.out, report)
    else:
        compositions = _to_screen(command, composer, order, report)
    if command.render is not None:
        _render(command, compositions, report)
    if command.sampling.seed is None and not command.as_json:  # in JSON it stands with the settings
        seed = order.settings.seed
        print(f"seed {seed}; --seed {seed} composes the same again", file=sys.stderr)


def _refuse_contradictions(command: Command) -> None:
    if command.render is None and command.sound != SoundSettings():
        raise SettingsError(
            "--tempo, --instrument, --swing and --soundfont say how --render sounds; name its folder too"
        )
    if command.append and command.overwrite:
        raise SettingsError("give --append or --replace, not both")
    if (command.append or command.overwrite) and command.out is None:
        raise SettingsError("--append and --replace say what becomes of the file --out; name one")
    if command.first - 1 + command.count * command.best_of > TRIES_APART:
        raise SettingsError(f"a seed has {TRIES_APART:,} tunes; --first, --count and --best-of go past the last")


def warn_without_engine(settings: EngineSettings) -> None:
    """Say on standard error that NumPy computes only because the engine was not built."""
    if settings.engine is None and native_module() is None:
        print(f"note: {NOT_BUILT}", file=sys.stderr)


def _to_screen(command: Command, composer: Composer, order: Order, report: OriginalityReport) -> list[Composition]:
    """Print each tune as soon as it is there, or all as JSON; keeps them where that, or rendering, needs them."""
    kept: list[Composition] = []
    keeps = command.as_json or command.render is not None
    tunes = wanted_tunes(composer, order, condition=report.condition())
    for place, made in enumerate(with_bar(tunes, "composing", total=order.count)):
        if keeps:
            kept.append(made)
        if not command.as_json:
            print(made.abc(), end="", flush=True)
            print(report.remark(made), end="\n" if place + 1 < order.count else "", flush=True)
    if command.as_json:
        judged = [{**as_json(made), "originality": (of := report.of(made)) and of.as_json()} for made in kept]
        content = {"engine": composer.engine.used.as_json(), "compositions": judged}
        print(json.dumps(content, ensure_ascii=False))
    return kept


def _to_file(
    command: Command, composer: Composer, order: Order, out: Path, report: OriginalityReport
) -> list[Composition]:
    """Write all tunes, or what is lacking of them; keeps them where rendering needs them."""
    former: Former = "append" if command.append else "replace" if command.overwrite else "refuse"
    file = BulkFile(composer, order, out, report.condition(), former=former)
    before, begun = file.done, time.monotonic()
    if before and command.render is not None:
        raise SettingsError(f"{out}.part is half composed; finish it without --render, then: songrnn render {out}")
    written = with_bar(file.compose(), "composing", total=order.count, done=before)
    kept = [made for made in written if command.render is not None]
    seconds = time.monotonic() - begun
    if command.as_json:
        content = {
            "engine": composer.engine.used.as_json(),
            "out": str(out),
            "tunes": file.done,
            "characters": file.characters,
            "composed_before": before,
            "seconds": seconds,
            "settings": order.settings.model_dump(),
            "requested": order.requested.model_dump(),
        }
        print(json.dumps(content))
    else:
        print(f"{file.done:,} {'tune' if file.done == 1 else 'tunes'}: {out}")
    return kept


def _render(command: Command, compositions: list[Composition], report: OriginalityReport) -> None:
    """Render to the folder asked for; the page engine loads only now, so that nobody else waits for it."""
    from songrnn.cli.render import print_report
    from songrnn.rendering.folder import NamedTune, PageContent, render_to_folder

    assert command.render is not None
    tunes = [NamedTune(made.title, made.abc(), "composed", marks_on(made, report)) for made in compositions]
    kinds = {mark.kind for tune in tunes for mark in tune.marks}
    explained = [words for kind, words in (("copied", COPIED), ("shared", SHARED)) if kind in kinds]
    content = PageContent(f"Composed by {command.checkpoint}", "\n\n".join(explained))
    with locked_folder(command.render):
        made = render_to_folder(tunes, command.render, content=content, sound=command.sound, bar=with_bar)
    if not command.as_json:
        print_report(made)


def marks_on(made: Composition, report: OriginalityReport) -> "tuple[Mark, ...]":
    """What the page marks in a tune: first what other tunes have too, then what it took from itself."""
    from songrnn.rendering.render import Mark

    shared = shared_mark(report.of(made))
    copied = without_overlaps(shared, copied_marks(made))
    marks = [*(Mark(*mark, "shared") for mark in shared), *(Mark(*mark, "copied") for mark in copied)]
    return tuple(sorted(marks, key=lambda mark: mark.begin))


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
        return read_text(command.prompt_file)[0]
    except OSError as error:
        raise PromptError(f"cannot read the prompt {command.prompt_file}: {(error.strerror or '').lower()}") from error
    except NotText as reason:
        raise PromptError(f"the prompt {command.prompt_file} {reason}; expected ABC notation, plain text") from reason


def as_json(composition: Composition) -> dict[str, Any]:
    """A composition for programs."""
    bits, removed = composition.bits_per_character, composition.mass_removed
    return {
        "abc": composition.abc(),
        "text": composition.text,
        "prompt": composition.prompt,
        "form": composition.form,
        "number": composition.number,
        "finished": composition.finished,
        "bits_per_character": None if math.isnan(bits) else bits,
        "mass_removed": None if math.isnan(removed) else removed,
        "log_probabilities": composition.log_probabilities,
        "removed": composition.removed,
        "given": composition.given,
        "copied_from": composition.copied_from,
        "settings": composition.settings.model_dump(),
        "requested": composition.requested.model_dump(),
    }
