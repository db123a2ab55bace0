"""What a network is made of; no PyTorch here, the composer reads this too."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, field_validator

from songrnn.settings import Settings
from songrnn.tracking.lookback import AGREEMENTS, LAGS
from songrnn.tracking.tables import FEATURES, PLAN

LONGEST_CONTEXT = 8
STEPS_OF_A_COUNT = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 20, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 1024)
"""Lengths and distances of matches are given to the network as how many of these they reach (`model/copying.py`)."""
GATE_NAMES: Mapping[str, tuple[str, ...]] = {
    "rnn": (),
    "gru": ("reset_gate", "update_gate", "candidate"),
    "lstm": ("input_gate", "forget_gate", "candidate", "output_gate"),
}
"""Kind of cell -> its gates, each a block of `hidden_size` rows of the weights, in this order."""
GATES = {cell: max(1, len(names)) for cell, names in GATE_NAMES.items()}
"""Kind of cell -> how many blocks of rows its weights have; a cell without gates has one."""
RELATIVE_TO_TONIC = 20
"""Letters from C to b, relative to a tonic from C to B: -6 to 13 diatonic steps."""
LARGEST_STEP = 18
"""Diatonic steps from the last note to a letter, upwards or downwards; larger ones count as this."""
NO_PLACES = {"position": False, "lookback": False, "plan": False, "pitch_heads": False}
"""A network that knows nothing of its place in the tune, as those of version 1 of the checkpoint format."""


class ModelSettings(Settings):
    """The shape of the network."""

    cell: Literal["rnn", "gru", "lstm"] = Field("lstm", description="kind of recurrent unit")
    hidden_size: int = Field(256, ge=1, le=8192, description="neurons in each recurrent layer")
    layers: int = Field(1, ge=1, le=8, description="recurrent layers, one above the other")
    embedding_size: int = Field(64, ge=1, le=8192, description="size of the embedding of a character")
    dropout: float = Field(
        0.4, ge=0, lt=1, description="share of values set to zero while learning, after every recurrent layer"
    )
    input_dropout: float = Field(0.15, ge=0, lt=1, description="the same for the embedding, before the first layer")
    weight_dropout: float = Field(
        0.3, ge=0, lt=1, description="share of the weights from state to state set to zero while learning a window"
    )
    copying: bool = Field(
        True, description="also see what followed the longest earlier match in the same tune, and learn when to follow"
    )
    ngrams: tuple[Annotated[int, Field(ge=0, le=LONGEST_CONTEXT)], ...] = Field(
        (2, 5),
        description="also see the distribution over the next character after the last so many characters, counted in "
        "the tunebook, for each number given, and learn when to follow; give no number for none",
    )
    position: bool = Field(
        True, description="also see the position in the tune: time in the bar, bars, parts, scale degree, meter, key"
    )
    lookback: bool = Field(
        True,
        description="also see what stood at the same place some bars earlier and in the first part, and learn when to "
        "follow",
    )
    plan: bool = Field(
        True,
        description="also see the form of the whole tune, where it is known: bars and parts that are left; so that a "
        "requested form is composed",
    )
    plan_dropout: float = Field(
        0.5, ge=0, le=1, description="share of the tunes whose form is withheld while learning, drawn in every epoch"
    )
    pitch_heads: bool = Field(
        True, description="also choose among the note letters by scale degree and by interval from the last note"
    )
    position_size: int = Field(
        64, ge=1, le=8192, description="size of the embedding of position, lookback and plan together"
    )
    floor: float = Field(
        0.005,
        ge=0,
        le=0.5,
        description="share of the probability that is spread evenly over all characters, so that none is impossible",
    )

    @field_validator("ngrams")
    @classmethod
    def _rising(cls, contexts: tuple[int, ...]) -> tuple[int, ...]:
        if list(contexts) != sorted(set(contexts)):
            raise ValueError("the lengths of context must rise, and each may stand there once")
        return contexts

    @property
    def categories(self) -> dict[str, tuple[int, ...]]:
        """The groups of categories that the network sees besides the vocabulary's characters: the sizes of each.

        Not among them: the characters that lookback suggests, one category of V + 1 values for each of LAGS.
        """
        groups = {
            "position": (self.position, tuple(feature.size for feature in FEATURES)),
            "plan": (self.plan, tuple(feature.size for feature in PLAN)),
            "agreement": (self.lookback, (AGREEMENTS,) * len(LAGS)),
        }
        return {name: sizes for name, (wanted, sizes) in groups.items() if wanted}

    @property
    def input_size(self) -> int:
        """X: numbers that enter the first layer, E or, with any categories, E + position_size."""
        return self.embedding_size + (self.position_size if self.categories else 0)


def parameter_shapes(settings: ModelSettings, vocabulary_size: int) -> dict[str, tuple[int, ...]]:
    """Name and shape of every array of weights.

    The names are PyTorch's: `weight_ih` multiplies a layer's input, `weight_hh` its own previous output; l0 is the
    lowest layer. With G = GATES[cell], H, E, V as in the settings and the vocabulary:
    embedding.weight [V, E]; recurrent.weight_ih_l* [G*H, X or H]; recurrent.weight_hh_l* [G*H, H];
    recurrent.bias_ih_l*, recurrent.bias_hh_l* [G*H]; output.weight [V, H]; output.bias [V]. With copying, S being
    len(STEPS_OF_A_COUNT): copying.suggested.weight [V+1, E]; copying.length.weight and copying.distance.weight
    [S+1, E]; copying.gate.weight [1, H]; copying.gate.bias [1]; copying.length_bonus.weight and
    copying.distance_bonus.weight [S+1, 1]. With K n-grams: ngrams.input.weight [E, K*V]; ngrams.gate.weight [K, H];
    ngrams.gate.bias [K]. With position, plan or lookback, P being position_size: categories.output.weight [V, P], and
    for each of them categories.position.weight and categories.plan.weight [sum of the sizes of their features, P];
    categories.suggested.weight [len(LAGS)*(V+1), P] and categories.agreement.weight [len(LAGS)*AGREEMENTS, P]. With
    lookback: lookback.gate.weight [len(LAGS), H]; lookback.gate.bias [len(LAGS)]; lookback.bonus.weight
    [len(LAGS)*AGREEMENTS, 1]. With pitch heads: pitches.tonic.weight [RELATIVE_TO_TONIC, H]; pitches.tonic.bias;
    pitches.step.weight [2*LARGEST_STEP+1, H]; pitches.step.bias.
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
        shapes[f"recurrent.weight_ih_l{layer}"] = (rows, settings.input_size if layer == 0 else hidden)
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
    return shapes | _shapes_of_categories(settings, vocabulary_size) | _shapes_of_pitch_heads(settings)


def _shapes_of_categories(settings: ModelSettings, vocabulary_size: int) -> dict[str, tuple[int, ...]]:
    size, lags = settings.position_size, len(LAGS)
    shapes: dict[str, tuple[int, ...]] = {
        f"categories.{name}.weight": (sum(sizes), size) for name, sizes in settings.categories.items()
    }
    if shapes:
        shapes["categories.output.weight"] = (vocabulary_size, size)
    if settings.lookback:
        shapes["categories.suggested.weight"] = (lags * (vocabulary_size + 1), size)
        shapes["lookback.gate.weight"] = (lags, settings.hidden_size)
        shapes["lookback.gate.bias"] = (lags,)
        shapes["lookback.bonus.weight"] = (lags * AGREEMENTS, 1)
    return shapes


def _shapes_of_pitch_heads(settings: ModelSettings) -> dict[str, tuple[int, ...]]:
    if not settings.pitch_heads:
        return {}
    heads = {"tonic": RELATIVE_TO_TONIC, "step": 2 * LARGEST_STEP + 1}
    shapes: dict[str, tuple[int, ...]] = {}
    for name, rows in heads.items():
        shapes[f"pitches.{name}.weight"] = (rows, settings.hidden_size)
        shapes[f"pitches.{name}.bias"] = (rows,)
    return shapes
