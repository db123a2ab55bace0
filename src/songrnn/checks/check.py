"""Problems of a tune that can be read: bars that do not add up, unclosed repeats, and the like.

Bars. In a meter every bar has the meter's duration, but for three kinds. A bar that begins a part (the first of all,
and the first after a double bar line or repeat) may be shorter: a pickup. A bar that ends a part may be shorter when
it makes a whole bar together with the pickup that follows it in playing: that of the place to which its repeat returns,
or of the part after it, or, for the last bar, of the tune. And music before endings that begin within a bar
counts in each of them. Free meter has no such rule, and a bar with bars of rest none either.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from songrnn.checks.playing_problems import playing_problems
from songrnn.checks.problem import Problem
from songrnn.notation.grammar import DECORATIONS, STACCATO
from songrnn.notation.tune import (
    NOWHERE,
    Bar,
    BarLine,
    BarRest,
    Chord,
    Ending,
    Field,
    Header,
    Meter,
    Position,
    Sounding,
    Tune,
    Tuplet,
    Voice,
)
from songrnn.performance.bar_lengths import bar_duration, bar_length, sounding_duration
from songrnn.performance.music_state import MusicState
from songrnn.performance.tempo import EXPECTED_TEMPO, read_tempo


def check(tune: Tune) -> list[Problem]:
    """All problems in the order of the text; what a tolerant reading skipped is among them."""
    problems = [Problem(skipped.position, "reading", skipped.reason) for skipped in tune.skipped]
    for voice in tune.voices:
        for find in (_wrong_bars, _open_repeats, _wrong_endings, _broken_tuplets, _open_slurs, _wrong_tempos):
            problems += find(voice, tune.header)
        problems += _unknown_decorations(voice)
    return sorted([*problems, *_wrong_header_tempos(tune.header), *playing_problems(tune), *_unequal_voices(tune)])


# ---- bars


@dataclass(slots=True)
class _Length:
    """How long a bar is and should be, with the bar line after it."""

    duration: Fraction
    expected: Fraction | None
    position: Position
    begins_part: bool
    ends_part: bool = False
    repeats: bool = False

    @property
    def pickup(self) -> Fraction:
        """What it lasts if it is a pickup, else 0."""
        return self.duration if self.begins_part and self.expected and self.duration < self.expected else Fraction(0)


def _wrong_bars(voice: Voice, header: Header) -> Iterator[Problem]:
    bars = _lengths(voice, header.meter_in_force)
    first_pickup = part_pickup = bars[0].pickup if bars else Fraction(0)
    for index, bar in enumerate(bars):
        last = index + 1 == len(bars)
        if bar.begins_part and not (index and bars[index - 1].repeats and bars[index - 1].pickup):
            part_pickup = bar.pickup
        if bar.expected is None or bar.duration == bar.expected or bar.pickup:
            continue
        partners = {part_pickup, first_pickup if last else bars[index + 1].pickup}
        if (bar.ends_part or last) and bar.expected - bar.duration in partners - {Fraction(0)}:
            continue
        yield Problem(
            bar.position, "bar", f"expected a bar that lasts {bar.expected}, found one that lasts {bar.duration}"
        )
    yield from _wrong_overlays(voice)


def _lengths(voice: Voice, meter: Meter) -> list[_Length]:
    """The bars that have notes or rests; bars with an invisible bar line between them are one."""
    lengths: list[_Length] = []
    begins_part, before_endings = True, Fraction(0)
    joined: _Length | None = None
    for bar in voice.bars:
        length = bar_length(bar.layers[0], meter)
        duration, meter = length.duration, length.meter
        numbers = next((element.numbers for element in bar.elements if isinstance(element, Ending)), ())
        if length.before_ending is not None and 1 in numbers:
            before_endings = length.before_ending
        elif length.before_ending == 0 and duration:
            duration += before_endings
        if joined is None and duration:
            joined = _Length(duration, length.expected, bar.position, begins_part)
            lengths.append(joined)
        elif joined is not None:
            joined.duration += duration
            joined.expected = None if length.expected is None else joined.expected
        if bar.line is None or bar.line.style == "[|]":
            continue
        begins_part = bar.line.divides or (begins_part and joined is None)
        joined = None
        if bar.line.divides and lengths:
            lengths[-1].ends_part = True
            lengths[-1].repeats |= bar.line.ends_repeat > 0
    return lengths


def _wrong_overlays(voice: Voice) -> Iterator[Problem]:
    for bar in voice.bars:
        first, *others = (sounding_duration(layer) for layer in bar.layers)
        for other in others:
            if other != first:
                message = (
                    f"expected an overlay that lasts {first} like the notes before it, found one that lasts {other}"
                )
                yield Problem(bar.position, "bar", message)


# ---- repeats and endings


def _open_repeats(voice: Voice, _: Header) -> Iterator[Problem]:
    opened: BarLine | None = None
    for bar in voice.bars:
        line = bar.line
        if line is None:
            continue
        if line.ends_repeat:
            opened = None
        if line.starts_repeat:
            if opened is not None:
                yield Problem(opened.position, "repeat", "expected ':|' before the next '|:'")
            opened = line
    if opened is not None:
        yield Problem(opened.position, "repeat", "expected ':|' before the end, found '|:' that nothing closes")


def _wrong_endings(voice: Voice, _: Header) -> Iterator[Problem]:
    passes: set[int] = set()
    last = NOWHERE
    for element in voice.elements():
        if not isinstance(element, Ending):
            continue
        if 1 in element.numbers:
            if passes == {1}:
                yield Problem(last, "ending", "expected a second ending after the first")
            passes = set()
        expected = next(number for number in range(1, len(passes) + 2) if number not in passes)
        if min(element.numbers) > expected:
            found = ",".join(map(str, element.numbers))
            yield Problem(element.position, "ending", f"expected ending {expected}, found {found}")
        passes.update(element.numbers)
        last = element.position
    if passes == {1}:
        yield Problem(last, "ending", "expected a second ending after the first")


# ---- notes


def _broken_tuplets(voice: Voice, _: Header) -> Iterator[Problem]:
    for bar in voice.bars:
        left, position = 0, NOWHERE
        for element in bar.elements:
            if isinstance(element, Tuplet):
                left, position = element.count, element.position
            elif isinstance(element, Sounding) and left:
                left -= 1
        if left:
            yield Problem(position, "tuplet", f"expected {left} more notes of the tuplet before the bar line")


def _open_slurs(voice: Voice, _: Header) -> Iterator[Problem]:
    opened: list[Position] = []
    for element in voice.elements():
        if not isinstance(element, Sounding):
            continue
        for part in (element, *(element.notes if isinstance(element, Chord) else ())):
            opened += [part.position] * part.slurs_begin
        for part in (*(element.notes if isinstance(element, Chord) else ()), element):
            if part.slurs_end > len(opened):
                yield Problem(part.position, "slur", "expected '(' before ')', found a slur that nothing begins")
            del opened[max(0, len(opened) - part.slurs_end) :]
    for position in opened:
        yield Problem(position, "slur", "expected ')' after '(', found a slur that nothing ends")


def _unknown_decorations(voice: Voice) -> Iterator[Problem]:
    for bar in voice.bars:
        for element in _marked(bar):
            for name in element.marks.decorations:
                if name not in DECORATIONS and name != STACCATO:
                    message = f"expected a decoration of the standard such as '!trill!', found '!{name}!'"
                    yield Problem(element.position, "decoration", message)


def _marked(bar: Bar) -> Iterator[Sounding | BarRest | BarLine]:
    for element in bar.elements:
        if isinstance(element, Sounding | BarRest):
            yield element
        if isinstance(element, Chord):
            yield from element.notes
    if bar.line is not None:
        yield bar.line


# ---- fields and voices


def _wrong_header_tempos(header: Header) -> Iterator[Problem]:
    for field in header.fields:
        if field.letter == "Q":
            yield from _wrong_tempo(field, header.unit_in_force)


def _wrong_tempos(voice: Voice, header: Header) -> Iterator[Problem]:
    state = MusicState.at_start(header)
    for element in voice.elements():
        if isinstance(element, Field):
            state = state.after(element)
            if element.letter == "Q":
                yield from _wrong_tempo(element, state.unit)


def _wrong_tempo(field: Field, unit: Fraction) -> Iterator[Problem]:
    text = str(field.value)
    if read_tempo(text, unit) is None:
        yield Problem(field.position, "tempo", f"expected {EXPECTED_TEMPO}, found {text[:40]!r}")


def _unequal_voices(tune: Tune) -> Iterator[Problem]:
    """Voices are compared as written; bars of rest make a voice as long as the others. One without notes is none."""
    lengths = {
        voice.name: sum((bar_duration(bar) for bar in voice.bars), Fraction(0))
        for voice in tune.voices
        if not any(isinstance(element, BarRest) for element in voice.elements())
        and any(isinstance(element, Sounding) for element in voice.elements())
    }
    first = next(iter(lengths.values()), Fraction(0))
    for voice in tune.voices:
        if lengths.get(voice.name, first) != first:
            message = f"expected voice {voice.name} to last {first} like the first, found {lengths[voice.name]}"
            yield Problem(voice.bars[0].position, "voice", message)
