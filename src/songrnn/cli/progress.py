"""Progress of a training: lines on standard error, and on a terminal a bar below them."""

import sys
from collections.abc import Callable, Sequence
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from songrnn.training.journal import Record

SHARE_AND_FIGURES = "{task.percentage:>3.0f}%  {task.fields[figures]}"


class BarBelow:
    """Lines on standard error and, while this is open and if that is a terminal, a bar below them.

    beside: columns between the bar and the time, in rich's markup; `figures` may be in it. after: more columns.
    """

    def __init__(self, title: str, beside: str, *, after: Sequence[ProgressColumn] = (), figures: str = "") -> None:
        self._console = Console(stderr=True, highlight=False, markup=False)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn(beside),
            TimeElapsedColumn(),
            *after,
            console=self._console,
            transient=True,
            disable=not sys.stderr.isatty(),
        )
        self._task: TaskID = self._bar.add_task(title, total=1.0, figures=figures)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()


class TrainingProgress(BarBelow):
    """Shows the records of a training as they come, on standard error: loss, speed, time left, each validation."""

    def __init__(self, title: str = "learning") -> None:
        super().__init__(
            title,
            SHARE_AND_FIGURES,
            after=(TextColumn("left"), TimeRemainingColumn()),
            figures="reading the tunes",
        )
        self._title = title
        self._learning, self._speed, self._best = "", "", ""

    def report(self, record: Record, fraction: float) -> None:
        """Show one record; fraction: how much of the training is over, 0..1."""
        shown: dict[str, Callable[[Record], None]] = {
            "start": self._start,
            "resumed": self._resumed,
            "learning": self._step,
            "validation": self._validation,
        }
        if record["kind"] in shown:
            shown[record["kind"]](record)
        figures = "  ".join(part for part in (self._learning, self._best, self._speed) if part)
        self._bar.update(self._task, completed=fraction, figures=figures)

    def _start(self, record: Record) -> None:
        corpus = record["corpus"]
        tunes, characters = corpus["tunes"], corpus["characters"]["training"]
        networks = record["training"]["ensemble"]
        several = f"{networks} networks side by side, each " if networks > 1 else ""
        self._console.print(
            f"{self._title}: {several}{record['model']['cell']} of {record['model']['hidden_size']} neurons, "
            f"{record['parameters']:,} weights, on {tunes['training']:,} tunes ({characters:,} characters), "
            f"validated on {tunes['validation']:,}"
        )
        if dropped := sum(corpus["dropped"].values()):
            self._console.print(f"note: {dropped} tunes were left out; `songrnn corpus` lists them with reasons")
        if unknown := record["unknown_validation_characters"]:
            self._console.print(
                f"note: {unknown} characters of the validation tunes never occur in training; "
                "each counts as 20 bits, and is not given to the network"
            )

        if before := record.get("bits_per_character_before"):
            self._console.print(f"before training on these tunes: validation {before:.3f}")
        if added := record.get("added_characters"):
            self._console.print(f"note: {len(added)} characters are new to the network and were added: {added!r}")

    def _resumed(self, record: Record) -> None:
        self._console.print(f"{self._title}: resuming from step {record['step']}")

    def _step(self, record: Record) -> None:
        self._learning = f"loss {record['bits_per_character']:.3f}"
        self._speed = f"{record['characters_per_second'] / 1000:.0f}k/s"

    def _validation(self, record: Record) -> None:
        bits = record["bits_per_character"]
        if record["best"]:
            self._best = f"best {bits:.3f}"
        mark = "  best so far" if record["best"] else ""
        music = f"  {_music(record['music'])}" if "music" in record else ""
        self._console.print(
            f"  epoch {record['epoch']:6.2f}  {record['seconds']:7.1f} s  validation {bits:.3f}  "
            f"{self._learning}{music}{mark}"
        )


def _music(figures: Record) -> str:
    """The judged tunes in a few words."""
    return (
        f"tunes: {100 * figures['reads']:.0f} % read, {100 * (figures['bars_add_up'] or 0):.0f} % add up, "
        f"unlikeness {figures['unlikeness']:.3f}"
    )
