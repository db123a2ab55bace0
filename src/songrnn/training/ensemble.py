"""Several networks that learn beside each other and become one: their mean errs less than any of them.

Each of K networks of H neurons begins from weights of its own and learns from the same windows, by its own loss and
with its own dropout; nothing passes between them. Together they say the mean of their logits, which is the geometric
mean of their probabilities, normalised. That mean is itself a recurrent network, of K * H neurons that listen only to
neurons of their own network: its weights from state to state are block-diagonal, its output weights those of the K,
divided by K. So `merged` writes it as one, and whatever composes, scores or looks into networks needs to know nothing
about ensembles.
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from songrnn.model.network import CharRnn, Inputs, State, floored
from songrnn.model.settings import GATES, ModelSettings

Weights = dict[str, Tensor]


class Ensemble(nn.Module):
    """K networks of the shape `settings`, K >= 1."""

    def __init__(self, settings: ModelSettings, vocabulary_size: int, count: int) -> None:
        super().__init__()
        self.settings = settings
        alone = settings.model_copy(update={"floor": 0.0})  # it is of the mean, not of each
        self.networks = nn.ModuleList(CharRnn(alone, vocabulary_size) for _ in range(count))

    def __iter__(self) -> Iterator[nn.Module]:
        return iter(self.networks)

    def each(self, inputs: Inputs, state: State | None = None) -> tuple[list[Tensor], State]:
        """What every network says: K logits [T, B, V]; and the state of all after the last character, [L, B, K*H]."""
        before = [None] * len(self.networks) if state is None else _apart(state, len(self.networks))
        said = [network(inputs, one) for network, one in zip(self.networks, before, strict=True)]
        return [logits for logits, _ in said], _together([after for _, after in said])

    def forward(self, inputs: Inputs, state: State | None = None) -> tuple[Tensor, State]:
        """Their mean, as the merged network says it: logits [T, B, V]; and the state of all."""
        logits, state = self.each(inputs, state)
        mean = torch.stack(logits).mean(0)
        return floored(mean, self.settings.floor) if self.settings.floor else mean, state

    def merged_settings(self) -> ModelSettings:
        """The shape of the one network that they make."""
        count = len(self.networks)
        return self.settings.model_copy(
            update={
                "hidden_size": count * self.settings.hidden_size,
                "embedding_size": count * self.settings.embedding_size,
            }
        )

    def merged(self) -> Weights:
        """The weights of the one network that they make."""
        states = [network.state_dict() for network in self.networks]
        return {name: _merged(name, [weights[name] for weights in states], self.settings) for name in states[0]}


def _merged(name: str, parts: list[Tensor], settings: ModelSettings) -> Tensor:
    """One array of the merged network out of the same array of each."""
    if name.startswith("recurrent.weight_"):  # [G*H, X]: in every gate a block for each network
        gates = zip(*(part.chunk(GATES[settings.cell]) for part in parts), strict=True)
        return torch.cat([torch.block_diag(*gate) for gate in gates])  # type: ignore[no-untyped-call]
    if name.startswith("recurrent.bias_"):  # [G*H]
        gates = zip(*(part.chunk(GATES[settings.cell]) for part in parts), strict=True)
        return torch.cat([torch.cat(gate) for gate in gates])
    if name in {"output.weight", "copying.gate.weight", "ngrams.gate.weight"}:  # [..., H]
        return torch.cat(parts, 1) / len(parts)
    if name == "ngrams.input.weight":  # [E, K*V]
        return torch.cat(parts)
    if name in {"output.bias", "copying.gate.bias", "ngrams.gate.bias"} or name.endswith("_bonus.weight"):
        return torch.stack(parts).mean(0)
    return torch.cat(parts, 1)  # embeddings [..., E]


def _apart(state: State, count: int) -> list[State]:
    hidden = state.hidden.chunk(count, -1)
    cell = [None] * count if state.cell is None else state.cell.chunk(count, -1)
    return [State(h.contiguous(), None if c is None else c.contiguous()) for h, c in zip(hidden, cell, strict=True)]


def _together(states: list[State]) -> State:
    cells = [state.cell for state in states if state.cell is not None]
    return State(torch.cat([state.hidden for state in states], -1), torch.cat(cells, -1) if cells else None)
