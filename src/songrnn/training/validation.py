"""The figure of `evaluation/bits_per_character.py`, computed by PyTorch while a network learns."""

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from songrnn.batches import NOTHING
from songrnn.evaluation.bits_per_character import Score
from songrnn.training.tunes.resident import IGNORED, ResidentTunes

TUNES_AT_ONCE = 64
CHUNK = 256
"""Characters of each tune in one call of the network; the state is carried, so it changes the memory used only."""


@torch.no_grad()
def validate(network: nn.Module, tunes: ResidentTunes, *, unknown: int) -> Score:
    """Score whole tunes, each from a zero state, in float32; `unknown` more characters have no id.

    network: a CharRnn or an Ensemble; it is left in training mode.
    """
    network.eval()
    begin = np.cumsum(tunes.lengths) - tunes.lengths
    longest_first = sorted(range(len(tunes.lengths)), key=lambda i: -tunes.lengths[i])
    nats = 0.0
    for first in range(0, len(longest_first), TUNES_AT_ONCE):
        group = longest_first[first : first + TUNES_AT_ONCE]
        nats += _score(network, tunes, [(int(begin[i]), tunes.lengths[i]) for i in group])
    network.train()
    return Score.of(nats, sum(length - 1 for length in tunes.lengths), unknown, len(tunes.lengths))


def figures_with_plans(network: nn.Module, tunes: ResidentTunes, *, unknown: int) -> dict[str, float]:
    """The same with the plan of every tune revealed, for a record; nothing for a network that reads no plans."""
    if not tunes.plan_features:
        return {}
    tunes.reveal(True)
    bits = validate(network, tunes, unknown=unknown).bits_per_character
    tunes.reveal(False)
    return {"bits_per_character_with_plan": bits}


def _score(network: nn.Module, tunes: ResidentTunes, spans: list[tuple[int, int]]) -> float:
    """Summed surprisal in nats of the tunes at these spans, (begin, length), longest first."""
    length = spans[0][1] - 1
    inputs = np.zeros((length, len(spans)), dtype=np.int64)
    targets = np.full((length, len(spans)), NOTHING, dtype=np.int64)
    for column, (begin, characters) in enumerate(spans):
        inputs[: characters - 1, column] = np.arange(begin, begin + characters - 1)
        targets[: characters - 1, column] = np.arange(begin + 1, begin + characters)
    state = None
    nats = torch.zeros((), dtype=torch.float64, device=tunes.device)
    for start in range(0, length, CHUNK):
        rows = slice(start, start + CHUNK)
        going = int((targets[start] != NOTHING).sum())
        if state is not None:
            state = state.first(going)
        logits, state = network(tunes.inputs(inputs[rows, :going]), state)
        wanted = tunes.targets(targets[rows, :going])
        nats += cross_entropy(logits.flatten(0, 1), wanted.flatten(), ignore_index=IGNORED, reduction="sum").double()
    return float(nats)
