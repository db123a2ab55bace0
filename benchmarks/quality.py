"""Bits per character on the paper's tunebook: its recipe, a good plain one, and ours, with each part left out in turn.

Prints one JSON line for each: bits per character on validation and test, minutes of training, the share of 200 composed
tunes that repeat one bar more than four times in a row, beside the same share among the training tunes, and
microseconds a composed character (NumPy, one tune at a time). All recipes were chosen by validation; each is scored on
the test tunes once. About an hour on two cores; name recipes to run only those.

Run: python benchmarks/quality.py FOLDER [RECIPE ...]
FOLDER holds train.txt, val.txt and test.txt in <start>/<end> form.
"""

import json
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import torch

import songrnn
from paper_tunebook import read_tunebook
from songrnn.training.settings import PLAIN, PRESETS

TEN_MINUTES = {"minutes": 10.0}
RECIPES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "paper": (PRESETS["paper"]["model"], PRESETS["paper"]["training"]),
    "plain-512": (
        {**PLAIN, "hidden_size": 512, "dropout": 0.5},
        {"window": 128, "epochs": 24, "learning_rate": 0.003, "patience": 0, "precision": "float32"},
    ),
    "ours": ({}, TEN_MINUTES),
    "ours-without-copying": ({"copying": False}, TEN_MINUTES),
    "ours-without-ngrams": ({"ngrams": ()}, TEN_MINUTES),
    "ours-without-floor": ({"floor": 0.0}, TEN_MINUTES),
}
"""What differs from the defaults: settings of the model, settings of the training."""
COMPOSED = 200
MOST_REPEATS = 4


def main(folder: Path, names: Sequence[str]) -> None:
    """Train, score and compose with each recipe."""
    corpus, test = read_tunebook(folder)
    for name in names:
        model, training = RECIPES[name]
        with tempfile.TemporaryDirectory() as out:
            run = songrnn.train(
                corpus,
                model=songrnn.ModelSettings(**model),
                training=songrnn.TrainingSettings(**training),
                out=Path(out) / "run",
            )
            checkpoint = songrnn.Checkpoint.load(run.checkpoint)
        begun = time.perf_counter()
        composer = songrnn.Composer(checkpoint)
        tunes = [composer.compose(number=number).text for number in range(COMPOSED)]
        seconds = time.perf_counter() - begun
        row = {
            "name": name,
            "validation_bits_per_character": songrnn.bits_per_character(checkpoint, corpus.validation),
            "test_bits_per_character": songrnn.bits_per_character(checkpoint, test),
            "minutes": run.seconds / 60,
            "looping_composed": looping(tunes),
            "looping_human": looping(corpus.training),
            "microseconds_a_character": 1e6 * seconds / sum(map(len, tunes)),
            "processor": platform.processor() or platform.machine(),
            "versions": {"songrnn": songrnn.__version__, "torch": torch.__version__, "numpy": np.__version__},
        }
        print(json.dumps(row), flush=True)


def looping(tunes: Sequence[str]) -> float:
    """Share of `tunes` in which one bar, as text between bar lines, stands more than MOST_REPEATS times in a row."""
    return sum(longest_repeat(tune) > MOST_REPEATS for tune in tunes) / len(tunes)


def longest_repeat(tune: str) -> int:
    """How often a bar of `tune` stands in a row at most; bars without a note do not count."""
    bars = ["".join(bar.split()) for bar in tune.replace(":", "|").replace("]", "|").split("|")]
    notes = [bar for bar in bars if any(letter in "abcdefgABCDEFG" for letter in bar)]
    return max((len(list(group)) for _, group in groupby(notes)), default=0)


if __name__ == "__main__":
    if len(sys.argv) < 2 or not set(sys.argv[2:]) <= set(RECIPES):
        sys.exit(f"{__doc__}\nRecipes: {', '.join(RECIPES)}")
    main(Path(sys.argv[1]), sys.argv[2:] or list(RECIPES))
