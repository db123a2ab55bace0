"""`songrnn search`: the best settings for a tunebook."""

import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field
from rich.console import Console
from rich.table import Table

from songrnn.cli.cluster import cluster_of, refuse_unreachable
from songrnn.cli.progress import SHARE_AND_FIGURES, BarBelow
from songrnn.cli.train import StopOnInterrupt
from songrnn.cluster.settings import ClusterSettings
from songrnn.corpus.settings import CorpusSettings, short_name
from songrnn.errors import Interrupted, MissingExtra
from songrnn.model.settings import ModelSettings
from songrnn.search.settings import SearchSettings, Trial, shown_value
from songrnn.settings import Flag, Settings
from songrnn.training.settings import TrainingSettings

if TYPE_CHECKING:
    from songrnn.cluster.connecting import Cluster
    from songrnn.search.search import SearchResult, Trainings

SHOWN_TRIALS = 10
WIDTH_OF_FILES = 200  # characters; a table in a file need not fit a terminal
ENDS = ("finished", "pruned", "failed")


class TrialTraining(TrainingSettings):
    """The training of each trial; its minutes have a name different from the search's."""

    minutes: Annotated[float | None, Flag("minutes-per-trial")] = Field(
        None, gt=0, description="end each trial after this many minutes, if its epochs are not over before"
    )
    ensemble: int = Field(
        1, ge=1, le=16, description="networks of each trial; the best for one is the best for several, and found sooner"
    )


class Command(Settings):
    """Search for the best settings for a tunebook: many trainings, each with the most promising settings.

    Poor trials are ended early. All results are kept in a database: the same command resumes the search, after Ctrl-C
    or a crash too, and several at once, on many machines with one --storage, share the work. Writes best-settings.json,
    the best checkpoint, a table, pictures and a page.

    Examples:
      songrnn search folk --minutes 60 --minutes-per-trial 3
      songrnn search train.txt --validation val.txt --axes hidden_size=32:256 dropout learning_rate --epochs 5
      songrnn search folk --trials 500 --minutes 600 --ray 10.0.0.1:6379
      songrnn search folk --cell gru --trials 50 --storage postgresql://me@server/songs --name gru
      songrnn train folk --settings searches/folk-lstm/best-settings.json
    """

    corpus: CorpusSettings = CorpusSettings()
    model: ModelSettings = ModelSettings()
    training: TrialTraining = TrialTraining()
    search: SearchSettings = SearchSettings()
    cluster: ClusterSettings = ClusterSettings()
    name: str | None = Field(
        None, min_length=1, description="name of the search; default: that of the folder --out, or <sources>-<cell>"
    )
    out: Path | None = Field(None, description="folder of the results; default: searches/<name>")
    storage: str | None = Field(
        None,
        min_length=1,
        description="address of the database of the trials, as SQLAlchemy has it; default: the file search.db in --out",
    )
    as_json: Annotated[bool, Flag("json")] = Field(False, description="print one JSON object at the end, for programs")


def run(command: Command) -> None:
    """Search, with a line for each trial; Ctrl-C keeps the results."""
    searching = _searching()
    from songrnn.corpus.packed.folder import corpus_of

    training = TrainingSettings(**command.training.model_dump())
    name = command.name or (command.out.resolve().name if command.out else "") or _name(command)
    with cluster_of(command.cluster) as cluster, _SearchProgress() as progress, StopOnInterrupt() as stop:
        corpus = corpus_of(command.corpus)
        refuse_unreachable(cluster, corpus)
        try:
            result = searching.search(
                corpus,
                out=command.out or Path("searches") / name.replace("/", "-"),
                name=name,
                storage=command.storage,
                model=command.model,
                training=training,
                settings=command.search,
                found=progress.found,
                report=progress.report,
                stop=stop,
                trainings=searching.HERE if cluster is None else _on(cluster, training),
            )
        except Interrupted as stopped:
            raise Interrupted(f"{stopped} To resume: {typed(command, _without_password(command.storage))}") from stopped
    _print(command, result)


def _on(cluster: "Cluster", training: TrainingSettings) -> "Trainings":
    from songrnn.cluster.searching import trainings_on

    return trainings_on(cluster, training)


def typed(command: Command, storage: str | None) -> str:
    """The command line of `command`, with `storage` in place of its database."""
    flags: list[str] = []
    for name in type(command).model_fields:
        part = getattr(command, name)
        if isinstance(part, Settings):
            flags += [word for field in type(part).model_fields for word in _flag(part, field) if field != "sources"]
        elif name != "storage":
            flags += _flag(command, name)
    flags += [] if storage is None else ["--storage", storage]
    return shlex.join(["songrnn", "search", *command.corpus.sources, *flags])


def _flag(settings: Settings, name: str) -> list[str]:
    """The flag and its values, or nothing if the setting is at its default."""
    value = getattr(settings, name)
    info = type(settings).model_fields[name]
    if value == info.default:
        return []
    named = next((meta.name for meta in info.metadata if getattr(meta, "name", None)), None)
    flag = f"--{(named or name).replace('_', '-')}"
    if isinstance(value, bool):
        return [flag if value else f"--no-{flag.removeprefix('--')}"]
    return [flag, *map(str, value)] if isinstance(value, tuple) else [flag, str(value)]


def _searching() -> ModuleType:
    """`songrnn.search.search`, which brings PyTorch and optuna; raises MissingExtra if they are not installed."""
    try:
        from songrnn.search import search
    except ModuleNotFoundError as error:
        raise MissingExtra("a search needs PyTorch and optuna: pip install 'songrnn[train]'") from error
    return search


def _without_password(storage: str | None) -> str | None:
    if storage is None:
        return None
    from songrnn.search.storage import SearchStorage

    return str(SearchStorage(storage))


def _name(command: Command) -> str:
    return f"{short_name(command.corpus.sources)}-{command.model.cell}"


class _SearchProgress(BarBelow):
    """A line for each trial of this worker on standard error, and on a terminal a bar for the running one."""

    def __init__(self) -> None:
        super().__init__("searching", SHARE_AND_FIGURES)
        self._best = float("inf")

    def found(self, trials: Sequence[Trial]) -> None:
        """Report the earlier trials of the search."""
        if trials:
            self._best = min(
                (bits for trial in trials if (bits := _finished_bits(trial)) is not None), default=self._best
            )
            self._console.print(f"continuing: {_counts(trials)}")

    def report(self, trial: Trial, fraction: float) -> None:
        """Show the progress of the running trial, or its end."""
        bits = "" if trial.bits_per_character is None else f"{trial.bits_per_character:.3f} bits per character"
        self._bar.update(self._task, description=f"trial {trial.number}", completed=fraction, figures=bits)
        if trial.state not in ENDS:
            return
        at = "" if trial.state == "finished" else f" at {100 * fraction:.0f} %"
        mark = ""
        if (finished := _finished_bits(trial)) is not None and finished < self._best:
            self._best, mark = finished, "  best so far"
        why = f" ({trial.reason})" if trial.reason else ""
        self._console.print(
            f"trial {trial.number} {trial.state}{at}{why}: {bits or 'not validated yet'}{mark}  "
            + " ".join(f"{name}={shown_value(value)}" for name, value in trial.values.items()),
            soft_wrap=True,
        )


def _finished_bits(trial: Trial) -> float | None:
    return trial.bits_per_character if trial.state == "finished" else None


def _counts(trials: Sequence[Trial]) -> str:
    """Such as "12 trials finished, 3 pruned"."""
    numbers = {state: sum(trial.state == state for trial in trials) for state in (*ENDS, "running")}
    parts = [f"{numbers[state]} {state}" for state in ("pruned", "failed", "running") if numbers[state]]
    return ", ".join([f"{numbers['finished']} trials finished", *parts])


def _print(command: Command, result: "SearchResult") -> None:
    files = result.files
    here = files.best_checkpoint.exists()
    if command.as_json:
        content: dict[str, Any] = {
            "name": result.name,
            "storage": result.storage,
            "reason": result.reason,
            "bits_per_character": result.best.bits_per_character,
            "trial": result.best.number,
            "values": dict(result.best.values),
            "states": {state: sum(trial.state == state for trial in result.trials) for state in ENDS},
            "settings": str(files.best_settings),
            "checkpoint": str(files.best_checkpoint) if here else None,
            "page": str(files.page),
        }
        print(json.dumps(content, ensure_ascii=False))
        return
    width = None if sys.stdout.isatty() else WIDTH_OF_FILES
    console = Console(highlight=False, markup=False, width=width)
    console.print(_table(result))
    console.print(f"ended after {result.reason}; {_counts(result.trials)}", soft_wrap=True)
    console.print(f"page: {files.page}", soft_wrap=True)
    sources = shlex.join(command.corpus.sources)
    console.print(
        f"train longer: songrnn train {sources} --settings {shlex.quote(str(files.best_settings))}", soft_wrap=True
    )
    where = f"songrnn compose {shlex.quote(str(files.best_checkpoint))}"
    console.print(
        f"compose: {where}" if here else f"the best checkpoint is with worker {result.best.worker}", soft_wrap=True
    )


def _table(result: "SearchResult") -> Table:
    """The best trials, and beside the finished ones some of those that were pruned."""
    from songrnn.search.report import by_quality

    trials = by_quality(result.trials)
    finished = [trial for trial in trials if trial.state == "finished"][:SHOWN_TRIALS]
    others = [trial for trial in trials if trial.state in ("pruned", "failed")][: SHOWN_TRIALS // 2]
    names = list(result.best.values)
    table = Table("trial", "state", "bits", "seconds")
    for name in names:
        table.add_column(name, overflow="fold")
    for trial in [*finished, *others]:
        bits = "–" if trial.bits_per_character is None else f"{trial.bits_per_character:.3f}"
        values = [shown_value(trial.values.get(name, "–")) for name in names]
        table.add_row(str(trial.number), trial.state, bits, f"{trial.seconds:.0f}", *values)
    return table
