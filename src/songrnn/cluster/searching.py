"""Trainings of a search on a cluster: `training.loop.train`, called here and run on a node.

The command keeps optuna's study, its database and the decision about every trial; a node trains, reports each record of
the journal, and learns from the answer whether to continue. At the end it sends the run's folder. A node needs neither
the database nor the tunebook. A training whose node is lost begins again on another one, with the same number, settings
and seed, so that its result is the same.
"""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from songrnn.cluster.connecting import Cluster
from songrnn.cluster.corpora import reachable, received, sent
from songrnn.cluster.files import Files, files_in, temporary_folder, write_files
from songrnn.cluster.running import Say, Task, result_with_messages
from songrnn.cluster.stopping import Reporter
from songrnn.corpus.corpus import Corpus
from songrnn.model.settings import ModelSettings
from songrnn.search.search import Trainings
from songrnn.training.folder import RunFolder
from songrnn.training.journal import Record
from songrnn.training.loop import Run, train
from songrnn.training.settings import TrainingSettings


def trainings_on(cluster: Cluster, training: TrainingSettings) -> Trainings:
    """Where the trials of a search run: as many at once as the cluster has cores for `training.threads` of each."""
    cores = training.threads or 1
    return Trainings(ClusterTraining(cluster, cores), max(1, cluster.cores // cores), cluster.address)


class ClusterTraining:
    """Trains on a node, with so many cores."""

    def __init__(self, cluster: Cluster, cores: int) -> None:
        self._cluster, self._cores = cluster, cores
        self._sent: dict[str, Any] = {}
        self._sending = threading.Lock()

    def __call__(
        self,
        corpus: Corpus,
        *,
        out: Path,
        model: ModelSettings,
        training: TrainingSettings,
        report: Callable[[Record, float], None],
        stop: Callable[[], bool],
    ) -> Run:
        """As `training.loop.train`; the run's folder is written when the training has ended by itself."""

        def answer(said: tuple[Record, float] | None) -> bool:
            if said is not None:
                report(*said)
            return stop()

        settings = training.replace(threads=self._cores)
        job = Task(train_on_node, (self._reference(corpus), model, settings), self._cores)
        run: Run
        run, files = result_with_messages(self._cluster, job, answer)
        folder = RunFolder(out)
        write_files(files, out, last=folder.checkpoint.name)
        return replace(run, folder=out, checkpoint=folder.checkpoint)

    def _reference(self, corpus: Corpus) -> Any:
        """The corpus in the cluster, where it is sent once."""
        with self._sending:
            if corpus.sha256 not in self._sent:
                self._sent[corpus.sha256] = sent(self._cluster, reachable(self._cluster, corpus))
            return self._sent[corpus.sha256]


def train_on_node(say: Say, content: bytes, model: ModelSettings, training: TrainingSettings) -> tuple[Run, Files]:
    """Train, in a process of a node; the run, and the files of its folder. content: of the corpus, as sent."""
    reporter = Reporter(say)
    with temporary_folder() as folder:
        out = folder / "run"
        run = train(
            received(content),
            out=out,
            model=model,
            training=training,
            report=lambda record, fraction: reporter.report((record, fraction)),
            stop=reporter.stop,
        )
        return run, files_in(out)
