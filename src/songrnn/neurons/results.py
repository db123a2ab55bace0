"""What `label`, `ablate`, `steer` and `explain` return: typed, frozen, ready for JSON by `dataclasses.asdict`.

A place is the index of a character in its tune, from 0. A neuron is named by layer (from 1), quantity (`hidden`, `cell`
or a gate) and index (from 0). Strength of association, whatever the type of concept: `explained`, the share of the
variance of a neuron's value that the concept accounts for (r squared, for classes eta squared), 0..1.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from songrnn.statistics import Estimate

Kind = Literal["yes_no", "number", "class"]
Measure = Literal["AUC", "Spearman", "mutual information"]
MEASURES: dict[Kind, Measure] = {"yes_no": "AUC", "number": "Spearman", "class": "mutual information"}
"""AUC: 0.5 knows nothing, 1 is highest exactly where the concept holds, 0 lowest there. Spearman: -1..1. Mutual
information of the neuron's octile and the class, divided by the class's entropy: 0..1."""


@dataclass(frozen=True)
class NeuronName:
    """Which neuron: `quantity` is hidden, cell or the name of a gate."""

    layer: int
    quantity: str
    index: int

    def __str__(self) -> str:
        place = "" if self.layer == 1 else f"layer {self.layer} "
        kind = "" if self.quantity == "hidden" else f"{self.quantity.replace('_', ' ')} "
        return f"{place}{kind}neuron {self.index}"


@dataclass(frozen=True)
class Label:
    """The concept that a neuron follows best, chosen on one part of the tune families, all figures from the other.

    concept: its name in `concepts.CONCEPTS`. measure, score: by the type of concept, with a 95 % interval over tunes.
    inverted: whether the neuron is low where the concept is high. explained: the share of variance, conditioned on the
        place in the bar where the concept is confounded with it (`conditioned`).
    chance: what the same concept explains on average when whole tunes are permuted; p: of explaining so much by chance;
        chance_score: the score that knows nothing.
    untrained: the most that any neuron of an untrained network of the same shape explains.
    accuracy, control: balanced accuracy of the concept, and of random values of it in its place, one for every pair of
        characters (Hewitt and Liang 2019), as the neuron's octiles tell them (`scores.accuracy`); selectivity: the
        difference: what of the accuracy is not memory of characters.
    discovered: whether p holds at the false discovery rate over all neurons and concepts.
    carried_by: inputs of the network that carry the concept already (character, position, lookback, copying): with
        any, the neuron passes it on; without, the network computes it.
    found: whether the label counts: discovered, at least LEAST_EXPLAINED, and more than `untrained`.
    """

    neuron: NeuronName
    concept: str
    kind: Kind
    measure: Measure
    score: Estimate
    inverted: bool
    explained: float
    conditioned: bool
    chance: float
    chance_score: float
    p: float
    untrained: float
    accuracy: float
    control: float
    selectivity: float
    discovered: bool
    carried_by: tuple[str, ...]
    found: bool

    def sentence(self) -> str:
        """Such as "neuron 17 follows time elapsed in the bar (Spearman 0.71, 95 % interval 0.66 to 0.75; computed)".

        "Follows, inverted": it is low where the concept is high.
        """
        if not self.found:
            return f"{self.neuron} follows none of the concepts"
        low, value, high = (_signed(x) for x in (self.score.low, self.score.value, self.score.high))
        passed = f"; passed on from {' and '.join(self.carried_by)}" if self.carried_by else "; computed"
        follows = "follows, inverted," if self.inverted else "follows"
        return f"{self.neuron} {follows} {self.concept} ({self.measure} {value}, 95 % interval {low} to {high}{passed})"


@dataclass(frozen=True)
class Probe:
    """The sparse linear probe of one concept: a weighted sum of a few standardised hidden neurons.

    neurons, weights: those that it uses, largest weight first. measure, score: on the unseen part; for classes accuracy
    in place of mutual information. control: the same of the control task (a random value for every pair of characters,
    Hewitt and Liang 2019); selectivity: score - control. majority: accuracy of the commonest class, 0.5 for an AUC, 0
    for a correlation. untrained: the score of a probe in an untrained network of the same shape.
    """

    concept: str
    kind: Kind
    measure: Literal["AUC", "Spearman", "accuracy"]
    score: Estimate
    control: float
    selectivity: float
    majority: float
    untrained: float
    neurons: tuple[NeuronName, ...]
    weights: tuple[float, ...]
    carried_by: tuple[str, ...]


@dataclass(frozen=True)
class Labels:
    """What the neurons of a network follow.

    labels: one for each neuron of each quantity that was recorded, in the order of layers, quantities and indices.
    probes: one for each concept that varies. false_discovery_rate: the rate that `discovered` keeps.
    chosen_on, reported_on: tunes and characters of the two parts; families: of tunes, in both.
    """

    labels: tuple[Label, ...]
    probes: tuple[Probe, ...]
    false_discovery_rate: float
    chosen_on: tuple[int, int]
    reported_on: tuple[int, int]
    families: int

    @property
    def found(self) -> tuple[Label, ...]:
        """The labels that count, best explained first."""
        return tuple(sorted((one for one in self.labels if one.found), key=lambda one: -one.explained))

    def of(self, concept: str) -> tuple[Label, ...]:
        """The found labels of one concept, best first."""
        return tuple(one for one in self.found if one.concept == concept)

    def best(self) -> tuple[Label, ...]:
        """For every concept that some neuron follows, the neuron that follows it best, best explained first."""
        seen: dict[str, Label] = {}
        for one in self.found:
            seen.setdefault(one.concept, one)
        return tuple(seen.values())


@dataclass(frozen=True)
class Effect:
    """What an intervention changes of the network's surprisal, in bits per character; positive: it predicts worse.

    where: "all characters", or a concept's value such as "bar line" or "pitch, upper third". characters: how many are
    there. difference: with the intervention less without, the mean over these characters. at_random: the same of random
    interventions of the same size or norm. beyond_random: difference of the two; an interval without 0 says that this
    intervention is not any one.
    """

    where: str
    characters: int
    difference: Estimate
    at_random: Estimate
    beyond_random: Estimate


@dataclass(frozen=True)
class Ablation:
    """The effect of taking neurons or directions out.

    what: in words. method: zero, mean or resample. before, after: bits per character over all characters.
    effects: the first over all characters, then by concept. control: what the random interventions have in common.
    """

    what: str
    method: Literal["zero", "mean", "resample"]
    before: float
    after: float
    effects: tuple[Effect, ...]
    control: str
    random_sets: int

    @property
    def overall(self) -> Effect:
        """Over all characters."""
        return self.effects[0]


@dataclass(frozen=True)
class Dose:
    """What is composed at one strength.

    value: mean of the concept in the composed part of a tune. bits: of those tunes under the unchanged network. valid:
    share of tunes without a problem in notation or bars. shared: bars of the longest run that a tune shares with a
    training tune, common stock apart, 0 without any; undefined where the melodies of the training tunes are not known.
    """

    strength: float
    value: Estimate
    bits: Estimate
    valid: Estimate
    shared: Estimate


@dataclass(frozen=True)
class DoseCurve:
    """Composing with a direction of the hidden state added: strength -> what is composed. unit: of the concept."""

    concept: str
    unit: str
    doses: tuple[Dose, ...]

    @property
    def monotonic(self) -> bool:
        """Whether the concept's mean rises with every step of strength, or falls with every one."""
        values = [dose.value.value for dose in sorted(self.doses, key=lambda dose: dose.strength)]
        steps = [after - before for before, after in pairwise(values)]
        return all(step > 0 for step in steps) or all(step < 0 for step in steps)


@dataclass(frozen=True)
class Contribution:
    """What one source adds to the logit of a character, less its mean over the vocabulary. detail: such as what it
    suggests."""

    source: str
    logit: float
    detail: str = ""


@dataclass(frozen=True)
class Explanation:
    """Why a network chose a character: the logit at its place as a sum.

    place: of the character explained. alternatives: the likeliest characters there with their probabilities, likeliest
    first. contributions: by source (neurons together, copying, n-grams, position, lookback, pitch heads, bias), largest
    absolute value first; they add up to `logit`, before the floor is mixed in. neurons: those of the top layer that add
    most for or against.
    """

    place: int
    character: str
    probability: float
    alternatives: tuple[tuple[str, float], ...]
    logit: float
    contributions: tuple[Contribution, ...]
    neurons: tuple[tuple[NeuronName, float], ...]


@dataclass(frozen=True)
class LogitEffect:
    """Which characters a neuron of the top layer raises when it goes up by one standard deviation, by its output
    weights alone: (character, change of logit less the mean over characters), largest first; and those that it lowers,
    lowest first."""

    neuron: NeuronName
    raises: tuple[tuple[str, float], ...]
    lowers: tuple[tuple[str, float], ...]


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
