"""How much sooner a training that goes on from `folk` is as good as one from nothing, on 100 tunes that it never saw.

The tunes are those of `folk`'s own test split, which took no part in its training, nor in choosing it: 100 to learn
from, the others to validate with. Or give a file of tunes of your own. Both sides run with the defaults of `songrnn
train`, in turn, three seeds; the clock is the wall's, from the call of `train`, and stands still for nothing. The
quality to reach is the best validation of the training from nothing. One JSON line a seed and one with the medians;
about ten minutes on two cores.

Run: python benchmarks/fine_tuning.py [FILE]
"""

import json
import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

import songrnn
from songrnn.corpus.corpus import read_tunes
from songrnn.training.settings import CONTINUED

LEARNED = 100
SEEDS = 3


def main(file: str | None) -> None:
    """Every seed, both sides."""
    corpus = held_out_corpus(file)
    from_nothing, from_folk = [], []
    for seed in range(SEEDS):
        found = learning(corpus, None, seed)
        best, seconds = min(found)
        from_nothing.append(seconds)
        continued = learning(corpus, songrnn.Checkpoint.load("folk"), seed)
        from_folk.append(next((after for bits, after in continued if bits <= best), float("inf")))
        row = {
            "name": f"seed {seed}",
            "from_nothing_bits_per_character": best,
            "from_nothing_seconds": from_nothing[-1],
            "from_folk_seconds": from_folk[-1],
            "from_folk_before_bits_per_character": continued[0][0],
            "from_folk_best_bits_per_character": min(continued)[0],
        }
        print(json.dumps(row), flush=True)
    ratios = [theirs / ours for theirs, ours in zip(from_nothing, from_folk, strict=True)]
    summary = {
        "name": f"seconds to the quality of a training from nothing, on {len(corpus.training)} tunes",
        "theirs": statistics.median(from_nothing),
        "ours": statistics.median(from_folk),
        "ratio": statistics.median(ratios),
        "spread": [min(ratios), max(ratios)],
        "processor": platform.processor() or platform.machine(),
        "versions": {"songrnn": songrnn.__version__, "torch": torch.__version__},
    }
    print(json.dumps(summary))


def held_out_corpus(file: str | None) -> songrnn.Corpus:
    """LEARNED tunes to learn from, as many others at most to validate with, in the form that `folk` knows."""
    tunes = read_tunes([file], "tunebook") if file else songrnn.read_corpus(songrnn.CorpusSettings()).test
    order = np.random.default_rng(0).permutation(len(tunes))
    if len(tunes) < 2 * LEARNED:
        sys.exit(f"{file} has {len(tunes)} tunes; {2 * LEARNED} are needed")
    chosen = [tunes[number] for number in order[: 2 * LEARNED]]
    name = Path(file).stem if file else "folk-test"
    return songrnn.Corpus("tunebook", tuple(chosen[:LEARNED]), tuple(chosen[LEARNED:]), (), (), {}, (name,))


def learning(corpus: songrnn.Corpus, start: songrnn.Checkpoint | None, seed: int) -> list[tuple[float, float]]:
    """Bits per character of every validation, from the one before learning on, and the seconds after which it came."""
    found: list[tuple[float, float]] = []
    begun = time.perf_counter()

    def report(record: dict[str, Any], _fraction: float) -> None:
        bits = record.get("bits_per_character_before" if record["kind"] == "start" else "bits_per_character")
        if record["kind"] in {"start", "validation"} and bits is not None:
            found.append((bits, time.perf_counter() - begun))

    settings = songrnn.TrainingSettings(**({} if start is None else CONTINUED["training"]), seed=seed)
    with tempfile.TemporaryDirectory() as out:
        songrnn.train(corpus, training=settings, start=start, out=Path(out) / "run", report=report)
    return found


if __name__ == "__main__":
    if len(sys.argv) > 2:
        sys.exit(__doc__)
    main(sys.argv[1] if len(sys.argv) == 2 else None)
