"""`OriginalitySettings`: how close a composed tune may come to a training tune."""

from pydantic import Field, field_validator

from songrnn.settings import Settings


class OriginalitySettings(Settings):
    """How close a composed tune may come to a training tune."""

    original: str | None = Field(
        None,
        description="refuse a tune that shares a longer run with a training tune, in any key, and compose it again: "
        "3bars, 2.5bars or 20notes; runs that many tunes or held-out ones share are common stock and always allowed",
    )
    tries: int = Field(
        20, ge=1, description="with --original: how often a tune may be composed before that is given up"
    )

    @field_validator("original")
    @classmethod
    def _readable(cls, original: str | None) -> str | None:
        if original is not None:
            from songrnn.originality.shared_runs import Threshold

            Threshold.read(original)
        return original
