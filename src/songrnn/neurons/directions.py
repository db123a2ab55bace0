"""Directions of the hidden state that belong to a concept, and the interventions made of neurons and directions.

The direction of a number or a yes/no concept is how the mean state changes when the concept rises by one standard
deviation: cov(h, y) / sd(y), [H], found in tunes that the network reads ("difference in means", after Marks and Tegmark
2023, for numbers too). Steering adds `strength` times the direction of what is coming of the concept (`coming`): where
the state says that the pitch is high, the network goes down again; where it says that it will rise, it goes up. The
subspace of a concept spans the means of the states at its values (octiles of a number), least important directions left
out.
"""

from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from songrnn.engines.intervention import Intervention, Interventions
from songrnn.errors import CorpusError, SettingsError
from songrnn.neurons.concepts import Concept, concept_named, concept_values
from songrnn.neurons.recording import Recording
from songrnn.neurons.scores import BINS, ranks
from songrnn.neurons.settings import InterventionSettings

Method = Literal["zero", "mean", "resample"]
SUBSPACE_SHARE = 0.95
"""Of the variance between the means of a concept's values, what its subspace keeps."""
MOST_DIRECTIONS = 4
AHEAD = 12
"""Characters over which what is coming of a concept is averaged."""
FEWEST_AHEAD = 4
"""Of them that must have a value."""
RESAMPLED = 4096
"""States of other places that resampling goes through, one after the other, for each tune anew."""

Floats = NDArray[np.floating[Any]]


def direction(hidden: Floats, concept: Concept, values: Floats) -> Floats:
    """[H] for hidden states [T, H] and a concept's values [T], NaN where undefined.

    Raises SettingsError for a concept of classes, which has no direction, CorpusError if it does not vary.
    """
    if concept.kind == "class":
        raise SettingsError(
            f"{concept.name} has classes, not more or less of something; name a number or a yes/no concept to steer by"
        )
    known = ~np.isnan(values)
    own, y = np.asarray(hidden[known], dtype=np.float64), values[known]
    if len(y) < 2 or y.std() < 1e-9:
        raise CorpusError(f"{concept.name} never changes in these tunes; give others")
    return np.asarray((own - own.mean(axis=0)).T @ (y - y.mean()) / len(y) / y.std())


def steering_direction(recording: Recording, concept: Concept, layer: int = 1) -> Floats:
    """[H] of what is coming of a concept in a layer of a recording, as `direction` defines it.

    Raises what `direction` raises.
    """
    values = concept_values(recording, (concept.name,)).of(concept.name)
    return direction(recording.matrix("hidden", layer), concept, coming(values, recording.begins))


def coming(values: Floats, begins: NDArray[np.int64]) -> Floats:
    """[T] the mean of a concept's values [T] over the next AHEAD characters of the same tune, less what the present
    value leads to expect (least squares); NaN where that is undefined. begins: [N + 1] of the tunes."""
    ahead = np.concatenate([_mean_ahead(values[begin:end]) for begin, end in pairwise(begins.tolist())])
    known = ~np.isnan(ahead) & ~np.isnan(values)
    if known.sum() < 2 or values[known].std() < 1e-9:
        return ahead
    slope, level = np.polyfit(values[known], ahead[known], 1)
    return np.asarray(ahead - level - slope * values)


def _mean_ahead(values: Floats) -> Floats:
    """See `coming`; of one tune."""
    after = np.arange(1, len(values) + 1)
    last = np.minimum(after + AHEAD, len(values))
    sums, counts = (
        np.concatenate([[0], np.cumsum(part)]) for part in (np.nan_to_num(values), (~np.isnan(values)).astype(int))
    )
    count = counts[last] - counts[after]
    return np.where(count >= FEWEST_AHEAD, (sums[last] - sums[after]) / np.maximum(count, 1), np.nan)


def subspace(hidden: Floats, concept: Concept, values: Floats) -> Floats:
    """[K, H] orthonormal rows, K from 1 to MOST_DIRECTIONS, for states [T, H] and a concept's values [T]."""
    known = ~np.isnan(values)
    own, y = np.asarray(hidden[known], dtype=np.float64), values[known]
    if len(y) < 2 or y.std() < 1e-9:
        raise CorpusError(f"{concept.name} never changes in these tunes; give others")
    groups = y if concept.kind != "number" else np.minimum(ranks(y) * BINS, BINS - 1).astype(int)
    centre = own.mean(axis=0)
    rows = [np.sqrt((groups == g).mean()) * (own[groups == g].mean(axis=0) - centre) for g in np.unique(groups)]
    _, strengths, directions = np.linalg.svd(np.array(rows), full_matrices=False)
    shares = np.cumsum(strengths**2) / (strengths**2).sum()
    count = min(MOST_DIRECTIONS, int(np.searchsorted(shares, SUBSPACE_SHARE)) + 1)
    return np.asarray(directions[:count])


def without_neurons(
    neurons: NDArray[np.int64], hidden: Floats, layer: int, method: Method, rng: np.random.Generator
) -> Intervention:
    """Neurons of a layer, by index, held at 0, at their mean in the states [T, H], or at values drawn from them."""
    size = hidden.shape[1]
    if wrong := [int(i) for i in neurons if not 0 <= i < size]:
        raise SettingsError(f"neuron {wrong[0]} does not exist; layer {layer} has neurons 0 to {size - 1}")
    held = np.zeros(size)
    held[neurons] = 1
    return Intervention.of(layer, size, keep=1 - held, offsets=held * _replacement(hidden, method, rng))


def without_directions(
    directions: Floats,
    hidden: Floats,
    layer: int,
    method: Method,
    rng: np.random.Generator,
    *,
    removed: Floats | None = None,
) -> Intervention:
    """Orthonormal directions [K, H] projected out, and replaced by nothing, their mean in the states or drawn values.

    removed: [K, H] other orthonormal directions that change as much in their place: the control of the same norm.
    """
    removed = directions if removed is None else removed
    offsets = (_replacement(hidden, method, rng) @ directions.T) @ removed
    return Intervention.of(layer, hidden.shape[1], detect=directions, remove=removed, offsets=offsets)


def towards(direction_of: Floats, strength: float, layer: int) -> Intervention:
    """`strength` times a direction [H] added at every character."""
    return Intervention.of(layer, len(direction_of), offsets=strength * direction_of)


def interventions_of(settings: InterventionSettings, recording: Recording) -> Interventions:
    """What the settings ask for, by the states of recorded tunes.

    Raises SettingsError for neurons, layers and concepts that do not exist, CorpusError for a concept that never
    changes in these tunes.
    """
    hidden, layer = recording.matrix("hidden", settings.layer), settings.layer
    found: list[Intervention] = []
    if settings.neurons:
        neurons, method = np.array(settings.neurons), settings.ablate_at
        found.append(without_neurons(neurons, hidden, layer, method, np.random.default_rng(0)))
    for name, strength in settings.directions:
        found.append(towards(steering_direction(recording, concept_named(name), layer), strength, layer))
    return tuple(found)


def random_directions(count: int, size: int, rng: np.random.Generator) -> Floats:
    """[count, size] orthonormal."""
    rotated, _ = np.linalg.qr(rng.normal(size=(size, count)))
    return np.asarray(rotated.T)


def _replacement(hidden: Floats, method: Method, rng: np.random.Generator) -> Floats:
    """[N, H] of what stands in place of what is taken out."""
    if method == "zero":
        return np.zeros((1, hidden.shape[1]))
    if method == "mean":
        return np.asarray(hidden.astype(np.float64).mean(axis=0, keepdims=True))
    return np.asarray(hidden[rng.integers(len(hidden), size=min(RESAMPLED, len(hidden)))], dtype=np.float64)
