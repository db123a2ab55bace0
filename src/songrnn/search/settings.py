"""The settings of a search, and the results of a trial; needs neither PyTorch nor optuna."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field

from songrnn.settings import Settings

State = Literal["waiting", "running", "finished", "pruned", "failed"]


class SearchSettings(Settings):
    """The settings of a search."""

    axes: tuple[str, ...] = Field(
        (),
        description="settings to vary: a name such as dropout, a range as in hidden-size=32:128, a list as in "
        "cell=gru,lstm; default: hidden_size embedding_size dropout input_dropout weight_dropout learning_rate "
        "weight_decay batch_size window, "
        "but for those given by their flags",
    )
    minutes: float = Field(30, gt=0, description="stop after this many minutes")
    trials: int | None = Field(
        None,
        ge=1,
        description="stop when the search has this many trials, those of other workers and earlier runs included",
    )
    sampler: Literal["tpe", "random"] = Field(
        "tpe", description="tpe: try values near those that did well; random: anywhere"
    )
    sampler_seed: int = Field(0, ge=0, lt=2**32, description="seed of the sampler")
    pruner: Literal["median", "halving", "none"] = Field(
        "median",
        description="which trials to end early: median: those that are worse than half of the others were after the "
        "same share of their limit; halving: all but the best third after 1, 3 and 9 tenths; none",
    )
    heartbeat_seconds: int = Field(
        10,
        ge=1,
        description="seconds between heartbeats; after three times as long without one a trial is tried again",
    )


@dataclass(frozen=True)
class Trial:
    """One training of a search, with its results so far.

    number: from 0, in the order in which the trials were begun, by any worker.
    bits_per_character: the lowest of its validations so far, None before the first.
    reason: why it failed, or "".
    """

    number: int
    state: State
    values: Mapping[str, Any]
    bits_per_character: float | None
    seconds: float
    reason: str
    worker: str


def shown_value(value: object) -> str:
    """A value of a setting for tables."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)
