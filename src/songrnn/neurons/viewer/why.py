"""Why each character of a tune: its probability, what else was likely, and what added up to its logit."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from songrnn.checkpoint import Checkpoint
from songrnn.engines.types import Engine
from songrnn.neurons.explaining import logit_parts

ALTERNATIVES = 5
LEAST_LOGIT = 0.05
"""A smaller contribution is not listed."""
Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Why:
    """One character of a tune.

    probability: that the network gave it. alternatives: the likeliest characters there, by id, and their probabilities.
    contributions: source, detail, logit less its mean over the vocabulary; largest absolute value first.
    """

    probability: float
    alternatives: tuple[tuple[int, float], ...]
    contributions: tuple[tuple[str, str, float], ...]


def why_each(checkpoint: Checkpoint, engine: Engine, text: str) -> tuple[Why | None, ...]:
    """For every character of a tune in the checkpoint's form; None where it was not predicted.

    What `explain` says of one place, of all places in one reading.
    """
    vocabulary = checkpoint.vocabulary
    ids = np.array(vocabulary.encode_tune(text), dtype=np.int64)
    skipped = int(vocabulary.boundaries)
    read = ids[: len(text) + skipped - 1]
    if not len(read):
        return (None,) * len(text)
    trace, inputs = engine.trace(read), checkpoint.reader.read(read)
    hidden = np.asarray(trace.quantities["hidden"][:, -1], dtype=np.float64)
    probabilities = np.exp(np.asarray(trace.log_probabilities, dtype=np.float64))
    found: list[Why | None] = [None] * (1 - skipped)
    for place in range(len(read)):
        chosen = int(ids[place + 1])
        parts = [
            (source, detail, float(votes[chosen] - votes.mean()))
            for source, detail, votes in logit_parts(checkpoint, hidden[place], inputs.at(place))
        ]
        listed = sorted((one for one in parts if abs(one[2]) >= LEAST_LOGIT), key=lambda one: -abs(one[2]))
        likeliest = np.argsort(-probabilities[place], kind="stable")[:ALTERNATIVES]
        alternatives = tuple((int(i), float(probabilities[place, i])) for i in likeliest)
        found.append(Why(float(probabilities[place, chosen]), alternatives, tuple(listed)))
    return tuple(found)
