"""How characters are drawn, and what computes."""

import secrets
from typing import Literal, Self

from pydantic import Field

from songrnn.settings import Settings

DRAWN_SEEDS = 10**9
"""Seeds that nobody chose lie below this: few enough digits to be typed, enough that none comes twice."""


class SamplingSettings(Settings):
    """How next-character probabilities become characters."""

    temperature: float = Field(
        0.8, ge=0, le=5, description="divides the logits: low favours likely characters; 0 takes the likeliest"
    )
    top_k: int = Field(0, ge=0, description="draw among the k likeliest characters only; 0: among all")
    top_p: float = Field(
        1.0, gt=0, le=1, description="draw among the likeliest characters that together have this probability"
    )
    min_p: float = Field(
        0.002,
        ge=0,
        le=1,
        description="leave out characters less likely than this share of the likeliest one's probability; "
        "0: none, not even those that have no probability but the network's floor",
    )
    without: str = Field("", description="characters that are never drawn")
    free: bool = Field(
        False, description="let the network break syntax and bars; a network of raw form is always free to do so"
    )
    max_characters: int = Field(
        2_000,
        ge=1,
        le=10_000_000,
        description="stop after this many composed characters, prompt excluded; a strict tune is brought to its end by "
        "then, or as soon after as the requested bars can be written",
    )
    seed: int | None = Field(
        None,
        ge=0,
        lt=2**64,
        description="seed of the random generator; same seed, same tunes; None: a new one each time, which is reported",
    )

    def with_seed(self) -> Self:
        """These settings if they have a seed, else the same with one drawn from the operating system's generator."""
        return self if self.seed is not None else self.replace(seed=draw_seed())


def draw_seed() -> int:
    """A seed that nobody chose."""
    return secrets.randbelow(DRAWN_SEEDS)


class EngineSettings(Settings):
    """What computes."""

    engine: Literal["native", "numpy"] | None = Field(
        None, description="what computes; None: the native engine, or NumPy where that could not be built"
    )
    precision: Literal["int8", "fp32"] | None = Field(
        None,
        description="precision of the weights: fp32: as trained; int8: a quarter of the time, hardly less exact; "
        "None: int8, but with NumPy fp32",
    )
    kernel: str = Field("", description="instructions of the processor to use; default: the fastest that it has")
    threads: int = Field(0, ge=0, le=1024, description="cores to use for many tunes; 0: all")


FULL_PRECISION = EngineSettings(precision="fp32")
"""For figures and pictures of a network: its weights as they are."""
