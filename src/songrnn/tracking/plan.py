"""`TunePlan`: the form of a whole tune, as far as it is known before it is written."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PartPlan:
    """One part of a tune; None where it is not known.

    bars: counted as written; pickups and second endings are not counted. repeated: whether it ends in a repeat.
    endings: whether it has first and second endings. pickup: its duration in 16ths of a whole note, 0 for none.
    cadence: scale degree of its last note, 0 (tonic) to 6.
    """

    bars: int | None = None
    repeated: bool | None = None
    endings: bool | None = None
    pickup: int | None = None
    cadence: int | None = None


@dataclass(frozen=True)
class TunePlan:
    """The parts of a tune in their order."""

    parts: tuple[PartPlan, ...] = ()

    @classmethod
    def of(cls, text: str) -> "TunePlan":
        """The plan that a whole tune follows; voices after the first are left out."""
        return cls()
