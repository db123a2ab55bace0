"""`CorpusSettings`: which tunes to learn from, and in which form."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field

from songrnn.settings import Positional, Settings


class CorpusSettings(Settings):
    """Which tunes to learn from, and in which form."""

    sources: Positional[tuple[str, ...]] = Field(
        ("folk",),
        min_length=1,
        description=".abc files, folders of them, files of tunes between <start> and <end> lines, or collections: "
        "oneills, ryans, airds, folk (all three)",
    )
    validation: str | None = Field(
        None,
        min_length=1,
        description="a file of validation tunes; then nothing is split and every tune of the sources is for training",
    )
    form: Literal["auto", "raw", "tunebook"] = Field(
        "auto",
        description="raw: tunes exactly as they stand; tunebook: R, M, L, K and the music only; "
        "auto: raw if every source is in the <start>/<end> form, else tunebook",
    )
    split_seed: int = Field(0, ge=0, lt=2**63, description="seed of the split; same seed, same split")
    validation_share: float = Field(0.05, gt=0, le=0.4, description="share of the tunes kept for validation")
    test_share: float = Field(0.05, ge=0, le=0.4, description="share of the tunes kept for the final test")


def short_name(sources: Sequence[str]) -> str:
    """What files and folders made from these sources are called: the first three, without their folders and endings."""
    return "-".join(Path(source).stem for source in sources[:3])
