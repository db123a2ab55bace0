"""`TunePlan`: the form of a whole tune, as far as it is known before it is written."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from songrnn.tracking.compiled import native
from songrnn.tracking.effects import read_character
from songrnn.tracking.place import Parts, PlannedForm, finish_parts, note_part
from songrnn.tracking.state import NONE, Tracker


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
    """The parts of a tune in their order; none where nothing is planned."""

    parts: tuple[PartPlan, ...] = ()

    @classmethod
    def of(cls, text: str) -> "TunePlan":
        """The plan that a whole tune follows; an empty one for a tune of several voices."""
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.int32)
        rows = parts_of(points.tolist()) if native is None else native.parts(points)
        return cls(tuple(PartPlan(a, bool(b), bool(c), d, None if e == NONE else e) for a, b, c, d, e in rows))

    def form(self) -> PlannedForm:
        """The same in integers."""
        bars = [_number(part.bars) for part in self.parts]
        return PlannedForm(
            bars=tuple(bars),
            bars_after=tuple([*accumulate(bars[:0:-1], _sum, initial=0)][::-1]) if bars else (),
            repeated=tuple(_number(part.repeated) for part in self.parts),
            endings=tuple(_number(part.endings) for part in self.parts),
            pickups=tuple(_number(part.pickup) for part in self.parts),
            cadences=tuple(_number(part.cadence) for part in self.parts),
        )


def parts_of(points: Iterable[int]) -> list[tuple[int, ...]]:
    """For each part of a text, given as code points, the numbers of a PartPlan."""
    tracker, parts = Tracker(), Parts()
    for point in points:
        read_character(tracker, point)
        note_part(parts, tracker.current)
    if tracker.current.voices > 0:
        return []
    finish_parts(parts, tracker.current)
    return list(zip(parts.bars, parts.repeated, parts.endings, parts.pickups, parts.cadences, strict=True))


def _number(value: int | None) -> int:
    return NONE if value is None else int(value)


def _sum(after: int, bars: int) -> int:
    return NONE if NONE in (after, bars) else after + bars
