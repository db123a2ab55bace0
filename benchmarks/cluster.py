"""Overhead of --ray: composing 20,000 tunes and a search of four trials, here and on a cluster of this machine's cores.

    python benchmarks/cluster.py [--count 20000] [--cores 2]

Starts a cluster of one node on loopback, measures each command in turn here and there, in processes of their own, and
prints a JSON line for each: seconds of wall time, and whether the results are the same.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ADDRESS = "127.0.0.2"
STORE_BYTES = 200_000_000
SEARCH = (
    *("search", "folk", "--name", "s", "--axes", "learning_rate", "dropout", "--trials", "4", "--minutes", "60"),
    *("--epochs", "0.2", "--hidden-size", "32", "--threads", "1", "--device", "cpu"),
)


def run(arguments: Sequence[str]) -> float:
    """Run songrnn; its seconds."""
    begun = time.monotonic()
    subprocess.run([sys.executable, "-m", "songrnn", *arguments], check=True, capture_output=True)
    return round(time.monotonic() - begun, 1)


def print_line(command: str, here: float, there: float, same: bool, cores: int) -> None:
    line: dict[str, Any] = {"command": command, "cores": cores, "here_seconds": here, "ray_seconds": there}
    print(json.dumps(line | {"overhead_seconds": round(there - here, 1), "same": same}), flush=True)


def trials(folder: Path) -> list[tuple[str, ...]]:
    """Number, settings and bits per character of every trial."""
    with (folder / "search.csv").open(encoding="utf-8") as file:
        return [(row["trial"], row["learning_rate"], row["bits_per_character"]) for row in csv.DictReader(file)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--cores", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args()
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_worker_niceness": "0"}
    from ray.cluster_utils import Cluster

    node = {"num_cpus": options.cores, "object_store_memory": STORE_BYTES, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=node | {"node_ip_address": ADDRESS})
    try:
        with tempfile.TemporaryDirectory() as path:
            _measure(Path(path), ["--ray", cluster.address], options.count, options.cores)
    finally:
        cluster.shutdown()


def _measure(folder: Path, ray: list[str], count: int, cores: int) -> None:
    compose = ["compose", "--count", str(count), "--seed", "1", "--out"]
    here, there = (run([*compose, str(folder / name), *more]) for name, more in (("here.abc", []), ("ray.abc", ray)))
    same = (folder / "here.abc").read_bytes() == (folder / "ray.abc").read_bytes()
    print_line(f"compose --count {count}", here, there, same, cores)
    here, there = (run([*SEARCH, "--out", str(folder / name), *more]) for name, more in (("here", []), ("ray", ray)))
    print_line("search --trials 4", here, there, trials(folder / "here") == trials(folder / "ray"), cores)


if __name__ == "__main__":
    main()
