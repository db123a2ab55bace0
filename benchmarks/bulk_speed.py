"""Composing many tunes at once: characters a second, ours against PyTorch at the best batch size that it has.

The network is a plain LSTM of 512 units (embedding 64, V = 95) with random weights; two threads. Theirs: `nn.LSTMCell`
in inference mode for B tunes at a time, softmax and draw for all of them with PyTorch, at every batch size of BATCHES.
Ours: `Composer.compose_many`, tunes of 250 characters, compositions with everything that belongs to them included. All
sides take turns; medians. One JSON line each. Two minutes.

Run: python benchmarks/bulk_speed.py [UNITS] [THREADS]
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial

import torch
from torch import nn

from composing_speed import ends, processor, recurrent_state, versions
from plain_network import plain_checkpoint
from songrnn import Checkpoint, Composer, _native
from songrnn.engines.settings import EngineSettings

BATCHES = (16, 64, 256, 1024)
ROUNDS = 5
SECONDS = 2.0
LENGTH = 250


def main() -> None:
    """Every side, in turn."""
    units = int(sys.argv[1]) if len(sys.argv) > 1 else 512
    threads = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    torch.set_num_threads(threads)
    checkpoint = plain_checkpoint(units)
    sides: dict[str, Callable[[], float]] = {}
    for precision in ("int8", "fp32"):
        composer = Composer(checkpoint, EngineSettings(engine="native", precision=precision, threads=threads))
        sides[f"native {precision}"] = partial(ours, composer)
    for batch in BATCHES:
        sides[f"PyTorch, batch {batch}"] = partial(theirs, checkpoint, batch)
    speeds: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, measure in sides.items():
            speeds[name].append(measure())
    best = max((name for name in sides if name.startswith("PyTorch")), key=lambda name: statistics.median(speeds[name]))
    for name, values in speeds.items():
        ratios = [value / other for value, other in zip(values, speeds[best], strict=True)]
        row = {
            "name": name,
            "units": units,
            "threads": threads,
            "characters_a_second": round(statistics.median(values)),
            "times_pytorchs_best": round(statistics.median(ratios), 2),
            "spread": [round(min(ratios), 2), round(max(ratios), 2)],
            "kernel": _native.kernels()[0],
            "processor": processor(),
            "versions": versions(),
        }
        print(json.dumps(row))


def ours(composer: Composer) -> float:
    """Characters a second over about SECONDS."""
    count, begun, characters = 2000, time.perf_counter(), 0
    for made in composer.compose_many(
        count=count, seed=0, max_characters=LENGTH, temperature=1.0, min_p=0.0, free=True, best_of=1
    ):
        characters += len(made.text)
        if time.perf_counter() - begun > SECONDS:
            break
    return characters / (time.perf_counter() - begun)


@torch.inference_mode()
def theirs(checkpoint: Checkpoint, batch: int) -> float:
    """Characters a second over about SECONDS."""
    cell = nn.LSTMCell(checkpoint.model.embedding_size, checkpoint.model.hidden_size)
    cell.load_state_dict(recurrent_state(checkpoint, ""))
    embedding, output = ends(checkpoint)
    hidden = torch.zeros(batch, checkpoint.model.hidden_size)
    state = (hidden, hidden)
    ids = torch.zeros(batch, dtype=torch.int64)
    steps, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < SECONDS:
        state = cell(embedding[ids], state)
        ids = torch.multinomial(torch.softmax(output(state[0]), -1), 1)[:, 0]
        steps += 1
    return batch * steps / (time.perf_counter() - begun)


if __name__ == "__main__":
    main()
