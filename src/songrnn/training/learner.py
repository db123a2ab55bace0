"""One training: network, optimiser, tunes and where it stands; the loop that walks through the windows.

Everything that the loop depends on is in the position, the network, the optimiser, the carried state and the random
generators, which are saved together (`snapshot.py`). `team.py` connects the processes of a training that has several:
each has the same weights and its own share of every window.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

import songrnn
from songrnn.batches import Lanes, RandomWindows, Streams, Window, Windows
from songrnn.checkpoint import Checkpoint
from songrnn.corpus.corpus import Corpus
from songrnn.errors import Diverged, Interrupted
from songrnn.evaluation.bits_per_character import Score
from songrnn.model.network import State
from songrnn.model.settings import ModelSettings
from songrnn.training.device import device_of, half_precision
from songrnn.training.ensemble import Ensemble, merged_settings
from songrnn.training.folder import RunFolder
from songrnn.training.journal import Record, SilentJournal
from songrnn.training.judging import Judge
from songrnn.training.plots import write_loss_plot
from songrnn.training.schedule import fraction_over, learning_rate
from songrnn.training.settings import TrainingSettings
from songrnn.training.snapshot import StepPosition, read_snapshot, write_snapshot
from songrnn.training.transfer import Start
from songrnn.training.tunes.material import material_of
from songrnn.training.tunes.resident import revealed_plans
from songrnn.training.validation import figures_with_plans, validate
from songrnn.training.workers.team import SharedStep, Team

RECORDS_AN_EPOCH = 20
LONGEST_RECORD = 50  # steps
DRAW_SECONDS = 30  # at least, from one drawing of the curves to the next


@dataclass(frozen=True)
class Run:
    """A training that has come to its end (or was ended by a limit)."""

    folder: Path
    checkpoint: Path
    bits_per_character: float  # of the checkpoint, on the validation tunes
    step: int  # of the checkpoint
    seconds: float
    reason: str  # why it ended
    records: tuple[Record, ...]  # the journal


Report = Callable[[Record, float], None]
"""Called with each record as it is written to the journal, and how much of the training is over, 0..1."""


@dataclass(frozen=True)
class Job:
    """What a training is made of; the same in each of its processes.

    folder: of the run, which `RunFolder.begin` has made; rank 0 alone reads and writes it.
    """

    folder: Path
    corpus: Corpus
    model: ModelSettings
    training: TrainingSettings
    start: Start | None = None


class Learner:
    """One training, or one of the processes that share it: network, optimiser, tunes as ids, and where it stands."""

    def __init__(self, job: Job, team: Team | None = None) -> None:
        self.folder, self.corpus, self.model, self.settings = RunFolder(job.folder), job.corpus, job.model, job.training
        self.start, self.team = job.start, team or Team()
        self.device = device = device_of(job.training)
        rank, processes = self.team.rank, self.team.size
        self.vocabulary, self.reader, self.tunes, self.held_out, self.unknown = material_of(
            job.corpus, job.model, job.start, device, rank=rank, processes=processes
        )
        self.ensemble = Ensemble(
            job.model, self.vocabulary, job.training.ensemble, seed=job.training.seed, rank=rank, device=device.type
        )
        torch.set_num_threads(self.ensemble.threads)
        if job.start is not None:
            weights = {name: torch.from_numpy(array) for name, array in job.start.checkpoint.weights.items()}
            for network in self.ensemble:
                network.load_state_dict(weights)
        self.team.share_weights(self.ensemble)
        self.optimizer = torch.optim.AdamW(
            self.ensemble.parameters(),
            lr=job.training.learning_rate,
            betas=(0.9, job.training.beta2),
            weight_decay=job.training.weight_decay,
            fused=True,
        )
        self.half_precision = half_precision(job.training, device)
        self.judge = Judge(job.corpus.validation, job.training)
        self.journal = SilentJournal(self.folder.journal.path) if rank else self.folder.journal
        self.state: State | None = None
        self.position = StepPosition()
        self.nats = torch.zeros((), dtype=torch.float64, device=device)
        self.recorded_seconds = self.saved_seconds = self.drawn_seconds = 0.0
        self.stopping = False

    def prepare(self, report: Report) -> None:
        """Continue where the run was saved last, or begin."""
        if self.team.first(self.folder.snapshot.exists()):
            self.restore(report)
            return
        if self.journal.path.exists():  # killed before the first save
            self.journal.cut(-1)
        self.begin(report)

    def begin(self, report: Report) -> None:
        """Write the first record of the journal."""
        record = self.journal.write(
            "start",
            **self._now(0.0),
            **self._before(),
            corpus=self.corpus.record(),
            model=self.model.model_dump(),
            training=self.settings.model_dump(),
            parameters=sum(parameter.numel() for parameter in self.ensemble.parameters()),
            unknown_validation_characters=sum(self.team.each(self.unknown)),
        )
        report(record, 0.0)

    def _before(self) -> dict[str, Any]:
        """What a network that has learned elsewhere, or was given n-grams, knows already; nothing of any other."""
        if self.start is None and not self.model.ngrams:
            return {}
        added = {} if self.start is None else {"added_characters": self.start.added}
        return {"bits_per_character_before": self._bits_per_character(), **added}

    def _bits_per_character(self) -> float:
        """On the validation tunes of all processes."""
        score = validate(self.ensemble, self.held_out, unknown=self.unknown)
        return Score.together(self.team.each(score)).bits_per_character

    def restore(self, report: Report) -> None:
        """Put everything back to where it was saved last."""
        self.state, self.position = read_snapshot(self.folder.snapshot, self.ensemble, self.optimizer, self.team)
        self.nats.fill_(self.position.nats)
        self.recorded_seconds = self.saved_seconds = self.drawn_seconds = self.position.seconds
        self.journal.cut(self.position.step)
        if not self.position.ended:
            report(self.journal.write("resumed", **self._now(self._epochs_so_far())), 0.0)

    def run(self, report: Report, stop: Callable[[], bool]) -> Run:
        """The loop: windows of an epoch, a step for each, now and then a record, a validation, a save."""
        self.ensemble.train()
        position = self.position
        self.begun = time.monotonic() - position.seconds
        while not position.ended:
            windows = self._windows(position.epoch)
            self.tunes.reveal(revealed_plans(self.model, len(self.tunes), [self.settings.seed, position.epoch]))
            record_every = max(1, min(LONGEST_RECORD, len(windows) // RECORDS_AN_EPOCH))
            while position.window < len(windows) and not position.ended:
                self._step(windows[position.window], len(windows), stop)
                if position.step % record_every == 0:
                    self._record(report, len(windows))
                last = position.window == len(windows)
                over = self._fraction(len(windows)) >= 1
                if over or (last if not self.settings.validate_every else self._validation_is_due()):
                    self._validate(report, len(windows), over)
                    self._end_if_over(over)
                if self._save_is_due():
                    self._save()
                if self.stopping and not position.ended:
                    self._save()
                    raise Interrupted(
                        f"stopped after {position.step} steps; everything is saved. "
                        f"To go on: songrnn train --resume {self.folder.path}"
                    )
            if position.window == len(windows):
                position.epoch, position.window = position.epoch + 1, 0
        return self._finish(report)

    def _windows(self, epoch: int) -> Windows:
        """The windows of an epoch; they depend on the seed and the epoch only."""
        rng = np.random.default_rng([self.settings.seed, epoch])
        cut: dict[str, Callable[..., Windows]] = {
            "streams": Streams,
            "random-windows": RandomWindows,
            "lanes": partial(Lanes, rank=self.team.rank, processes=self.team.size),
        }
        sizes = {"window": self.settings.window, "batch_size": self.settings.batch_size}
        return cut[self.settings.batching](self.tunes.lengths, rng=rng, **sizes)

    def _step(self, window: Window, windows: int, stop: Callable[[], bool]) -> None:
        """Teacher forcing: one forward pass, one backward pass, one update."""
        position, settings = self.position, self.settings
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(settings, step=position.step, fraction=self._fraction(windows))
        self.optimizer.zero_grad()
        characters = window.characters
        nats = self._learn(window) * characters if characters else torch.zeros_like(self.nats)
        step = self.team.average(self.ensemble, SharedStep(nats, characters, self._clock(), stop()))
        if settings.clip_norm:
            for network in self.ensemble:
                torch.nn.utils.clip_grad_norm_(network.parameters(), settings.clip_norm)
        self.optimizer.step()
        self.nats += step.nats
        position.characters += step.characters
        position.step += 1
        position.window += 1
        position.seconds, self.stopping = step.seconds, step.stopping

    def _learn(self, window: Window) -> torch.Tensor:
        """Add to the gradients what a window gives; returns the mean surprisal of its characters in nats."""
        inputs, targets = self.tunes.inputs(window.inputs), self.tunes.targets(window.targets)
        state = None if self.state is None or window.fresh is True else self.state.detached()
        if state is not None and not isinstance(window.fresh, bool):
            state = state.begun(torch.from_numpy(window.fresh).to(self.device))
        loss, self.state = self.ensemble.learn(inputs, targets, state, half=self.half_precision)
        return loss.double()

    def _clock(self) -> float:
        """Seconds of training so far."""
        return time.monotonic() - self.begun

    def _record(self, report: Report, windows: int) -> None:
        """Write how the learning went since the last record."""
        position = self.position
        seconds = position.seconds - self.recorded_seconds
        record = self.journal.write(
            "learning",
            **self._now(self._epochs(windows)),
            bits_per_character=float(self.nats) / position.characters / float(np.log(2)),
            learning_rate=self.optimizer.param_groups[0]["lr"],
            characters_per_second=round(position.characters / max(seconds, 1e-9)),
        )
        self.recorded_seconds = position.seconds
        self.nats.zero_()
        position.characters = 0
        report(record, self._fraction(windows))

    def _validate(self, report: Report, windows: int, over: bool) -> None:
        """Score the validation tunes, and judge composed ones if it is their turn or the training is over; write the
        checkpoint if it was never better; save."""
        position = self.position
        begun = self._clock()
        bits = self._bits_per_character()
        if not np.isfinite(bits):
            kept = f"The best checkpoint, of step {position.best_step}, is kept. " if position.best_step else ""
            raise Diverged(
                f"the training diverged: after {position.step} steps the validation is {bits} bits per character. "
                f"{kept}Begin a new run with a lower --learning-rate (this one: {self.settings.learning_rate:g})"
            )
        position.validations += 1
        music = self._music(bits, windows, over)
        position.seconds = self.team.first(self._clock())
        position.validation_seconds = self.team.first(position.seconds - begun)
        unlikeness = None if music is None else music["unlikeness"]
        best = position.compare(bits, bits if self.settings.choose_by == "loss" else unlikeness)
        if best and self.team.rank == 0:
            self._checkpoint(bits, windows).save(self.folder.checkpoint)
        record = self.journal.write(
            "validation",
            **self._now(self._epochs(windows)),
            bits_per_character=bits,
            **figures_with_plans(self.ensemble, self.held_out, unknown=self.unknown),
            best=best,
            **({} if music is None else {"music": music}),
        )
        report(record, self._fraction(windows))
        self.saved_seconds = -float("inf")

    def _music(self, bits: float, windows: int, over: bool) -> dict[str, float | None] | None:
        """The figures of composed tunes, if it is their turn."""
        if not self.judge.is_due(self.position.validations, over):
            return None
        return self.team.first(self.judge(self._checkpoint(bits, windows)) if self.team.rank == 0 else None)

    def _end_if_over(self, over: bool) -> None:
        position, settings = self.position, self.settings
        if over:
            by_epochs = position.epoch + 1 >= settings.epochs and not self._minutes_are_over()
            position.ended = f"{settings.epochs:g} epochs" if by_epochs else f"{settings.minutes:g} minutes"
        elif settings.patience and position.stale >= settings.patience:
            position.ended = f"no better validation in {position.stale}"

    def _finish(self, report: Report) -> Run:
        position = self.position
        record = self.journal.write("end", **self._now(self._epochs_so_far()), reason=position.ended)
        report(record, 1.0)
        records = self.journal.read()
        if self.team.rank == 0:
            write_loss_plot(self.folder.path, {"": records})
        return Run(
            self.folder.path,
            self.folder.checkpoint,
            position.best_bits,
            position.best_step,
            position.seconds,
            position.ended,
            tuple(records),
        )

    def _save(self) -> None:
        """Save everything, and draw the curves so that one can look while it learns."""
        position = self.position
        position.nats, self.saved_seconds = float(self.nats), position.seconds
        write_snapshot(self.folder.snapshot, self.ensemble, self.optimizer, self.state, position, self.team)
        if position.seconds - self.drawn_seconds >= DRAW_SECONDS and self.team.rank == 0:
            write_loss_plot(self.folder.path, {"": self.journal.read()})
            self.drawn_seconds = position.seconds

    def _checkpoint(self, bits: float, windows: int) -> Checkpoint:
        record: dict[str, Any] = {
            "songrnn": songrnn.__version__,
            "corpus": self.corpus.record(),
            "settings": self.settings.model_dump(),
            "best": {"bits_per_character": bits, **self._now(self._epochs(windows))},
        }
        weights = {name: tensor.cpu().numpy() for name, tensor in self.ensemble.merged().items()}
        shape = merged_settings(self.model, self.settings.ensemble)
        return Checkpoint(weights, self.reader.ngrams, shape, self.vocabulary, self.corpus.form, record)

    def _now(self, epochs: float) -> dict[str, Any]:
        return {"step": self.position.step, "epoch": round(epochs, 4), "seconds": round(self.position.seconds, 3)}

    def _epochs_so_far(self) -> float:
        return self._epochs(len(self._windows(self.position.epoch)))

    def _epochs(self, windows: int) -> float:
        return self.position.epoch + self.position.window / windows

    def _fraction(self, windows: int) -> float:
        return fraction_over(self.settings, epochs=self._epochs(windows), seconds=self._seconds_with_last_validation())

    def _minutes_are_over(self) -> bool:
        minutes = self.settings.minutes
        return minutes is not None and self._seconds_with_last_validation() >= 60 * minutes

    def _seconds_with_last_validation(self) -> float:
        """A training of so many minutes ends with a validation, which takes its share of them."""
        return self.position.seconds + self.position.validation_seconds

    def _validation_is_due(self) -> bool:
        return self.position.step % self.settings.validate_every == 0

    def _save_is_due(self) -> bool:
        return self.position.seconds - self.saved_seconds >= self.settings.save_seconds
