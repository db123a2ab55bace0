"""The results in the folder of a search: a table, the best settings, pictures, a page.

search.json              which search it is
search.db                its trials, unless another database was named
search.csv               a row per trial that has ended
best-settings.json       for `songrnn train --settings`
best.safetensors         the best trial's checkpoint; its run is in trials/
history, importances, slice (.png, .svg), index.html
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from songrnn.errors import RunError
from songrnn.pages.document import Figure, Table
from songrnn.pages.drawing import pictures
from songrnn.rendering.page import page
from songrnn.search.settings import Trial, shown_value
from songrnn.search.space import Axis
from songrnn.storage import refuse_package, write_whole
from songrnn.training.settings_file import write_settings

if TYPE_CHECKING:
    import matplotlib.axes
    import matplotlib.figure

COLOURS = {"finished": "#1f6f8b", "pruned": "#c8a165", "failed": "#c8553d"}
CAPTIONS = {
    "history": (
        "How the search went",
        "A dot is a trial: the lowest validation of it, in bits per character; a pruned one when it was ended. "
        "The line is the best so far. Lower is better.",
    ),
    "importances": (
        "What mattered",
        "Which share each setting has in what sets the best finished trials apart from the others (PED-ANOVA). "
        "With few trials this is a guess.",
    ),
    "slice": (
        "Each setting by itself",
        "The same dots over the value of each setting; trials differ in the others too.",
    ),
}
PAGE_ROWS = 200


@dataclass(frozen=True)
class SearchFiles:
    """The paths in the folder of a search."""

    folder: Path

    def refuse_foreign(self) -> None:
        """Raise RunError for a folder with other content; before the claim it may hold a database."""
        refuse_package(self.folder)
        if self.claim.exists() or not self.folder.exists():
            return
        ours = (".", self.database.name)
        if not self.folder.is_dir() or any(not path.name.startswith(ours) for path in self.folder.iterdir()):
            raise RunError(f"{self.folder} is there and holds no search; choose another --out")

    @property
    def claim(self) -> Path:
        """Which search it is."""
        return self.folder / "search.json"

    @property
    def database(self) -> Path:
        """The database, unless another one was named."""
        return self.folder / "search.db"

    @property
    def table(self) -> Path:
        """A row per trial."""
        return self.folder / "search.csv"

    @property
    def best_settings(self) -> Path:
        """For `songrnn train --settings`."""
        return self.folder / "best-settings.json"

    @property
    def best_checkpoint(self) -> Path:
        """The best trial's network."""
        return self.folder / "best.safetensors"

    @property
    def page(self) -> Path:
        """Pictures and table in one file."""
        return self.folder / "index.html"

    def trial(self, number: int) -> Path:
        """The run folder of a trial."""
        return self.folder / "trials" / f"{number:04d}"

    def checkpoint_of(self, number: int) -> Path:
        """The checkpoint in the run folder of a trial."""
        return self.trial(number) / "checkpoint.safetensors"


def write_results(
    files: SearchFiles, trials: Sequence[Trial], axes: Sequence[Axis], best: Mapping[str, Mapping[str, Any]] | None
) -> None:
    """Write the table and, when a trial has finished, the best settings."""
    write_whole(files.table, _csv(trials, axes))
    if best is not None:
        write_settings(files.best_settings, best)


def write_pictures(
    files: SearchFiles, name: str, trials: Sequence[Trial], axes: Sequence[Axis], importances: Mapping[str, float]
) -> None:
    """Draw the pictures, and the page with all of them and the table."""
    drawn = {"history": draw_history(trials), "slice": draw_slice(trials, axes)}
    if importances:
        drawn["importances"] = draw_importances(importances)
    figures = []
    for title, drawing in drawn.items():
        contents = pictures(drawing)
        for ending, content in contents.items():
            write_whole(files.folder / f"{title}.{ending}", content)
        heading, caption = CAPTIONS[title]
        figures.append(Figure(heading, contents["svg"], None, caption))
    write_whole(files.page, page(f"The search {name}", figures=figures, tables=[_page_table(trials, axes)]))


def draw_history(trials: Sequence[Trial]) -> "matplotlib.figure.Figure":
    """The validations of the trials in their order, and the best so far."""
    figure, (axes,) = _figure(1)
    _scatter(axes, trials, lambda trial: trial.number)
    best, line = float("inf"), []
    for trial in trials:
        if trial.state == "finished" and trial.bits_per_character is not None:
            best = min(best, trial.bits_per_character)
            line.append((trial.number, best))
    axes.step([number for number, _ in line], [bits for _, bits in line], where="post", color="#444444", linewidth=1)
    axes.set_xlabel("trial")
    axes.set_ylabel("bits per character")
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False)
    return figure


def draw_importances(importances: Mapping[str, float]) -> "matplotlib.figure.Figure":
    """A bar per setting, the most important one on top."""
    figure, (axes,) = _figure(1)
    rising = sorted(importances.items(), key=lambda item: item[1])
    axes.barh([name for name, _ in rising], [share for _, share in rising], color=COLOURS["finished"])
    axes.set_xlabel("importance")
    return figure


def draw_slice(trials: Sequence[Trial], axes: Sequence[Axis]) -> "matplotlib.figure.Figure":
    """A panel per axis: the validations over its values."""
    figure, panels = _figure(len(axes))
    for axis, panel in zip(axes, panels, strict=False):
        values = [str(choice) for choice in axis.choices]
        known = [trial for trial in trials if axis.name in trial.values]
        if values:
            _scatter(panel, known, lambda trial, axis=axis, values=values: values.index(str(trial.values[axis.name])))
            panel.set_xticks(range(len(values)), values)
        else:
            _scatter(panel, known, lambda trial, axis=axis: trial.values[axis.name])
            if not axis.is_linear:
                _by_factors(panel)
        panel.set_xlabel(axis.name)
    panels[0].set_ylabel("bits per character")
    return figure


def by_quality(trials: Sequence[Trial]) -> list[Trial]:
    """Finished trials, best first, then pruned ones, then failed and running ones."""
    order = ("finished", "pruned", "failed", "running", "waiting")
    infinite = float("inf")
    return sorted(
        trials,
        key=lambda trial: (
            order.index(trial.state),
            infinite if trial.bits_per_character is None else trial.bits_per_character,
            trial.number,
        ),
    )


def _csv(trials: Sequence[Trial], axes: Sequence[Axis]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = [axis.name for axis in axes]
    writer.writerow(["trial", "state", "bits_per_character", "seconds", *names, "reason", "worker"])
    for trial in trials:
        bits = "" if trial.bits_per_character is None else repr(trial.bits_per_character)
        values = [trial.values.get(name, "") for name in names]
        writer.writerow([trial.number, trial.state, bits, f"{trial.seconds:.1f}", *values, trial.reason, trial.worker])
    return text.getvalue()


def _page_table(trials: Sequence[Trial], axes: Sequence[Axis]) -> Table:
    names = [axis.name for axis in axes]
    rows = tuple(
        (
            str(trial.number),
            trial.state + (f": {trial.reason}" if trial.reason else ""),
            "–" if trial.bits_per_character is None else f"{trial.bits_per_character:.3f}",
            f"{trial.seconds:.0f}",
            *(shown_value(trial.values.get(name, "–")) for name in names),
        )
        for trial in by_quality(trials)[:PAGE_ROWS]
    )
    header = ("trial", "state", "bits per character", "seconds", *names)
    caption = f"The best first; search.csv has all {len(trials)}. All trials were trained with one and the same seed."
    return Table("Trials", header, rows, caption)


def _figure(panels: int) -> "tuple[matplotlib.figure.Figure, list[matplotlib.axes.Axes]]":
    """A figure with so many panels that share their vertical axis, at most four in a row."""
    from matplotlib.figure import Figure as Drawing

    columns = min(panels, 4)
    rows = -(-panels // columns)
    size = (7.5, 4.5) if panels == 1 else (3.2 * columns + 0.6, 3.2 * rows)
    drawing = Drawing(figsize=size, layout="constrained")
    grid = drawing.subplots(rows, columns, sharey=True, squeeze=False).flat
    shown = list(grid)
    for panel in shown:
        panel.grid(alpha=0.25)
    for spare in shown[panels:]:
        spare.remove()
    return drawing, shown[:panels]


def _scatter(axes: "matplotlib.axes.Axes", trials: Sequence[Trial], place: Any) -> None:
    for state, colour in COLOURS.items():
        chosen = [trial for trial in trials if trial.state == state and trial.bits_per_character is not None]
        if chosen:
            bits = [trial.bits_per_character or 0.0 for trial in chosen]
            places = [place(trial) for trial in chosen]
            axes.scatter(places, bits, color=colour, label=state, s=22, marker="o" if state == "finished" else "x")


def _by_factors(axes: "matplotlib.axes.Axes") -> None:
    """A logarithmic horizontal axis with plain numbers at 1, 2, 5 and their tenfolds."""
    from matplotlib.ticker import FormatStrFormatter, LogLocator, NullLocator

    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(FormatStrFormatter("%g"))
    axes.xaxis.set_minor_locator(NullLocator())
