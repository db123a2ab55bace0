"""What 1,000 composed tunes are worth beside the held-out human tunes of `folk`, and whether one can tell them apart.

Composes with `songrnn compose`, to which every argument is handed on, so that ways of composing can be compared; judges
with `songrnn.evaluation.scorecard`. One JSON line a figure: composed, human (for distances and telling apart: two
halves of the human tunes), each with its 95 % interval and the number of tunes; then what gives the tunes away, and how
long it took. Two minutes on two cores.

Run: python benchmarks/judging.py [any flags of songrnn compose]
     python benchmarks/judging.py --count 300 --best-of 8
"""

import json
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import songrnn
from songrnn.corpus.sources import read_sources
from songrnn.evaluation.scorecard import Scorecard, judge
from songrnn.training.held_out import held_out_corpus

COUNT = "1000"
SEED = "1"


def main(flags: list[str]) -> None:
    """Compose, judge, print."""
    given = [flag.partition("=")[0] for flag in flags]
    for flag, value in (("--count", COUNT), ("--seed", SEED)):
        if flag not in given:
            flags = [*flags, flag, value]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "tunes.abc"
        begun = time.monotonic()
        subprocess.run([sys.executable, "-m", "songrnn", "compose", *flags, "--out", str(out)], check=True)
        composed = [tune.text for tune in read_sources([str(out)]).tunes]
    composing = time.monotonic() - begun
    corpus = held_out_corpus("folk")
    begun = time.monotonic()
    card = judge(composed, [*corpus.validation, *corpus.test])
    print_rows(card)
    summary = {
        "name": "seconds",
        "flags": " ".join(flags),
        "composing": composing,
        "judging": time.monotonic() - begun,
        "processor": platform.processor() or platform.machine(),
        "versions": {"songrnn": songrnn.__version__},
    }
    print(json.dumps(summary))


def print_rows(card: Scorecard) -> None:
    """One line a figure."""
    for name, estimate in card.composed.totals.items():
        row = {"name": name, "composed": estimate.as_json(), "human": card.human.totals[name].as_json()}
        print(json.dumps(row), flush=True)
    for name, (found, halves) in card.distances.items():
        print(json.dumps({"name": f"distance: {name}", "composed": found.as_json(), "human": halves.as_json()}))
    for view, (test, baseline) in card.two_samples.items():
        row = {"name": f"told apart: {view}", "composed": test.area.as_json(), "human": baseline.area.as_json()}
        print(
            json.dumps(row | {"discriminative": [vars(feature) for feature in test.discriminative]}, ensure_ascii=False)
        )
    if card.missing:
        print(json.dumps({"name": "told apart", "missing": card.missing}))


if __name__ == "__main__":
    main(sys.argv[1:])
