"""One training of a study, from any state to its result.

`run_trial` needs a trial, the corpus and a folder, and nothing else of the study: it may run in any process on any
machine that reaches the folder, may be killed at any moment, and may be called again.
"""

import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from songrnn.checkpoint import Checkpoint
from songrnn.corpus.corpus import Corpus
from songrnn.errors import SongrnnError
from songrnn.evaluation.bits_per_character import bits_per_character
from songrnn.storage import write_whole
from songrnn.study.space import StudyTrial
from songrnn.training.folder import RunFolder
from songrnn.training.journal import Record
from songrnn.training.loop import Run, resume, train


@dataclass(frozen=True)
class TrialResult:
    """The result of one training.

    validation, test: bits per character of the best checkpoint by validation, over every character of every held-out
                      tune; None where the training failed, and test also where there are no test tunes.
    best_epoch:       when that checkpoint was written, in passes over the training tunes; None where it failed.
    seconds:          of training and validation, on one thread, in parallel with others.
    failure:          why there is no result, in one line; empty if there is one.
    """

    configuration: str
    cell: str
    hidden_size: int
    dropout: float
    seed: int
    validation: float | None = None
    test: float | None = None
    best_epoch: float | None = None
    epochs: float = 0
    seconds: float = 0.0
    parameters: int = 0
    failure: str = ""


def run_trial(
    trial: StudyTrial,
    corpus: Corpus,
    folder: Path,
    *,
    report: Callable[[Record, float], None] = lambda _record, _fraction: None,
    stop: Callable[[], bool] = lambda: False,
) -> TrialResult:
    """Train, or resume training, in `folder`; score the test tunes of the corpus; write trial.json, once.

    A training that fails (it may diverge) has a result with the reason; it is tried again when this is called again.
    Raises Interrupted when `stop` returns true, and RunError when the folder cannot be written to.
    """
    finished = read_result(folder)
    if finished is not None and not finished.failure:
        return finished
    try:
        result = _result(trial, corpus, _train(trial, corpus, folder, report, stop))
    except (SongrnnError, ArithmeticError, RuntimeError, MemoryError) as error:
        result = failed(trial, " ".join(str(error).split()) or type(error).__name__)
    write_result(folder, result)
    return result


def read_result(folder: Path) -> TrialResult | None:
    """The result in a trial's folder; None if there is no complete one."""
    try:
        return TrialResult(**json.loads((folder / "trial.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write_result(folder: Path, result: TrialResult) -> None:
    """Write trial.json; raises RunError when that is impossible."""
    write_whole(folder / "trial.json", json.dumps(asdict(result), indent=1))


def failed(trial: StudyTrial, reason: str) -> TrialResult:
    """The result of a training that has none."""
    model = trial.model
    return TrialResult(
        trial.configuration, model.cell, model.hidden_size, model.dropout, trial.training.seed, failure=reason
    )


def _train(
    trial: StudyTrial,
    corpus: Corpus,
    folder: Path,
    report: Callable[[Record, float], None],
    stop: Callable[[], bool],
) -> Run:
    if RunFolder(folder).settings.exists():
        return resume(folder, report=report, stop=stop)
    return train(corpus, out=folder, model=trial.model, training=trial.training, report=report, stop=stop)


def _result(trial: StudyTrial, corpus: Corpus, run: Run) -> TrialResult:
    checkpoint = Checkpoint.load(run.checkpoint)
    test = bits_per_character(checkpoint, corpus.test) if corpus.test else None
    if test is not None and not math.isfinite(test):
        return failed(trial, f"the best checkpoint scores {test} bits per character on the test tunes")
    model = trial.model
    return TrialResult(
        trial.configuration,
        model.cell,
        model.hidden_size,
        model.dropout,
        trial.training.seed,
        validation=run.bits_per_character,
        test=test,
        best_epoch=checkpoint.training["best"]["epoch"],
        epochs=trial.training.epochs,
        seconds=round(run.seconds, 3),
        parameters=next(record["parameters"] for record in run.records if record["kind"] == "start"),
    )
