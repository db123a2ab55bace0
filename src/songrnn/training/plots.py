"""The loss plot: training and validation loss of one run, or of several in one picture."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from songrnn.pages.drawing import pictures
from songrnn.storage import write_whole
from songrnn.training.journal import Record

COLOURS = ("#1f6f8b", "#c8553d", "#588157", "#7b4fa3", "#b8860b", "#444444")


def write_loss_plot(folder: Path, runs: Mapping[str, Sequence[Record]]) -> list[Path]:
    """Draw `loss.png` and `loss.svg` into `folder`; see `loss_plot`."""
    paths = []
    for ending, content in loss_plot(runs).items():
        write_whole(folder / f"loss.{ending}", content)
        paths.append(folder / f"loss.{ending}")
    return paths


def loss_plot(runs: Mapping[str, Sequence[Record]]) -> dict[str, bytes]:
    """Training and validation curves of journals by name, in bits per character over epochs, as {"png", "svg"}.

    Where composed tunes were judged, how unlike human ones they were is drawn above, with an axis of its own.
    """
    from matplotlib.figure import Figure

    judged = any("music" in record for records in runs.values() for record in records)
    figure = Figure(figsize=(7.5, 6 if judged else 4.5), layout="constrained")
    *above, axes = figure.subplots(1 + judged, 1, sharex=True, squeeze=False, height_ratios=[1, 3] if judged else [1])[
        :, 0
    ]
    for colour, (name, records) in zip(COLOURS * len(runs), runs.items(), strict=False):
        label = f"{name}: " if name else ""
        learning = _curve(records, "learning")
        axes.plot(*learning, color=colour, alpha=0.45, linewidth=1, label=f"{label}training")
        validation = _curve(records, "validation")
        axes.plot(*validation, color=colour, marker="o", markersize=3, label=f"{label}validation")
        if judged:
            above[0].plot(*_music(records), color=colour, marker="o", markersize=3, label=f"{label}composed tunes")
        if validation[1]:
            best = min(range(len(validation[1])), key=validation[1].__getitem__)
            axes.annotate(
                f"{validation[1][best]:.3f}",
                (validation[0][best], validation[1][best]),
                textcoords="offset points",
                xytext=(0, -12),
                ha="center",
                fontsize=8,
                color=colour,
            )
    axes.set_xlabel("epochs")
    axes.set_ylabel("bits per character")
    for part in above:
        part.set_ylabel("unlike human\ntunes, bits")
        part.set_ylim(bottom=0)
    for part in (*above, axes):
        part.grid(alpha=0.25)
        part.legend(frameon=False)
    return pictures(figure)


def _curve(records: Sequence[Record], kind: str) -> tuple[list[float], list[float]]:
    """Epochs and bits per character of the records of one kind."""
    chosen = [record for record in records if record["kind"] == kind]
    return [record["epoch"] for record in chosen], [record["bits_per_character"] for record in chosen]


def _music(records: Sequence[Record]) -> tuple[list[float], list[float]]:
    """Epochs, and how unlike human tunes the composed ones were, in bits (`evaluation/music.py`)."""
    chosen = [record for record in records if "music" in record]
    return [record["epoch"] for record in chosen], [record["music"]["unlikeness"] for record in chosen]
