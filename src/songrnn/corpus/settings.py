"""`CorpusSettings`: the tunes to train on, and their text form."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from songrnn.settings import Positional, Settings


class CorpusSettings(Settings):
    """The tunes to train on, and their text form."""

    sources: Positional[tuple[str, ...]] = Field(
        ("folk",),
        min_length=1,
        description=".abc files, folders of them, files of tunes between <start> and <end> lines, a folder written by "
        "songrnn corpus --pack, or collections: "
        "oneills, ryans, airds, folk (all three)",
    )
    validation: str | None = Field(
        None,
        min_length=1,
        description="a file of validation tunes; then nothing is split and every tune of the sources is for training",
    )
    form: Literal["auto", "raw", "tunebook"] = Field(
        "auto",
        description="raw: tunes unchanged; tunebook: R, M, L, K and the music only; "
        "auto: raw if every source is in the <start>/<end> form, else tunebook",
    )
    keep_marks: bool = Field(
        False,
        description="tunebook form: keep bowings, fingerings, dynamics, directions (segno, D.C.) and annotations, and "
        "each source's own spelling",
    )
    split_seed: int = Field(0, ge=0, lt=2**63, description="seed of the split; same seed, same split")
    validation_share: float = Field(0.05, gt=0, le=0.4, description="share of the tunes kept for validation")
    test_share: float = Field(0.05, ge=0, le=0.4, description="share of the tunes kept for the final test")


def recorded_settings(record: Mapping[str, Any]) -> CorpusSettings:
    """The settings by which the corpus of a checkpoint's record is read again; raises KeyError if it names none."""
    return CorpusSettings(sources=tuple(record["sources"]), form=record["form"], keep_marks=record_keeps_marks(record))


def record_keeps_marks(record: Mapping[str, Any]) -> bool:
    """Whether the texts of a checkpoint's corpus have their marks; records without the entry mean yes."""
    return bool(record.get("keep_marks", True))


def short_name(sources: Sequence[str]) -> str:
    """The name of files and folders made from these sources: the first three, without their folders and endings."""
    return "-".join(Path(source).stem for source in sources[:3])
