"""`ablate`: what surprisal is without some neurons, or without the directions of a concept.

The same tunes are scored with the network as it is, with the intervention, and with random ones of the same sort: as
many random neurons, or random directions that change by the same norm. Differences are in bits per character, over all
characters and where a concept holds; intervals are over tunes (bootstrap).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from songrnn.checkpoint import Checkpoint
from songrnn.engines.intervention import Intervention, Interventions
from songrnn.engines.select import open_engine
from songrnn.engines.settings import FULL_PRECISION, EngineSettings
from songrnn.errors import SettingsError
from songrnn.neurons.concepts import Concept, ConceptValues, concept_named, concept_values
from songrnn.neurons.directions import Method, random_directions, subspace, without_directions, without_neurons
from songrnn.neurons.recording import Recording, record
from songrnn.neurons.results import Ablation, Effect
from songrnn.neurons.scores import RESAMPLES
from songrnn.statistics import NOTHING_KNOWN, QUANTILES_95, Estimate, bootstrap_weights

FEWEST_CHARACTERS = 30
"""At which a concept must hold for an effect on it to be reported."""
RANDOM_SETS = 10

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Where:
    """Some characters of a recording: `name`, such as "bar line", and [T] whether each is one of them."""

    name: str
    holds: NDArray[np.bool_]


def ablate(
    checkpoint: Checkpoint,
    tunes: Sequence[str],
    *,
    neurons: Sequence[int] = (),
    concept: str = "",
    layer: int = 1,
    method: Method = "mean",
    random_sets: int = RANDOM_SETS,
    recording: Recording | None = None,
    settings: EngineSettings = FULL_PRECISION,
    seed: int = 0,
) -> Ablation:
    """Take neurons of a layer out, by index from 0, or else the directions of a concept, and score the tunes.

    method: zero, mean or resample: what stands in their place, of the states in the same tunes. random_sets: how many
    random interventions it is compared with. recording: of these tunes, if there is one already.
    Raises SettingsError for neurons that do not exist, or neither neurons nor a concept; what `record` raises.
    """
    if bool(neurons) == bool(concept):
        raise SettingsError("name either neurons to take out, or a concept whose directions to take out")
    rng = np.random.default_rng(seed)
    recording = recording or record(checkpoint, tunes, settings=settings)
    hidden = recording.matrix("hidden", layer)
    values = concept_values(recording)
    if neurons:
        chosen = np.unique(np.asarray(neurons, dtype=np.int64))
        changed = without_neurons(chosen, hidden, layer, method, rng)
        controls = [
            without_neurons(rng.permutation(hidden.shape[1])[: len(chosen)], hidden, layer, method, rng)
            for _ in range(random_sets)
        ]
        what = f"neuron{'s' * (len(chosen) > 1)} {', '.join(map(str, chosen.tolist()))} of layer {layer}"
        control = f"{len(chosen)} random neuron{'s' * (len(chosen) > 1)}"
    else:
        changed, controls, what = _of_concept(concept_named(concept), values, hidden, layer, method, random_sets, rng)
        control = "random directions, changed by the same norm"
    bits = [_bits(checkpoint, recording, settings, i) for i in ((), (changed,), *((one,) for one in controls))]
    effects = effects_of(bits, recording, values, rng)
    before, after = (float(np.nanmean(one)) for one in bits[:2])
    return Ablation(what, method, before, after, effects, control, random_sets)


def _of_concept(
    concept: Concept,
    values: ConceptValues,
    hidden: Floats,
    layer: int,
    method: Method,
    random_sets: int,
    rng: np.random.Generator,
) -> tuple[Intervention, list[Intervention], str]:
    """The intervention, its controls, and what it is in words."""
    directions = subspace(hidden, concept, values.of(concept.name))
    count, size = directions.shape
    controls = [
        without_directions(directions, hidden, layer, method, rng, removed=random_directions(count, size, rng))
        for _ in range(random_sets)
    ]
    what = f"{count} direction{'s' * (count > 1)} of {concept.name} in layer {layer}"
    return without_directions(directions, hidden, layer, method, rng), controls, what


def effects_of(
    bits: Sequence[Floats], recording: Recording, values: ConceptValues, rng: np.random.Generator
) -> tuple[Effect, ...]:
    """The effects over all characters and by concept.

    bits: [T] each: as it is, with the intervention, with each of the random ones.
    """
    plain, changed = bits[0], bits[1]
    at_random = np.mean(bits[2:], axis=0) if len(bits) > 2 else np.full_like(plain, np.nan)
    weights = bootstrap_weights(len(recording.texts), RESAMPLES, rng)
    return tuple(
        _effect(where, (changed - plain, at_random - plain, changed - at_random), recording.tune_of, weights)
        for where in (Where("all characters", ~np.isnan(plain)), *_wheres(values))
        if where.holds.sum() >= FEWEST_CHARACTERS
    )


def _wheres(values: ConceptValues) -> list[Where]:
    """Where each concept holds, each class, and the upper and lower third of each number."""
    found: list[Where] = []
    for number, concept in enumerate(values.concepts):
        own = values.values[:, number]
        if concept.kind == "yes_no":
            found.append(Where(concept.name, own > 0.5))
        elif concept.kind == "class":
            found += [Where(f"{concept.name}: {name}", own == i) for i, name in enumerate(concept.classes)]
        elif not np.isnan(own).all():
            low, high = np.nanpercentile(own, (100 / 3, 200 / 3))
            found.append(Where(f"{concept.name}, upper third", own >= high))
            found.append(Where(f"{concept.name}, lower third", own <= low))
    return found


def _effect(
    where: Where, differences: tuple[Floats, Floats, Floats], tune_of: NDArray[np.int64], weights: Floats
) -> Effect:
    parts = (_mean(one, where.holds, tune_of, weights) for one in differences)
    return Effect(where.name, int(where.holds.sum()), *parts)


def _mean(values: Floats, holds: NDArray[np.bool_], tune_of: NDArray[np.int64], weights: Floats) -> Estimate:
    """The mean of the values [T] that hold and are known, with the interval of the bootstrap over tunes."""
    known = holds & ~np.isnan(values)
    if not known.any():
        return NOTHING_KNOWN
    tunes, own = tune_of[known], values[known]
    sums = np.bincount(tunes, own, minlength=weights.shape[1])
    counts = np.bincount(tunes, minlength=weights.shape[1])
    totals = weights @ counts
    drawn = (weights @ sums)[totals > 0] / totals[totals > 0]
    low, high = np.quantile(drawn, QUANTILES_95)
    return Estimate(float(own.mean()), float(low), float(high), len(np.unique(tunes)))


def _bits(
    checkpoint: Checkpoint, recording: Recording, settings: EngineSettings, interventions: Interventions
) -> Floats:
    """[T] surprisal at each character of the recorded tunes; NaN at the first of a raw text."""
    vocabulary = checkpoint.vocabulary
    before = [vocabulary.start] if vocabulary.boundaries else []
    texts = [np.array([*before, *vocabulary.encode(text)], dtype=np.int64) for text in recording.texts]
    scored = iter(open_engine(checkpoint, settings, interventions).score([ids for ids in texts if len(ids) > 1]))
    first = [] if before else [np.nan]
    return np.concatenate([[*first, *(next(scored) / -np.log(2) if len(ids) > 1 else [])] for ids in texts])
