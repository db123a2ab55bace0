"""`songrnn train`: train a network on a tunebook."""

import json
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType, ModuleType
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from songrnn.checkpoint import Checkpoint
from songrnn.cli.bar import with_bar
from songrnn.cli.cluster import cluster_of
from songrnn.cli.progress import TrainingProgress
from songrnn.cluster.settings import ClusterSettings
from songrnn.corpus.settings import CorpusSettings
from songrnn.errors import MissingExtra, SettingsError
from songrnn.model.settings import ModelSettings
from songrnn.originality.index import Index, index_path
from songrnn.originality.indexing import index_checkpoint
from songrnn.settings import Flag, Settings
from songrnn.storage import locked_folder
from songrnn.training.folder import RunFolder, folder_of
from songrnn.training.journal import Record
from songrnn.training.settings import CONTINUED, PRESETS, TrainingSettings

if TYPE_CHECKING:
    from songrnn.cluster.connecting import Cluster
    from songrnn.corpus.corpus import Corpus
    from songrnn.training.loop import Report, Run, Together


MOST_INDEXED = 200_000


class Command(Settings):
    """Train on tunes: files and folders of ABC, <start>/<end> files, or the collections oneills, ryans, airds, folk.

    Writes a folder with the best checkpoint by validation, the melodies of the training tunes (songrnn originality), a
    journal, and the loss curves. Ctrl-C saves and stops; --resume continues as if it had not stopped, after a crash or
    a power cut too.

    Examples:
      songrnn train folk --minutes 10
      songrnn train my-tunes.abc --cell gru --hidden-size 128 --out runs/mine
      songrnn train train.txt --validation val.txt --preset paper --cell rnn
      songrnn train my-tunes.abc --from folk --minutes 2
      songrnn train folk --settings best-settings.json --minutes 30
      songrnn train my-tunes.abc --judge-every 1 --choose-by music
      songrnn train packed-tunes --workers 4
      songrnn train --resume runs/mine
      songrnn train folk --workers 8 --ray 10.0.0.1:6379
    """

    corpus: CorpusSettings = CorpusSettings()
    model: ModelSettings = ModelSettings()
    training: TrainingSettings = TrainingSettings()
    cluster: ClusterSettings = ClusterSettings()
    out: Path | None = Field(
        None, description="folder of the new run; default: runs/<sources>-<cell>-<hidden size>, numbered if it exists"
    )
    preset: Literal["plain", "paper"] | None = Field(
        None,
        description="start from these settings in place of the defaults; plain: a network that reads characters and "
        "nothing else; paper: the SongRNN paper's recipe",
    )
    start: Annotated[Path | None, Flag("from")] = Field(
        None,
        description="continue training the network in this checkpoint, or folk, the one in the box, which is on "
        "100 new tunes as good after a second as a training from nothing after twenty; characters that it lacks are "
        "added",
    )
    settings: Path | None = Field(
        None, description="start from the settings in this file, such as the best-settings.json of a search"
    )
    resume: Path | None = Field(None, description="resume the run in this folder; all settings come from there")
    as_json: Annotated[bool, Flag("json")] = Field(False, description="print one JSON object at the end, for programs")


def defaults(arguments: Sequence[str]) -> Command:
    """The command's defaults: those of the preset, file or network in `arguments`; other flags may change them."""
    starts = {flag: value for flag in ("--preset", "--settings", "--from") if (value := given(arguments, flag))}
    if len(starts) > 1:
        raise SettingsError(f"{' and '.join(f'{f} {v}' for f, v in starts.items())} are each a start; give one of them")
    if "--settings" in starts:
        from songrnn.training.settings_file import read_settings

        return Command(**read_settings(starts["--settings"]))
    if "--from" in starts:
        return _shared(Command(**CONTINUED), arguments)
    return _shared(Command(**PRESETS.get(starts.get("--preset", ""), {})), arguments)


def _shared(command: Command, arguments: Sequence[str]) -> Command:
    """The defaults for several workers, which share lanes."""
    if given(arguments, "--workers") in (None, "1"):
        return command
    return command.replace(training=command.training.replace(batching="lanes").model_dump())


def given(arguments: Sequence[str], name: str) -> str | None:
    """The last value of a flag among `arguments`, before they are parsed."""
    value = None
    for flag, following in zip(arguments, [*arguments, ""][1:], strict=True):
        if flag == name:
            value = following
        elif flag.startswith(f"{name}="):
            value = flag.removeprefix(f"{name}=")
    return value


def run(command: Command) -> None:
    """Train or resume, with a progress bar; Ctrl-C saves first."""
    loop = training_loop()
    if command.cluster.ray is not None and command.resume is None and command.training.workers == 1:
        raise SettingsError("--ray shares one training among processes: give --workers, or leave --ray out")
    with cluster_of(command.cluster) as cluster, TrainingProgress() as progress, StopOnInterrupt() as stop:
        together = _together(cluster)
        if command.resume is not None:
            _refuse_other_settings(command)
            result = loop.resume(command.resume, report=progress.report, stop=stop, together=together)
        else:
            from songrnn.corpus.packed.folder import corpus_of

            start = _start(command)
            melodies = None if command.start is None else Index.beside(command.start)
            corpus = corpus_of(command.corpus)
            if cluster is not None:
                _refuse_unusable(cluster, corpus, command.training)
            out = command.out or folder_of(corpus, command.model if start is None else start.model)
            result = loop.train(
                corpus,
                out=out,
                model=command.model if start is None else None,
                training=command.training,
                start=start,
                report=_keeping(melodies, RunFolder(out), progress.report),
                stop=stop,
                together=together,
            )
    _print(command, result, indexed=index_run(result.folder) is not None)


def _refuse_unusable(cluster: "Cluster", corpus: "Corpus", training: TrainingSettings) -> None:
    """Before the folder of the run is made."""
    from songrnn.cluster.training import ClusterTeam

    ClusterTeam(cluster).check(corpus, training)


def _together(cluster: "Cluster | None") -> "Together":
    """What trains by several processes: those of the cluster, or of this machine."""
    if cluster is None:
        from songrnn.training.workers.launch import train_together

        return train_together
    from songrnn.cluster.training import ClusterTeam

    return ClusterTeam(cluster)


def _keeping(melodies: Index | None, folder: RunFolder, report: "Report") -> "Report":
    """`report`, which also copies the melodies of the first network, as soon as the run has its folder."""

    def keep(record: Record, fraction: float) -> None:
        if melodies is not None and not folder.start_melodies.exists():
            melodies.save(folder.start_melodies)
        report(record, fraction)

    return keep


def index_run(path: Path) -> Index | None:
    """Write the melodies of the training tunes, by which copies are found, beside a run's checkpoint.

    Of more than MOST_INDEXED tunes there is no index: it is made in memory.
    """
    folder = RunFolder(path)
    corpus, *_ = folder.read()
    if len(corpus.training) > MOST_INDEXED:
        return None
    earlier = Index.load(folder.start_melodies) if folder.start_melodies.is_file() else None
    with locked_folder(path):
        return index_checkpoint(folder.checkpoint, corpus, earlier=earlier, progress=reading_melodies)


def reading_melodies(texts: Sequence[str]) -> Iterator[str]:
    """The texts, with a bar while they are read."""
    return with_bar(texts, "reading melodies", total=len(texts))


def _start(command: Command) -> Checkpoint | None:
    """The checkpoint to begin from, if any."""
    if command.start is None:
        return None
    if command.model != ModelSettings():
        raise SettingsError(
            f"--from {command.start} keeps that network's shape, so nothing about model can be given with it; to train "
            "a network of another shape leave --from out"
        )
    return Checkpoint.load(command.start)


def training_loop() -> ModuleType:
    """`songrnn.training.loop`, which brings PyTorch; raises MissingExtra if that is not installed."""
    try:
        from songrnn.training import loop
    except ModuleNotFoundError as error:
        raise MissingExtra("training needs PyTorch: pip install 'songrnn[train]'") from error
    return loop


class StopOnInterrupt:
    """While open, the first Ctrl-C (or SIGTERM) stops after the current step; a second one ends at once."""

    def __init__(self) -> None:
        self._stopping = False

    def __call__(self) -> bool:
        """Whether to stop."""
        return self._stopping

    def __enter__(self) -> "StopOnInterrupt":
        self._before = [(kind, signal.signal(kind, self._ask)) for kind in (signal.SIGINT, signal.SIGTERM)]
        return self

    def __exit__(self, *_: object) -> None:
        for kind, handler in self._before:
            signal.signal(kind, handler)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        if self._stopping:
            raise KeyboardInterrupt
        self._stopping = True
        print("songrnn: saving, then stopping (once more: stop at once)", file=sys.stderr)


def _refuse_other_settings(command: Command) -> None:
    plain = Command(resume=command.resume, as_json=command.as_json, cluster=command.cluster)
    for name in ("corpus", "model", "training", "out", "preset", "start", "settings"):
        if getattr(command, name) != getattr(plain, name):
            raise SettingsError(
                f"--resume {command.resume} takes all settings from that run, so nothing about {name} can be given "
                "with it; to train with other settings begin a new run"
            )


def _print(command: Command, run: "Run", *, indexed: bool) -> None:
    if command.as_json:
        print(
            json.dumps(
                {
                    "checkpoint": str(run.checkpoint),
                    "bits_per_character": run.bits_per_character,
                    "step": run.step,
                    "seconds": run.seconds,
                    "reason": run.reason,
                }
            )
        )
        return
    print(f"ended: {run.reason}, after {run.seconds / 60:.1f} minutes of training")
    print(f"validation: {run.bits_per_character:.3f} bits per character at step {run.step}")
    print(f"curves: {run.folder / 'loss.png'}")
    if indexed:
        print(f"melodies: {index_path(run.checkpoint)}")
    else:
        print(f"melodies: none, for there are more than {MOST_INDEXED:,} training tunes")
    print(f"compose: songrnn compose {run.checkpoint}")
