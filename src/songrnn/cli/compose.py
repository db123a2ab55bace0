"""`songrnn compose`: new tunes from a checkpoint."""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from pydantic import Field

from songrnn.cli.bar import with_bar
from songrnn.cli.cluster import cluster_of
from songrnn.cli.streams import print_notes
from songrnn.cluster.settings import ClusterSettings
from songrnn.composing.bulk import BulkFile, FileTune, Former, TuneSource
from songrnn.composing.composer import Composer
from songrnn.composing.composition import COPIED_CAPTION, Composition
from songrnn.composing.form import FormSettings
from songrnn.composing.request import TRIES_APART, QuantitySettings, Request
from songrnn.corpus.decoding import NotText, read_text
from songrnn.engines.settings import EngineSettings, SamplingSettings
from songrnn.errors import PromptError, SettingsError
from songrnn.neurons.settings import InterventionSettings
from songrnn.originality.settings import OriginalitySettings
from songrnn.rendering.sound_settings import SoundSettings
from songrnn.settings import Flag, Positional, Settings
from songrnn.storage import locked_folder, refuse_no_folder


class Command(Settings):
    """Compose new tunes: other ones each time, unless --seed is given. The same seed gives the same tunes.

    Every tune of a checkpoint of `tunebook` form is valid ABC that plays, and its bars add up: characters that could
    not lead to such a tune are never drawn. You can request a meter, a key, a rhythm, a number of bars, parts, a range
    and an ending on the tonic; every tune fulfils the request, and the network chooses the rest.

    A prompt is what the tune begins with: fields (R rhythm, M meter, L unit note length, K key) and music, which is
    cleaned as a tunebook is. A note on standard error says if the network has not learned the rhythm, or not in the
    meter.

    Below each tune a comment names the longest run of notes that it shares with a training tune, where the checkpoint's
    melodies lie beside it (songrnn originality --help); in a file only with --original, which refuses long runs.

    Each tune is the best of four candidates where a classifier lies beside the checkpoint, as with folk, and at most
    1,000 tunes are requested (--best-of).

    To a file, any number of tunes can be composed: a call that was stopped or killed resumes when it is repeated.

    Examples:
      songrnn compose
      songrnn compose --rhythm reel --meter 4/4 --key Ador --bars 16 --parts AABB --end-on-tonic --seed 7
      songrnn compose --prompt R:jig M:6/8 K:G '|:GAB d' --range D-b
      songrnn compose runs/mine --prompt R:jig M:6/8 K:Dmaj --count 4 --out jigs.abc
      songrnn compose runs/mine --prompt-file beginning.abc --temperature 0.7 --render tunes
      songrnn compose --count 100000 --out tunes.abc
      songrnn compose --count 10000000 --out tunes.abc --ray 10.0.0.1:6379
      songrnn compose --best-of 8 --count 10 --out best.abc
      songrnn compose --original 3bars --count 10 --out mine.abc
      songrnn compose --rhythm reel --seed 7 --steer pitch:+1.5 --ablate 117,203
    """

    checkpoint: Positional[Path] = Field(
        Path("folk"), description="the folder of a run, or a checkpoint file; folk: the model in the box"
    )
    prompt: tuple[str, ...] = Field((), description="lines that the tune begins with, such as R:reel K:Ador '|:eA'")
    prompt_file: Path | None = Field(None, description="a file with the text that the tune begins with")
    first: int = Field(1, ge=1, le=TRIES_APART, description="number of the first tune among those of the seed, from 1")
    quantity: QuantitySettings = QuantitySettings()
    form: FormSettings = FormSettings()
    strict: bool = Field(
        False,
        description="refuse to compose where syntax and bars cannot be constrained, as they are wherever possible",
    )
    sampling: SamplingSettings = SamplingSettings()
    computing: EngineSettings = EngineSettings()
    originality: OriginalitySettings = OriginalitySettings()
    intervention: InterventionSettings = InterventionSettings()
    cluster: ClusterSettings = ClusterSettings()
    out: Path | None = Field(None, description="write the tunes to this ABC file in place of the screen")
    append: bool = Field(False, description="add the tunes to the file --out, if that is there already")
    overwrite: Annotated[bool, Flag("replace")] = Field(
        False, description="replace the file --out, or the tunes in the folder --render, if they are there already"
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
    if command.render is not None:
        _refuse_unfit(command.render, replace=command.overwrite)
    request = request_of_command(command)
    composer = Composer(command.checkpoint, command.computing)
    if command.strict and (request.sampling.free or composer.description.form == "raw"):
        why = "--free" if request.sampling.free else "this checkpoint's raw form"
        raise SettingsError(f"tunes cannot be strict with {why}; leave --strict out")
    print_notes(composer.notes(request))
    compositions: Sequence[FileTune]
    if command.out is not None:
        with _tune_source(command, composer) as source:
            file = BulkFile(composer, request, command.out, former=_former(command), source=source)
            request, compositions = file.request, _to_file(command, composer, file)
    else:
        request = request.with_seed()
        compositions = _to_screen(command, composer, request)
    if command.render is not None:
        _render(command, command.render, compositions)
    print_notes(composer.companions.faults)
    if command.sampling.seed is None and not command.as_json:  # in JSON it is among the settings
        print(f"seed {request.seed}; --seed {request.seed} composes the same again", file=sys.stderr)


def request_of_command(command: Command) -> Request:
    """The request of the flags; raises SettingsError, PromptError."""
    return Request(
        prompt=prompt_of(command),
        form=command.form,
        sampling=command.sampling,
        originality=command.originality,
        intervention=command.intervention,
        first=command.first - 1,
        **command.quantity.model_dump(),
    )


@contextmanager
def _tune_source(command: Command, composer: Composer) -> Iterator[TuneSource]:
    """The composer, or with --ray the cluster."""
    with cluster_of(command.cluster) as cluster:
        if cluster is None:
            yield composer
            return
        from songrnn.cluster.composing import ClusterComposer

        yield ClusterComposer(cluster, composer, command.checkpoint, highlighted=command.render is not None)


def _refuse_contradictions(command: Command) -> None:
    if command.render is None and command.sound != SoundSettings():
        raise SettingsError(
            "--tempo, --instrument, --swing and --soundfont say how --render sounds; name its folder too"
        )
    if command.append and command.overwrite:
        raise SettingsError("give --append or --replace, not both")
    if command.cluster.ray is not None and command.out is None:
        raise SettingsError("--ray composes many tunes into a file; name it: --out tunes.abc")
    if command.append and command.out is None:
        raise SettingsError("--append says what becomes of the file --out; name one")
    if command.overwrite and command.out is None and command.render is None:
        raise SettingsError("--replace says what becomes of the file --out, or of the folder --render; name one")


def _refuse_unfit(folder: Path, *, replace: bool) -> None:
    """Raise RunError, before anything is composed, for a folder that tunes cannot be rendered to."""
    from songrnn.rendering.written_files import refuse_rendered

    refuse_no_folder(folder, "--render")
    if not replace:
        refuse_rendered(folder)


def _former(command: Command) -> Former:
    return "append" if command.append else "replace" if command.overwrite else "refuse"


def _to_screen(command: Command, composer: Composer, request: Request) -> list[Composition]:
    """Print each tune as soon as it is finished, or all as JSON; keeps them where that, or rendering, needs them."""
    kept: list[Composition] = []
    keeps = command.as_json or command.render is not None
    tunes = composer.compose_request(request)
    for place, made in enumerate(with_bar(tunes, "composing", total=request.count)):
        if keeps:
            kept.append(made)
        if not command.as_json:
            print(made.abc(), end="", flush=True)
            print(made.remark, end="\n" if place + 1 < request.count else "", flush=True)
    if command.as_json:
        content = {"engine": composer.engine.used.as_json(), "compositions": [made.as_json() for made in kept]}
        print(json.dumps(content, ensure_ascii=False))
    return kept


def _to_file(command: Command, composer: Composer, file: BulkFile) -> list[FileTune]:
    """Write all tunes, or the rest of them; keeps them where rendering needs them."""
    request, out, before, begun = file.request, command.out, file.done, time.monotonic()
    if before and command.render is not None:
        raise SettingsError(f"{out}.part is unfinished; finish it without --render, then: songrnn render {out}")
    written = with_bar(file.compose(), "composing", total=request.count, done=before)
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
            "settings": request.sampling.model_dump(),
            "requested": request.form.model_dump(),
            "intervention": request.intervention.model_dump(),
        }
        print(json.dumps(content))
    else:
        print(f"{file.done:,} {'tune' if file.done == 1 else 'tunes'}: {out}")
    return kept


def _render(command: Command, folder: Path, compositions: Sequence[FileTune]) -> None:
    """Render to a folder; the page engine is loaded only here."""
    from songrnn.cli.render import print_report
    from songrnn.originality.sentences import SHARED_CAPTION
    from songrnn.rendering.folder import NamedTune, PageContent, render_to_folder

    tunes = [NamedTune(made.title, made.abc(), "composed", made.highlights) for made in compositions]
    kinds = {mark.kind for tune in tunes for mark in tune.marks}
    captions = [text for kind, text in (("copied", COPIED_CAPTION), ("shared", SHARED_CAPTION)) if kind in kinds]
    content = PageContent(f"Composed by {command.checkpoint}", "\n\n".join(captions))
    with locked_folder(folder):
        report = render_to_folder(tunes, folder, content=content, sound=command.sound, bar=with_bar)
    if not command.as_json:
        print_report(report)


def prompt_of(command: Command) -> str:
    """The prompt from the flag or the file; a backslash and an n in the flag mean a line end."""
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
