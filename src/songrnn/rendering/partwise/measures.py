"""Bars of a voice -> measures of a part, with repeats, endings and numbers as MusicXML places them.

A bar without time (before a `|:`, say) is no measure: its signs are put into the measures before and after it. `Z4` is
four measures. A bar in whose middle an ending begins is two, with an invisible bar line between them.

Numbers count bars: a pickup (a bar that begins a part, shorter than the meter) has no number of its own, nor has what
follows an invisible bar line.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import takewhile

from songrnn.notation.tune import (
    PLAIN,
    Bar,
    BarLine,
    BarRest,
    Element,
    Ending,
    Header,
    LineBreak,
    Marks,
    Sounding,
    Voice,
)
from songrnn.performance.bar_lengths import bar_length
from songrnn.performance.bar_places import INVISIBLE

_NOT_DIVIDING = ("", "|", ".|", INVISIBLE)
_TIMED = Sounding | BarRest
Layer = list[Element]


@dataclass(slots=True)
class Measure:
    """One measure of one part.

    left, right: styles of the bar lines as in `BarLine.style`; "" for the usual ones.
    ends_repeat, starts_repeat: colons at the right and the left bar line.
    ending_begins, ending_ends: the passes of an ending that does so here; closed: whether its bracket is.
    new_line: whether a line of the text begins here. goes_on: whether its bar continues after it, without a bar line.
    """

    layers: list[Layer]
    left: str = ""
    starts_repeat: int = 0
    right: str = "|"
    ends_repeat: int = 0
    ending_begins: tuple[int, ...] = ()
    ending_ends: tuple[int, ...] = ()
    closed: bool = False
    new_line: bool = False
    goes_on: bool = False
    marks: list[Marks] = field(default_factory=list)
    number: str = ""
    implicit: bool = False

    @property
    def times(self) -> int:
        """How often a repeat that ends here is played in all, 0 for none; with endings see `ending_begins`."""
        return 0 if not self.ends_repeat else 2 if self.ending_ends else self.ends_repeat + 1


def measures_of(voice: Voice) -> list[Measure]:
    """The measures of a voice, without their numbers."""
    builder = _Builder()
    for bar in voice.bars:
        builder.add(bar)
    measures = builder.finish()
    _mark_endings(measures)
    return measures


class _Builder:
    """Collects measures; keeps what belongs to the next one."""

    def __init__(self) -> None:
        self._measures: list[Measure] = []
        self._waiting: Layer = []
        self._left, self._starts_repeat = "", 0

    def add(self, bar: Bar) -> None:
        layers = [list(layer) for layer in bar.layers]
        if not any(isinstance(element, _TIMED) for layer in layers for element in layer):
            self._waiting += [element for layer in layers for element in layer]
        else:
            layers[0] = self._waiting + layers[0]
            self._waiting = []
            for piece, right in _pieces(layers):
                self._append(Measure(piece, right=right, goes_on=right == INVISIBLE))
        if bar.line is not None:
            self._end(bar.line)

    def finish(self) -> list[Measure]:
        """All measures; what is left without time belongs to the last."""
        if self._measures:
            self._measures[-1].layers[0] += self._waiting
        return self._measures

    def _append(self, measure: Measure) -> None:
        measure.left, measure.starts_repeat = self._left, self._starts_repeat
        self._left, self._starts_repeat = "", 0
        measure.new_line = bool(self._measures) and _begins_line(measure.layers[0])
        self._measures.append(measure)

    def _end(self, line: BarLine) -> None:
        self._starts_repeat = max(self._starts_repeat, line.starts_repeat)
        if not self._measures:
            self._left = line.style if line.style != "|" else self._left
            return
        last = self._measures[-1]
        last.ends_repeat = max(last.ends_repeat, line.ends_repeat)
        if last.right in _NOT_DIVIDING and (last.right in ("", "|") or line.style not in _NOT_DIVIDING):
            last.right = line.style
        if line.marks:
            last.marks.append(line.marks)


def _begins_line(layer: Layer) -> bool:
    before_sound = takewhile(lambda element: not isinstance(element, _TIMED), layer)
    return any(isinstance(element, LineBreak) for element in before_sound)


def _pieces(layers: list[Layer]) -> Iterator[tuple[list[Layer], str]]:
    """The layers of one bar in measures, each with the style of the bar line after it."""
    if len(layers) > 1:
        yield layers, ""
        return
    piece: Layer = []
    timed = False
    for element in layers[0]:
        if isinstance(element, Ending) and timed:
            yield [piece], INVISIBLE
            piece, timed = [], False
        if isinstance(element, BarRest):
            for number in range(element.bars - 1):
                yield [[*piece, replace(element, bars=1, marks=PLAIN if number else element.marks)]], "|"
                piece = []
            element = replace(element, bars=1, marks=element.marks if element.bars == 1 else PLAIN)
        timed = timed or isinstance(element, _TIMED)
        piece.append(element)
    yield [piece], ""


def _mark_endings(measures: Sequence[Measure]) -> None:
    """Where endings begin and end: at the next one, or at a bar line that divides."""
    opened: tuple[int, ...] = ()
    for index, measure in enumerate(measures):
        begins = [element.numbers for element in measure.layers[0] if isinstance(element, Ending)]
        if begins:
            if opened:
                measures[index - 1].ending_ends = opened
            opened = measure.ending_begins = begins[-1]
        follows = measures[index + 1] if index + 1 < len(measures) else None
        divides = follows is None or bool(follows.starts_repeat)
        if opened and (divides or measure.ends_repeat or measure.right not in _NOT_DIVIDING):
            measure.ending_ends, measure.closed = opened, bool(measure.ends_repeat)
            opened = ()


def number_measures(measures: Sequence[Measure], header: Header) -> None:
    """Write `number` and `implicit` of every measure."""
    meter, number, unnumbered = header.meter_in_force, 0, 0
    begins_part = True
    inside_bar = False  # whether the endings of this group begin within a bar
    for group in _joined(measures):
        lengths = list[Fraction]()
        wanted: Fraction | None = None
        for measure in group:
            length = bar_length(measure.layers[0], meter)
            meter = length.meter
            lengths.append(length.duration)
            wanted = length.expected if len(lengths) == 1 else wanted
            if 1 in measure.ending_begins:
                inside_bar = len(lengths) > 1
        short = wanted is not None and sum(lengths) < wanted
        first = group[0]
        counts = not (short and (inside_bar if first.ending_begins else begins_part))
        number += counts
        for measure in group[counts:]:
            measure.number, measure.implicit = f"X{unnumbered}" if number or unnumbered else "0", True
            unnumbered += 1
        if counts:
            first.number = str(number)
        begins_part = bool(group[-1].ends_repeat) or group[-1].right not in _NOT_DIVIDING


def _joined(measures: Sequence[Measure]) -> Iterator[list[Measure]]:
    """The measures of each bar: with invisible bar lines between those of one bar."""
    group: list[Measure] = []
    for measure in measures:
        group.append(measure)
        if measure.right != INVISIBLE:
            yield group
            group = []
    if group:
        yield group
