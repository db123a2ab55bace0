"""The network in PyTorch: embedding -> recurrent layers -> logits. `equations.py` says the same in NumPy."""

from typing import NamedTuple

from torch import Tensor, nn

from songrnn.model.settings import LONGEST_MATCH, ModelSettings

CELLS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


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

    Dropout acts in three places, in a network of one layer too: on the embedding, between layers, and before the
    output. (The `dropout` of `nn.LSTM` acts only between layers, so in one layer never.)
    """

    def __init__(self, settings: ModelSettings, vocabulary_size: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, settings.embedding_size)
        self.recurrent = CELLS[settings.cell](
            settings.embedding_size,
            settings.hidden_size,
            num_layers=settings.layers,
            dropout=settings.dropout if settings.layers > 1 else 0.0,
        )
        self.dropout = nn.Dropout(settings.dropout)
        self.output = nn.Linear(settings.hidden_size, vocabulary_size)
        self.copying = Copying(settings, vocabulary_size) if settings.copying else None

    def forward(self, inputs: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Read inputs [T, B, 3] (`copying.network_inputs`) from `state` (None: zero).

        Returns logits [T, B, V] and the state after the last row.
        """
        ids, suggestions, lengths = inputs.unbind(-1)
        embedded = self.embedding(ids)
        if self.copying is not None:
            embedded = embedded + self.copying.suggested(suggestions) + self.copying.matched(lengths)
        embedded = self.dropout(embedded)
        if isinstance(self.recurrent, nn.LSTM):
            values, (hidden, cell) = self.recurrent(embedded, None if state is None else tuple(state))
        else:
            values, hidden = self.recurrent(embedded, None if state is None else state.hidden)
            cell = None
        values = self.dropout(values)
        logits = self.output(values)
        if self.copying is not None:
            logits = self.copying.raised(logits, values, suggestions, lengths)
        return logits, State(hidden, cell)


class Copying(nn.Module):
    """What the tune so far suggests, as input and as output (`model/copying.py` has the equations)."""

    def __init__(self, settings: ModelSettings, vocabulary_size: int) -> None:
        super().__init__()
        self.suggested = nn.Embedding(vocabulary_size + 1, settings.embedding_size)
        self.matched = nn.Embedding(LONGEST_MATCH + 1, settings.embedding_size)
        self.gate = nn.Linear(settings.hidden_size, 1)
        self.bonus = nn.Embedding(LONGEST_MATCH + 1, 1)
        nn.init.zeros_(self.bonus.weight)

    def raised(self, logits: Tensor, values: Tensor, suggestions: Tensor, lengths: Tensor) -> Tensor:
        """The logits [T, B, V], that of each suggested character raised by what the gate says."""
        by = self.gate(values) + self.bonus(lengths)  # [T, B, 1]
        with_nothing = nn.functional.pad(logits, (0, 1))  # one more column, for "nothing is suggested"
        return with_nothing.scatter_add(-1, suggestions.unsqueeze(-1), by.to(logits.dtype))[..., :-1]
