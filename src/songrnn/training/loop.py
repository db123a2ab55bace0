"""Batches + network -> checkpoint: the training loop.

`train` begins a run in a folder, `resume` continues one. Both walk the same loop; everything that it depends on is
in the position, the network, the optimiser, the carried state and the random generators, which are saved together, so
that a training that was killed and resumed ends with the same weights, bit for bit, as one that was not (on one
machine, on the CPU, when it ends by epochs).
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

import songrnn
from songrnn.batches import NOTHING, RandomWindows, Streams, Window, Windows
from songrnn.checkpoint import Checkpoint
from songrnn.corpus.corpus import Corpus
from songrnn.errors import CorpusError, Diverged, Interrupted, SettingsError
from songrnn.evaluation.bits_per_character import encode_held_out
from songrnn.model.inputs import Reader
from songrnn.model.network import State
from songrnn.model.settings import ModelSettings
from songrnn.storage import locked_folder
from songrnn.training.device import device_of, half_precision
from songrnn.training.ensemble import Ensemble, merged_settings
from songrnn.training.folder import RunFolder, folder_of
from songrnn.training.journal import Record
from songrnn.training.judging import Judge
from songrnn.training.plots import write_loss_plot
from songrnn.training.resident import ResidentTunes, revealed_plans
from songrnn.training.schedule import fraction_over, learning_rate
from songrnn.training.settings import TrainingSettings
from songrnn.training.snapshot import StepPosition, read_snapshot, write_snapshot
from songrnn.training.transfer import Start, joined_counts, prepared
from songrnn.training.validation import figures_with_plans, validate
from songrnn.vocabulary import Vocabulary

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


def train(
    corpus: Corpus,
    *,
    out: Path | str | None = None,
    model: ModelSettings | None = None,
    training: TrainingSettings | None = None,
    start: Checkpoint | None = None,
    report: Report = lambda _record, _fraction: None,
    stop: Callable[[], bool] = lambda: False,
) -> Run:
    """Train a network on `corpus` in the new folder `out` (default: one below `runs/` that says what it is).

    start: go on with its network, whose shape replaces `model`, and add the characters that it lacks; else a new one.
    report: called with every record of the journal. stop: asked after every step; when it says yes, the run is saved
    and Interrupted is raised.
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
    _check(corpus)
    merged_settings(model, training.ensemble)
    begin_from = None if start is None else prepared(start, corpus)
    device = device_of(training)
    folder.refuse_if_used()
    with locked_folder(folder.path), _own_randomness(training):
        folder.begin(corpus, model, training, begin_from)
        learner = _Learner(folder, corpus, model, training, begin_from, device)
        learner.begin(report)
        return learner.run(report, stop)


def resume(
    out: Path | str,
    *,
    report: Report = lambda _record, _fraction: None,
    stop: Callable[[], bool] = lambda: False,
) -> Run:
    """Go on with the run in the folder `out` as if it had never stopped; raises RunError if there is none."""
    folder = RunFolder(out)
    corpus, model, training, start = folder.read()
    device = device_of(training)
    with locked_folder(folder.path), _own_randomness(training):
        learner = _Learner(folder, corpus, model, training, start, device)
        if folder.snapshot.exists():
            learner.restore(report)
        else:  # killed before the first save
            folder.journal.cut(-1)
            learner.begin(report)
        return learner.run(report, stop)


def _check(corpus: Corpus) -> None:
    for name, tunes in (("training", corpus.training), ("validation", corpus.validation)):
        if not tunes:
            raise CorpusError(f"the corpus has no {name} tune; give more tunes, or a file of them by --validation")


@contextmanager
def _own_randomness(settings: TrainingSettings) -> Iterator[None]:
    """PyTorch's generator and threads are ours; afterwards they are the caller's again."""
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    torch.manual_seed(settings.seed)
    if settings.threads:
        torch.set_num_threads(settings.threads)
    try:
        yield
    finally:
        torch.set_rng_state(state)
        torch.set_num_threads(threads)


class _Learner:
    """One training: network, optimiser, tunes as ids, and where it stands."""

    def __init__(
        self,
        folder: RunFolder,
        corpus: Corpus,
        model: ModelSettings,
        training: TrainingSettings,
        start: Start | None,
        device: torch.device,
    ) -> None:
        self.folder, self.corpus, self.model, self.settings, self.device = folder, corpus, model, training, device
        self.vocabulary = (
            Vocabulary.of(corpus.training, boundaries=corpus.form == "tunebook")
            if start is None
            else start.checkpoint.vocabulary
        )
        tunes = [self.vocabulary.encode_tune(tune) for tune in corpus.training]
        held_out, self.unknown = encode_held_out(self.vocabulary, corpus.validation)
        if start is None:
            self.reader, folds = Reader.counting(model, self.vocabulary, tunes)
        else:
            ngrams, folds = joined_counts(start.checkpoint, tunes)
            self.reader = Reader(model, self.vocabulary, ngrams)
        self.tunes = ResidentTunes(tunes, self.reader, device, folds=folds)
        self.held_out = ResidentTunes(held_out, self.reader, device)
        self.ensemble = Ensemble(model, self.vocabulary, training.ensemble, seed=training.seed, device=device.type)
        torch.set_num_threads(self.ensemble.threads)
        if start is not None:
            weights = {name: torch.from_numpy(array) for name, array in start.checkpoint.weights.items()}
            for network in self.ensemble:
                network.load_state_dict(weights)
        self.optimizer = torch.optim.AdamW(
            self.ensemble.parameters(),
            lr=training.learning_rate,
            betas=(0.9, training.beta2),
            weight_decay=training.weight_decay,
            fused=True,
        )
        self.half_precision = half_precision(training, device)
        self.judge = Judge(corpus.validation, training)
        self.start = start
        self.state: State | None = None
        self.position = StepPosition()
        self.nats = torch.zeros((), dtype=torch.float64, device=device)
        self.recorded_seconds = 0.0
        self.loss_is_drawn = self.saved = time.monotonic()

    def begin(self, report: Report) -> None:
        """Write the first record of the journal."""
        record = self.folder.journal.write(
            "start",
            **self._now(0.0),
            **self._before(),
            corpus=self.corpus.record(),
            model=self.model.model_dump(),
            training=self.settings.model_dump(),
            parameters=sum(parameter.numel() for parameter in self.ensemble.parameters()),
            unknown_validation_characters=self.unknown,
        )
        report(record, 0.0)

    def _before(self) -> dict[str, Any]:
        """What a network that has learned elsewhere, or was given n-grams, knows already; nothing of any other."""
        if self.start is None and not self.model.ngrams:
            return {}
        before = validate(self.ensemble, self.held_out, unknown=self.unknown)
        added = {} if self.start is None else {"added_characters": self.start.added}
        return {"bits_per_character_before": before.bits_per_character, **added}

    def restore(self, report: Report) -> None:
        """Put everything back to where it was saved last."""
        self.state, self.position = read_snapshot(self.folder.snapshot, self.ensemble, self.optimizer)
        self.nats.fill_(self.position.nats)
        self.recorded_seconds = self.position.seconds
        self.folder.journal.cut(self.position.step)
        if not self.position.ended:
            report(self.folder.journal.write("resumed", **self._now(self._epochs_so_far())), 0.0)

    def run(self, report: Report, stop: Callable[[], bool]) -> Run:
        """The loop: windows of an epoch, a step for each, now and then a record, a validation, a save."""
        self.ensemble.train()
        position = self.position
        self.clock = time.monotonic() - position.seconds
        while not position.ended:
            windows = self._windows(position.epoch)
            self.tunes.reveal(revealed_plans(self.model, len(self.tunes), [self.settings.seed, position.epoch]))
            record_every = max(1, min(LONGEST_RECORD, len(windows) // RECORDS_AN_EPOCH))
            while position.window < len(windows) and not position.ended:
                self._step(windows[position.window], len(windows))
                if position.step % record_every == 0:
                    self._record(report, len(windows))
                last = position.window == len(windows)
                over = self._fraction(len(windows)) >= 1
                if over or (last if not self.settings.validate_every else self._validation_is_due()):
                    self._validate(report, len(windows), over)
                    self._end_if_over(over)
                if self._save_is_due():
                    self._save()
                if stop() and not position.ended:
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
        cut = Streams if self.settings.batching == "streams" else RandomWindows
        return cut(self.tunes.lengths, window=self.settings.window, batch_size=self.settings.batch_size, rng=rng)

    def _step(self, window: Window, windows: int) -> None:
        """Teacher forcing: one forward pass, one backward pass, one update."""
        position, settings = self.position, self.settings
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(settings, step=position.step, fraction=self._fraction(windows))
        inputs, targets = self.tunes.inputs(window.inputs), self.tunes.targets(window.targets)
        state = None if window.fresh or self.state is None else self.state.detached()
        self.optimizer.zero_grad()
        loss, self.state = self.ensemble.learn(inputs, targets, state, half=self.half_precision)
        if settings.clip_norm:
            for network in self.ensemble:
                torch.nn.utils.clip_grad_norm_(network.parameters(), settings.clip_norm)
        self.optimizer.step()
        characters = int((window.targets != NOTHING).sum())
        self.nats += loss.double() * characters
        position.characters += characters
        position.step += 1
        position.window += 1
        position.seconds = time.monotonic() - self.clock

    def _record(self, report: Report, windows: int) -> None:
        """Write how the learning went since the last record."""
        position = self.position
        seconds = position.seconds - self.recorded_seconds
        record = self.folder.journal.write(
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
        begun = time.monotonic()
        bits = validate(self.ensemble, self.held_out, unknown=self.unknown).bits_per_character
        if not np.isfinite(bits):
            kept = f"The best checkpoint, of step {position.best_step}, is kept. " if position.best_step else ""
            raise Diverged(
                f"the training diverged: after {position.step} steps the validation is {bits} bits per character. "
                f"{kept}Begin a new run with a lower --learning-rate (this one: {self.settings.learning_rate:g})"
            )
        position.validations += 1
        music = self.judge(self._checkpoint(bits, windows)) if self.judge.is_due(position.validations, over) else None
        position.validation_seconds = time.monotonic() - begun
        position.seconds = time.monotonic() - self.clock
        unlikeness = None if music is None else music["unlikeness"]
        best = position.compare(bits, bits if self.settings.choose_by == "loss" else unlikeness)
        if best:
            self._checkpoint(bits, windows).save(self.folder.checkpoint)
        record = self.folder.journal.write(
            "validation",
            **self._now(self._epochs(windows)),
            bits_per_character=bits,
            **figures_with_plans(self.ensemble, self.held_out, unknown=self.unknown),
            best=best,
            **({} if music is None else {"music": music}),
        )
        report(record, self._fraction(windows))
        self.saved = -float("inf")

    def _end_if_over(self, over: bool) -> None:
        position, settings = self.position, self.settings
        if over:
            by_epochs = position.epoch + 1 >= settings.epochs and not self._minutes_are_over()
            position.ended = f"{settings.epochs:g} epochs" if by_epochs else f"{settings.minutes:g} minutes"
        elif settings.patience and position.stale >= settings.patience:
            position.ended = f"no better validation in {position.stale}"

    def _finish(self, report: Report) -> Run:
        position = self.position
        record = self.folder.journal.write("end", **self._now(self._epochs_so_far()), reason=position.ended)
        report(record, 1.0)
        records = self.folder.journal.read()
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
        self.position.nats = float(self.nats)
        self.saved = time.monotonic()
        write_snapshot(self.folder.snapshot, self.ensemble, self.optimizer, self.state, self.position)
        if self.saved - self.loss_is_drawn >= DRAW_SECONDS:
            write_loss_plot(self.folder.path, {"": self.folder.journal.read()})
            self.loss_is_drawn = self.saved

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
        return time.monotonic() - self.saved >= self.settings.save_seconds
