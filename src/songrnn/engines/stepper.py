"""One character forward, as fast as NumPy goes; no PyTorch.

The first layer's input product is the same for every occurrence of a character, so it is computed once for the whole
vocabulary: the embedding-times-input-weights table; and one more each for suggested characters and for the lengths
and distances of matches.
`model/equations.py` is what this must agree with.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from songrnn.checkpoint import Checkpoint
from songrnn.engines.intervention import Interventions, intervened
from songrnn.model.categories import Places, note_letters, rows_of_heads
from songrnn.model.equations import floored, layer_weights, sigmoid
from songrnn.model.inputs import Inputs
from songrnn.tracking.lookback import AGREEMENTS, LAGS

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class StepperState:
    """What is carried from character to character, for B tunes at once."""

    hidden: tuple[Floats, ...]  # L arrays [B, H]
    cell: tuple[Floats, ...] | None  # L arrays [B, H]; an LSTM only
    times: NDArray[np.int64]  # [B]: characters read since the zero state

    def first(self, count: int) -> "StepperState":
        """The state of the first `count` tunes."""
        return StepperState(
            tuple(layer[:count] for layer in self.hidden),
            None if self.cell is None else tuple(layer[:count] for layer in self.cell),
            self.times[:count],
        )


class Stepper(Protocol):
    """Whatever can advance a network by one character."""

    def start(self, batch: int = 1) -> StepperState:
        """The zero state of `batch` tunes."""
        ...

    def step(self, inputs: Inputs, state: StepperState) -> tuple[Floats, StepperState]:
        """Advance every tune by one character; `state` stays as it is.

        inputs: one row for each tune, as `model/inputs.py` makes them.
        Returns logits [B, V] for the character after it, and the new state.
        """
        ...


class PlaceVotes:
    """What the position in the tune adds, for B tunes at once (`model/categories.py`)."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        weights, columns, model = checkpoint.weights, checkpoint.reader.columns, checkpoint.model
        self._columns, self._vocabulary_size = columns, len(checkpoint.vocabulary)
        tables = [weights[f"categories.{name}.weight"] for name in columns.sizes]
        self._table = np.concatenate(
            [*tables, np.zeros((0, model.input_size - model.embedding_size), np.float32)]
        )  # [R, P]
        self._offsets = columns.offsets
        self._output = weights["categories.output.weight"].T if columns.sizes else None  # [P, V]
        self._has_lookback, self._letters = model.lookback, note_letters(checkpoint.vocabulary)
        if model.lookback:
            self._gate, self._gate_bias = weights["lookback.gate.weight"].T, weights["lookback.gate.bias"]
            self._bonus = weights["lookback.bonus.weight"].reshape(len(LAGS), AGREEMENTS)
        self._heads = [
            (weights[f"pitches.{name}.weight"].T, weights[f"pitches.{name}.bias"])
            for name in ("tonic", "step")
            if model.pitch_heads
        ]

    def embedded(self, places: Places) -> Floats:
        """The sum of the rows of all categories, [B, P]."""
        rows = places[:, : self._columns.categories] + self._offsets
        summed: Floats = self._table[rows].sum(axis=1)
        return summed

    def votes(self, embedded: Floats, hidden: Floats, places: Places) -> Floats:
        """What is added to the logits [B, V]; hidden: the state of the top layer [B, H]."""
        count = np.arange(len(places))[:, None]
        votes = np.zeros((len(places), self._vocabulary_size + 1), np.float32)  # one more for what has no id
        if self._output is not None:
            votes[:, :-1] = embedded @ self._output
        if self._has_lookback:
            agreement, suggested = (places[:, self._columns.group(name)] for name in ("agreement", "suggested"))
            gates = hidden @ self._gate + self._gate_bias + self._bonus[np.arange(len(LAGS)), agreement]
            np.add.at(votes, (count, suggested), gates)
        if self._heads:
            for (weight, bias), rows in zip(self._heads, rows_of_heads(places[:, -2:]), strict=True):
                head = np.pad(hidden @ weight + bias, ((0, 0), (0, 1)))
                np.add.at(votes, (count, self._letters), head[count, rows])
        return votes[:, :-1]


class NumpyStepper:
    """The readable stepper: one matrix product a layer and character. interventions: changes of its hidden states."""

    def __init__(self, checkpoint: Checkpoint, interventions: Interventions = ()) -> None:
        self._interventions = interventions
        weights, model = checkpoint.weights, checkpoint.model
        self._cell_kind, self._hidden_size = model.cell, model.hidden_size
        layers = [layer_weights(weights, number) for number in range(model.layers)]
        self._input_weights = [np.ascontiguousarray(layer.input_weights.T) for layer in layers]  # [X, G*H]
        self._hidden_weights = [np.ascontiguousarray(layer.hidden_weights.T) for layer in layers]  # [H, G*H]
        # A GRU multiplies part of the hidden bias by a gate, so there it cannot be added beforehand.
        gru = model.cell == "gru"
        self._input_bias = [layer.input_bias + (0 if gru else layer.hidden_bias) for layer in layers]
        self._hidden_bias = [layer.hidden_bias for layer in layers]
        self._places = PlaceVotes(checkpoint) if len(checkpoint.reader.columns) else None
        from_categories = self._input_weights[0][model.embedding_size :]  # [P, G*H]; P is 0 without categories
        self._from_categories = np.ascontiguousarray(from_categories)
        self._input_weights[0] = np.ascontiguousarray(self._input_weights[0][: model.embedding_size])  # [E, G*H]
        self._table = weights["embedding.weight"] @ self._input_weights[0] + self._input_bias[0]  # [V, G*H]
        self._copying, self._has_ngrams, self._floor = model.copying, bool(model.ngrams), model.floor
        if model.copying:
            self._suggested = weights["copying.suggested.weight"] @ self._input_weights[0]  # [V+1, G*H]
            self._length = weights["copying.length.weight"] @ self._input_weights[0]  # [S+1, G*H]
            self._distance = weights["copying.distance.weight"] @ self._input_weights[0]  # [S+1, G*H]
            self._gate, self._gate_bias = weights["copying.gate.weight"][0], weights["copying.gate.bias"][0]
            self._length_bonus = weights["copying.length_bonus.weight"][:, 0]  # [S+1]
            self._distance_bonus = weights["copying.distance_bonus.weight"][:, 0]  # [S+1]
        if model.ngrams:
            self._ngram_input = np.ascontiguousarray(weights["ngrams.input.weight"].T)  # [K*V, E]
            self._ngram_gate = np.ascontiguousarray(weights["ngrams.gate.weight"].T)  # [H, K]
            self._ngram_bias = weights["ngrams.gate.bias"]
        self._output_weights = np.ascontiguousarray(weights["output.weight"].T)  # [H, V]
        self._output_bias = weights["output.bias"]

    def start(self, batch: int = 1) -> StepperState:
        """See Stepper."""
        zeros = tuple(np.zeros((batch, self._hidden_size), np.float32) for _ in self._hidden_weights)
        times = np.zeros(batch, dtype=np.int64)
        return StepperState(zeros, zeros if self._cell_kind == "lstm" else None, times)

    def step(self, inputs: Inputs, state: StepperState) -> tuple[Floats, StepperState]:
        """See Stepper."""
        ids, suggestions, lengths, distances = inputs.rows.T
        expected = inputs.expected
        hiddens: list[Floats] = []
        cells: list[Floats] = []
        from_input: Floats = self._table[ids]
        if self._copying:
            from_input = from_input + self._suggested[suggestions] + self._length[lengths] + self._distance[distances]
        if self._has_ngrams:
            seen = np.exp(expected / 2).reshape(len(ids), -1) @ self._ngram_input
            from_input = from_input + seen @ self._input_weights[0]
        embedded: Floats | None = None
        if self._places is not None:
            embedded = self._places.embedded(inputs.places)
            from_input = from_input + embedded @ self._from_categories
        for number, hidden in enumerate(state.hidden):
            if number:
                from_input = hiddens[-1] @ self._input_weights[number] + self._input_bias[number]
            from_hidden = hidden @ self._hidden_weights[number]
            if self._cell_kind == "lstm":
                assert state.cell is not None
                after, cell = self._lstm(from_input + from_hidden, state.cell[number])
                cells.append(cell)
            elif self._cell_kind == "gru":
                after = self._gru(from_input, from_hidden + self._hidden_bias[number], hidden)
            else:
                after = np.tanh(from_input + from_hidden)
            hiddens.append(intervened(after, number + 1, state.times, self._interventions))
        logits = hiddens[-1] @ self._output_weights + self._output_bias
        if self._has_ngrams:
            trust = hiddens[-1] @ self._ngram_gate + self._ngram_bias
            logits += (trust[:, None] @ expected)[:, 0]
        if self._copying and lengths.any():
            copied = np.flatnonzero(lengths)
            bonus = self._length_bonus[lengths[copied]] + self._distance_bonus[distances[copied]]
            logits[copied, suggestions[copied]] += hiddens[-1][copied] @ self._gate + self._gate_bias + bonus
        if self._places is not None and embedded is not None:
            logits += self._places.votes(embedded, hiddens[-1], inputs.places)
        return floored(logits, self._floor), StepperState(tuple(hiddens), tuple(cells) or None, state.times + 1)

    def _lstm(self, sums: Floats, cell: Floats) -> tuple[Floats, Floats]:
        size = self._hidden_size
        i, f, o = sigmoid(sums[:, :size]), sigmoid(sums[:, size : 2 * size]), sigmoid(sums[:, 3 * size :])
        after = f * cell + i * np.tanh(sums[:, 2 * size : 3 * size])
        return o * np.tanh(after), after

    def _gru(self, from_input: Floats, from_hidden: Floats, hidden: Floats) -> Floats:
        size = self._hidden_size
        r = sigmoid(from_input[:, :size] + from_hidden[:, :size])
        z = sigmoid(from_input[:, size : 2 * size] + from_hidden[:, size : 2 * size])
        n = np.tanh(from_input[:, 2 * size :] + r * from_hidden[:, 2 * size :])
        return (1 - z) * n + z * hidden
