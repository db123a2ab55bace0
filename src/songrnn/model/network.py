"""The network in PyTorch: embedding -> recurrent layers -> logits. `equations.py` says the same in NumPy."""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from songrnn.model.settings import STEPS_OF_A_COUNT, ModelSettings

CELLS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


class InputTensors(NamedTuple):
    """What the network reads (`model/reading.py`)."""

    rows: Tensor  # [T, B, 4]: id, suggested id, steps of the match's length, steps of its distance
    expected: Tensor  # [T, B, K, V]: natural logarithms of probabilities


class State(NamedTuple):
    """What the network carries from character to character."""

    hidden: Tensor  # [L, B, H]
    cell: Tensor | None  # [L, B, H]; an LSTM only

    def detached(self) -> "State":
        """The same numbers, through which no gradient flows: the border of truncated back-propagation."""
        return State(self.hidden.detach(), None if self.cell is None else self.cell.detach())

    def first(self, count: int) -> "State":
        """The state of the first `count` tunes."""
        return State(
            self.hidden[:, :count].contiguous(), None if self.cell is None else self.cell[:, :count].contiguous()
        )


class CharRnn(nn.Module):
    """Predicts the next character from all before it.

    Dropout acts on the input, between layers, and before the output, in a network of one layer too. (The `dropout` of
    `nn.LSTM` acts only between layers, so in one layer never.) Weight dropout sets weights from state to state to zero
    for a whole window (Wan et al. 2013; for recurrent networks Merity et al. 2018). The floor is not there while
    learning: with it, a network need not learn from what surprises it most.

    generator: what dropout is drawn from, but for that between layers; None: PyTorch's own.
    """

    def __init__(self, settings: ModelSettings, vocabulary_size: int, generator: torch.Generator | None = None) -> None:
        super().__init__()
        self.settings, self._generator = settings, generator
        self.embedding = nn.Embedding(vocabulary_size, settings.embedding_size)
        self.copying = Copying(settings, vocabulary_size) if settings.copying else None
        self.ngrams = NgramOpinions(settings, vocabulary_size) if settings.ngrams else None
        self.recurrent = CELLS[settings.cell](
            settings.embedding_size,
            settings.hidden_size,
            num_layers=settings.layers,
            dropout=settings.dropout if settings.layers > 1 else 0.0,
        )
        self.output = nn.Linear(settings.hidden_size, vocabulary_size)

    def forward(self, inputs: InputTensors, state: State | None = None) -> tuple[Tensor, State]:
        """Read inputs of T characters for B tunes from `state` (None: zero).

        Returns logits [T, B, V], float32, and the state after the last character.
        """
        embedded = self.embedding(inputs.rows[..., 0])
        if self.copying is not None:
            embedded = embedded + self.copying.embedded(inputs.rows)
        if self.ngrams is not None:
            embedded = embedded + self.ngrams.embedded(inputs.expected)
        values, state = self._recur(self._dropped(embedded, self.settings.input_dropout), state)
        values = self._dropped(values, self.settings.dropout)
        logits = self.output(values).float()
        if self.ngrams is not None:
            logits = logits + self.ngrams.votes(values, inputs.expected)
        if self.copying is not None:
            logits = self.copying.raised(logits, values, inputs.rows)
        if self.settings.floor and not self.training:
            logits = floored_logits(logits, self.settings.floor)
        return logits, state

    def _recur(self, embedded: Tensor, state: State | None) -> tuple[Tensor, State]:
        weights = {
            name: self._dropped(weight, self.settings.weight_dropout)
            for name, weight in self.recurrent.named_parameters()
            if name.startswith("weight_hh")
        }
        if isinstance(self.recurrent, nn.LSTM):
            before = None if state is None else tuple(state)
            values, (hidden, cell) = torch.func.functional_call(self.recurrent, weights, (embedded, before))
            return values, State(hidden.float(), cell.float())
        hidden = None if state is None else state.hidden
        values, hidden = torch.func.functional_call(self.recurrent, weights, (embedded, hidden))
        return values, State(hidden.float(), None)

    def _dropped(self, values: Tensor, share: float) -> Tensor:
        if not self.training or not share:
            return values
        kept = torch.empty_like(values).bernoulli_(1 - share, generator=self._generator)
        return values * kept.div_(1 - share)


def floored_logits(logits: Tensor, floor: float) -> Tensor:
    """Logarithms of the probabilities that `logits` [..., V] give, of which `floor` is spread evenly over all V."""
    shares = torch.log_softmax(logits, -1) + math.log1p(-floor)
    return torch.logaddexp(shares, shares.new_tensor(math.log(floor / logits.shape[-1])))


class Copying(nn.Module):
    """What the tune so far suggests, as input and as output (`model/copying.py` has the equations)."""

    def __init__(self, settings: ModelSettings, vocabulary_size: int) -> None:
        super().__init__()
        steps = len(STEPS_OF_A_COUNT) + 1
        self.suggested = nn.Embedding(vocabulary_size + 1, settings.embedding_size)
        self.length = nn.Embedding(steps, settings.embedding_size)
        self.distance = nn.Embedding(steps, settings.embedding_size)
        self.gate = nn.Linear(settings.hidden_size, 1)
        self.length_bonus = nn.Embedding(steps, 1)
        self.distance_bonus = nn.Embedding(steps, 1)
        nn.init.zeros_(self.length_bonus.weight)
        nn.init.zeros_(self.distance_bonus.weight)

    def embedded(self, rows: Tensor) -> Tensor:
        """What is added to the embedding [T, B, E]."""
        _, suggestions, lengths, distances = rows.unbind(-1)
        added: Tensor = self.suggested(suggestions) + self.length(lengths) + self.distance(distances)
        return added

    def raised(self, logits: Tensor, values: Tensor, rows: Tensor) -> Tensor:
        """The logits [T, B, V], that of each suggested character raised by what the gate says."""
        _, suggestions, lengths, distances = rows.unbind(-1)
        by = self.gate(values) + self.length_bonus(lengths) + self.distance_bonus(distances)  # [T, B, 1]
        with_nothing = nn.functional.pad(logits, (0, 1))  # one more column, for "nothing is suggested"
        return with_nothing.scatter_add(-1, suggestions.unsqueeze(-1), by.float())[..., :-1]


class NgramOpinions(nn.Module):
    """What the n-grams expect, as input and as output (`model/ngrams.py` has the equations)."""

    def __init__(self, settings: ModelSettings, vocabulary_size: int) -> None:
        super().__init__()
        count = len(settings.ngrams)
        self.input = nn.Linear(count * vocabulary_size, settings.embedding_size, bias=False)
        self.gate = nn.Linear(settings.hidden_size, count)
        nn.init.zeros_(self.gate.weight)
        nn.init.constant_(self.gate.bias, 1 / count)  # so that a new network says almost what the n-grams say

    def embedded(self, expected: Tensor) -> Tensor:
        """What is added to the embedding [T, B, E]."""
        added: Tensor = self.input((expected.float() / 2).exp().flatten(-2))
        return added

    def votes(self, values: Tensor, expected: Tensor) -> Tensor:
        """What is added to the logits [T, B, V]."""
        added: Tensor = (self.gate(values).float().unsqueeze(-1) * expected).sum(-2)
        return added
