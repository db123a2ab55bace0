"""From the shell to the first finished tune: `songrnn compose`, against `python -c "import torch"`.

Both until the tune is there and until the process has ended, which judges it. Also with flags, which load a parser,
and the very first time, when the network is packed. All sides take turns, ROUNDS times, after one that does not count;
medians and, for each round, the ratio to importing torch. The same of processor time, of the whole process, which other
work on the machine changes little. One JSON line each. A minute.

Run: python benchmarks/cold_start.py [PYTHON...], where each PYTHON is that of another environment to compare with
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from composing_speed import processor, versions

ROUNDS = 11
TORCH = [sys.executable, "-c", "import torch"]


class Taken(NamedTuple):
    """Seconds of one process: until it writes, until it ends, and of the processor."""

    first: float
    whole: float
    processor: float


def main(others: Sequence[str]) -> None:
    """Every side, in turn."""
    with tempfile.TemporaryDirectory() as kept:
        times: dict[str, list[Taken]] = {name: [] for name in sides(others)}
        for number in range(ROUNDS + 1):
            for name, (command, packed) in sides(others).items():
                taken = seconds(command, kept if packed else None)
                if number:
                    times[name].append(taken)
    for name, values in times.items():
        for what in Taken._fields:
            ours, torch = ([getattr(one, what) for one in side] for side in (values, times["import torch"]))
            ratios = [one / other for one, other in zip(ours, torch, strict=True)]
            if what != "first" or "compose" in name:
                row = {"name": name, "what": what, "seconds": round(statistics.median(ours), 3)}
                row |= {"of_importing_torch": round(statistics.median(ratios), 3)}
                row |= {"spread": [round(min(ratios), 3), round(max(ratios), 3)]}
                print(json.dumps(row | {"processor": processor(), "versions": versions()}))


def sides(others: Sequence[str]) -> dict[str, tuple[list[str], bool]]:
    """Name -> command, and whether what an earlier run has packed is there."""
    found: dict[str, tuple[list[str], bool]] = {}
    for python in (sys.executable, *others):
        compose = [str(Path(python).with_name("songrnn")), "compose"]
        end = "" if python == sys.executable else f" of {python}"
        found[f"songrnn compose{end}"] = (compose, True)
        found[f"songrnn compose --best-of 1{end}"] = ([*compose, "--best-of", "1"], True)
        found[f"songrnn compose --seed 7 --temperature 0.9{end}"] = (
            [*compose, "--seed", "7", "--temperature", "0.9"],
            True,
        )
        found[f"songrnn compose, the network not yet packed{end}"] = (compose, False)
    return found | {"import numpy": ([sys.executable, "-c", "import numpy"], True), "import torch": (TORCH, True)}


def seconds(command: list[str], cache: str | None) -> Taken:
    """What a process takes; without a cache, nothing is packed before. Modules are compiled, as in an installation."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as empty:
        begun = time.perf_counter()
        used = processor_seconds()
        with subprocess.Popen(
            command, env=environment | {"SONGRNN_CACHE": cache or empty}, stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            process.stdout.read(1)
            first = time.perf_counter() - begun
            process.stdout.read()
        assert process.returncode == 0
        return Taken(first, time.perf_counter() - begun, processor_seconds() - used)


def processor_seconds() -> float:
    """Of all processes that this one has started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(sys.argv[1:])
