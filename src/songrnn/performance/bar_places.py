"""Where the bars of a tune stand in its text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from songrnn.notation.lines import LINE_END
from songrnn.notation.tune import Bar, BarRest, Position, Sounding, Tune
from songrnn.performance.bar_lengths import BarLength, bar_length

INVISIBLE = "[|]"
"""The bar line that divides a bar without being drawn."""


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
    begins = [place(bar.position) for bar in bars]
    ends = [*begins[1:], len(text)] if bars else []
    return tuple(
        BarPlace(begin, end if bar.line is None else place(bar.line.position), end)
        for bar, begin, end in zip(bars, begins, ends, strict=True)
    )


def lasting_bars(tune: Tune) -> list[Bar]:
    """The bars of the first voice that have notes or rests."""
    return [bar for bar in (tune.voices[0].bars if tune.voices else ()) if _lasts(bar)]


def bar_numbers(tune: Tune) -> tuple[int, ...]:
    """The number of each of the `lasting_bars` as the score has it; 0 for a pickup, a short bar that begins a part.

    Bars of rest count as many as they are; the pieces of a bar between invisible bar lines have one number, and a short
    ending that begins within a bar has none.
    """
    meter, number, begins, within = tune.header.meter_in_force, 0, True, False
    numbers = list[int]()
    for group in _joined(tune.voices[0].bars if tune.voices else ()):
        lengths = list[BarLength]()
        for bar in group:
            lengths.append(bar_length(bar.layers[0], meter))
            meter = lengths[-1].meter
        before_ending = next((length.before_ending for length in lengths if length.before_ending is not None), None)
        within = within or bool(before_ending)
        divides = group[-1].line is not None and group[-1].line.divides
        lasting = sum(map(_lasts, group))
        if not lasting:
            begins |= divides
            continue
        expected = lengths[0].expected
        short = expected is not None and sum(length.duration for length in lengths) < expected
        pickup = short and (within if before_ending == 0 else begins)
        number += not pickup
        numbers += [0 if pickup else number] * lasting
        number += sum(element.bars - 1 for bar in group for element in bar.elements if isinstance(element, BarRest))
        begins = divides
    return tuple(numbers)


def _joined(bars: Sequence[Bar]) -> Iterator[list[Bar]]:
    """The pieces of each bar: with invisible bar lines between them."""
    group: list[Bar] = []
    for bar in bars:
        group.append(bar)
        if bar.line is None or bar.line.style != INVISIBLE:
            yield group
            group = []
    if group:
        yield group


def _lasts(bar: Bar) -> bool:
    return any(isinstance(element, Sounding | BarRest) for element in bar.elements)
