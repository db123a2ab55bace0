"""Recording what a network does while it reads, and scoring it: characters a second, ours against PyTorch with hooks.

The network is a plain LSTM of 512 units (embedding 64, V = 95) with random weights; two threads. Hidden and cell states
of 1,000 tunes of 250 characters are kept, and the log-probability of every character but the first. Theirs: a forward
hook on `nn.LSTMCell` that copies both states, for one tune at a time (on so many tunes as fit into a second or two) and
at every batch size of BATCHES. Ours: `songrnn.neurons.record`, which also stores them. All sides take turns; medians.
One JSON line each. Three minutes.

Run: python benchmarks/recording_speed.py [UNITS] [THREADS] [TUNES]
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

import songrnn.neurons
from composing_speed import processor, versions
from plain_network import plain_checkpoint
from songrnn import Checkpoint, _native
from songrnn.engines.settings import EngineSettings

BATCHES = (1, 16, 64)
ROUNDS = 3
LENGTH = 250
MOST_THEIRS = 64
"""Tunes that PyTorch reads in a turn; its speed does not depend on how many more there are."""


def main() -> None:
    """Every side, in turn."""
    units, threads, count = (
        int(sys.argv[i]) if len(sys.argv) > i else default for i, default in ((1, 512), (2, 2), (3, 1000))
    )
    torch.set_num_threads(threads)
    checkpoint = plain_checkpoint(units)
    rng = np.random.default_rng(0)
    characters = np.array(list(checkpoint.vocabulary.characters))
    tunes = ["".join(rng.choice(characters, LENGTH)) for _ in range(count)]
    sides: dict[str, Callable[[], float]] = {
        f"native {precision}": partial(ours, checkpoint, tunes, EngineSettings(precision=precision, threads=threads))
        for precision in ("fp32", "int8")
    }
    for batch in BATCHES:
        sides[f"PyTorch, batch {batch}"] = partial(theirs, checkpoint, tunes, batch)
    speeds: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, measure in sides.items():
            speeds[name].append(measure())
    one = "PyTorch, batch 1"
    best = max((name for name in sides if name.startswith("PyTorch")), key=lambda name: statistics.median(speeds[name]))
    for name, values in speeds.items():
        row = {
            "name": name,
            "units": units,
            "threads": threads,
            "tunes": count,
            "characters_a_second": round(statistics.median(values)),
            "times_batch_1": ratios(values, speeds[one]),
            "times_pytorchs_best": ratios(values, speeds[best]),
            "kernel": _native.kernels()[0],
            "processor": processor(),
            "versions": versions(),
        }
        print(json.dumps(row), flush=True)


def ratios(values: list[float], others: list[float]) -> list[float]:
    """Median, least and largest ratio of the same turn."""
    found = [value / other for value, other in zip(values, others, strict=True)]
    return [round(statistics.median(found), 2), round(min(found), 2), round(max(found), 2)]


def ours(checkpoint: Checkpoint, tunes: list[str], settings: EngineSettings) -> float:
    """Characters a second."""
    begin = time.perf_counter()
    recording = songrnn.neurons.record(checkpoint, tunes, quantities=("hidden", "cell"), settings=settings)
    assert np.isfinite(recording.bits[1:LENGTH]).all()
    return len(recording) / (time.perf_counter() - begin)


@torch.inference_mode()
def theirs(checkpoint: Checkpoint, tunes: list[str], batch: int) -> float:
    """Characters a second at a batch size."""
    weights = {name: torch.from_numpy(array) for name, array in checkpoint.weights.items()}
    size = checkpoint.model.hidden_size
    cell = nn.LSTMCell(checkpoint.model.embedding_size, size)
    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        getattr(cell, name).copy_(weights[f"recurrent.{name}_l0"])
    kept: list[tuple[Tensor, Tensor]] = []
    cell.register_forward_hook(lambda _, __, output: kept.append((output[0].clone(), output[1].clone())))
    read = min(len(tunes), max(batch, 8 if batch == 1 else MOST_THEIRS))
    ids = torch.from_numpy(np.stack([checkpoint.vocabulary.encode(tune) for tune in tunes[:read]]))
    begin = time.perf_counter()
    for first in range(0, read, batch):
        kept.clear()
        own = ids[first : first + batch]
        state = (torch.zeros(len(own), size), torch.zeros(len(own), size))
        for place in range(LENGTH):
            state = cell(weights["embedding.weight"][own[:, place]], state)
            logits = torch.addmm(weights["output.bias"], state[0], weights["output.weight"].T)
            if place + 1 < LENGTH:
                logits.log_softmax(dim=-1).gather(1, own[:, place + 1 : place + 2])
    return read * LENGTH / (time.perf_counter() - begin)


if __name__ == "__main__":
    main()
