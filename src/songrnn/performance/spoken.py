"""Tune -> its score in words, bar by bar, for screen readers: "part A, bar 3: eighths D, F sharp, high D".

Parts are named by their P: label, else A, B, C ... at every bar line that divides the tune. Notes are named as they
sound: with the accidental in force. The octave of middle C to B has no word; above it is "high", then "very high",
below it "low", then "very low". A duration is said when it changes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from songrnn.notation.tune import Bar, BarRest, Chord, Element, Ending, Field, Marks, Note, Position, Rest, Tune
from songrnn.notation.values import value_text
from songrnn.performance.bar_places import bar_numbers, lasting_bars
from songrnn.performance.timeline import timeline

ALTERATIONS = {-2: "double flat", -1: "flat", 0: "", 1: "sharp", 2: "double sharp"}
OCTAVES = {2: "very low", 3: "low", 4: "", 5: "high", 6: "very high"}
_PLAIN = {
    Fraction(2): "double whole note",
    Fraction(1): "whole note",
    Fraction(1, 2): "half",
    Fraction(1, 4): "quarter",
    Fraction(1, 8): "eighth",
    Fraction(1, 16): "sixteenth",
    Fraction(1, 32): "thirty-second",
    Fraction(1, 64): "sixty-fourth",
}
DURATIONS: Mapping[Fraction, str] = {
    **{length * Fraction(2, 3): f"triplet {name}" for length, name in _PLAIN.items()},
    **{length * Fraction(7, 4): f"double dotted {name}" for length, name in _PLAIN.items()},
    **{length * Fraction(3, 2): f"dotted {name}" for length, name in _PLAIN.items()},
    **_PLAIN,
}
ORDINALS = ("", "first", "second", "third", "fourth")


@dataclass(frozen=True)
class SpokenBar:
    """A bar in words. part: such as "A". number: as in the score, 0 for a pickup. words: what sounds in it."""

    part: str
    number: int
    words: str

    @property
    def sentence(self) -> str:
        """Such as "part A, bar 3: eighths D, F sharp"."""
        return f"part {self.part}, {f'bar {self.number}' if self.number else 'pickup'}: {self.words}"


def spoken_bars(tune: Tune) -> tuple[SpokenBar, ...]:
    """The bars of the first voice that have notes or rests, in the order of the text."""
    if not tune.voices:
        return ()
    speaker = _Speaker(tune)
    bars, numbers = lasting_bars(tune), bar_numbers(tune)
    return tuple(
        SpokenBar(part, number, speaker.words(bar))
        for bar, part, number in zip(bars, _parts(tune, bars, numbers), numbers, strict=True)
    )


def _parts(tune: Tune, bars: Sequence[Bar], numbers: Sequence[int]) -> Iterator[str]:
    """The name of the part of each bar: its label; without any in the tune, a letter for each stretch."""
    labelled = any(_label(one) for one in tune.voices[0].elements())
    pickup = bars[0] if bars and not numbers[0] else None
    place, label = 0, ""
    for bar in tune.voices[0].bars:
        label = next((found for found in map(_label, reversed(bar.elements)) if found), label)
        if not any(bar is one for one in bars):
            continue
        yield (label or "A") if labelled else _letter(place)
        divides = bar.line is not None and bar.line.divides
        place += divides and bar is not pickup and not _is_first_ending(bar)


def _label(element: Element) -> str:
    """The label of a part that begins here, "" for none."""
    return str(element.value) if isinstance(element, Field) and element.letter == "P" else ""


def _letter(place: int) -> str:
    return chr(ord("A") + place) if place < 26 else str(place + 1)


def _is_first_ending(bar: Bar) -> bool:
    """Whether another ending of the same part follows."""
    return any(isinstance(one, Ending) and 1 in one.numbers for one in bar.elements)


class _Speaker:
    """Knows how each note of a tune sounds."""

    def __init__(self, tune: Tune) -> None:
        sounding = timeline(tune, repeats=False).notes
        self._signature = tune.header.key.signature
        self._pitches: dict[Position, int] = {note.position: note.pitch for note in sounding}

    def words(self, bar: Bar) -> str:
        """What is in a bar, and at the bar line after it."""
        said: list[str] = []
        last: Fraction | None = None
        for element in bar.elements:
            words = self._of(element)
            if words is None:
                continue
            if isinstance(element, Note | Chord | Rest):
                duration = element.duration
                words = words if duration == last else f"{_duration(duration)} {words}"
                last = duration
            said.append(words)
        return ", ".join([*said, *_line(bar)])

    def _of(self, element: Element) -> str | None:
        match element:
            case Note():
                return self._marked(element.marks, self._note(element))
            case Chord():
                return self._marked(element.marks, " and ".join(map(self._note, element.notes)))
            case Rest():
                return self._marked(element.marks, "rest")
            case BarRest():
                return "rest of one bar" if element.bars == 1 else f"rest of {element.bars} bars"
            case Ending():
                numbers = [ORDINALS[n] if n < len(ORDINALS) else str(n) for n in element.numbers]
                return f"{' and '.join(numbers)} ending"
            case Field(letter="K" | "M" | "L" | "Q"):
                names = {"K": "key", "M": "meter", "L": "unit note length", "Q": "tempo"}
                value = element.value if isinstance(element.value, str) else value_text(element.value)
                return f"{names[element.letter]} {value}"
        return None

    def _note(self, note: Note) -> str:
        silent = self._signature.get(note.pitch.letter, 0) if note.pitch.accidental is None else note.pitch.accidental
        pitch = self._pitches.get(note.position, note.pitch.natural_midi + silent)  # a grace note does not sound
        alteration = (pitch - note.pitch.natural_midi + 6) % 12 - 6
        octave = OCTAVES.get(note.pitch.octave, f"octave {note.pitch.octave}")
        words = (octave, note.pitch.letter, ALTERATIONS.get(alteration, ""), "tied" if note.tied else "")
        return " ".join(filter(None, words))

    def _marked(self, marks: Marks, words: str) -> str:
        before = [f"chord {text}" if text[:1].isalpha() else text.lstrip("^_<>@") for text in marks.texts]
        before += marks.decorations
        if marks.grace is not None:
            before.append(f"grace {' '.join(map(self._note, marks.grace.notes))}")
        return f"{words} ({', '.join(before)})" if before else words


def _duration(duration: Fraction) -> str:
    return DURATIONS.get(duration, f"{duration} of a whole note")


def _line(bar: Bar) -> Iterator[str]:
    if bar.line is None:
        return
    if bar.line.ends_repeat:
        yield "repeat"
    elif bar.line.divides and not bar.line.starts_repeat:
        yield "end of the part"
