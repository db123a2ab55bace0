"""A tune as the page shows and plays it: its score as SVG, where each note stands there and sounds, and its bars.

Places are indices of characters in the tune's text, from 0. Lengths are shares of the width of the score.
"""

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from songrnn.errors import AbcSyntaxError, RenderingError
from songrnn.notation.lines import LINE_END
from songrnn.notation.read import read_tune
from songrnn.notation.tune import Position
from songrnn.rendering.interpretation import interpret
from songrnn.rendering.partwise.notes import position_of
from songrnn.rendering.render import Renderer

SVG = "{http://www.w3.org/2000/svg}"
NOTE_ID = re.compile(r"n\d+-\d+")
SECONDS_A_MINUTE = 60


@dataclass(frozen=True)
class PlayedNote:
    """A note as it sounds: seconds, a MIDI number, and the place where it is written."""

    begin: float
    end: float
    pitch: int
    place: int


@dataclass(frozen=True)
class EngravedBar:
    """The characters begin..end, and the box x, y, width, height in the score."""

    begin: int
    end: int
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class Engraving:
    """A tune to look at and to play.

    svg: "" where the tune cannot be drawn, and then there are neither heads nor bars. height: of the score. heads:
    place, x and y of each note head. sounds: in the order of playing, repeats played; none where it cannot be played.
    """

    text: str
    svg: str
    height: float
    heads: tuple[tuple[int, float, float], ...]
    bars: tuple[EngravedBar, ...]
    sounds: tuple[PlayedNote, ...]


def engraved(text: str, renderer: Renderer) -> Engraving:
    """The tune of a text in either form; nothing is raised for what cannot be drawn or played."""
    abc = _Abc.of(text)
    svg = renderer.render(abc.whole, formats=["svg"]).outputs.get("svg", b"").decode("utf-8")
    height, heads, bars = _Score(svg, abc).parts() if svg else (0.0, (), ())
    return Engraving(text, svg, height, heads, bars, _sounds(abc))


@dataclass(frozen=True)
class _Abc:
    """A text with the `X:` that a tune needs, and where its characters stand."""

    text: str
    whole: str

    @classmethod
    def of(cls, text: str) -> "_Abc":
        return cls(text, text if text.lstrip().startswith("X:") else f"X:1\n{text}")

    @cached_property
    def lines(self) -> tuple[int, ...]:
        return (0, *(found.end() for found in LINE_END.finditer(self.whole)))

    def place(self, position: Position) -> int:
        """In `text`; beyond its ends the nearest."""
        line = self.lines[min(position.line, len(self.lines)) - 1]
        place = line + position.column - 1 - (len(self.whole) - len(self.text))
        return min(max(place, 0), len(self.text) - 1)


def _sounds(abc: _Abc) -> tuple[PlayedNote, ...]:
    """At the tune's first tempo."""
    try:
        timeline = interpret(read_tune(abc.whole, strict=False), tempo="", swing=False).timeline
    except (AbcSyntaxError, RenderingError):
        return ()
    quarters = timeline.tempos[0][1].quarters_per_minute if timeline.tempos else None
    whole = float(4 * SECONDS_A_MINUTE / (quarters or Fraction(120)))
    return tuple(
        PlayedNote(
            round(float(note.onset) * whole, 3),
            round(float(note.onset + note.duration) * whole, 3),
            note.pitch,
            abc.place(note.position),
        )
        for note in timeline.notes
    )


class _Score:
    """Reads where things stand in an SVG that verovio drew."""

    def __init__(self, svg: str, abc: _Abc) -> None:
        self._abc = abc
        root = ElementTree.fromstring(svg)
        drawing = next(one for one in root.iter(f"{SVG}svg") if one.get("class") == "definition-scale")
        _, _, self._width, self._height = map(float, drawing.get("viewBox", "").split())
        margin = next(one for one in drawing if one.get("class") == "page-margin")
        self._left, self._top = _numbers(margin.get("transform", ""))[:2]
        self._margin = margin

    def parts(self) -> tuple[float, tuple[tuple[int, float, float], ...], tuple[EngravedBar, ...]]:
        """Height, heads and bars, as `Engraving` has them."""
        heads: list[tuple[int, float, float]] = []
        found: list[tuple[int, tuple[float, float, float, float]]] = []
        for measure in (one for one in self._margin.iter(f"{SVG}g") if one.get("class") == "measure"):
            own = list(self._heads(measure))
            heads += own
            if own and (box := self._box(measure)):
                found.append((min(place for place, _, _ in own), box))
        found.sort(key=lambda bar: bar[0])
        ends = [*(begin for begin, _ in found[1:]), len(self._abc.text)]
        bars = [EngravedBar(begin, end, box) for (begin, box), end in zip(found, ends, strict=True) if end > begin]
        return self._height / self._width, tuple(heads), tuple(bars)

    def _heads(self, measure: ElementTree.Element) -> Iterator[tuple[int, float, float]]:
        for note in measure.iter(f"{SVG}g"):
            name = note.get("id", "")
            use = next((one for one in note.iter(f"{SVG}use")), None)
            if note.get("class") == "note" and NOTE_ID.match(name) and use is not None:
                x, y = _numbers(use.get("transform", ""))[:2]
                yield self._abc.place(position_of(name)), *self._shares(x, y)

    def _box(self, measure: ElementTree.Element) -> tuple[float, float, float, float] | None:
        """Around the staff lines of the measure, which are its staffs' own paths."""
        staffs = (one for one in measure if one.get("class") == "staff")
        lines = [_numbers(path.get("d", "")) for staff in staffs for path in staff.findall(f"{SVG}path")]
        lines = [line for line in lines if len(line) == 4]
        if not lines:
            return None
        xs, ys = [x for line in lines for x in line[::2]], [y for line in lines for y in line[1::2]]
        left, top = self._shares(min(xs), min(ys))
        right, bottom = self._shares(max(xs), max(ys))
        return left, top, round(right - left, 4), round(bottom - top, 4)

    def _shares(self, x: float, y: float) -> tuple[float, float]:
        return round((x + self._left) / self._width, 4), round((y + self._top) / self._width, 4)


def _numbers(text: str) -> list[float]:
    """All numbers in an SVG attribute."""
    cleaned = "".join(c if c in "-.0123456789" else " " for c in text)
    return [float(part) for part in cleaned.split()]
