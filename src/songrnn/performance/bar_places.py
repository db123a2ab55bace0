"""Where the bars of a tune stand in its text."""

from dataclasses import dataclass

from songrnn.notation.lines import LINE_END
from songrnn.notation.tune import Bar, BarRest, Position, Sounding, Tune
from songrnn.performance.bar_lengths import bar_duration


@dataclass(frozen=True)
class BarPlace:
    """A bar in the characters of a text: begin..line is its content, line..end its bar line and what belongs to no bar.

    The next bar begins at `end`, which is the end of the text for the last.
    """

    begin: int
    line: int
    end: int


def bar_places(tune: Tune, text: str) -> tuple[BarPlace, ...]:
    """Where the bars of the first voice that have notes or rests stand in `text`, of which `tune` was read."""
    lines = [0, *(found.end() for found in LINE_END.finditer(text))]

    def place(position: Position) -> int:
        return lines[position.line - 1] + position.column - 1

    bars = lasting_bars(tune)
    ends = [*(place(bar.position) for bar in bars[1:]), len(text)]
    return tuple(
        BarPlace(place(bar.position), end if bar.line is None else place(bar.line.position), end)
        for bar, end in zip(bars, ends, strict=True)
    )


def lasting_bars(tune: Tune) -> list[Bar]:
    """The bars of the first voice that have notes or rests."""
    lasting = Sounding | BarRest
    return [bar for bar in tune.voices[0].bars if any(isinstance(element, lasting) for element in bar.elements)]


def first_bar_number(tune: Tune) -> int:
    """The number of the first bar that has notes or rests: 0 for a pickup."""
    whole = tune.header.meter_in_force.duration
    first = next(iter(lasting_bars(tune)), None)
    if whole is None or first is None or any(isinstance(element, BarRest) for element in first.elements):
        return 1
    return int(bar_duration(first) >= whole)
