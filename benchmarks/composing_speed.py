"""Composing, one tune at a time, on one thread: processor time a character, softmax and draw included on every side.

The network is a plain LSTM (embedding 64, V = 95) with random weights, of 150, 256, 512 and 1024 units. Ours: the
native engine in int8 and fp32, and NumPy. Theirs, each with the same draw by one random number: `nn.LSTM` with a state,
as people call it; `nn.LSTMCell`; ONNX Runtime in fp32, and in int8 by its dynamic quantisation. All sides take turns,
ROUNDS times; medians. In the same run: the rate at which this core reads as many bytes as the weights have, from
whichever cache they live in, and the share of it that we reach.

One JSON line for each size and side: microseconds of processor time, which other work on the machine changes less than
time on the clock, and how many times sooner ours (int8) is. Needs onnx and onnxruntime besides songrnn[train]; without
them, their sides are left out. Some five minutes.

Run: python benchmarks/composing_speed.py
"""

import os

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

import json
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from plain_network import plain_checkpoint
from songrnn import Checkpoint, Composer, _native
from songrnn.engines.settings import EngineSettings

SIZES = (150, 256, 512, 1024)
ROUNDS = 7
SECONDS = 0.4
"""For each measurement of each side."""

Compose = Callable[[int], None]


def main() -> None:
    """Every size, every side."""
    torch.set_num_threads(1)
    for size in SIZES:
        measure(size)


def measure(size: int) -> None:
    """All sides of one size, in turn."""
    checkpoint = plain_checkpoint(size)
    sides = sides_of(checkpoint)
    counts = {name: characters_in(SECONDS, compose) for name, compose in sides.items()}
    times: dict[str, list[float]] = {name: [] for name in sides}
    weights = 4 * size * size + len(checkpoint.vocabulary) * size
    bandwidths = []
    for _ in range(ROUNDS):
        bandwidths.append(_native.read_bandwidth(weights, 0.1))
        for name, compose in sides.items():
            begun = time.process_time()
            compose(counts[name])
            times[name].append(1e6 * (time.process_time() - begun) / counts[name])
    for name, values in times.items():
        ratios = [theirs / ours for ours, theirs in zip(times["native int8"], values, strict=True)]
        row: dict[str, Any] = {
            "units": size,
            "name": name,
            "microseconds_a_character": round(statistics.median(values), 2),
            "times_ours": round(statistics.median(ratios), 1),
            "spread": [round(min(ratios), 1), round(max(ratios), 1)],
        }
        if name == "native int8":
            shares = [weights / us / 1e3 / rate for us, rate in zip(values, bandwidths, strict=True)]
            row["gigabytes_a_second"] = round(weights / statistics.median(values) / 1e3, 1)
            row["of_read_bandwidth"] = round(statistics.median(bandwidths), 1)
            row["share"] = round(statistics.median(shares), 2)
            row["share_spread"] = [round(min(shares), 2), round(max(shares), 2)]
        print(json.dumps(row | {"kernel": _native.kernels()[0], "processor": processor(), "versions": versions()}))


def sides_of(checkpoint: Checkpoint) -> dict[str, Compose]:
    """By name: a function that composes a given number of characters."""
    sides: dict[str, Compose] = {}
    for name, settings in {
        "native int8": EngineSettings(engine="native", precision="int8"),
        "native fp32": EngineSettings(engine="native", precision="fp32"),
        "numpy": EngineSettings(engine="numpy"),
    }.items():
        composer = Composer(checkpoint, settings)
        sides[name] = partial(ours, composer)
    sides["nn.LSTMCell"] = lstm_cell(checkpoint)
    sides["nn.LSTM"] = lstm(checkpoint)
    if find_spec("onnx") and find_spec("onnxruntime"):
        sides |= onnx_runtime(checkpoint)
    return sides


def ours(composer: Composer, count: int) -> None:
    """What `songrnn compose` does, the composition with all that belongs to it included."""
    made = composer.compose(seed=0, max_characters=count, temperature=1.0, min_p=0.0, free=True, best_of=1)
    assert len(made.text) >= 0.9 * count


def draw(logits: np.ndarray, rng: np.random.Generator) -> int:
    """Softmax and a draw by one random number."""
    powers = np.exp(logits - logits.max())
    sums = np.cumsum(powers)
    return int(np.searchsorted(sums, rng.random() * sums[-1], side="right"))


def lstm_cell(checkpoint: Checkpoint) -> Compose:
    """The fastest that we know of with PyTorch's own modules: one cell, everything in inference mode."""
    cell = nn.LSTMCell(checkpoint.model.embedding_size, checkpoint.model.hidden_size)
    cell.load_state_dict(recurrent_state(checkpoint, ""))
    embedding, output = ends(checkpoint)

    @torch.inference_mode()
    def compose(count: int) -> None:
        rng = np.random.default_rng(0)
        hidden = torch.zeros(1, checkpoint.model.hidden_size)
        state = (hidden, hidden)
        i = 0
        for _ in range(count):
            state = cell(embedding[i : i + 1], state)
            i = draw(output(state[0])[0].numpy(), rng)

    return compose


def lstm(checkpoint: Checkpoint) -> Compose:
    """As most programs do it: nn.LSTM on a sequence of one character, the state handed on."""
    layer = nn.LSTM(checkpoint.model.embedding_size, checkpoint.model.hidden_size)
    layer.load_state_dict(recurrent_state(checkpoint, "_l0"))
    embedding, output = ends(checkpoint)

    @torch.inference_mode()
    def compose(count: int) -> None:
        rng = np.random.default_rng(0)
        state = None
        i = 0
        for _ in range(count):
            values, state = layer(embedding[i][None, None], state)
            i = draw(output(values[0, 0]).numpy(), rng)

    return compose


def recurrent_state(checkpoint: Checkpoint, end: str) -> dict[str, torch.Tensor]:
    """The recurrent weights under PyTorch's names, which end in `end`."""
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    return {name + end: torch.from_numpy(checkpoint.weights[f"recurrent.{name}_l0"]) for name in names}


def ends(checkpoint: Checkpoint) -> tuple[torch.Tensor, nn.Linear]:
    """The embedding [V, E], and the output layer."""
    output = nn.Linear(checkpoint.model.hidden_size, len(checkpoint.vocabulary))
    names = ("weight", "bias")
    output.load_state_dict({name: torch.from_numpy(checkpoint.weights[f"output.{name}"]) for name in names})
    return torch.from_numpy(checkpoint.weights["embedding.weight"]), output


class OneStep(nn.Module):
    """What is exported to ONNX: one character."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        super().__init__()
        embedding, self.output = ends(checkpoint)
        self.embedding = nn.Embedding(len(embedding), embedding.shape[1])
        self.embedding.load_state_dict({"weight": embedding})
        self.lstm = nn.LSTM(checkpoint.model.embedding_size, checkpoint.model.hidden_size)
        self.lstm.load_state_dict(recurrent_state(checkpoint, "_l0"))

    def forward(
        self, i: torch.Tensor, hidden: torch.Tensor, cell: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """i: [1, 1]; hidden, cell: [1, 1, H]. Returns logits [V] and the state."""
        values, (hidden, cell) = self.lstm(self.embedding(i), (hidden, cell))
        return self.output(values[0, 0]), hidden, cell


def onnx_runtime(checkpoint: Checkpoint) -> dict[str, Compose]:
    """ONNX Runtime with one thread, in fp32 and dynamically quantised to int8."""
    import onnxruntime as runtime
    from onnxruntime.quantization import quantize_dynamic

    size = checkpoint.model.hidden_size
    zero = torch.zeros(1, 1, size)
    with tempfile.TemporaryDirectory() as folder:
        plain, small = Path(folder) / "fp32.onnx", Path(folder) / "int8.onnx"
        torch.onnx.export(
            OneStep(checkpoint),
            (torch.zeros(1, 1, dtype=torch.int64), zero, zero),
            str(plain),
            input_names=["i", "hidden", "cell"],
            output_names=["logits", "hidden_after", "cell_after"],
            dynamo=False,
        )
        quantize_dynamic(str(plain), str(small))
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        sessions = {
            name: runtime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
            for name, path in {"ONNX Runtime fp32": plain, "ONNX Runtime int8": small}.items()
        }

    def composes(session: Any) -> Compose:
        def compose(count: int) -> None:
            rng = np.random.default_rng(0)
            hidden = cell = np.zeros((1, 1, size), np.float32)
            i = np.zeros((1, 1), np.int64)
            for _ in range(count):
                logits, hidden, cell = session.run(None, {"i": i, "hidden": hidden, "cell": cell})
                i[0, 0] = draw(logits, rng)

        return compose

    return {name: composes(session) for name, session in sessions.items()}


def characters_in(seconds: float, compose: Compose) -> int:
    """How many characters take about so long."""
    count = 20
    while True:
        begun = time.process_time()
        compose(count)
        took = time.process_time() - begun
        if took > seconds / 8:
            return max(20, int(count * seconds / took))
        count *= 4


def processor() -> str:
    """Its name, where the system tells it."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def versions() -> dict[str, str]:
    """Of everything compared."""
    names = ("songrnn", "numpy", "torch", *(name for name in ("onnxruntime",) if find_spec(name)))
    return {name: version(name) for name in names}


if __name__ == "__main__":
    main()
