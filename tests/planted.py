"""A network whose weights are set by hand, and tunes for it to read."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from songrnn.checkpoint import Checkpoint
from songrnn.model.settings import NO_PLACES, ModelSettings, parameter_shapes
from songrnn.neurons.labelling import untrained_like
from songrnn.tracking.tables import FEATURES
from songrnn.vocabulary import Vocabulary

SIZE = 16
BAR_POSITION, OPEN_REPEAT, PITCH = 3, 5, 9
"""Neurons that follow something; the others are as in an untrained network."""
_NAMES = [feature.name for feature in FEATURES]
_BEGINS = np.cumsum([0, *(feature.size for feature in FEATURES)])


def tunes(count: int = 24, seed: int = 0) -> list[str]:
    """Random melodies in C, all different and of different layout, whose second part is not repeated."""
    rng = np.random.default_rng(seed)

    def bar() -> str:
        lengths = [1] * 8 if rng.random() < 0.4 else [2] * 4 if rng.random() < 0.3 else [2, 1, 1, 3, 1]
        notes = [letter + str(n) * (n > 1) for letter, n in zip(_letters(), lengths, strict=False)]
        return "".join(notes[:4]) + " " + "".join(notes[4:])

    def _letters() -> list[str]:
        return [str(letter) for letter in rng.choice(list("CDEFGABcdefgab"), size=8)]

    def bars() -> str:
        return "|".join(bar() for _ in range(rng.integers(3, 6)))

    return [f"M:4/4\nL:1/8\nK:Cmaj\n|:{bars()}:|\n{bars()}|]\n" for _ in range(count)]


def planted_network(texts: Sequence[str]) -> Checkpoint:
    """A plain RNN of SIZE neurons that reads the position."""
    sizes = {"hidden_size": SIZE, "layers": 1, "embedding_size": 8, "position_size": 4}
    model = ModelSettings(cell="rnn", copying=False, ngrams=(), **sizes, **{**NO_PLACES, "position": True})
    vocabulary = Vocabulary.of(texts, boundaries=True)
    shapes = parameter_shapes(model, len(vocabulary))
    blank = Checkpoint(
        {name: np.zeros(shape, np.float32) for name, shape in shapes.items()}, None, model, vocabulary, "tunebook", {}
    )
    weights = {name: array.copy() for name, array in untrained_like(blank, seed=7).weights.items()}
    position = np.zeros((_BEGINS[-1], 4), dtype=np.float32)
    position[_rows("time elapsed in the bar"), 0] = np.arange(66) / 48
    position[_rows("repeat and ending"), 1] = np.arange(9) >= 5
    position[_rows("octave"), 2] = 7 * np.arange(8) / 28
    position[_rows("degree"), 2] = np.maximum(np.arange(22) - 1, 0) // 3 / 28
    weights["categories.position.weight"] = position
    planted = [BAR_POSITION, OPEN_REPEAT, PITCH]
    for name in ("recurrent.weight_ih_l0", "recurrent.weight_hh_l0", "recurrent.bias_ih_l0", "recurrent.bias_hh_l0"):
        weights[name][planted] = 0
    for neuron, column in ((BAR_POSITION, 0), (OPEN_REPEAT, 1), (PITCH, 2)):
        weights["recurrent.weight_ih_l0"][neuron, 8 + column] = 1
    weights["recurrent.bias_ih_l0"][PITCH] = -1.2
    # The pitch decides a little which letter comes next.
    weights["output.weight"][:, PITCH] = np.linspace(-2, 2, len(vocabulary))
    return dataclasses.replace(blank, weights=weights)


def _rows(name: str) -> slice:
    index = _NAMES.index(name)
    return slice(_BEGINS[index], _BEGINS[index + 1])
