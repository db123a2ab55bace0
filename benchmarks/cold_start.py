"""From the shell to the first finished tune: `songrnn compose`, against `python -c "import torch"`.

Both until the tune is there and until the process has ended, which judges it. Also with flags, which load a parser,
and the very first time, when the network is packed. All sides take turns, ROUNDS times, after one that does not count;
medians and, for each round, the ratio to importing torch. One JSON line each. A minute.

Run: python benchmarks/cold_start.py
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from composing_speed import processor, versions

ROUNDS = 11
COMPOSE = [str(Path(sys.executable).with_name("songrnn")), "compose"]
TORCH = [sys.executable, "-c", "import torch"]


def main() -> None:
    """Every side, in turn."""
    with tempfile.TemporaryDirectory() as kept:
        warm = {"SONGRNN_CACHE": kept}
        sides = {
            "songrnn compose": (COMPOSE, warm),
            "songrnn compose --best-of 1": ([*COMPOSE, "--best-of", "1"], warm),
            "songrnn compose --seed 7 --temperature 0.9": ([*COMPOSE, "--seed", "7", "--temperature", "0.9"], warm),
            "songrnn compose, the network not yet packed": (COMPOSE, None),
            "import numpy": ([sys.executable, "-c", "import numpy"], warm),
            "import torch": (TORCH, warm),
        }
        times: dict[str, list[float]] = {name: [] for name in sides}
        for number in range(ROUNDS + 1):
            for name, (command, environment) in sides.items():
                first, whole = seconds(command, environment)
                if number:
                    times[name].append(whole)
                    if command[0] == COMPOSE[0]:
                        times.setdefault(f"{name}: until the tune is there", []).append(first)
    for name, values in times.items():
        ratios = [ours / torch for ours, torch in zip(values, times["import torch"], strict=True)]
        row = {
            "name": name,
            "seconds": round(statistics.median(values), 3),
            "of_importing_torch": round(statistics.median(ratios), 3),
            "spread": [round(min(ratios), 3), round(max(ratios), 3)],
            "processor": processor(),
            "versions": versions(),
        }
        print(json.dumps(row))


def seconds(command: list[str], environment: dict[str, str] | None) -> tuple[float, float]:
    """Wall-clock time until a process writes, and until it ends; without an environment, nothing is packed before."""
    with tempfile.TemporaryDirectory() as empty:
        variables = os.environ | (environment or {"SONGRNN_CACHE": empty})
        begun = time.perf_counter()
        with subprocess.Popen(command, env=variables, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.read(1)
            first = time.perf_counter() - begun
            process.stdout.read()
        assert process.returncode == 0
        return first, time.perf_counter() - begun


if __name__ == "__main__":
    main()
