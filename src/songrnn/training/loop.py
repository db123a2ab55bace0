"""Batches + network -> checkpoint: the training loop.

`train` begins a run in a folder, `resume` continues one. Both walk the same loop (`learner.py`), so that a training
that was killed and resumed ends with the same weights, bit for bit, as one that was not (on one machine, on the CPU,
when it ends by epochs).
"""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from songrnn.checkpoint import Checkpoint
from songrnn.corpus.corpus import Corpus
from songrnn.errors import CorpusError, SettingsError
from songrnn.model.settings import ModelSettings
from songrnn.storage import locked_folder
from songrnn.training.device import device_of
from songrnn.training.ensemble import merged_settings
from songrnn.training.folder import RunFolder, folder_of
from songrnn.training.learner import Job, Learner, Report, Run
from songrnn.training.settings import TrainingSettings
from songrnn.training.transfer import prepared
from songrnn.training.workers.launch import train_together
from songrnn.training.workers.rank import own_randomness

__all__ = ["Report", "Run", "resume", "train"]


class Together(Protocol):
    """Trains by several processes, here or on a cluster: the run of a job whose folder has been made."""

    def __call__(self, job: Job, *, report: Report, stop: Callable[[], bool]) -> Run:
        """As `train_together`."""


def train(
    corpus: Corpus,
    *,
    out: Path | str | None = None,
    model: ModelSettings | None = None,
    training: TrainingSettings | None = None,
    start: Checkpoint | None = None,
    report: Report = lambda _record, _fraction: None,
    stop: Callable[[], bool] = lambda: False,
    together: Together = train_together,
) -> Run:
    """Train a network on `corpus` in the new folder `out` (default: one below `runs/` that says what it is).

    start: go on with its network, whose shape replaces `model`, and add the characters that it lacks; else a new one.
    report: called with every record of the journal. stop: asked after every step; when it says yes, the run is saved
    and Interrupted is raised. together: trains where `training.workers` are several.
    Raises RunError if `out` holds a run, cannot be written to or is being written by another process, CorpusError if
    there is too little to learn from or the corpus is in another form than `start`, SettingsError for both `model` and
    `start`, or for an ensemble of which no network can be made.
    """
    if start is not None:
        if model is not None and model != start.model:
            raise SettingsError(
                "a network that goes on learning keeps its shape: give model settings or start, not both"
            )
        model = start.model
    model, training = model or ModelSettings(), training or TrainingSettings()
    folder = RunFolder(folder_of(corpus, model) if out is None else out)
    _check(corpus, training)
    merged_settings(model, training.ensemble)
    begin_from = None if start is None else prepared(start, corpus)
    folder.refuse_if_used()
    device_of(training)
    with locked_folder(folder.path):
        folder.begin(corpus, model, training, begin_from)
        return _learned(Job(folder.path, corpus, model, training, begin_from), report, stop, together)


def resume(
    out: Path | str,
    *,
    report: Report = lambda _record, _fraction: None,
    stop: Callable[[], bool] = lambda: False,
    together: Together = train_together,
) -> Run:
    """Go on with the run in the folder `out` as if it had never stopped; raises RunError if there is none."""
    folder = RunFolder(out)
    job = Job(folder.path, *folder.read())
    device_of(job.training)
    with locked_folder(folder.path):
        return _learned(job, report, stop, together)


def _learned(job: Job, report: Report, stop: Callable[[], bool], together: Together) -> Run:
    """The run in the folder of the job, from where it stands to its end."""
    if job.training.workers > 1:
        return together(job, report=report, stop=stop)
    with own_randomness(job.training):
        learner = Learner(job)
        learner.prepare(report)
        return learner.run(report, stop)


def _check(corpus: Corpus, training: TrainingSettings) -> None:
    for name, tunes in (("training", corpus.training), ("validation", corpus.validation)):
        if not tunes:
            raise CorpusError(f"the corpus has no {name} tune; give more tunes, or a file of them by --validation")
    fewest = min(len(corpus.training), training.batch_size)
    if training.workers > fewest:
        few = "training tunes" if len(corpus.training) == fewest else "windows in a batch (--batch-size)"
        raise CorpusError(
            f"{training.workers} workers need as many {few} at least, and there are {fewest}: use --workers {fewest}"
        )
