"""The figure of `evaluation/surprise.py`, computed by PyTorch while a network learns."""

from collections.abc import Sequence

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from songrnn.batches import IGNORED
from songrnn.evaluation.surprise import TUNES_AT_ONCE, Surprise
from songrnn.model.network import CharRnn
from songrnn.vocabulary import Ids

CHUNK = 256
"""Characters of each tune in one call of the network; the state is carried, so it changes the memory used only."""


@torch.no_grad()
def validate(network: CharRnn, tunes: Sequence[Ids], *, unknown: int, device: torch.device) -> Surprise:
    """Score whole tunes of inputs [T, 3], each from a zero state; `unknown` more characters have no id.

    Leaves the network in training mode.
    """
    network.eval()
    longest_first = sorted(tunes, key=len, reverse=True)
    nats = 0.0
    for first in range(0, len(longest_first), TUNES_AT_ONCE):
        nats += _score(network, longest_first[first : first + TUNES_AT_ONCE], device)
    network.train()
    return Surprise.of(nats, sum(len(ids) - 1 for ids in tunes), unknown, len(tunes))


def _score(network: CharRnn, tunes: Sequence[Ids], device: torch.device) -> float:
    """Summed surprise in nats of tunes sorted by length, longest first."""
    length = len(tunes[0]) - 1
    inputs = np.zeros((length, len(tunes), 3), dtype=np.int64)
    targets = np.full((length, len(tunes)), IGNORED, dtype=np.int64)
    for column, ids in enumerate(tunes):
        inputs[: len(ids) - 1, column] = ids[:-1]
        targets[: len(ids) - 1, column] = ids[1:, 0]
    state = None
    nats = torch.zeros((), dtype=torch.float64, device=device)
    for start in range(0, length, CHUNK):
        rows = slice(start, start + CHUNK)
        going = int((targets[start] != IGNORED).sum())
        if state is not None:
            state = state.first(going)
        logits, state = network(torch.from_numpy(inputs[rows, :going]).to(device), state)
        wanted = torch.from_numpy(targets[rows, :going]).to(device)
        nats += cross_entropy(logits.flatten(0, 1), wanted.flatten(), ignore_index=IGNORED, reduction="sum").double()
    return float(nats)
