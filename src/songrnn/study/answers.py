"""The questions of the SongRNN paper, answered in sentences from a study's numbers.

A difference whose interval contains zero is reported as none, whatever its sign. A difference of trainings that ended
before they had converged is one after so many epochs: nothing is concluded from it about the networks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from songrnn.neurons.labelling import LEAST_EXPLAINED
from songrnn.statistics import Interval, difference_of_shares
from songrnn.study.figures import NAMES
from songrnn.study.insight import Insight
from songrnn.study.run import TrialResult
from songrnn.study.table import Factor, difference, values_of, where


@dataclass(frozen=True)
class Answer:
    """A question, and sentences that answer it."""

    question: str
    sentences: tuple[str, ...]


def answers(
    results: Sequence[TrialResult], counts: Sequence[Mapping[str, Any]], insights: Sequence[Insight]
) -> list[Answer]:
    """All questions; counts: for each temperature, `composed`, `ended` and `valid` over all configurations."""
    return [
        Answer("Does the LSTM learn better than the plain RNN?", tuple(about_cells(results))),
        Answer("What does dropout change?", tuple(about_numbers(results, "dropout"))),
        Answer("What do more neurons change?", tuple(about_numbers(results, "hidden_size"))),
        Answer("What does the temperature change?", tuple(about_temperature(counts))),
        Answer("What do the neurons follow?", tuple(about_neurons(insights))),
    ]


def about_cells(results: Sequence[TrialResult]) -> list[str]:
    """Each pair of cells over the whole grid, then at how many single sizes and dropouts the difference is seen."""
    cells = [cell for cell in ("lstm", "gru", "rnn") if cell in values_of(results, "cell")]
    sentences = []
    sentences += unconverged(results)
    if not {"lstm", "rnn"} <= set(cells):
        sentences.append("This study did not compare the two.")
    pairs = [("lstm", "rnn"), ("gru", "rnn"), ("lstm", "gru")]
    for one, other in ((a, b) for a, b in pairs if a in cells and b in cells):
        overall = difference(results, "cell", one, other)
        final = converged([r for r in results if r.cell == one]) and converged([r for r in results if r.cell == other])
        sentences.append(compared(f"the {NAMES[one]}", f"the {NAMES[other]}", overall, final=final))
        places = [
            difference(where(results, hidden_size=size, dropout=dropout), "cell", one, other)
            for size in values_of(results, "hidden_size")
            for dropout in values_of(results, "dropout")
        ]
        if len(places) > 1 and overall.count:
            sentences.append(_in_places(one, other, places))
        tested = difference(results, "cell", one, other, "test")
        if tested.count:
            sentences.append(
                "On the test tunes: "
                + compared(f"the {NAMES[one]}", f"the {NAMES[other]}", tested, capital=False, final=final)
            )
    return sentences


def about_numbers(results: Sequence[TrialResult], factor: Factor) -> list[str]:
    """Every higher value of a factor against the lowest, then the highest against the lowest in each cell."""
    values = values_of(results, factor)
    if len(values) < 2:
        return [f"This study had one only: {_with(factor, values[0])}."]
    final = converged(results)
    sentences = [
        compared(f"networks {_with(factor, value)}", f"networks {_with(factor, values[0])}", d, final=final)
        for value, d in ((value, difference(results, factor, value, values[0])) for value in values[1:])
    ]
    cells = values_of(results, "cell")
    if len(cells) > 1:
        high, low = values[-1], values[0]
        for cell in cells:
            d = difference(where(results, cell=cell), factor, high, low)
            sentences.append(
                f"In the {NAMES[cell]} alone: "
                + compared(
                    f"networks {_with(factor, high)}", f"those {_with(factor, low)}", d, capital=False, final=final
                )
            )
    return [*unconverged(results), *sentences]


def about_temperature(counts: Sequence[Mapping[str, Any]]) -> list[str]:
    """How many tunes were valid at each temperature, and whether the lowest and the highest differ."""
    counts = [row for row in counts if row["composed"]]
    if not counts:
        return ["No network composed anything."]
    music, ended = (
        ", ".join(f"{row[name]} of {row['composed']} at {row['temperature']:g}" for row in counts)
        for name in ("valid", "ended")
    )
    sentences = [
        f"Valid tunes, by the ABC standard and with bars that add up: {music}.",
        f"Tunes that the network ended itself: {ended}.",
    ]
    if len(counts) > 1:
        cool, hot = counts[0], counts[-1]
        low, high = difference_of_shares(cool["valid"], cool["composed"], hot["valid"], hot["composed"])
        shares = f"between {100 * low:.0f} and {100 * high:.0f} percentage points, 95 % interval".replace("-", "−")
        if low > 0:
            verdict = f"A higher temperature spoils tunes: more of them are music at {cool['temperature']:g} than at "
        elif high < 0:
            verdict = f"Fewer tunes are music at {cool['temperature']:g} than at "
        else:
            verdict = f"No difference is seen in how many are music at {cool['temperature']:g} and at "
        sentences.append(f"{verdict}{hot['temperature']:g} ({shares}).")
    return sentences


def about_neurons(insights: Sequence[Insight]) -> list[str]:
    """For the best network of each cell, how many neurons follow a concept, and the best of each concept."""
    if not insights:
        return ["No held-out tune could be read by a network, so nothing is known."]
    sentences = []
    for insight in insights:
        network = f"the best {NAMES[insight.cell]} ({insight.trial})"
        if insight.labels is None:
            sentences.append(f"Too few held-out tunes could be read by {network} to label its neurons.")
            continue
        tunes, characters = insight.labels.reported_on
        sentences.append(
            f"In {network}, {len(insight.found)} of {len(insight.labels.labels)} neurons follow a concept: on {tunes} "
            f"held-out tunes of {characters:,} characters, on which the labels were not chosen, it explains "
            f"{LEAST_EXPLAINED:.0%} or more of their variance, more than in an untrained network, at a false discovery "
            f"rate of {insight.labels.false_discovery_rate:.0%}."
        )
        best = insight.labels.best()[:4]
        if best:
            sentences.append(_capital("; ".join(one.sentence() for one in best)) + ".")
    return sentences


def converged(results: Sequence[TrialResult]) -> bool:
    """Whether at most half of the successful trainings were best, and so still improving, within their last epoch."""
    done = [result for result in results if not result.failure]
    return 2 * sum(map(_still_learning, done)) <= len(done)


def unconverged(results: Sequence[TrialResult]) -> list[str]:
    """One sentence where most trainings of some cell ended before they had converged, else none."""
    counts = []
    for cell in values_of(results, "cell"):
        of_cell = where(results, cell=cell)
        if not converged(of_cell):
            done = [result for result in of_cell if not result.failure]
            counts.append(f"{sum(map(_still_learning, done))} of {len(done)} of the {NAMES[cell]}")
    if not counts:
        return []
    epochs = max(result.epochs for result in results)
    return [
        f"These trainings ended before they had converged, after {epochs:g} epoch(s): {', '.join(counts)} were "
        "best within their last epoch. The differences are those at that point; longer trainings may give others."
    ]


def compared(one: str, other: str, d: Interval, *, capital: bool = True, final: bool = True) -> str:
    """An interval of `one` minus `other`, in bits per character, in a sentence; lower is better.

    final: whether both had converged; where they had not, no verdict is given.
    """
    if d.count == 0:
        text = f"{one} and {other} cannot be compared: there is no pair in which both trainings succeeded."
    elif not d.without_zero:
        text = f"between {one} and {other} no difference is seen ({d.text(signed=True)} bits per character)."
    else:
        verb = "need" if one.startswith("networks") else "needs"
        more, verdict = ("less", "better") if d.mean < 0 else ("more", "worse")
        size = Interval(abs(d.mean), d.half, d.count).text()
        text = f"{one} {verb} {size} bits per character {more} than {other}: {verdict}{'' if final else ' so far'}."
    return _capital(text) if capital else text


def _in_places(one: str, other: str, places: Sequence[Interval]) -> str:
    better = sum(d.without_zero and d.mean < 0 for d in places)
    worse = sum(d.without_zero and d.mean > 0 for d in places)
    return (
        f"At a single size and dropout the {NAMES[one]} is better than the {NAMES[other]} in {better} of {len(places)} "
        f"cases, worse in {worse}, and no difference is seen in {len(places) - better - worse}."
    )


def _still_learning(result: TrialResult) -> bool:
    """Whether a training was best within its last epoch: with more it would have improved."""
    return result.best_epoch is not None and result.best_epoch > result.epochs - 1


def _with(factor: Factor, value: Any) -> str:
    if factor == "hidden_size":
        return f"of {value} neurons"
    return f"with dropout {value:g}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
