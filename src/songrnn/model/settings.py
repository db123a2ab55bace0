"""What a network is made of; no PyTorch here, the composer reads this too."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from songrnn.settings import Settings

LONGEST_CONTEXT = 8
STEPS_OF_A_COUNT = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 20, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 1024)
"""Lengths and distances of matches are told to the network as how many of these they reach (`model/copying.py`)."""
GATES = {"rnn": 1, "gru": 3, "lstm": 4}
"""How many blocks of `hidden_size` rows the weights of a cell have, in the order that `model/equations.py` gives."""


class ModelSettings(Settings):
    """The shape of the network."""

    cell: Literal["rnn", "gru", "lstm"] = Field("lstm", description="kind of recurrent unit")
    hidden_size: int = Field(256, ge=1, le=8192, description="neurons in each recurrent layer")
    layers: int = Field(1, ge=1, le=8, description="recurrent layers, one above the other")
    embedding_size: int = Field(64, ge=1, le=8192, description="numbers that stand for one character")
    dropout: float = Field(
        0.4, ge=0, lt=1, description="share of values set to zero while learning, after every recurrent layer"
    )
    input_dropout: float = Field(
        0.15, ge=0, lt=1, description="the same for the numbers that stand for a character, before the first layer"
    )
    weight_dropout: float = Field(
        0.3, ge=0, lt=1, description="share of the weights from state to state set to zero while learning a window"
    )
    copying: bool = Field(
        True, description="also see what followed the longest earlier match in the same tune, and learn when to follow"
    )
    ngrams: tuple[Annotated[int, Field(ge=0, le=LONGEST_CONTEXT)], ...] = Field(
        (2, 5),
        description="also see what the tunebook leads one to expect after the last so many characters, for each number "
        "given, and learn when to follow; give no number for none",
    )
    floor: float = Field(
        0.005,
        ge=0,
        le=0.5,
        description="share of the probability that is spread evenly over all characters, so that the network never "
        "takes a thing for impossible only because it has not met it",
    )

    @field_validator("ngrams")
    @classmethod
    def _rising(cls, contexts: tuple[int, ...]) -> tuple[int, ...]:
        if list(contexts) != sorted(set(contexts)):
            raise ValueError("the lengths of context must rise, and each may stand there once")
        return contexts


def parameter_shapes(settings: ModelSettings, vocabulary_size: int) -> dict[str, tuple[int, ...]]:
    """Name and shape of every array of weights.

    The names are PyTorch's: `weight_ih` multiplies a layer's input, `weight_hh` its own previous output; l0 is the
    lowest layer. With G = GATES[cell], H, E, V as in the settings and the vocabulary:
    embedding.weight [V, E]; recurrent.weight_ih_l* [G*H, E or H]; recurrent.weight_hh_l* [G*H, H];
    recurrent.bias_ih_l*, recurrent.bias_hh_l* [G*H]; output.weight [V, H]; output.bias [V]. With copying, S being
    len(STEPS_OF_A_COUNT): copying.suggested.weight [V+1, E]; copying.length.weight and copying.distance.weight
    [S+1, E]; copying.gate.weight [1, H]; copying.gate.bias [1]; copying.length_bonus.weight and
    copying.distance_bonus.weight [S+1, 1]. With K n-grams: ngrams.input.weight [E, K*V]; ngrams.gate.weight [K, H];
    ngrams.gate.bias [K].
    """
    rows, hidden = GATES[settings.cell] * settings.hidden_size, settings.hidden_size
    embedded, steps, contexts = settings.embedding_size, len(STEPS_OF_A_COUNT) + 1, len(settings.ngrams)
    shapes: dict[str, tuple[int, ...]] = {"embedding.weight": (vocabulary_size, embedded)}
    if settings.copying:
        shapes["copying.suggested.weight"] = (vocabulary_size + 1, embedded)
        shapes["copying.length.weight"] = (steps, embedded)
        shapes["copying.distance.weight"] = (steps, embedded)
    if contexts:
        shapes["ngrams.input.weight"] = (embedded, contexts * vocabulary_size)
    for layer in range(settings.layers):
        shapes[f"recurrent.weight_ih_l{layer}"] = (rows, embedded if layer == 0 else hidden)
        shapes[f"recurrent.weight_hh_l{layer}"] = (rows, hidden)
        shapes[f"recurrent.bias_ih_l{layer}"] = (rows,)
        shapes[f"recurrent.bias_hh_l{layer}"] = (rows,)
    shapes["output.weight"] = (vocabulary_size, hidden)
    shapes["output.bias"] = (vocabulary_size,)
    if contexts:
        shapes["ngrams.gate.weight"] = (contexts, hidden)
        shapes["ngrams.gate.bias"] = (contexts,)
    if settings.copying:
        shapes["copying.gate.weight"] = (1, hidden)
        shapes["copying.gate.bias"] = (1,)
        shapes["copying.length_bonus.weight"] = (steps, 1)
        shapes["copying.distance_bonus.weight"] = (steps, 1)
    return shapes
