"""`InterventionSettings`: which neurons a network composes without, and which concepts it is steered along."""

import re
from typing import Literal

from pydantic import Field, field_validator

from songrnn.errors import SettingsError
from songrnn.settings import Settings

STEERED = re.compile(r"\s*([^:,]+?)\s*:\s*([+-]?(?:\d+\.?\d*|\.\d+))\s*")
STRONGEST = 100.0


class InterventionSettings(Settings):
    """Changes of the hidden states while tunes are composed; none by default."""

    ablate: str = Field(
        "",
        description="compose without these neurons of the layer, counted from 0, such as 117,203; see songrnn neurons",
    )
    ablate_at: Literal["mean", "zero"] = Field(
        "mean", description="where ablated neurons are held: at their mean in tunes that the network composes, or at 0"
    )
    steer: str = Field(
        "",
        description="add the direction that goes before more of a concept, so many standard deviations far, such as "
        "pitch:+1.5; several with commas between them",
    )
    layer: int = Field(1, ge=1, le=8, description="recurrent layer whose neurons are ablated or steered, from 1")

    @field_validator("ablate")
    @classmethod
    def _numbers(cls, text: str) -> str:
        if text and not re.fullmatch(r"\s*\d{1,5}(\s*,\s*\d{1,5})*\s*", text):
            raise ValueError(f"{text!r} is no list of neurons; write numbers with commas between them, such as 117,203")
        return text

    @field_validator("steer")
    @classmethod
    def _concepts(cls, text: str) -> str:
        for part in text.split(",") if text else ():
            match = STEERED.fullmatch(part)
            if match is None or abs(float(match[2])) > STRONGEST:
                raise ValueError(
                    f"{part!r} is no concept with a strength from -{STRONGEST:g} to {STRONGEST:g}; write pitch:+1.5"
                )
        return text

    @property
    def changes_nothing(self) -> bool:
        """Whether the network composes as it is."""
        return not self.ablate and not self.steer

    @property
    def neurons(self) -> tuple[int, ...]:
        """The neurons to ablate, ascending, each once."""
        return tuple(sorted({int(part) for part in self.ablate.split(",")})) if self.ablate else ()

    @property
    def directions(self) -> tuple[tuple[str, float], ...]:
        """The concepts to steer along, by the names that were given, and the strength of each."""
        matches = [STEERED.fullmatch(part) for part in self.steer.split(",")] if self.steer else []
        if not all(matches):
            raise SettingsError(f"{self.steer!r} is no list of concepts with strengths, such as pitch:+1.5")
        return tuple((match[1], float(match[2])) for match in matches if match)


NO_INTERVENTION = InterventionSettings()
