"""Two workers against one at the same batch: the same loss curve, and how much faster they are.

The same network learns from the same tunes, in lanes, with 1 and with 2 workers, each on one thread, ROUNDS times in
turn. Prints one JSON line: the largest difference of any training or validation figure in bits per character, medians
of characters a second, and the efficiency (their ratio over 2, with the spread of the rounds). Without dropout the
curves differ by the order of sums only; with it each process draws its own. What that may change is printed beside it:
the differences of one worker with the same first weights and other dropout, MASKS times. Each is given over the whole
curve, which is largest where the loss falls steeply, and at its end. The curves are drawn into the folder --out.

Run: python benchmarks/workers.py [--tunes FILE.abc] [--out FOLDER]
"""

import argparse
import json
import os
import statistics
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

from songrnn.corpus.corpus import Corpus, read_corpus
from songrnn.model.settings import ModelSettings
from songrnn.training.ensemble import Ensemble
from songrnn.training.folder import RunFolder
from songrnn.training.loop import train
from songrnn.training.plots import write_loss_plot
from songrnn.training.settings import TrainingSettings

ROUNDS = 2
MASKS = (7, 8, 9)
TUNES = 120
DROPS = ("dropout", "input_dropout", "weight_dropout", "plan_dropout")
MODEL = ModelSettings(hidden_size=64, embedding_size=32, position_size=32)
TRAINING = TrainingSettings(
    epochs=2,
    window=64,
    batch_size=32,
    batching="lanes",
    ensemble=1,
    device="cpu",
    precision="float32",
    save_seconds=1e6,
)


def main() -> None:
    """Both, in turn."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tunes", default="oneills")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    whole = read_corpus(arguments.tunes)
    corpus = Corpus(whole.form, whole.training[:TUNES], whole.validation[:20], (), (), {}, whole.sources)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        without = MODEL.replace(**dict.fromkeys(DROPS, 0.0))
        speeds: dict[int, list[float]] = {1: [], 2: []}
        for number in range(ROUNDS):
            for workers in speeds:
                records = trained(corpus, folder / f"{workers}-{number}", without, workers)
                speeds[workers].append(characters_a_second(records))
        curves = {f"{workers} worker{'s' * (workers > 1)}": read(folder / f"{workers}-0") for workers in speeds}
        seeds = [trained(corpus, folder / f"dropout-{workers}", MODEL, workers) for workers in speeds]
        others = [trained(corpus, folder / f"masks-{masks}", MODEL, 1, masks) for masks in MASKS]
        ratios = [two / one / 2 for one, two in zip(speeds[1], speeds[2], strict=True)]
        row = {
            "name": "workers",
            "largest_difference": largest_difference(*curves.values()),
            "with_dropout": differences(*seeds),
            "one_worker_with_other_dropout": [differences(seeds[0], other) for other in others],
            "characters_a_second": {workers: round(statistics.median(values)) for workers, values in speeds.items()},
            "efficiency": round(statistics.median(ratios), 3),
            "spread": [round(min(ratios), 3), round(max(ratios), 3)],
            "load_of_the_machine": round(os.getloadavg()[0], 1),
        }
        print(json.dumps(row))
        if arguments.out:
            write_loss_plot(arguments.out, curves)


def trained(corpus: Corpus, out: Path, model: ModelSettings, workers: int, masks: int = 0) -> list[dict[str, Any]]:
    """The journal of a training; every worker has one thread. masks: the rank whose dropout one worker draws."""
    seed = Ensemble.seed
    with mock.patch.object(Ensemble, "seed", lambda self, number, rank: seed(self, number, rank or masks)):
        train(corpus, out=out, model=model, training=TRAINING.replace(workers=workers, threads=workers))
    return read(out)


def read(folder: Path) -> list[dict[str, Any]]:
    """The journal of a run."""
    return RunFolder(folder).journal.read()


def characters_a_second(records: list[dict[str, Any]]) -> float:
    """The median of the records after the first."""
    speeds = [record["characters_per_second"] for record in records if record["kind"] == "learning"]
    return float(statistics.median(speeds[1:]))


def largest_difference(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> float:
    """Of any figure of two journals at the same step, in bits per character."""
    return max(differences_by_step(one, other).values())


def differences(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> dict[str, float]:
    """The largest, and that of the last validation."""
    found = differences_by_step(one, other)
    last = max(step for kind, step in found if kind == "validation")
    return {"largest": round(max(found.values()), 4), "last_validation": round(found["validation", last], 4)}


def differences_by_step(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> dict[tuple[str, int], float]:
    """Kind of record and step -> how far two journals are apart, in bits per character."""
    figures = [
        {(r["kind"], r["step"]): r["bits_per_character"] for r in records if "bits_per_character" in r}
        for records in (one, other)
    ]
    assert figures[0].keys() == figures[1].keys()
    return {place: abs(figures[0][place] - figures[1][place]) for place in figures[0]}


if __name__ == "__main__":
    main()
