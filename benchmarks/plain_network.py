"""A plain LSTM with random weights, for benchmarks of speed: no weights make a network faster or slower."""

import numpy as np

import songrnn
from songrnn.model.settings import parameter_shapes
from songrnn.training.settings import PLAIN
from songrnn.vocabulary import Vocabulary

CHARACTERS = 93
"""As many as the tunebook of the paper's course has; two more ids for the boundaries of a tune."""


def plain_checkpoint(hidden_size: int) -> songrnn.Checkpoint:
    """Embedding 64, one layer, no copying, no n-grams, no floor. The end of a tune is made too unlikely to be drawn."""
    model = songrnn.ModelSettings(**{**PLAIN, "hidden_size": hidden_size, "embedding_size": 64})
    vocabulary = Vocabulary("".join(chr(33 + i) for i in range(CHARACTERS)), boundaries=True)
    rng = np.random.default_rng(0)
    bound = 1 / np.sqrt(hidden_size)
    weights = {
        name: rng.uniform(-bound, bound, shape).astype(np.float32)
        for name, shape in parameter_shapes(model, len(vocabulary)).items()
    }
    weights["output.bias"][vocabulary.end] = -40.0
    return songrnn.Checkpoint(weights, None, model, vocabulary, "tunebook", {})
