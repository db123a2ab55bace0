"""The network in PyTorch: embedding -> recurrent layers -> logits. `equations.py` says the same in NumPy."""

from typing import NamedTuple

from torch import Tensor, nn

from songrnn.model.settings import ModelSettings

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

    def forward(self, ids: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Read ids [T, B] from `state` (None: zero); returns logits [T, B, V] and the state after the last row."""
        embedded = self.dropout(self.embedding(ids))
        if isinstance(self.recurrent, nn.LSTM):
            values, (hidden, cell) = self.recurrent(embedded, None if state is None else tuple(state))
        else:
            values, hidden = self.recurrent(embedded, None if state is None else state.hidden)
            cell = None
        return self.output(self.dropout(values)), State(hidden, cell)
