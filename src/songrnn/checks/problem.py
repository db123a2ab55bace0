"""What `check` finds: one thing that is wrong, with its place."""

from dataclasses import dataclass

from songrnn.notation.tune import Position


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong.

    kind: bar, repeat, ending, part, tuplet, tie, slur, decoration, tempo, voice, or reading.
    """

    position: Position
    kind: str
    message: str

    def __str__(self) -> str:
        return f"{self.position}: {self.message}"
