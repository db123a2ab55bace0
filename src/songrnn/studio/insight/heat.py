"""The values of the neurons of a layer over one tune, and which of them go with what in it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from songrnn.checkpoint import Checkpoint
from songrnn.engines.select import open_engine
from songrnn.engines.settings import FULL_PRECISION
from songrnn.errors import SettingsError
from songrnn.neurons.concepts import CONCEPTS, NETWORK, concept_columns
from songrnn.neurons.facts import TuneFacts

SHOWN = 8
LEAST_CORRELATION = 0.4
Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Follower:
    """A neuron and the concept that it goes with in one tune: Pearson's correlation over its characters."""

    neuron: int
    concept: str
    correlation: float


def layer_values(checkpoint: Checkpoint, text: str, layer: int) -> Floats:
    """[len(text), H] hidden states of a layer, from 1, after each character. Raises SettingsError for no such layer."""
    if layer > checkpoint.model.layers:
        raise SettingsError(f"there is no layer {layer}; this model has {checkpoint.model.layers}", "layer")
    vocabulary = checkpoint.vocabulary
    ids = vocabulary.encode_tune(text)[: len(text) + int(vocabulary.boundaries)]
    trace = open_engine(checkpoint, FULL_PRECISION).trace(ids)
    return np.asarray(trace.quantities["hidden"][int(vocabulary.boundaries) :, layer - 1], dtype=np.float64)


def correlations(values: Floats, text: str) -> tuple[tuple[str, ...], Floats]:
    """Names of C concepts, and [H, C] correlations with them; 0 where a neuron or a concept does not vary."""
    concepts = [one for one in CONCEPTS.values() if one.kind != "class" and one not in NETWORK]
    columns = concept_columns(concepts, TuneFacts.of(text))
    found = np.zeros((values.shape[1], len(concepts)))
    for place, column in enumerate(columns.T):
        known = np.isfinite(column)
        if known.sum() > 2 and column[known].std() > 0:
            y = (column[known] - column[known].mean()) / column[known].std()
            own = values[known] - values[known].mean(axis=0)
            spread = own.std(axis=0)
            found[:, place] = np.where(spread > 0, (own * y[:, None]).mean(axis=0) / np.where(spread > 0, spread, 1), 0)
    return tuple(one.name for one in concepts), found


def followers(values: Floats, text: str) -> list[Follower]:
    """For each of a few concepts the neuron that goes with it most, the strongest first; no neuron twice."""
    names, found = correlations(values, text)
    chosen: list[Follower] = []
    for place in np.argsort(-np.abs(found).max(axis=0)):
        neuron = int(np.argmax(np.abs(found[:, place])))
        value = float(found[neuron, place])
        if abs(value) >= LEAST_CORRELATION and all(neuron != one.neuron for one in chosen):
            chosen.append(Follower(neuron, names[place], value))
    return chosen[:SHOWN]


def followed(values: Floats, text: str, neuron: int) -> Follower | None:
    """The concept that a neuron goes with most in this tune; None where it goes with none."""
    names, found = correlations(values, text)
    place = int(np.argmax(np.abs(found[neuron])))
    value = float(found[neuron, place])
    return Follower(neuron, names[place], value) if abs(value) >= LEAST_CORRELATION else None
