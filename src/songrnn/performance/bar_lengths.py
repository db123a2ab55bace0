"""How long bars last as they are written, and how long their meter makes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from songrnn.notation.tune import Bar, BarRest, Chord, Element, Ending, Field, Meter, Note, Rest, Sounding


@dataclass(frozen=True, slots=True)
class BarLength:
    """The length of one layer of a bar, in whole notes.

    duration:      what its notes, chords and rests last; bars of rest count nothing.
    expected:      what it should last; None in free meter, and where bars of rest fill it.
    meter:         the meter after it.
    before_ending: what precedes the ending that begins in it; None where none does.
    """

    duration: Fraction
    expected: Fraction | None
    meter: Meter
    before_ending: Fraction | None = None


def bar_length(layer: Sequence[Element], meter: Meter) -> BarLength:
    """The length of a layer that begins in `meter`; a change of meter before the first note counts for it."""
    duration, expected, before_ending = Fraction(0), meter.duration, None
    for element in layer:
        match element:
            case Field(value=Meter() as changed):
                meter = changed
                expected = expected if duration else meter.duration
            case BarRest():
                expected = None
            case Ending():
                before_ending = duration
            case Note() | Chord() | Rest():
                duration += element.duration
    return BarLength(duration, expected, meter, before_ending)


def bar_duration(bar: Bar) -> Fraction:
    """How long its notes, chords and rests last, in whole notes; bars of rest count nothing."""
    return sounding_duration(bar.layers[0])


def sounding_duration(elements: Sequence[Element]) -> Fraction:
    """How long the notes, chords and rests among these elements last, in whole notes."""
    return sum((element.duration for element in elements if isinstance(element, Sounding)), Fraction(0))
