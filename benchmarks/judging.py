"""What 1,000 composed tunes are worth beside the held-out human tunes of `folk`, and whether one can tell them apart.

Composes with `songrnn compose`, to which every argument is handed on, so that ways of composing can be compared; judges
with `songrnn.evaluation.scorecard`. The control of the two-sample tests are as many tunes that `folk` was trained on
against the same held-out ones. One JSON line a metric: composed, human (of distances: two halves of the human tunes; of
two-sample tests: the control), each with its 95 % interval and the number of tunes; for two-sample tests also what
differs most; then how long it took. Two minutes on two cores.

Run: python benchmarks/judging.py [any flags of songrnn compose]
     python benchmarks/judging.py --count 400 --best-of 8
     python benchmarks/judging.py --free
     python benchmarks/judging.py training [--count 1000]     training tunes in place of composed ones
"""

import json
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import songrnn
from songrnn.corpus.corpus import Corpus
from songrnn.corpus.sources import read_sources
from songrnn.evaluation.scorecard import Scorecard, judge
from songrnn.training.held_out import held_out_corpus

MODEL = "folk"
COUNT, SEED = "1000", "1"
TRAINING = "training"


def main(flags: list[str]) -> None:
    """Compose, or take training tunes; judge, print."""
    corpus = held_out_corpus(MODEL)
    begun = time.monotonic()
    if flags[:1] == [TRAINING]:
        composed, control = _training_tunes(corpus, int(flags[2] if flags[1:2] == ["--count"] else COUNT)), list[str]()
    else:
        composed = compose(flags)
        control = _training_tunes(corpus, len(composed))
    composing = time.monotonic() - begun
    begun = time.monotonic()
    card = judge(composed, [*corpus.validation, *corpus.test], training=control)
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


def compose(flags: Sequence[str]) -> list[str]:
    """What `songrnn compose` writes with these flags; COUNT tunes of SEED where they name no others."""
    given = [flag.partition("=")[0] for flag in flags]
    defaults = [
        part for flag, value in (("--count", COUNT), ("--seed", SEED)) if flag not in given for part in (flag, value)
    ]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "tunes.abc"
        command = [sys.executable, "-m", "songrnn", "compose", *flags, *defaults, "--out", str(out)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return [tune.text for tune in read_sources([str(out)]).tunes]


def _training_tunes(corpus: Corpus, count: int) -> list[str]:
    tunes = list(corpus.training)
    return random.Random(0).sample(tunes, min(count, len(tunes)))


def print_rows(card: Scorecard) -> None:
    """One line a metric."""
    for name, estimate in card.composed.totals.items():
        row = {"name": name, "composed": estimate.as_json(), "human": card.human.totals[name].as_json()}
        print(json.dumps(row), flush=True)
    for name, (found, halves) in card.distances.items():
        print(json.dumps({"name": f"distance: {name}", "composed": found.as_json(), "human": halves.as_json()}))
    for view, (test, control) in card.two_samples.items():
        row = {"name": f"two-sample test: {view}", "composed": test.area.as_json(), "human": control.area.as_json()}
        features = [vars(feature) for feature in test.discriminative]
        print(json.dumps(row | {"control": card.control, "discriminative": features}, ensure_ascii=False))
    if card.missing:
        print(json.dumps({"name": "two-sample tests", "missing": card.missing}))


if __name__ == "__main__":
    main(sys.argv[1:])
