"""Recording what a network does while it reads, and scoring it: characters a second, ours against PyTorch with hooks.

The network is a plain LSTM of 512 units (embedding 64, V = 95) with random weights. Hidden and cell states of tunes of
250 characters are kept, and the log-probability of every character but the first. Theirs: a forward hook on
`nn.LSTMCell` that copies both states, for one tune at a time and at every batch size of BATCHES. Ours:
`songrnn.neurons.record`, which also stores them. Batch 1 is so slow that it reads the first FEW tunes, and so do we in
rows of their own; all others read all tunes. All sides take turns; medians of ROUNDS. One JSON line each, by the
clock, and by the processor's time, which other programs disturb less. Half a minute on an idle machine.

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

BATCHES = (16, 64, 128)
ROUNDS = 3
LENGTH = 250
FEW = 4
"""Tunes that are read at batch 1."""
Speeds = tuple[float, float]
"""Characters a second, and a second of the processor."""


def main() -> None:
    """Every side, in turn."""
    units, threads, count = (
        int(sys.argv[i]) if len(sys.argv) > i else default for i, default in ((1, 512), (2, 2), (3, 256))
    )
    torch.set_num_threads(threads)
    checkpoint = plain_checkpoint(units)
    rng = np.random.default_rng(0)
    characters = np.array(list(checkpoint.vocabulary.characters))
    tunes = ["".join(rng.choice(characters, LENGTH)) for _ in range(count)]
    sides = {"PyTorch, batch 1": partial(theirs, checkpoint, tunes[:FEW], 1)}
    sides |= {f"PyTorch, batch {batch}": partial(theirs, checkpoint, tunes, batch) for batch in BATCHES}
    for precision in ("fp32", "int8"):
        settings = EngineSettings(precision=precision, threads=threads)
        sides[f"native {precision}, {FEW} tunes"] = partial(ours, checkpoint, tunes[:FEW], settings)
        sides[f"native {precision}"] = partial(ours, checkpoint, tunes, settings)
    speeds: dict[str, list[Speeds]] = {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, measure in sides.items():
            speeds[name].append(measured(measure))
    theirs_many = [name for name in sides if name.startswith("PyTorch") and not name.endswith(" 1")]
    best = max(theirs_many, key=lambda name: statistics.median(used for _, used in speeds[name]))
    against = {"batch_1": "PyTorch, batch 1", "best_batch": best}
    for name, values in speeds.items():
        few = name.endswith((" 1", "tunes"))
        row = {
            "name": name,
            "units": units,
            "threads": threads,
            "tunes": FEW if few else count,
            "characters_a_second": round(statistics.median(wall for wall, _ in values)),
            "characters_a_processor_second": round(statistics.median(used for _, used in values)),
            "best_batch": best,
            **{f"times_{what}": ratios(values, speeds[other], 0) for what, other in against.items()},
            **{f"processor_times_{what}": ratios(values, speeds[other], 1) for what, other in against.items()},
            "kernel": _native.kernels()[0],
            "processor": processor(),
            "versions": versions(),
        }
        print(json.dumps(row), flush=True)


def ratios(values: list[Speeds], others: list[Speeds], kind: int) -> list[float]:
    """Median, least and largest ratio of the same turn; kind: index of Speeds."""
    found = [value[kind] / other[kind] for value, other in zip(values, others, strict=True)]
    return [round(statistics.median(found), 2), round(min(found), 2), round(max(found), 2)]


def measured(read: Callable[[], int]) -> Speeds:
    """read: reads tunes, and returns how many characters they have."""
    begin, used = time.perf_counter(), time.process_time()
    characters = read()
    return characters / (time.perf_counter() - begin), characters / (time.process_time() - used)


def ours(checkpoint: Checkpoint, tunes: list[str], settings: EngineSettings) -> int:
    """See `measured`."""
    recording = songrnn.neurons.record(checkpoint, tunes, quantities=("hidden", "cell"), settings=settings)
    assert np.isfinite(recording.bits[1:LENGTH]).all()
    return len(recording)


@torch.inference_mode()
def theirs(checkpoint: Checkpoint, tunes: list[str], batch: int) -> int:
    """See `measured`."""
    weights = {name: torch.from_numpy(array) for name, array in checkpoint.weights.items()}
    size = checkpoint.model.hidden_size
    cell = nn.LSTMCell(checkpoint.model.embedding_size, size)
    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        getattr(cell, name).copy_(weights[f"recurrent.{name}_l0"])
    kept: list[tuple[Tensor, Tensor]] = []
    cell.register_forward_hook(lambda _, __, output: kept.append((output[0].clone(), output[1].clone())))
    ids = torch.from_numpy(np.stack([checkpoint.vocabulary.encode(tune) for tune in tunes]))
    for first in range(0, len(tunes), batch):
        kept.clear()
        own = ids[first : first + batch]
        state = (torch.zeros(len(own), size), torch.zeros(len(own), size))
        for place in range(LENGTH):
            state = cell(weights["embedding.weight"][own[:, place]], state)
            logits = torch.addmm(weights["output.bias"], state[0], weights["output.weight"].T)
            if place + 1 < LENGTH:
                logits.log_softmax(dim=-1).gather(1, own[:, place + 1 : place + 2])
    return len(tunes) * LENGTH


if __name__ == "__main__":
    main()
