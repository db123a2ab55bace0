"""One problem that `check` finds, with its position."""

from dataclasses import dataclass

from songrnn.notation.tune import Position


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One problem of a tune.

    kind: bar, repeat, ending, part, tuplet, tie, slur, decoration, tempo, voice, or reading.
    """

    position: Position
    kind: str
    message: str

    def __str__(self) -> str:
        return f"{self.position}: {self.message}"
