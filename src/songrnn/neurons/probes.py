"""What a neuron follows: how its value goes with what stands in the text at each character.

For every feature in `FEATURES` a tune gives a series of 0 and 1, one for each character; Pearson's correlation r of
that series with a neuron's values, over all characters of several tunes, says how well the neuron follows it: 1 always
up there and down elsewhere, -1 the other way round, 0 no straight-line relation. Neither cause nor the whole story: a
neuron may follow something that is not on the list, or two things at once.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from songrnn.corpus.fields import FIELD_LINE
from songrnn.corpus.markers import END, START
from songrnn.neurons.record import Values

WEAKEST = 0.3
"""A correlation nearer to zero than this is called none."""
FIRST_CHARACTERS = 2  # of a bar

Series = NDArray[np.float64]

_BAR_LINE = re.compile(r":*\|+[\]:]*|\[\||::")
_REPEAT = re.compile(r":+\|+:*|\|+:+|::|\[[12]|(?<=\|)[12]")
_TEXT = re.compile(r'"[^"\n]*"|![^!|\s"]+!|\[[A-Za-z]:[^\]\n]*\]')


@dataclass(frozen=True)
class Following:
    """The feature that a neuron follows best, and how well: r in [-1, 1]; 0.0 for a neuron that never changes."""

    neuron: int
    feature: str
    r: float

    @property
    def strong(self) -> bool:
        """Whether it is called following at all."""
        return abs(self.r) >= WEAKEST

    def sentence(self) -> str:
        """Such as "neuron 17 follows bar lines (r = 0.71)"."""
        if not self.strong:
            return f"neuron {self.neuron} follows none of them (|r| is {abs(self.r):.2f} at most)"
        upside_down = ", upside down" if self.r < 0 else ""
        return f"neuron {self.neuron} follows {self.feature}{upside_down} (r = {f'{self.r:.2f}'.replace('-', '−')})"


def what_neurons_follow(texts: Sequence[str], values: Sequence[Values]) -> list[Following]:
    """The best feature of each neuron, in the order of the neurons.

    texts: tunes. values: for each of them [len(text), H], as `neurons.record` records it.
    """
    r = correlations(features(texts), np.concatenate(values))
    best = np.abs(r).argmax(axis=0)
    names = list(FEATURES)
    return [
        Following(neuron, names[feature], float(r[feature, neuron])) for neuron, feature in enumerate(best.tolist())
    ]


def best_neurons(followings: Sequence[Following]) -> list[Following]:
    """For each feature that some neuron follows, the one that does best, the strongest first."""
    best: dict[str, Following] = {}
    for following in sorted(followings, key=lambda following: -abs(following.r)):
        if following.strong:
            best.setdefault(following.feature, following)
    return list(best.values())


def features(texts: Sequence[str]) -> Series:
    """[T, F]: for each character of all texts, one after the other, whether it has each of `FEATURES`."""
    tunes = [_Tune(text) for text in texts]
    columns = [np.concatenate([feature(tune) for tune in tunes]) for feature in FEATURES.values()]
    return np.stack(columns, axis=1).astype(np.float64)


def correlations(indicators: Series, values: Values) -> Series:
    """Pearson's r [F, H] of indicators [T, F] with values [T, H]; 0 where one of the two never changes."""
    x, y = (_standard(np.asarray(series, dtype=np.float64)) for series in (indicators, values))
    r: Series = np.clip(x.T @ y / len(x), -1.0, 1.0)
    return r


def _standard(series: Series) -> Series:
    """The columns with mean 0 and deviation 1, or 0 throughout."""
    centred = series - series.mean(axis=0)
    deviation = centred.std(axis=0)
    still = deviation <= 1e-12
    return np.where(still, 0.0, centred / np.where(still, 1.0, deviation))


class _Tune:
    """A tune's characters, and which of them are header, markers, texts and music."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.marker, self.field = (np.zeros(len(text), dtype=bool) for _ in range(2))
        begin = 0
        for line in text.splitlines(keepends=True):
            rows = slice(begin, begin + len(line))
            begin += len(line)
            if line.strip() in (START, END):
                self.marker[rows] = True
            elif FIELD_LINE.match(line):
                self.field[rows] = True
        music = ~(self.marker | self.field)
        self.words = self._matches(_TEXT) & music
        self.music = music & ~self.words
        self.bar_line = self._matches(_BAR_LINE) & self.music

    def among(self, characters: str) -> NDArray[np.bool_]:
        """Where the music has one of these."""
        return np.array([character in characters for character in self.text], dtype=bool) & self.music

    def repeats(self) -> NDArray[np.bool_]:
        return self._matches(_REPEAT) & self.music

    def bars(self) -> list[NDArray[np.intp]]:
        """The positions of the characters of each bar, bar lines and line ends left out."""
        inside = self.music & ~self.bar_line & ~self.among("\n")
        positions = np.flatnonzero(inside)
        ends = np.cumsum(self.bar_line)  # the same number: the same bar
        return [positions[ends[positions] == number] for number in np.unique(ends[positions])]

    def part_of_bars(self, part: Callable[[NDArray[np.intp]], NDArray[np.intp]]) -> NDArray[np.bool_]:
        """Where the chosen part of each bar stands."""
        chosen = np.zeros(len(self.text), dtype=bool)
        for bar in self.bars():
            chosen[part(bar)] = True
        return chosen

    def second_half(self) -> NDArray[np.bool_]:
        positions = np.flatnonzero(self.music)
        chosen = np.zeros(len(self.text), dtype=bool)
        chosen[positions[len(positions) // 2 :]] = True
        return chosen

    def _matches(self, pattern: re.Pattern[str]) -> NDArray[np.bool_]:
        found = np.zeros(len(self.text), dtype=bool)
        for match in pattern.finditer(self.text):
            found[match.start() : match.end()] = True
        return found


FEATURES: Mapping[str, Callable[[_Tune], NDArray[np.bool_]]] = MappingProxyType(
    {
        "header fields": lambda tune: tune.field,
        "start and end markers": lambda tune: tune.marker,
        "bar lines": lambda tune: tune.bar_line,
        "repeat signs and endings": lambda tune: tune.repeats(),
        "note letters": lambda tune: tune.among("ABCDEFGabcdefg"),
        "notes of the lower octave (capitals)": lambda tune: tune.among("ABCDEFG"),
        "notes of the upper octave (small letters)": lambda tune: tune.among("abcdefg"),
        "digits and other lengths": lambda tune: tune.among("0123456789/<>"),
        "accidentals": lambda tune: tune.among("^_="),
        "blanks": lambda tune: tune.among(" "),
        "line ends": lambda tune: np.array([character == "\n" for character in tune.text], dtype=bool),
        "chord symbols, texts and decorations": lambda tune: tune.words,
        "the first characters of a bar": lambda tune: tune.part_of_bars(lambda bar: bar[:FIRST_CHARACTERS]),
        "the second half of a bar": lambda tune: tune.part_of_bars(lambda bar: bar[len(bar) // 2 :]),
        "the second half of the tune": lambda tune: tune.second_half(),
    }
)
"""What is asked of each character, by the name that sentences use."""
