"""Characters a second of a training step: ours against the same LSTM written straight with nn.LSTM, fp32 and Adam.

A step is forward, backward and update, batch 64, window 128. `ours` is the network that reads characters only, `whole`
the default one, which also reads suggestions and n-grams. All three in turn, several rounds, medians; one JSON line a
size. Ours multiplies in bfloat16 where the processor has it; where it has not, both sides multiply in float32, and the
line says so. Two minutes on two cores.

Run: python benchmarks/training_speed.py [SECONDS A MEASUREMENT]
"""

import json
import platform
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

import songrnn
from songrnn.batches import Streams
from songrnn.model.inputs import Reader
from songrnn.model.network import CharRnn
from songrnn.training.device import half_precision
from songrnn.training.settings import PLAIN
from songrnn.training.tunes.resident import ResidentTunes
from songrnn.vocabulary import Vocabulary

SIZES = (150, 256, 512)
BATCH, WINDOW, VOCABULARY, EMBEDDING = 64, 128, 93, 64
ROUNDS = 5
Step = Callable[[], None]


class Plain(nn.Module):
    """What one writes on the first evening."""

    def __init__(self, hidden_size: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, EMBEDDING)
        self.recurrent = nn.LSTM(EMBEDDING, hidden_size)
        self.output = nn.Linear(hidden_size, VOCABULARY)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Logits [T, B, V] of ids [T, B]."""
        logits: torch.Tensor = self.output(self.recurrent(self.embedding(ids))[0])
        return logits


def main(seconds: float) -> None:
    """Every size, all sides in turn."""
    for size in SIZES:
        steps = {"theirs": plain_step(size), "ours": our_step(size, plain=True), "whole": our_step(size, plain=False)}
        rates: dict[str, list[float]] = {name: [] for name in steps}
        for _ in range(ROUNDS):
            for name, step in steps.items():
                rates[name].append(rate(step, seconds))
        ratios = [ours / theirs for ours, theirs in zip(rates["ours"], rates["theirs"], strict=True)]
        row = {
            "name": f"characters a second, lstm {size}",
            **{name: round(statistics.median(values)) for name, values in rates.items()},
            "bfloat16": half_precision(songrnn.TrainingSettings(), torch.device("cpu")),
            "ratio": round(statistics.median(ratios), 2),
            "spread": [round(min(ratios), 2), round(max(ratios), 2)],
            "processor": platform.processor() or platform.machine(),
            "versions": {"songrnn": songrnn.__version__, "torch": torch.__version__},
        }
        print(json.dumps(row), flush=True)


def rate(step: Step, seconds: float) -> float:
    """Characters a second, after one step to warm up."""
    step()
    begun, count = time.perf_counter(), 0
    while time.perf_counter() - begun < seconds:
        step()
        count += 1
    return count * BATCH * WINDOW / (time.perf_counter() - begun)


def plain_step(size: int) -> Step:
    """A step of Plain."""
    network = Plain(size)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    ids = torch.randint(0, VOCABULARY, (WINDOW + 1, BATCH))

    def step() -> None:
        loss = cross_entropy(network(ids[:-1]).flatten(0, 1), ids[1:].flatten())
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    return step


def our_step(size: int, *, plain: bool) -> Step:
    """A step as `training/loop.py` takes it."""
    model = songrnn.ModelSettings(**(PLAIN if plain else {}), hidden_size=size, embedding_size=EMBEDDING)
    vocabulary = Vocabulary("".join(map(chr, range(32, 32 + VOCABULARY))), boundaries=False)
    rng = np.random.default_rng(0)
    tunes = [rng.integers(0, VOCABULARY, 500) for _ in range(2 * BATCH * WINDOW // 500)]
    reader, folds = Reader.counting(model, vocabulary, tunes)
    resident = ResidentTunes(tunes, reader, torch.device("cpu"), folds=folds)
    window = Streams(resident.lengths, window=WINDOW, batch_size=BATCH, rng=rng)[0]
    network = CharRnn(model, vocabulary)
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, fused=True)
    half = half_precision(songrnn.TrainingSettings(), torch.device("cpu"))

    def step() -> None:
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
            logits, _ = network(resident.inputs(window.inputs))
        loss = cross_entropy(logits.flatten(0, 1), resident.targets(window.targets).flatten())
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()

    return step


if __name__ == "__main__":
    if len(sys.argv) > 2:
        sys.exit(__doc__)
    main(float(sys.argv[1]) if len(sys.argv) == 2 else 3.0)
