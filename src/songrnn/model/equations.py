r"""One slow, readable step of every cell in NumPy: what every fast path is tested against.

With x the input, h the previous hidden state, c the previous cell state, s the logistic sigmoid, * elementwise:

rnn (Elman 1990)                                h' = tanh(W_ih x + b_ih + W_hh h + b_hh)

lstm (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000); rows of W in the order i, f, g, o:
    input_gate  i = s(W_i x + b_i + U_i h + d_i)        forget_gate f = s(W_f x + b_f + U_f h + d_f)
    candidate   g = tanh(W_g x + b_g + U_g h + d_g)     output_gate o = s(W_o x + b_o + U_o h + d_o)
    c' = f * c + i * g                                  h' = o * tanh(c')

gru (Cho et al. 2014, with the reset gate after the product, as in cuDNN); rows of W in the order r, z, n:
    reset_gate  r = s(W_r x + b_r + U_r h + d_r)        update_gate z = s(W_z x + b_z + U_z h + d_z)
    candidate   n = tanh(W_n x + b_n + r * (U_n h + d_n))
    h' = (1 - z) * n + z * h

What copying, n-grams and the position in the tune add to x and to the logits stands in `model/copying.py`,
`model/ngrams.py` and `model/categories.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from songrnn.model.categories import Columns, note_letters, rows_of_heads
from songrnn.model.inputs import Inputs
from songrnn.model.settings import ModelSettings
from songrnn.tracking.lookback import AGREEMENTS
from songrnn.vocabulary import Vocabulary

Array = NDArray[Any]  # of floating-point numbers, all of one kind


@dataclass(frozen=True)
class LayerWeights:
    """One layer's weights; G gates, H neurons, X inputs."""

    input_weights: Array  # [G*H, X]
    hidden_weights: Array  # [G*H, H]
    input_bias: Array  # [G*H]
    hidden_bias: Array  # [G*H]


@dataclass(frozen=True)
class LayerStep:
    """What one layer did at one character: its new state, and its gates by name, each [H]."""

    hidden: Array  # [H]
    cell: Array | None  # [H]; an LSTM only
    gates: Mapping[str, Array] = field(default_factory=dict)


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), written so that no x overflows."""
    return np.tanh(x * 0.5) * 0.5 + 0.5


def rnn_step(weights: LayerWeights, x: Array, before: LayerStep) -> LayerStep:
    """One step of the plain recurrent unit."""
    hidden = np.tanh(
        weights.input_weights @ x + weights.input_bias + weights.hidden_weights @ before.hidden + weights.hidden_bias
    )
    return LayerStep(hidden, None)


def lstm_step(weights: LayerWeights, x: Array, before: LayerStep) -> LayerStep:
    """One step of the long short-term memory."""
    assert before.cell is not None
    sums = weights.input_weights @ x + weights.input_bias + weights.hidden_weights @ before.hidden + weights.hidden_bias
    i, f, g, o = np.split(sums, 4)
    i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
    cell = f * before.cell + i * g
    return LayerStep(o * np.tanh(cell), cell, {"input_gate": i, "forget_gate": f, "candidate": g, "output_gate": o})


def gru_step(weights: LayerWeights, x: Array, before: LayerStep) -> LayerStep:
    """One step of the gated recurrent unit."""
    from_input = np.split(weights.input_weights @ x + weights.input_bias, 3)
    from_hidden = np.split(weights.hidden_weights @ before.hidden + weights.hidden_bias, 3)
    r = sigmoid(from_input[0] + from_hidden[0])
    z = sigmoid(from_input[1] + from_hidden[1])
    n = np.tanh(from_input[2] + r * from_hidden[2])
    return LayerStep((1 - z) * n + z * before.hidden, None, {"reset_gate": r, "update_gate": z, "candidate": n})


def floored(logits: Array, floor: float) -> Array:
    """`logits` [..., V] such that `floor` of the probability is spread evenly over all V characters.

    p' = (1 - floor) * p + floor / V. A network that has met three rhythms only is sure that there is no fourth; the
    first character of a new one then costs dozens of bits. Without a floor they are returned as they are.
    """
    if not floor:
        return logits
    highest = logits.max(axis=-1, keepdims=True)
    normalizer = highest + np.log(np.exp(logits - highest).sum(axis=-1, keepdims=True))
    level = np.asarray(np.log(floor / logits.shape[-1]), dtype=logits.dtype)
    mixed: Array = np.logaddexp(logits - normalizer + np.asarray(np.log1p(-floor), dtype=logits.dtype), level)
    return mixed


STEPS: dict[str, Callable[[LayerWeights, Array, LayerStep], LayerStep]] = {
    "rnn": rnn_step,
    "gru": gru_step,
    "lstm": lstm_step,
}


def forward(
    weights: Mapping[str, Array],
    settings: ModelSettings,
    vocabulary: Vocabulary,
    inputs: Inputs,
    change: Callable[[Array, int, int], Array] | None = None,
) -> tuple[Array, list[list[LayerStep]]]:
    """Read the `inputs` of one tune from a zero state, one character after the other.

    weights: arrays as `parameter_shapes` names them. change: (hidden [H], layer, place, both from 0) -> hidden [H],
    made of every layer's state before anything reads it; none without it.
    Returns logits [T, V] for the character after each, and what every layer did: T lists of L steps.
    """
    step = STEPS[settings.cell]
    layers = [layer_weights(weights, number) for number in range(settings.layers)]
    zero = np.zeros(settings.hidden_size, dtype=weights["output.bias"].dtype)
    before = [LayerStep(zero, zero if settings.cell == "lstm" else None)] * settings.layers
    places = PlaceEquations(weights, settings, vocabulary)
    logits: list[Array] = []
    trace: list[list[LayerStep]] = []
    for (character, suggestion, length, distance), expected, place in zip(*inputs, strict=True):
        x = weights["embedding.weight"][character]
        if settings.copying:
            x = x + weights["copying.suggested.weight"][suggestion]
            x = x + weights["copying.length.weight"][length] + weights["copying.distance.weight"][distance]
        if settings.ngrams:
            x = x + weights["ngrams.input.weight"] @ np.exp(expected / 2).ravel()
        x = np.concatenate([x, places.embedded(place)])
        after = []
        for number, layer in enumerate(layers):
            after.append(step(layer, x, before[number]))
            if change is not None:
                after[-1] = replace(after[-1], hidden=change(after[-1].hidden, number, len(trace)))
            x = after[-1].hidden
        logits.append(weights["output.weight"] @ x + weights["output.bias"])
        if settings.ngrams:
            logits[-1] = logits[-1] + (weights["ngrams.gate.weight"] @ x + weights["ngrams.gate.bias"]) @ expected
        if settings.copying and length:
            gate = weights["copying.gate.weight"] @ x + weights["copying.gate.bias"]
            bonus = weights["copying.length_bonus.weight"][length] + weights["copying.distance_bonus.weight"][distance]
            logits[-1][suggestion] += (gate + bonus).item()
        logits[-1] = logits[-1] + places.votes(x, place)
        logits[-1] = floored(logits[-1], settings.floor)
        trace.append(after)
        before = after
    return np.stack(logits), trace


class PlaceEquations:
    """What the position in the tune adds to the input and to the logits (`model/categories.py`)."""

    def __init__(self, weights: Mapping[str, Array], settings: ModelSettings, vocabulary: Vocabulary) -> None:
        self._weights, self._settings, self._size = weights, settings, len(vocabulary)
        self._columns = Columns.of(settings, len(vocabulary))
        self._letters = note_letters(vocabulary)

    def embedded(self, place: Array) -> Array:
        """The sum of the rows of all categories [P], or nothing [0], at places [C]."""
        names = self._columns.sizes
        if not names:
            return np.zeros(0)
        table = np.concatenate([self._weights[f"categories.{name}.weight"] for name in names])
        summed: Array = table[place[: self._columns.categories] + self._columns.offsets].sum(axis=0)
        return summed

    def votes(self, hidden: Array, place: Array) -> Array:
        """What is added to the logits [V]; hidden: the state of the top layer [H]."""
        weights = self._weights
        votes = np.zeros(self._size + 1)  # one more for what has no id
        if self._columns.sizes:
            votes[:-1] += weights["categories.output.weight"] @ self.embedded(place)
        if self._settings.lookback:
            gates = weights["lookback.gate.weight"] @ hidden + weights["lookback.gate.bias"]
            suggested, agreement = (place[self._columns.group(name)] for name in ("suggested", "agreement"))
            bonus = weights["lookback.bonus.weight"][AGREEMENTS * np.arange(len(gates)) + agreement, 0]
            np.add.at(votes, suggested, gates + bonus)
        if self._settings.pitch_heads:
            for name, rows in zip(("tonic", "step"), rows_of_heads(place[-2:]), strict=True):
                head = weights[f"pitches.{name}.weight"] @ hidden + weights[f"pitches.{name}.bias"]
                np.add.at(votes, self._letters, np.append(head, 0)[rows])
        return votes[:-1]


def layer_weights(weights: Mapping[str, Array], number: int) -> LayerWeights:
    """The weights of layer `number`, counted from 0."""
    return LayerWeights(
        weights[f"recurrent.weight_ih_l{number}"],
        weights[f"recurrent.weight_hh_l{number}"],
        weights[f"recurrent.bias_ih_l{number}"],
        weights[f"recurrent.bias_hh_l{number}"],
    )
