"""`songrnn study`: RNN, GRU and LSTM, sizes and dropouts, several seeds each, in one table."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from songrnn.cli.cluster import cluster_of, refuse_unreachable
from songrnn.cli.progress import BarBelow
from songrnn.cli.train import StopOnInterrupt, given
from songrnn.cluster.settings import ClusterSettings
from songrnn.corpus.corpus import Corpus, read_tunes
from songrnn.corpus.packed.folder import PackedCorpus, corpus_of
from songrnn.corpus.settings import CorpusSettings, short_name
from songrnn.errors import MissingExtra, SettingsError
from songrnn.model.settings import ModelSettings
from songrnn.settings import Flag, Settings, without
from songrnn.storage import free_folder
from songrnn.study.space import OF_THE_STUDY_IN_MODEL, OF_THE_STUDY_IN_TRAINING, StudySettings
from songrnn.training.settings import PRESETS, TrainingSettings

if TYPE_CHECKING:
    from songrnn.cluster.connecting import Cluster
    from songrnn.study.pool import Workers
    from songrnn.study.stages import Step, Study

    CommonModel = ModelSettings
    CommonTraining = TrainingSettings
else:  # what the study sets itself is no flag of these
    CommonModel = without(ModelSettings, *OF_THE_STUDY_IN_MODEL)
    CommonTraining = without(TrainingSettings, *OF_THE_STUDY_IN_TRAINING)


class Command(Settings):
    """Compare networks: plain RNN, GRU and LSTM, of several sizes and dropouts, each trained with several seeds.

    All trainings get the same number of epochs, as many as fit into --minutes, and share the cores. Writes a folder
    with a page of tables with intervals, curves, composed tunes and neurons; the same as Markdown, CSV and JSON. Ctrl-C
    saves and stops; --resume continues, after a crash or a power cut too.

    Examples:
      songrnn study train.txt --validation val.txt --test test.txt --minutes 40 --out studies/paper
      songrnn study folk --cells gru lstm --hidden-sizes 128 256 --dropouts 0 0.3 --seeds 5
      songrnn study --resume studies/paper
      songrnn study folk --minutes 600 --ray 10.0.0.1:6379
    """

    corpus: CorpusSettings = CorpusSettings()
    study: StudySettings = StudySettings()
    model: CommonModel = CommonModel()
    training: CommonTraining = CommonTraining()
    cluster: ClusterSettings = ClusterSettings()
    test: str | None = Field(
        None,
        min_length=1,
        description="a file of test tunes that every network is scored on once; default: those of the split",
    )
    out: Path | None = Field(
        None, description="folder of the new study; default: studies/<sources>, numbered if it exists"
    )
    preset: Literal["plain", "paper", "none"] = Field(
        "plain",
        description="start from these settings; plain: networks that read characters and nothing else, as the "
        "paper's do; paper: its whole recipe; none: what songrnn train begins with",
    )
    resume: Path | None = Field(
        None, description="resume the study in this folder; all settings but --processes and --ray come from there"
    )
    as_json: Annotated[bool, Flag("json")] = Field(False, description="print one JSON object at the end, for programs")


def defaults(arguments: Sequence[str]) -> Command:
    """The command's defaults: those of the preset that `arguments` name, but for what the study sets itself."""
    preset = given(arguments, "--preset") or Command.model_fields["preset"].default
    chosen = PRESETS.get(preset, {})
    owned = {"corpus": (), "model": OF_THE_STUDY_IN_MODEL, "training": OF_THE_STUDY_IN_TRAINING}
    return Command(
        **{
            group: {name: value for name, value in values.items() if name not in owned[group]}
            for group, values in chosen.items()
        }
    )


def run(command: Command) -> None:
    """Begin or resume a study; the page's path is the last line."""
    stages = study_stages()
    with cluster_of(command.cluster) as cluster, StudyProgress() as progress, StopOnInterrupt() as stop:
        workers = _workers(cluster)
        if command.resume is not None:
            _refuse_other_settings(command)
            done = stages.resume_study(
                command.resume, processes=command.study.processes, report=progress.report, stop=stop, workers=workers
            )
        else:
            corpus = _corpus(command)
            refuse_unreachable(cluster, corpus)
            done = stages.begin_study(
                corpus,
                out=command.out or free_folder(Path("studies") / short_name(corpus.sources)),
                settings=command.study,
                model=ModelSettings(**command.model.model_dump()),
                training=TrainingSettings(**command.training.model_dump()),
                report=progress.report,
                stop=stop,
                workers=workers,
            )
    _print(command, done)


def _workers(cluster: "Cluster | None") -> "Workers":
    """Where the jobs run: on the cluster, or in processes here."""
    if cluster is None:
        from songrnn.study.pool import LOCAL

        return LOCAL
    from songrnn.cluster.studying import workers_on

    return workers_on(cluster)


def study_stages() -> ModuleType:
    """`songrnn.study.stages`, which brings PyTorch; raises MissingExtra if that is not installed."""
    try:
        from songrnn.study import stages
    except ModuleNotFoundError as error:
        raise MissingExtra("a study needs PyTorch: pip install 'songrnn[train]'") from error
    return stages


class StudyProgress(BarBelow):
    """Shows the progress of a study on standard error: each training as it ends, and a bar on a terminal."""

    def __init__(self) -> None:
        super().__init__("reading the tunes", "{task.completed:.1f} of {task.total:.0f}")
        self._stage = ""

    def report(self, step: "Step") -> None:
        """Show one step."""
        if step.stage != self._stage:
            self._stage = step.stage
            if not self._console.is_terminal:
                self._console.print(f"{step.stage}: {step.total} to do")
        self._bar.update(self._task, description=step.stage, completed=step.done, total=step.total)
        if step.line:
            self._console.print(f"  {step.line}", soft_wrap=True)


def _corpus(command: Command) -> Corpus:
    """The tunes; with --test, its tunes in place of those of the split."""
    corpus = corpus_of(command.corpus)
    if command.test is None:
        return corpus
    if isinstance(corpus, PackedCorpus):
        raise SettingsError(f"--test goes with files of tunes: {corpus.path} is packed, with test tunes of its own")
    return replace(corpus, test=tuple(read_tunes([command.test], corpus.form, keep_marks=corpus.keep_marks)))


def _refuse_other_settings(command: Command) -> None:
    allowed = StudySettings(processes=command.study.processes)
    plain = defaults(()).replace(resume=command.resume, as_json=command.as_json, study=allowed, cluster=command.cluster)
    for name in ("corpus", "study", "model", "training", "test", "out", "preset"):
        if getattr(command, name) != getattr(plain, name):
            raise SettingsError(
                f"--resume {command.resume} takes all settings but --processes and --ray from that study, so nothing "
                f"about {name} can be given with it; to compare with other settings begin a new study"
            )


def _print(command: Command, study: "Study") -> None:
    from songrnn.study.answers import unconverged  # which brings PyTorch

    failed = [result for result in study.results if result.failure]
    reservations = unconverged(study.results)
    if command.as_json:
        content = {
            "folder": str(study.folder),
            "page": str(study.page),
            "epochs": study.epochs,
            "trials": len(study.results),
            "converged": not reservations,
            "failed": [asdict(result) for result in failed],
        }
        print(json.dumps(content))
        return
    lost = f", {len(failed)} of which failed" if failed else ""
    print(f"{len(study.results)} trainings of {study.epochs:g} epoch(s){lost}")
    for sentence in reservations:
        print(sentence)
    print(f"as text: {study.folder / 'study.md'}")
    print(f"to look at: {study.page}")
