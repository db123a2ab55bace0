"""How many epochs fit into the time: a few steps of every kind of network are timed, then the study is scheduled.

The steps are timed in the same processes and in parallel, as the study will run them, since trainings share the
memory's speed and often the cores' caches. What is timed is the training itself, stopped after some steps.
"""

import heapq
import math
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from songrnn.checkpoint import Checkpoint
from songrnn.corpus.corpus import Corpus
from songrnn.errors import Interrupted, SettingsError
from songrnn.evaluation.bits_per_character import bits_per_character
from songrnn.study.space import StudyTrial
from songrnn.training.journal import Journal, Record
from songrnn.training.loop import train
from songrnn.training.plots import loss_plot, write_loss_plot

WARM_UP_STEPS = 3  # PyTorch prepares its kernels in the first ones
CHARACTERS = 40_000  # on which one kind of network is timed: a second or two
FEWEST_STEPS, MOST_STEPS = 8, 400
MARGIN = 1.08  # for what is not timed: the machine has other work, too
ENDLESS_EPOCHS = 1_000_000
PARTS = 10
"""A study of fewer epochs than this ends in the middle of one, at a tenth: with whole ones it might leave half of its
minutes unused, or have none."""


@dataclass(frozen=True)
class Timing:
    """The time of one kind of network, in seconds: before and after its epochs (test tunes included), for each of them,
    validations included, and for one more validation where the last epoch is not whole."""

    fixed_seconds: float
    epoch_seconds: float
    validation_seconds: float = 0.0

    @classmethod
    def median(cls, timings: Sequence["Timing"]) -> "Timing":
        """The median of several, by number."""
        return cls(
            statistics.median(timing.fixed_seconds for timing in timings),
            statistics.median(timing.epoch_seconds for timing in timings),
            statistics.median(timing.validation_seconds for timing in timings),
        )

    def of(self, epochs: float) -> float:
        """A whole training."""
        last = 0.0 if float(epochs).is_integer() else self.validation_seconds
        return self.fixed_seconds + epochs * self.epoch_seconds + last


def shapes(trials: Sequence[StudyTrial]) -> dict[tuple[str, int], StudyTrial]:
    """One trial for each cell and size, the one with the highest dropout: what costs time depends on these."""
    chosen: dict[tuple[str, int], StudyTrial] = {}
    for trial in sorted(trials, key=lambda trial: trial.model.dropout):
        chosen[trial.model.cell, trial.model.hidden_size] = trial
    return chosen


def time_trial(trial: StudyTrial, corpus: Corpus) -> Timing:
    """Time a training like `trial`, in a temporary folder."""
    steps = CHARACTERS // (trial.training.window * trial.training.batch_size)
    steps = WARM_UP_STEPS + min(max(steps, FEWEST_STEPS), MOST_STEPS)
    loss_plot({"": []})  # loads matplotlib, which the process does once and not for each training
    pilot = trial.training.replace(validate_every=steps, epochs=ENDLESS_EPOCHS)
    with tempfile.TemporaryDirectory(prefix="songrnn-calibration-") as folder:
        watch = _Watch()
        with suppress(Interrupted):
            train(corpus, out=folder, model=trial.model, training=pilot, report=watch.report, stop=watch)
        write_loss_plot(Path(folder), {"": Journal(Path(folder) / "journal.jsonl").read()})  # as each training ends
        if corpus.test:
            bits_per_character(Checkpoint.load(Path(folder) / "checkpoint.safetensors"), corpus.test)
        afterwards = time.monotonic() - watch.ends[-1]
    return watch.timing(trial, afterwards)


class _Watch:
    """Times the steps of a training and one validation, then stops it."""

    def __init__(self) -> None:
        self.begun = time.monotonic()
        self.ends: list[float] = []  # of each step
        self._validation: Record | None = None

    def __call__(self) -> bool:
        self.ends.append(time.monotonic())
        return self._validation is not None

    def report(self, record: Record, _fraction: float) -> None:
        if record["kind"] == "validation":
            self._validation = record

    def timing(self, trial: StudyTrial, afterwards_seconds: float) -> Timing:
        """The timing; the last step is the one with the validation and a checkpoint."""
        assert self._validation is not None
        *steps, with_validation = [end - begin for begin, end in pairwise(self.ends)]
        step = statistics.median(steps[WARM_UP_STEPS - 1 :])
        steps_in_epoch = self._validation["step"] / self._validation["epoch"]
        every = trial.training.validate_every
        validations = steps_in_epoch / every if every else 1.0
        validation = max(0.0, with_validation - step)
        epoch = steps_in_epoch * step + validations * validation
        return Timing(self.ends[0] - self.begun + afterwards_seconds, epoch, validation)


def seconds_of(
    trials: Sequence[StudyTrial], timings: Mapping[tuple[str, int], Timing], *, epochs: float, processes: int
) -> float:
    """Seconds that the trials take when `processes` of them run at once, each next one as soon as a process is free."""
    ends = [0.0] * processes
    for trial in trials:
        timing = timings[trial.model.cell, trial.model.hidden_size]
        heapq.heapreplace(ends, ends[0] + MARGIN * timing.of(epochs))
    return max(ends)


def choose_epochs(
    trials: Sequence[StudyTrial], timings: Mapping[tuple[str, int], Timing], *, available_seconds: float, processes: int
) -> float:
    """The most epochs with which all trials end within `available_seconds`; 0 where not even a part of one fits.

    Whole ones from PARTS on, below that in parts of 1/PARTS.
    """

    def most(part: int) -> int:
        """How many parts of an epoch fit, each 1/`part` of one."""

        def fits(count: int) -> bool:
            return seconds_of(trials, timings, epochs=count / part, processes=processes) <= available_seconds

        fitting, too_many = 0, 1
        while fits(too_many):
            fitting, too_many = too_many, 2 * too_many
            if too_many >= ENDLESS_EPOCHS:
                return ENDLESS_EPOCHS
        while too_many - fitting > 1:
            middle = (fitting + too_many) // 2
            fitting, too_many = (middle, too_many) if fits(middle) else (fitting, middle)
        return fitting

    whole = most(1)
    return whole if whole >= PARTS else max(whole, most(PARTS) / PARTS)


def refuse(
    trials: Sequence[StudyTrial],
    timings: Mapping[tuple[str, int], Timing],
    *,
    minutes: float,
    available_seconds: float,
    processes: int,
) -> SettingsError:
    """The error for a study in too short a time, with what would fit."""
    needed = seconds_of(trials, timings, epochs=1 / PARTS, processes=processes)
    whole_minutes = minutes + (needed - available_seconds) / 60
    fitting = sum(
        seconds_of(trials[:count], timings, epochs=1 / PARTS, processes=processes) <= available_seconds
        for count in range(1, len(trials))
    )
    return SettingsError(
        f"minutes are {minutes:g}, but {len(trials)} trainings of a tenth of an epoch, with the report, take "
        f"about "
        f"{whole_minutes:.1f} on {processes} process(es); {fitting or 'none'} of them would fit. Give --minutes "
        f"{math.ceil(whole_minutes * 1.1)} or more, or fewer --cells, --hidden-sizes, --dropouts or --seeds"
    )
