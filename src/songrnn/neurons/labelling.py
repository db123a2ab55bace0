"""`label`: what every neuron follows, chosen on one part of the tune families and reported on another.
A label counts if the concept explains LEAST_EXPLAINED of the neuron's variance on the reported part, if that is a
discovery among all neurons and concepts, and if it is more than any neuron of an untrained network of the same shape
explains: such a network, too, knows which character it has just read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from songrnn.checkpoint import Checkpoint
from songrnn.corpus.variants import group_variants
from songrnn.engines.settings import FULL_PRECISION, EngineSettings
from songrnn.errors import CorpusError, SettingsError
from songrnn.model.settings import parameter_shapes
from songrnn.neurons.association import Design, NeuronValues, discoveries, explained, permutation_p
from songrnn.neurons.concepts import CONCEPTS, Concept, ConceptValues, concept_values
from songrnn.neurons.probing import FittedProbe, ProbeParts, control_values, probe
from songrnn.neurons.recording import Progress, Recording, record
from songrnn.neurons.results import MEASURES, Label, Labels, NeuronName, Probe
from songrnn.neurons.scores import RESAMPLES, accuracy, octiles, score
from songrnn.statistics import bootstrap_weights

LEAST_EXPLAINED = 0.1
"""Share of a neuron's variance below which it follows nothing: |r| of about 0.3."""
SIMPLER = 0.02
"""Share of variance that classes must explain beyond a number or a yes/no concept to be chosen."""
FALSE_DISCOVERY_RATE = 0.05
FEWEST_FAMILIES = 10
"""Families of tunes that can be split: five tunes of a side have 24 cyclic permutations, fewer too few to be chance."""
PERMUTATIONS = (20, 200)
NEURONS_AT_ONCE = 512
UNTRAINED_SEED = 1
NEUTRAL = {"yes_no": 0.5, "number": 0.0, "class": 0.0}
"""The score that knows nothing."""

Floats = NDArray[np.floating[Any]]


def label(
    checkpoint: Checkpoint,
    tunes: Sequence[str],
    *,
    recording: Recording | None = None,
    quantities: Sequence[str] = ("hidden",),
    settings: EngineSettings = FULL_PRECISION,
    seed: int = 0,
    probes: bool = True,
    progress: Progress | None = None,
) -> Labels:
    """What the neurons of a network follow in `tunes`, texts in its form that it has not learned from.

    recording: of these tunes with these quantities, if there is one already. probes: whether sparse probes are fitted,
    too, which takes about as long again. Raises CorpusError if the tunes are too few families to split, and what
    `record` raises.
    """
    recording = recording or record(checkpoint, tunes, quantities=quantities, settings=settings, progress=progress)
    if recording.texts != tuple(tunes):
        raise SettingsError("the recording is of other tunes")
    return label_recording(checkpoint, recording, quantities, settings=settings, seed=seed, probes=probes)


def label_recording(
    checkpoint: Checkpoint,
    recording: Recording,
    quantities: Sequence[str] = ("hidden",),
    *,
    settings: EngineSettings = FULL_PRECISION,
    seed: int = 0,
    probes: bool = True,
    untrained: Recording | None = None,
) -> Labels:
    """The same of a recording. untrained: of the same tunes by an untrained network; made here if it is missing."""
    rng = np.random.default_rng(seed)
    sides, families = split_families(recording.texts, rng)
    values = concept_values(recording)
    untrained = untrained or record(
        untrained_like(checkpoint), recording.texts, quantities=quantities, settings=settings
    )
    controls = _controls(recording, values, np.random.default_rng((seed, 1)))
    halves = [_Half.of(recording, values, controls, sides == side) for side in (0, 1)]
    groups = [NeuronName(layer, q, 0) for layer in range(1, checkpoint.model.layers + 1) for q in quantities]
    parts = [_labels_of(checkpoint, (recording, untrained), halves, name, rng) for name in groups]
    p = np.concatenate([own for _, own in parts], axis=1)
    labels = _decided([one for own, _ in parts for one in own], p, list(CONCEPTS))
    found = _probes(checkpoint, (recording, untrained), values, sides, rng) if probes else ()
    sizes = [(len(half.tunes), len(half.rows)) for half in halves]
    return Labels(tuple(labels), found, FALSE_DISCOVERY_RATE, sizes[0], sizes[1], families)


def split_families(tunes: Sequence[str], rng: np.random.Generator) -> tuple[NDArray[np.int64], int]:
    """[N] the side of each tune, 0 or 1, about as many characters on each; variants of one tune stay together.

    Returns also how many families there are. Raises CorpusError if they are fewer than FEWEST_FAMILIES.
    """
    families = group_variants(tunes)
    if len(families) < FEWEST_FAMILIES:
        raise CorpusError(
            f"of different tunes there {'is' if len(families) == 1 else 'are'} {len(families)}, too few to choose "
            f"labels on some and report them on others; give {FEWEST_FAMILIES} or more"
        )
    sides, sizes = np.zeros(len(tunes), dtype=np.int64), [0, 0]
    for number in rng.permutation(len(families)):
        side = int(sizes[1] < sizes[0])
        sides[families[number]] = side
        sizes[side] += sum(len(tunes[i]) for i in families[number])
    return sides, len(families)


def untrained_like(checkpoint: Checkpoint, seed: int = UNTRAINED_SEED) -> Checkpoint:
    """A network of the same shape as training begins with (`model/network.py`): embeddings normal, the rest uniform
    within one over the root of the fan-in; position's direct way, lookback, pitch heads and bonuses at 0."""
    rng, weights = np.random.default_rng(seed), {}
    columns = max(1, checkpoint.reader.columns.categories)
    for name, shape in parameter_shapes(checkpoint.model, len(checkpoint.vocabulary)).items():
        fan_in = checkpoint.model.hidden_size if name.startswith(("recurrent", "output", "copying.gate")) else shape[-1]
        if name.startswith("categories.") and "output" not in name:
            drawn = rng.normal(0, columns**-0.5, shape)
        elif name.startswith(("categories", "lookback", "pitches", "ngrams.gate")) or "bonus" in name:
            drawn = np.zeros(shape)
        elif name == "embedding.weight" or name.startswith(("copying.suggested", "copying.length", "copying.distance")):
            drawn = rng.normal(0, 1, shape)
        else:
            drawn = rng.uniform(-(fan_in**-0.5), fan_in**-0.5, shape)
        weights[name] = drawn.astype(np.float32)
    return replace(checkpoint, weights=weights)


@dataclass(frozen=True)
class _Half:
    """One side of the split: rows [t] in the recording, tunes [n], begins [n + 1] and tune_of [t] of its own; values
    of the concepts and of their control tasks, each [t, C]."""

    rows: NDArray[np.int64]
    tunes: NDArray[np.int64]
    begins: NDArray[np.int64]
    tune_of: NDArray[np.int64]
    values: Floats
    controls: Floats
    design: Design

    @classmethod
    def of(cls, recording: Recording, values: ConceptValues, controls: Floats, chosen: NDArray[np.bool_]) -> "_Half":
        tunes = np.flatnonzero(chosen)
        lengths = np.diff(recording.begins)[tunes]
        rows = np.flatnonzero(chosen[recording.tune_of])
        own = values.values[rows]
        begins = np.concatenate([[0], np.cumsum(lengths)])
        tune_of = np.repeat(np.arange(len(tunes)), lengths)
        return cls(rows, tunes, begins, tune_of, own, controls[rows], Design.of(values.concepts, own))

    def neurons(self, recording: Recording, name: NeuronName, columns: slice) -> Floats:
        """[t, F] values of some neurons."""
        return recording.matrix(name.quantity, name.layer)[self.rows, columns].astype(np.float32)

    def prepared(self, recording: Recording, name: NeuronName, columns: slice) -> NeuronValues:
        """The same, ready to be compared with concepts."""
        return NeuronValues.of(self.neurons(recording, name, columns), self.design.places)


def _labels_of(
    checkpoint: Checkpoint,
    recordings: tuple[Recording, Recording],
    halves: Sequence[_Half],
    name: NeuronName,
    rng: np.random.Generator,
) -> tuple[list[Label], Floats]:
    """All neurons of one layer and quantity, and p [C, H]; `discovered` and `found` are decided later."""
    recording, untrained = recordings
    chosen_on, reported_on = halves
    weights = bootstrap_weights(len(reported_on.tunes), RESAMPLES, rng)
    size = checkpoint.model.hidden_size
    stretches = [slice(begin, min(begin + NEURONS_AT_ONCE, size)) for begin in range(0, size, NEURONS_AT_ONCE)]
    at_best = np.max(
        [explained(reported_on.design, reported_on.prepared(untrained, name, s)).max(axis=1) for s in stretches], axis=0
    )
    kinds = np.array([concept.kind for concept in chosen_on.design.concepts])
    labels, chances = [], []
    for stretch in stretches:
        first = explained(chosen_on.design, chosen_on.prepared(recording, name, stretch))
        best = (first - SIMPLER * (kinds == "class")[:, None]).argmax(axis=0)
        values = reported_on.neurons(recording, name, stretch)
        fitted = chosen_on.neurons(recording, name, stretch)
        permutations = int(np.clip(20_000 // values.shape[1], *PERMUTATIONS))
        shares, chance, p = permutation_p(
            reported_on.design,
            NeuronValues.of(values, reported_on.design.places),
            reported_on.begins,
            permutations=permutations,
            rng=rng,
        )
        chances.append(p)
        for number, place in enumerate(best.tolist()):
            concept = reported_on.design.concepts[place]
            series = reported_on.values[:, place]
            estimate = score(concept.kind, values[:, number], series, reported_on.tune_of, weights)
            neutral = NEUTRAL[concept.kind]
            accuracies = _accuracies(halves, place, (fitted[:, number], values[:, number]))
            labels.append(
                Label(
                    neuron=replace(name, index=stretch.start + number),
                    concept=concept.name,
                    kind=concept.kind,
                    measure=MEASURES[concept.kind],
                    score=estimate,
                    inverted=concept.kind != "class" and estimate.value < neutral,
                    explained=float(shares[place, number]),
                    conditioned=concept.conditioned,
                    chance=float(chance[place, number]),
                    chance_score=neutral,
                    p=float(p[place, number]),
                    untrained=float(at_best[place]),
                    accuracy=accuracies[0],
                    control=accuracies[1],
                    selectivity=accuracies[0] - accuracies[1],
                    discovered=False,
                    carried_by=concept.carriers(checkpoint.model),
                    found=False,
                )
            )
    return labels, np.concatenate(chances, axis=1)


def _accuracies(halves: Sequence[_Half], place: int, values: tuple[Floats, Floats]) -> tuple[float, float]:
    """Of the concept at `place`, and of its control task; values: [t] of one neuron on either side."""
    kind = halves[0].design.concepts[place].kind
    fitted, reported = (octiles(own, values[0]) for own in values)
    concept, control = (
        accuracy(kind, (fitted, first[:, place]), (reported, second[:, place]))
        for first, second in ((halves[0].values, halves[1].values), (halves[0].controls, halves[1].controls))
    )
    return concept, control


def _decided(labels: Sequence[Label], p: Floats, concepts: list[str]) -> list[Label]:
    """The labels with `discovered` and `found`; p: [C, F] of all concepts and all labelled neurons."""
    held = discoveries(p, FALSE_DISCOVERY_RATE)
    decided = []
    for number, one in enumerate(labels):
        discovered = bool(held[concepts.index(one.concept), number])
        counts = discovered and one.explained >= LEAST_EXPLAINED and one.explained > one.untrained
        decided.append(replace(one, discovered=discovered, found=counts))
    return decided


def _probes(
    checkpoint: Checkpoint,
    recordings: tuple[Recording, Recording],
    values: ConceptValues,
    sides: NDArray[np.int64],
    rng: np.random.Generator,
) -> tuple[Probe, ...]:
    """Fitted on three quarters of the first side's tunes, chosen on the rest of it, reported on the second side."""
    recording, untrained = recordings
    first = rng.permutation(np.flatnonzero(sides == 0))
    kept_back = np.isin(np.arange(len(sides)), first[: max(1, len(first) // 4)])
    tune_of = recording.tune_of
    parts = ProbeParts((sides == 0)[tune_of] & ~kept_back[tune_of], kept_back[tune_of], (sides == 1)[tune_of])
    reported = np.cumsum(sides == 1) - 1  # numbers of the tunes among the reported ones
    weights = bootstrap_weights(int((sides == 1).sum()), RESAMPLES, rng)
    pairs = _pairs(recording)
    found, plain = (
        probe(_every_layer(one), values.concepts, values.values, pairs, parts, reported[tune_of], weights, rng)
        for one in (recording, untrained)
    )
    return tuple(_probe(checkpoint, CONCEPTS[name], fitted, plain[name].score.value) for name, fitted in found.items())


def _pairs(recording: Recording) -> NDArray[np.int64]:
    """[T] a number for each pair of a character and the one before it."""
    points = np.array([ord(c) for text in recording.texts for c in text])
    return np.unique(points + (np.roll(points, 1) << 24), return_inverse=True)[1].ravel()


def _controls(recording: Recording, values: ConceptValues, rng: np.random.Generator) -> Floats:
    """[T, C] values of the control task of each concept."""
    pairs = _pairs(recording)
    return np.stack([control_values(own, ~np.isnan(own), pairs, rng) for own in values.values.T], axis=1)


def _every_layer(recording: Recording) -> Floats:
    """[T, L * H]: the hidden states of all layers side by side."""
    hidden = recording.quantities["hidden"]
    return np.asarray(hidden, dtype=np.float32).reshape(len(hidden), -1)


def _probe(checkpoint: Checkpoint, concept: Concept, fitted: FittedProbe, untrained: float) -> Probe:
    strengths = np.abs(fitted.weights).max(axis=1)
    used = [int(i) for i in np.argsort(-strengths, kind="stable") if strengths[i] > 0]
    size = checkpoint.model.hidden_size
    signed = fitted.weights[np.arange(len(strengths)), np.abs(fitted.weights).argmax(axis=1)]
    measures = {"yes_no": "AUC", "number": "Spearman", "class": "accuracy"}
    return Probe(
        concept=concept.name,
        kind=concept.kind,
        measure=measures[concept.kind],  # type: ignore[arg-type]
        score=fitted.score,
        control=fitted.control,
        selectivity=fitted.score.value - fitted.control,
        majority=fitted.majority,
        untrained=untrained,
        neurons=tuple(NeuronName(1 + i // size, "hidden", i % size) for i in used),
        weights=tuple(float(signed[i]) for i in used),
        carried_by=concept.carriers(checkpoint.model),
    )
