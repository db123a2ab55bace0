"""Distances between the distributions of notes in composed and human tunes.

Six statistics of a tune, each a distribution over symbols that sum to 1; notes are those of the melody, as written:

pitch       semitones above the tonic of the header's key, octaves folded (0..11); above C where there is no tonic
interval    semitones from each note to the next, up positive; more than an octave is one symbol each way
duration    length of a note, as a fraction of a whole note
rhythm      lengths of two notes in a row
repetition  each bar as played: the same as the one before, the same as an earlier one, or new
build       one symbol a tune: do its bars add up, does it end on the tonic, has it strains of eight bars

A tune that cannot be read has the one symbol "unreadable", one without any such symbol "nothing". The distribution of a
collection is the mean over its tunes, so that each counts the same.

Definition of the distance: the Jensen-Shannon divergence in bits, from 0, the same, to 1, nothing in common; lower is
better. Estimated from samples it is biased upwards, the more so the fewer tunes; `distance` subtracts the bias that the
bootstrap over tunes (of both sides) estimates, and its 95 % interval is the basic one: 2 d - q(97.5 %) to
2 d - q(2.5 %), cut off at 0. So two halves of one collection are at about 0. Undefined when a side has no tune.

`unlikeness` is one figure out of the six, for selecting a network's state during training: the mean of the
six distances, uncorrected, 0, the same, to 1 bit, nothing in common; lower is better. A tune that cannot be read is
unlike every tune that can. Undefined when a side has no tune. Unlike the area of `two_sample.py` it needs neither
hundreds of tunes nor a further library. It is not corrected for small numbers, since at each validation of one training
the numbers are the same; it does not detect copied tunes.

Source: Lin, Divergence measures based on the Shannon entropy, IEEE Trans. Inf. Theory 37 (1991).
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from songrnn.evaluation.analysed import UNREADABLE, AnalysedTune
from songrnn.evaluation.form import form_of
from songrnn.evaluation.tonality import OCTAVE, ends_on_tonic, tonic_of
from songrnn.evaluation.validity import bars_add_up
from songrnn.statistics import NOTHING_KNOWN, QUANTILES_95, Estimate, bootstrap_weights

Distribution = Mapping[str, float]
Distributions = Mapping[str, Sequence[Distribution]]
"""By statistic, the distribution of each tune."""

RESAMPLES = 1000
NOTHING = "nothing"


def _pitches(analysed: AnalysedTune) -> Iterable[str]:
    assert analysed.tune is not None
    tonic = tonic_of(analysed.tune.header.key) or 0
    return (str((note.pitch - tonic) % OCTAVE) for note in analysed.melody)


def _intervals(analysed: AnalysedTune) -> Iterable[str]:
    steps = (after.pitch - before.pitch for before, after in pairwise(analysed.melody))
    return (str(max(-OCTAVE - 1, min(OCTAVE + 1, step))) for step in steps)


def _durations(analysed: AnalysedTune) -> Iterable[str]:
    return (str(note.duration) for note in analysed.melody)


def _rhythms(analysed: AnalysedTune) -> Iterable[str]:
    return (f"{before.duration} {after.duration}" for before, after in pairwise(analysed.melody))


def _repetition(analysed: AnalysedTune) -> Iterable[str]:
    earlier = set()
    for index, bar in enumerate(analysed.bars):
        yield "as before" if index and bar == analysed.bars[index - 1] else "returns" if bar in earlier else "new"
        earlier.add(bar)


def _build(analysed: AnalysedTune) -> Iterable[str]:
    yield ", ".join(
        [
            "wrong bars" if bars_add_up(analysed) == 0 else "bars add up",
            "not on the tonic" if ends_on_tonic(analysed) == 0 else "on the tonic",
            "strains" if form_of(analysed.bars) else "no strains",
        ]
    )


STATISTICS: Mapping[str, Callable[[AnalysedTune], Iterable[str]]] = MappingProxyType(
    {
        "pitch": _pitches,
        "interval": _intervals,
        "duration": _durations,
        "rhythm": _rhythms,
        "repetition": _repetition,
        "build": _build,
    }
)


def distribution(analysed: AnalysedTune, statistic: str) -> Distribution:
    """Symbol -> share of a tune, summing to 1."""
    if analysed.tune is None:
        return {UNREADABLE: 1.0}
    counts = Counter(STATISTICS[statistic](analysed))
    total = counts.total()
    return {symbol: count / total for symbol, count in counts.items()} if total else {NOTHING: 1.0}


def mean_distribution(tunes: Sequence[Distribution]) -> dict[str, float]:
    """Symbol -> mean share over tunes."""
    mean: dict[str, float] = {}
    for tune in tunes:
        for symbol, share in tune.items():
            mean[symbol] = mean.get(symbol, 0.0) + share / len(tunes)
    return mean


def plain_distance(one: Sequence[Distribution], other: Sequence[Distribution]) -> float:
    """The uncorrected divergence, in bits, 0..1; NaN when a side has no tune."""
    if not one or not other:
        return math.nan
    table, mine = _table(one, other)
    return float(_divergence(table[mine].mean(0), table[~mine].mean(0)))


def unlikeness(composed: Distributions, human: Distributions) -> float:
    """0..1 bit, or NaN."""
    distances = [plain_distance(composed[statistic], human[statistic]) for statistic in STATISTICS]
    return sum(distances) / len(distances)


def distance(one: Sequence[Distribution], other: Sequence[Distribution], *, seed: int = 0) -> Estimate:
    """The divergence, corrected for its bias, with its interval; `tunes` is the smaller side's number."""
    if not one or not other:
        return NOTHING_KNOWN
    table, mine = _table(one, other)
    rng = np.random.default_rng(seed)
    found = float(_divergence(table[mine].mean(0), table[~mine].mean(0)))
    resampled = _divergence(_resampled(table[mine], rng), _resampled(table[~mine], rng))
    low, high = np.quantile(resampled, QUANTILES_95)
    ends = (2 * found - float(resampled.mean()), 2 * found - float(high), 2 * found - float(low))
    value, low, high = (min(1.0, max(0.0, end)) for end in ends)
    return Estimate(value, low, high, min(len(one), len(other)))


def _table(one: Sequence[Distribution], other: Sequence[Distribution]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """[tunes of both, symbols] shares, and [tunes of both] whether a tune is of the first side."""
    symbols = {symbol: column for column, symbol in enumerate(sorted({s for tune in (*one, *other) for s in tune}))}
    table = np.zeros((len(one) + len(other), len(symbols)))
    for row, tune in enumerate((*one, *other)):
        for symbol, share in tune.items():
            table[row, symbols[symbol]] = share
    return table, np.arange(len(table)) < len(one)


def _resampled(table: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """[RESAMPLES, symbols] mean distributions of as many tunes, drawn again."""
    return np.asarray(bootstrap_weights(len(table), RESAMPLES, rng) @ table)


def _divergence(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Jensen-Shannon divergence of distributions along the last axis, in bits."""
    middle = (one + other) / 2
    return np.asarray((_relative_entropy(one, middle) + _relative_entropy(other, middle)) / 2)


def _relative_entropy(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    ratio = np.divide(one, other, out=np.ones_like(one), where=one > 0)
    return np.asarray((one * np.log2(ratio)).sum(-1))
