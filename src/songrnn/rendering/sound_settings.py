"""`SoundSettings`: how tunes sound."""

from pathlib import Path

from pydantic import Field, field_validator

from songrnn.errors import SettingsError
from songrnn.rendering.instruments import INSTRUMENTS, program_of
from songrnn.settings import Settings


class SoundSettings(Settings):
    """How tunes sound."""

    tempo: str = Field(
        "",
        description="beats of the meter a minute, such as 100, or a tempo such as 1/4=120; none: that of Q:, else the "
        "usual one of rhythm and meter",
    )
    instrument: str = Field("violin", description="a General MIDI name, or the beginning of one, such as flute")
    swing: bool = Field(False, description="of two eighths on a beat of a hornpipe or strathspey the first is longer")
    soundfont: Path | None = Field(
        None, description=".sf2 file that plays; none: a system one, else a small built-in one"
    )

    @field_validator("tempo")
    @classmethod
    def _known_tempo(cls, tempo: str) -> str:
        text = tempo.strip()
        if not text:
            return text
        # the reader of tempos is loaded only if one is given, not whenever tunes are composed
        from songrnn.notation.tune import FREE_METER
        from songrnn.performance.dance_tempo import requested_tempo
        from songrnn.performance.tempo import FASTEST, SLOWEST

        if requested_tempo(text, FREE_METER) is None:
            raise ValueError(
                f"{tempo!r} is not a tempo; say how many beats of the meter a minute has, such as 100, or what is "
                f"counted as well, such as 1/4=120 ({SLOWEST} to {FASTEST} quarters a minute)"
            )
        return text

    @field_validator("instrument")
    @classmethod
    def _known_instrument(cls, instrument: str) -> str:
        try:
            return INSTRUMENTS[program_of(instrument)]
        except SettingsError as error:
            raise ValueError(str(error)) from error

    @property
    def program(self) -> int:
        """The instrument's program number, from 0."""
        return program_of(self.instrument)
