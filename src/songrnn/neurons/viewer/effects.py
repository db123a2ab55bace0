"""What is lost without a neuron: the surprisal of tunes that are read, and the tune that is composed with one seed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from songrnn.checkpoint import Checkpoint
from songrnn.composing.composer import Composer
from songrnn.engines.intervention import Intervention
from songrnn.engines.select import open_engine
from songrnn.engines.settings import EngineSettings
from songrnn.errors import CorpusError
from songrnn.neurons.ablation import ablate, effects_of
from songrnn.neurons.concepts import concept_named, concept_values
from songrnn.neurons.directions import without_neurons
from songrnn.neurons.recording import Recording, record
from songrnn.neurons.results import Ablation, DoseCurve, Effect, Labels
from songrnn.neurons.steering import steer
from songrnn.originality.index import Index

RANDOM_NEURONS = 10
SHOWN_EFFECTS = 8
TEMPERATURE = 0.8
LONGEST = 500  # characters that are composed before a tune is brought to its end
STEERED_TUNES = 10
"""Composed at each strength."""


@dataclass(frozen=True)
class Absence:
    """What is different without one neuron, held at its mean in the tunes that were read.

    effects: over all characters, then where the difference from random neurons is clearest. composed: the text that is
    composed without it, of the same seed as with it.
    """

    neuron: int
    effects: tuple[Effect, ...]
    composed: str


@dataclass(frozen=True)
class Directed:
    """The directions of one concept: what is lost without them, and what is composed along them; doses None for
    classes, which have no more or less."""

    concept: str
    ablation: Ablation
    doses: DoseCurve | None


def directed(
    checkpoint: Checkpoint,
    recording: Recording,
    concepts: Iterable[str],
    *,
    layer: int,
    melodies: Index | None,
    settings: EngineSettings,
    seed: int,
) -> Iterator[Directed | None]:
    """One for each concept; None for one that never changes in the recorded tunes."""
    for concept in map(concept_named, concepts):
        try:
            ablation = ablate(
                checkpoint,
                recording.texts,
                concept=concept.name,
                layer=layer,
                recording=recording,
                settings=settings,
                seed=seed,
            )
        except CorpusError:
            yield None
            continue
        doses = None
        if concept.kind != "class":
            doses = steer(
                checkpoint,
                concept.name,
                layer=layer,
                count=STEERED_TUNES,
                seed=seed,
                max_characters=LONGEST,
                recording=recording,
                melodies=melodies,
                settings=settings,
            )
        yield Directed(concept.name, ablation, doses)


def neurons_to_ablate(labels: Labels, layer: int, quantity: str, count: int) -> tuple[int, ...]:
    """The neuron that follows each concept best, best explained first; `count` at most."""
    best = [one.neuron for one in labels.best()]
    return tuple(dict.fromkeys(n.index for n in best if (n.layer, n.quantity) == (layer, quantity)))[:count]


def composed(checkpoint: Checkpoint, settings: EngineSettings, seed: int, changes: Sequence[Intervention] = ()) -> str:
    """The text of the seed's first tune, with these changes of the hidden states."""
    composer = Composer(checkpoint, engine=open_engine(checkpoint, settings, changes))
    return composer.compose("", seed=seed, temperature=TEMPERATURE, max_characters=LONGEST).text


def absences(
    checkpoint: Checkpoint,
    recording: Recording,
    neurons: Iterable[int],
    *,
    layer: int,
    settings: EngineSettings,
    seed: int,
) -> Iterator[Absence]:
    """One for each neuron of a layer, measured on the recorded tunes against RANDOM_NEURONS others one by one."""
    rng = np.random.default_rng(seed)
    hidden, values = recording.matrix("hidden", layer), concept_values(recording)
    texts, others = recording.texts, rng.permutation(hidden.shape[1])[:RANDOM_NEURONS]

    def without(neuron: int) -> Intervention:
        return without_neurons(np.array([neuron]), hidden, layer, "mean", rng)

    def bits(neuron: int) -> np.ndarray[tuple[int, ...], np.dtype[np.floating]]:
        return record(checkpoint, texts, settings=settings, interventions=(without(neuron),)).bits

    controls = [bits(int(other)) for other in others]
    for neuron in neurons:
        effects = effects_of([recording.bits, bits(neuron), *controls], recording, values, rng)
        yield Absence(neuron, clearest(effects), composed(checkpoint, settings, seed, (without(neuron),)))


def clearest(effects: Sequence[Effect]) -> tuple[Effect, ...]:
    """The first, which is over all characters, and those whose difference from random neurons is surest, surest
    first: those whose interval does not hold 0, by the distance of its nearer end from 0."""

    def surely(effect: Effect) -> float:
        low, high = effect.beyond_random.low, effect.beyond_random.high
        return max(low, -high)

    sure = sorted((effect for effect in effects[1:] if surely(effect) > 0), key=surely, reverse=True)
    return (*effects[:1], *sure[:SHOWN_EFFECTS])
