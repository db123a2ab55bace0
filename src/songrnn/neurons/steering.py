"""`steer`: what is composed with a concept's direction added to the hidden state, strength by strength.

The direction is found in tunes that the network reads (`directions.steering_direction`); the strength counts standard
deviations of what is coming of the concept. At every strength the same tunes of the same seed are composed, and the
composed part is measured: the mean of the concept, bits per character under the unchanged network, whether notation and
bars are right, and how much it shares with training tunes, whose melodies lie beside the checkpoint.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from songrnn.checkpoint import Checkpoint
from songrnn.composing.composer import Composer
from songrnn.engines.intervention import Intervention
from songrnn.engines.select import open_engine
from songrnn.engines.settings import FULL_PRECISION, EngineSettings
from songrnn.evaluation.analysed import analyse
from songrnn.evaluation.bits_per_character import bits_of_each
from songrnn.neurons.concepts import Concept, concept_named
from songrnn.neurons.directions import steering_direction, towards
from songrnn.neurons.facts import TuneFacts
from songrnn.neurons.recording import Recording, record
from songrnn.neurons.results import Dose, DoseCurve
from songrnn.originality.index import Index
from songrnn.originality.shared_runs import shared_runs_of
from songrnn.statistics import mean, share

STRENGTHS = (-2.0, -1.0, 0.0, 1.0, 2.0)
TUNES = 20
LONGEST = 600  # characters that are composed before a tune is brought to its end

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class _Composing:
    prompt: str
    count: int
    seed: int
    max_characters: int
    melodies: Index | None


def steer(
    checkpoint: Checkpoint,
    concept: str,
    tunes: Sequence[str] = (),
    *,
    strengths: Sequence[float] = STRENGTHS,
    layer: int = 1,
    prompt: str = "",
    count: int = TUNES,
    seed: int = 0,
    max_characters: int = LONGEST,
    recording: Recording | None = None,
    melodies: Index | None = None,
    settings: EngineSettings = FULL_PRECISION,
) -> DoseCurve:
    """Compose `count` tunes at each strength, continuing a prompt.

    tunes: in which the direction is found; without any, tunes that the network composes itself. recording: of them, if
    there is one already. melodies: of the training tunes, such as `Index.beside(path)`, for what is shared. Raises
    SettingsError for a concept without a direction, and what `compose` raises.
    """
    chosen = concept_named(concept)
    recording = recording or record(checkpoint, tunes or Composer(checkpoint, settings).own_tunes(), settings=settings)
    found = steering_direction(recording, chosen, layer)
    request = _Composing(prompt, count, seed, max_characters, melodies)
    doses = [
        _dose(checkpoint, chosen, towards(found, strength, layer), strength, request, settings)
        for strength in strengths
    ]
    return DoseCurve(chosen.name, chosen.unit, tuple(doses))


def _dose(
    checkpoint: Checkpoint,
    concept: Concept,
    intervention: Intervention,
    strength: float,
    request: _Composing,
    settings: EngineSettings,
) -> Dose:
    changes = (intervention,) if strength else ()
    composer = Composer(checkpoint, engine=open_engine(checkpoint, settings, changes))
    made = list(
        composer.compose_many(
            request.prompt,
            count=request.count,
            seed=request.seed,
            max_characters=request.max_characters,
            best_of=1,
        )
    )
    values, valid, shared = [], [], []
    for tune in made:
        own = concept.value(TuneFacts.of(tune.text))[np.logical_not(tune.given)]
        values.append(float(np.nanmean(own)) if np.isfinite(own).any() else math.nan)
        valid.append(float(not analyse(tune.abc()).fault))
        shared.append(_bars_shared(tune.abc(), request.melodies))
    bits = bits_of_each(checkpoint, [tune.text for tune in made], settings)
    return Dose(strength, mean(values), mean([float(one) for one in bits]), share(valid), mean(shared))


def _bars_shared(abc: str, melodies: Index | None) -> float:
    """See Dose."""
    if melodies is None:
        return math.nan
    closest = shared_runs_of(abc, melodies).closest
    return float(closest.bars) if closest else 0.0
