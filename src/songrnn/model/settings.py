"""What a network is made of; no PyTorch here, the composer reads this too."""

from typing import Literal

from pydantic import Field

from songrnn.settings import Settings

LONGEST_MATCH = 20
"""Matches of more characters than this count as this long (`model/copying.py`)."""
GATES = {"rnn": 1, "gru": 3, "lstm": 4}
"""How many blocks of `hidden_size` rows the weights of a cell have, in the order that `model/equations.py` gives."""


class ModelSettings(Settings):
    """The shape of the network."""

    cell: Literal["rnn", "gru", "lstm"] = Field("lstm", description="kind of recurrent unit")
    hidden_size: int = Field(256, ge=1, le=8192, description="neurons in each recurrent layer")
    layers: int = Field(1, ge=1, le=8, description="recurrent layers, one above the other")
    embedding_size: int = Field(64, ge=1, le=8192, description="numbers that stand for one character")
    dropout: float = Field(
        0.2,
        ge=0,
        lt=1,
        description="share of values set to zero while learning: after the embedding, after every layer",
    )
    copying: bool = Field(
        False,
        description="also see what followed the longest earlier match in the same tune, and learn when to follow: "
        "predicts far better, but what it composes tends to go round in circles (docs/experiments.md)",
    )


def parameter_shapes(settings: ModelSettings, vocabulary_size: int) -> dict[str, tuple[int, ...]]:
    """Name and shape of every array of weights, in the order of a forward pass.

    The names are PyTorch's: `weight_ih` multiplies a layer's input, `weight_hh` its own previous output; l0 is the
    lowest layer. With G = GATES[cell], H, E, V as in the settings and the vocabulary:
    embedding.weight [V, E]; recurrent.weight_ih_l* [G*H, E or H]; recurrent.weight_hh_l* [G*H, H];
    recurrent.bias_ih_l*, recurrent.bias_hh_l* [G*H]; output.weight [V, H]; output.bias [V]. With copying, K being
    LONGEST_MATCH: copying.suggested.weight [V+1, E]; copying.matched.weight [K+1, E]; copying.gate.weight [1, H];
    copying.gate.bias [1]; copying.bonus.weight [K+1, 1].
    """
    rows, hidden = GATES[settings.cell] * settings.hidden_size, settings.hidden_size
    shapes: dict[str, tuple[int, ...]] = {"embedding.weight": (vocabulary_size, settings.embedding_size)}
    for layer in range(settings.layers):
        shapes[f"recurrent.weight_ih_l{layer}"] = (rows, settings.embedding_size if layer == 0 else hidden)
        shapes[f"recurrent.weight_hh_l{layer}"] = (rows, hidden)
        shapes[f"recurrent.bias_ih_l{layer}"] = (rows,)
        shapes[f"recurrent.bias_hh_l{layer}"] = (rows,)
    shapes["output.weight"] = (vocabulary_size, hidden)
    shapes["output.bias"] = (vocabulary_size,)
    if settings.copying:
        shapes["copying.suggested.weight"] = (vocabulary_size + 1, settings.embedding_size)
        shapes["copying.matched.weight"] = (LONGEST_MATCH + 1, settings.embedding_size)
        shapes["copying.gate.weight"] = (1, hidden)
        shapes["copying.gate.bias"] = (1,)
        shapes["copying.bonus.weight"] = (LONGEST_MATCH + 1, 1)
    return shapes
