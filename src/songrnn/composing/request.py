"""`Request`: all that determines which tunes are composed; a checkpoint and a request give the same tunes again."""

import json
from typing import Any, Literal, Self, TypedDict

from pydantic import Field, model_validator

from songrnn.composing.form import FormSettings
from songrnn.engines.settings import SamplingSettings
from songrnn.errors import SettingsError
from songrnn.neurons.settings import InterventionSettings
from songrnn.originality.settings import OriginalitySettings
from songrnn.settings import Settings

TRIES_APART = 1 << 32
"""From the number of a tune to that of the next try at it (`retry.py`); a seed has so many tunes."""


CANDIDATES = 4
"""By default: the number with the best scorecard within 0.3 s a tune (`benchmarks/candidates.py`)."""
MOST_RERANKED = 1_000
"""With up to so many tunes each is by default the best of CANDIDATES; in larger requests each is composed once."""


class QuantitySettings(Settings):
    """How many tunes are composed, and of how many candidates each is the best."""

    count: int = Field(1, ge=1, le=TRIES_APART, description="how many tunes")
    best_of: int | None = Field(
        None,
        ge=1,
        le=65_536,
        description="compose so many for each tune, and keep the best: original, and most like the tunebook's; None: "
        f"{CANDIDATES} for up to {MOST_RERANKED:,} tunes of a checkpoint with a classifier (folk has one), else 1",
    )


class Request(QuantitySettings):
    """Which tunes to compose: the same for the library, the command line and a server; converts to and from JSON.

    prompt: the text that each tune continues. first: the number of the first tune among those of the seed, from 0; tune
    i is the best of the network's tunes i * best_of to (i + 1) * best_of - 1. `sampling` holds the seed.
    Raises SettingsError for values out of range, an impossible form, and numbers beyond the last tune of a seed.
    """

    prompt: str = ""
    form: FormSettings = FormSettings()
    sampling: SamplingSettings = SamplingSettings()
    originality: OriginalitySettings = OriginalitySettings()
    intervention: InterventionSettings = InterventionSettings()
    first: int = Field(0, ge=0, lt=2**63, description="the number of the first tune, from 0")

    @model_validator(mode="after")
    def _possible(self) -> Self:
        _ = self.form.header, self.form.form()
        if (self.first % TRIES_APART + self.count) * (self.best_of or 1) > TRIES_APART:
            raise SettingsError(f"a seed has {TRIES_APART:,} tunes; first, count and best-of go past the last")
        return self

    @property
    def seed(self) -> int | None:
        """The seed of the random generator; None: one is drawn when the tunes are composed."""
        return self.sampling.seed

    def with_seed(self, seed: int | None = None) -> Self:
        """The same request if it has a seed; else with `seed`, or with one drawn now."""
        if self.seed is not None:
            return self
        return self.model_copy(update={"sampling": self.sampling.replace(seed=seed).with_seed()})

    def as_json(self) -> dict[str, Any]:
        """As a JSON object; `from_json` reads it."""
        return self.model_dump(mode="json")

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """The request in a JSON object; missing settings have their defaults. Raises SettingsError."""
        try:
            values = json.loads(text)
        except ValueError as error:
            raise SettingsError(f"a request must be JSON, but {error}") from error
        if not isinstance(values, dict):
            raise SettingsError(f"a request must be a JSON object, but is {values!r}; the least is {{}}")
        return cls(**values)


class RequestOptions(TypedDict, total=False):
    """The keyword arguments of `Composer.compose`: the fields of SamplingSettings, FormSettings, OriginalitySettings,
    InterventionSettings and `best_of`. Their defaults, ranges and meanings are there."""

    temperature: float
    top_k: int
    top_p: float
    min_p: float
    without: str
    free: bool
    max_characters: int
    seed: int | None
    meter: str
    key: str
    rhythm: str
    unit_length: str
    bars: int
    parts: str
    pitch_range: str
    end_on_tonic: bool
    original: str | None
    tries: int
    ablate: str
    ablate_at: Literal["mean", "zero"]
    steer: str
    layer: int
    best_of: int | None


def request_of(prompt: str, options: RequestOptions, **numbers: int) -> Request:
    """The request of a prompt and options by name; numbers: count and first.

    Raises SettingsError for an option that does not exist, as one of the sampling settings.
    """
    values: dict[str, Any] = dict(options)
    parts: dict[str, dict[str, Any]] = {
        part: {name: values.pop(name) for name in settings.model_fields if name in values}
        for part, settings in (
            ("form", FormSettings),
            ("originality", OriginalitySettings),
            ("intervention", InterventionSettings),
        )
    }
    quantity = {name: values.pop(name) for name in QuantitySettings.model_fields if name in values}
    return Request(
        prompt=prompt,
        form=FormSettings(**parts["form"]),
        originality=OriginalitySettings(**parts["originality"]),
        intervention=InterventionSettings(**parts["intervention"]),
        sampling=SamplingSettings(**values),
        **quantity,
        **numbers,
    )
