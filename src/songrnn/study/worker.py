"""A worker process of a study: `python -m songrnn.study.worker`.

It reads one JSON object a line, such as {"kind": "train", "folder": "studies/folk", "trial": "lstm-250-..."}, and
writes lines: {"fraction": 0.3} while it works, then {"fraction": 1.0, "ended": true, "result": ...} or, when the job
failed, "failure": "why" in place of the result. The end of its input, which comes with the end of the parent, however
that ends, makes it save and end; `pool.py` is the parent's side.
"""

import json
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any, TextIO

from songrnn.errors import Interrupted, SongrnnError
from songrnn.study.calibration import time_trial
from songrnn.study.compositions import compose_and_render
from songrnn.study.folder import StudyFolder, StudyPlan
from songrnn.study.run import run_trial
from songrnn.study.space import StudyTrial

SECONDS_TO_SAVE = 10.0
SECONDS_BETWEEN_FRACTIONS = 0.5


def main() -> None:
    """Do the jobs of the input until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C, and then closes our input
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as answers:
        os.dup2(2, 1)  # what libraries print must not be written between two answers
        jobs = _Jobs(sys.stdin)
        while (job := jobs.next()) is not None:
            _answer(job, answers, jobs.ended)


class _Jobs:
    """The lines of the input, read by a thread of its own, so that its end is noticed during a job."""

    def __init__(self, lines: TextIO) -> None:
        self._lines = lines
        self._waiting: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._over = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()

    def next(self) -> dict[str, Any] | None:
        """The next job; None when there will be no more."""
        return self._waiting.get()

    def ended(self) -> bool:
        """Whether the input has ended, and no answer is read any more."""
        return self._over.is_set()

    def _read(self) -> None:
        for line in self._lines:
            self._waiting.put(json.loads(line))
        self._over.set()
        self._waiting.put(None)
        time.sleep(SECONDS_TO_SAVE)
        os._exit(1)  # every file is whole or not there, so this loses seconds at most


def _answer(job: dict[str, Any], answers: TextIO, stop: Callable[[], bool]) -> None:
    said = 0.0

    def say(fraction: float, **more: Any) -> None:
        nonlocal said
        if not more and time.monotonic() - said < SECONDS_BETWEEN_FRACTIONS:
            return
        said = time.monotonic()
        answers.write(json.dumps({"fraction": fraction, **more}) + "\n")
        answers.flush()

    try:
        say(1.0, ended=True, result=JOBS[job["kind"]](job, say, stop))
    except Interrupted:
        return
    except BrokenPipeError:  # the parent is gone
        return
    except (SongrnnError, ArithmeticError, RuntimeError, MemoryError, OSError) as error:
        say(1.0, ended=True, failure=" ".join(str(error).split()) or type(error).__name__)


def _train(job: dict[str, Any], say: Callable[[float], None], stop: Callable[[], bool]) -> dict[str, Any]:
    folder, plan, trial = _trial(job)
    result = run_trial(
        trial, plan.corpus, folder.trial(trial), report=lambda _record, fraction: say(fraction), stop=stop
    )
    return asdict(result)


def _calibrate(job: dict[str, Any], _say: Callable[[float], None], _stop: Callable[[], bool]) -> dict[str, Any]:
    _, plan, trial = _trial(job)
    return asdict(time_trial(trial, plan.corpus))


def _compose(job: dict[str, Any], _say: Callable[[float], None], _stop: Callable[[], bool]) -> dict[str, Any]:
    folder, plan, trial = _trial(job)
    checkpoint = folder.trial(trial) / "checkpoint.safetensors"
    return compose_and_render(checkpoint, plan.corpus.training, folder.compositions(trial.configuration))


JOBS: dict[str, Callable[..., dict[str, Any]]] = {"train": _train, "calibrate": _calibrate, "compose": _compose}


def _trial(job: dict[str, Any]) -> tuple[StudyFolder, StudyPlan, StudyTrial]:
    plan = _plan(job["folder"])
    return StudyFolder(job["folder"]), plan, next(trial for trial in plan.trials() if trial.name == job["trial"])


@lru_cache(maxsize=1)
def _plan(folder: str) -> StudyPlan:
    """The study's plan, read once; it never changes."""
    return StudyFolder(Path(folder)).read()


if __name__ == "__main__":
    main()
