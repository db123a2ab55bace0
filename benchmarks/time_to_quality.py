"""How long until 2.90 bits per character on validation: the paper's recipe against ours, in turn, three times each.

The clock runs from the call of `train`, so counting and reading the tunes are in it; the time that validations take is
not, on either side. Ours may be there before its first step: a new network says what the n-grams say, which are counted
in a fraction of a second. Prints one JSON line for each pair and one with the medians. A minute or two on two cores.

Run: python benchmarks/time_to_quality.py FOLDER
FOLDER holds train.txt and val.txt (and test.txt, unused) in <start>/<end> form.
"""

import json
import math
import platform
import statistics
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch

import songrnn
from paper_tunebook import read_tunebook
from songrnn.errors import Interrupted
from songrnn.training import loop
from songrnn.training.settings import PRESETS
from songrnn.training.validation import validate

BITS = 2.90
REPEATS = 3
THEIRS = PRESETS["paper"]["model"], {**PRESETS["paper"]["training"], "validate_every": 200}
OURS: tuple[dict[str, Any], dict[str, Any]] = {}, {"validate_every": 1}


def main(folder: Path) -> None:
    """Both sides, in turn."""
    corpus, _ = read_tunebook(folder)
    rows = []
    for repeat in range(REPEATS):
        theirs, ours = (seconds_to_quality(corpus, *side, seed=repeat) for side in (THEIRS, OURS))
        rows.append((theirs, ours))
        print(json.dumps({"name": f"repeat {repeat + 1}", "theirs": theirs, "ours": ours}), flush=True)
    ratios = [theirs / ours for theirs, ours in rows]
    row = {
        "name": f"seconds to {BITS} bits per character",
        "theirs": statistics.median(theirs for theirs, _ in rows),
        "ours": statistics.median(ours for _, ours in rows),
        "ratio": statistics.median(ratios),
        "spread": [min(ratios), max(ratios)],
        "processor": platform.processor() or platform.machine(),
        "versions": {"songrnn": songrnn.__version__, "torch": torch.__version__},
    }
    print(json.dumps(row))


def seconds_to_quality(corpus: songrnn.Corpus, model: dict[str, Any], training: dict[str, Any], *, seed: int) -> float:
    """Seconds of learning until a validation is at BITS or below; validations are not counted."""
    begun, validating, reached = time.perf_counter(), 0.0, float("nan")

    def timed(*arguments: Any, **named: Any) -> Any:
        nonlocal validating, reached
        called = time.perf_counter()
        loss = validate(*arguments, **named)
        if loss.bits_per_character <= BITS and math.isnan(reached):
            reached = called - begun - validating
        validating += time.perf_counter() - called
        return loss

    with tempfile.TemporaryDirectory() as out, patch.object(loop, "validate", timed), suppress(Interrupted):
        songrnn.train(
            corpus,
            model=songrnn.ModelSettings(**model),
            training=songrnn.TrainingSettings(**training, seed=seed),
            out=Path(out) / "run",
            stop=lambda: not math.isnan(reached),
        )
    return reached


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
