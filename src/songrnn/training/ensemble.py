"""Several networks, trained side by side and merged into one whose logits are the mean of theirs.

Each of K networks of H neurons begins from weights of its own and learns from the same windows, by its own loss and
with its own dropout; nothing passes between them. Together they say the mean of their logits, which is the geometric
mean of their probabilities, normalised. That mean is itself a recurrent network, of K * H neurons that listen only to
neurons of their own network: its weights from state to state are block-diagonal, its output weights those of the K,
divided by K. So `merged` writes it as one, and whatever composes, scores or looks into networks needs to know nothing
about ensembles.

On a processor each network learns on a thread of its own: two networks on a core each are nearly as fast as one, while
one network hardly gains from a second core. So that the order of the threads decides nothing, each network draws its
dropout from a generator of its own.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from songrnn.errors import SettingsError
from songrnn.model.network import CharRnn, InputTensors, State, floored_logits
from songrnn.model.settings import GATES, ModelSettings
from songrnn.training.resident import IGNORED
from songrnn.vocabulary import Vocabulary

Weights = dict[str, Tensor]


OUTPUT_WEIGHTS = {f"{name}.weight" for name in ("output", "categories.output", "pitches.tonic", "pitches.step")} | {
    f"{name}.gate.weight" for name in ("copying", "ngrams", "lookback")
}
"""What makes logits, or gates of logits, of a network's state: of the merged network the mean."""


class Ensemble(nn.Module):
    """K networks of the shape `settings`, K >= 1, on `device`; `seed` is that of their dropout."""

    def __init__(
        self, settings: ModelSettings, vocabulary: Vocabulary, count: int, *, seed: int = 0, device: str = "cpu"
    ) -> None:
        super().__init__()
        self.settings = settings
        alone = settings.model_copy(update={"floor": 0.0})  # it is of the mean, not of each
        self.generators = [torch.Generator(device) for _ in range(count)]
        for number, generator in enumerate(self.generators):
            generator.manual_seed(int(np.random.SeedSequence([seed, number]).generate_state(1, np.uint64)[0]) >> 1)
        self.networks = nn.ModuleList(CharRnn(alone, vocabulary, generator) for generator in self.generators)
        self.to(device)
        # Between layers PyTorch drops by the one generator that all threads share.
        alone_in_drawing = settings.layers == 1 or not settings.dropout
        workers = min(count, torch.get_num_threads()) if device == "cpu" and alone_in_drawing else 1
        self.threads = max(1, torch.get_num_threads() // workers)  # for each network, inside PyTorch
        self._pool = ThreadPoolExecutor(workers) if workers > 1 else None

    def __iter__(self) -> Iterator[nn.Module]:
        return iter(self.networks)

    def learn(self, inputs: InputTensors, targets: Tensor, state: State | None, *, half: bool) -> tuple[Tensor, State]:
        """Forward and backward: adds to every network the gradient of its mean surprisal at `targets` [T, B].

        half: multiply in bfloat16. Returns the mean over networks of that surprisal, in nats, and the state of all
        after the last character, [L, B, K*H].
        """

        def one(network: nn.Module, before: State | None) -> tuple[Tensor, State]:
            with torch.autocast(targets.device.type, dtype=torch.bfloat16, enabled=half):
                logits, after = network(inputs, before)
            loss = cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORED)
            loss.backward()  # type: ignore[no-untyped-call]
            return loss.detach(), after

        losses, after = self._each(one, state)
        return torch.stack(losses).mean(), after

    def forward(self, inputs: InputTensors, state: State | None = None) -> tuple[Tensor, State]:
        """Their mean, as the merged network says it: logits [T, B, V]; and the state of all."""
        learning = torch.is_grad_enabled()  # which is a thread's own matter

        def one(network: nn.Module, before: State | None) -> Any:
            with torch.set_grad_enabled(learning):
                return network(inputs, before)

        logits, after = self._each(one, state)
        mean = torch.stack(logits).mean(0)
        return floored_logits(mean, self.settings.floor) if self.settings.floor else mean, after

    def _each(
        self, one: Callable[[nn.Module, State | None], tuple[Tensor, State]], state: State | None
    ) -> tuple[list[Tensor], State]:
        """`one` with every network and its part of the state, side by side; what it said, and the state of all."""
        before = [None] * len(self.networks) if state is None else _apart(state, len(self.networks))
        side_by_side = map if self._pool is None else self._pool.map
        said = list(side_by_side(one, self.networks, before))
        return [tensor for tensor, _ in said], _together([after for _, after in said])

    def merged(self) -> Weights:
        """The weights of the one network that they make."""
        states = [network.state_dict() for network in self.networks]
        return {name: _merged(name, [weights[name] for weights in states], self.settings) for name in states[0]}


def merged_settings(settings: ModelSettings, count: int) -> ModelSettings:
    """The shape of the one network that `count` networks of the shape `settings` make.

    Raises SettingsError if no network can be as large.
    """
    sizes = {name: count * getattr(settings, name) for name in ("hidden_size", "embedding_size", "position_size")}
    try:
        return settings.replace(**sizes)
    except SettingsError as error:
        raise SettingsError(f"an ensemble of {count} makes one network with the neurons of all: {error}") from error


def _merged(name: str, parts: list[Tensor], settings: ModelSettings) -> Tensor:
    """One array of the merged network out of the same array of each."""
    if name == "recurrent.weight_ih_l0":  # [G*H, E + P]: blocks for what stands for characters, and for categories
        sizes = [settings.embedding_size, settings.input_size - settings.embedding_size]
        kinds = zip(*(torch.split(part, sizes, 1) for part in parts), strict=True)
        return torch.cat([_in_blocks(list(kind), settings) for kind in kinds], 1)
    if name.startswith("recurrent.weight_"):  # [G*H, X]
        return _in_blocks(parts, settings)
    if name.startswith("recurrent.bias_"):  # [G*H]
        gates = zip(*(part.chunk(GATES[settings.cell]) for part in parts), strict=True)
        return torch.cat([torch.cat(gate) for gate in gates])
    if name in OUTPUT_WEIGHTS:  # [..., H], or [..., P]
        return torch.cat(parts, 1) / len(parts)
    if name == "ngrams.input.weight":  # [E, K*V]
        return torch.cat(parts)
    if name.endswith((".bias", "bonus.weight")):
        return torch.stack(parts).mean(0)
    return torch.cat(parts, 1)  # embeddings [..., E], [..., P]


def _in_blocks(parts: list[Tensor], settings: ModelSettings) -> Tensor:
    """In every gate a block for each network: [G*H, X] of each -> [K*G*H, K*X]."""
    gates = zip(*(part.chunk(GATES[settings.cell]) for part in parts), strict=True)
    return torch.cat([torch.block_diag(*gate) for gate in gates])  # type: ignore[no-untyped-call]


def _apart(state: State, count: int) -> list[State]:
    hidden = state.hidden.chunk(count, -1)
    cell = [None] * count if state.cell is None else state.cell.chunk(count, -1)
    return [State(h.contiguous(), None if c is None else c.contiguous()) for h, c in zip(hidden, cell, strict=True)]


def _together(states: list[State]) -> State:
    cells = [state.cell for state in states if state.cell is not None]
    return State(torch.cat([state.hidden for state in states], -1), torch.cat(cells, -1) if cells else None)
