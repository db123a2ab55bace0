"""The networks that a study compares: every cell with every size and every dropout, each with several seeds."""

import itertools
from typing import Literal, Self

from pydantic import Field, model_validator

from songrnn.model.settings import GATES, ModelSettings
from songrnn.settings import Settings
from songrnn.training.settings import TrainingSettings

OF_THE_STUDY_IN_MODEL = ("cell", "hidden_size", "dropout")
OF_THE_STUDY_IN_TRAINING = ("epochs", "minutes", "patience", "ensemble", "seed", "threads")


class StudySettings(Settings):
    """What is compared, and in how much time."""

    cells: tuple[Literal["rnn", "gru", "lstm"], ...] = Field(
        ("rnn", "gru", "lstm"), min_length=1, description="kinds of recurrent unit to compare"
    )
    hidden_sizes: tuple[int, ...] = Field(
        (150, 200, 250), min_length=1, description="numbers of neurons in a layer to compare"
    )
    dropouts: tuple[float, ...] = Field((0.0, 0.1, 0.2, 0.3), min_length=1, description="dropouts to compare")
    seeds: int = Field(
        3, ge=2, le=100, description="trainings of each network, with seeds 0, 1, ...; an interval needs two at least"
    )
    minutes: float = Field(40, gt=0, description="time for everything; it decides the epochs unless --epochs does")
    epochs: int | None = Field(
        None,
        ge=1,
        description="passes of every training over the tunes; default: as many as fit into the minutes, "
        "in tenths where they are few",
    )
    processes: int = Field(
        0, ge=0, description="trainings at once, one thread each; 0: one for each core that the study may use"
    )

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for name in ("cells", "hidden_sizes", "dropouts"):
            shown = [value if isinstance(value, str) else f"{value:g}" for value in getattr(self, name)]
            if len(set(shown)) < len(shown):
                raise ValueError(f"{name.replace('_', ' ')} are {', '.join(shown)}: each may be given once")
        return self


class StudyTrial(Settings):
    """One training: everything that determines its outcome, but the corpus."""

    model: ModelSettings
    training: TrainingSettings

    @property
    def configuration(self) -> str:
        """The name that the trials of all seeds share, such as "lstm-250-dropout-0.1"."""
        return f"{self.model.cell}-{self.model.hidden_size}-dropout-{self.model.dropout:g}"

    @property
    def name(self) -> str:
        """The name of its folder, unique in its study."""
        return f"{self.configuration}-seed-{self.training.seed}"


def trials(
    study: StudySettings, model: ModelSettings, training: TrainingSettings, *, epochs: float
) -> list[StudyTrial]:
    """Every training of the study, seed by seed, so that a study that is stopped early covers the whole grid, and in
    a seed the longest first, so that all processes end at about the same time.

    model, training: what all networks have in common; cell, size, dropout, epochs and seed come from the study. No
    training ends before its epochs are over: a difference would then be one of length.
    Raises SettingsError for a size or dropout that a network cannot have.
    """
    grid = itertools.product(range(study.seeds), study.cells, study.hidden_sizes, study.dropouts)
    common = training.replace(epochs=epochs, minutes=None, patience=0, ensemble=1, threads=1)
    chosen = [
        StudyTrial(
            model=model.replace(cell=cell, hidden_size=size, dropout=dropout), training=common.replace(seed=seed)
        )
        for seed, cell, size, dropout in grid
    ]
    return sorted(
        chosen, key=lambda trial: (trial.training.seed, -GATES[trial.model.cell] * trial.model.hidden_size**2)
    )
