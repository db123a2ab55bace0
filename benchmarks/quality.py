"""Bits per character on the paper's tunebook: its recipe, a good plain one, and ours, with each part left out in turn.

Prints one JSON line for each: bits per character on validation and test, the same without the floor, minutes of
training, the share of 200 composed tunes that repeat one bar more than four times in a row, beside the same share among
the training tunes, and microseconds a composed character (NumPy, one tune at a time). All recipes were chosen by
validation; each is scored on the test tunes once. `anything` first learns the three collections in raw form, in
runs/folk-raw, where it stays. Two hours on two cores, a quarter of an hour of it for that; name recipes to run only
those.

Run: python benchmarks/quality.py FOLDER [RECIPE ...]
FOLDER holds train.txt, val.txt and test.txt in <start>/<end> form.
"""

import dataclasses
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
from songrnn.model.settings import NO_PLACES
from songrnn.training.settings import PLAIN, PRESETS

Recipe = tuple[dict[str, Any], dict[str, Any]]
RECIPES: dict[str, Recipe] = {
    "paper": (PRESETS["paper"]["model"], PRESETS["paper"]["training"]),
    "paper-rnn": ({**PRESETS["paper"]["model"], "cell": "rnn"}, PRESETS["paper"]["training"]),
    "plain-512": (
        {**PLAIN, "hidden_size": 512, "dropout": 0.5},
        {
            "window": 128,
            "epochs": 24,
            "learning_rate": 0.003,
            "patience": 0,
            "ensemble": 1,
            "precision": "float32",
        },
    ),
    "ours": ({}, {"minutes": 10.0}),
    "ours-without-copying": ({"copying": False}, {"minutes": 10.0}),
    "one-network": ({}, {"ensemble": 1}),
    "one-network-without-copying": ({"copying": False}, {"ensemble": 1}),
    "one-network-without-ngrams": ({"ngrams": ()}, {"ensemble": 1}),
    "one-network-without-position": ({"position": False}, {"ensemble": 1}),
    "one-network-without-lookback": ({"lookback": False}, {"ensemble": 1}),
    "one-network-without-plan": ({"plan": False}, {"ensemble": 1}),
    "one-network-without-pitch-heads": ({"pitch_heads": False}, {"ensemble": 1}),
    "one-network-without-places": (NO_PLACES, {"ensemble": 1}),
    "anything": ({}, {"learning_rate": 0.002, "epochs": 12, "ensemble": 1}),
    "anything-without-copying": ({"copying": False}, {"learning_rate": 0.002, "epochs": 12, "ensemble": 1}),
}
"""What differs from the defaults: settings of the model, settings of the training."""
FOLK: Recipe = ({"hidden_size": 384}, {"epochs": 14, "learning_rate": 0.005, "patience": 0, "ensemble": 1})
"""What `anything` begins from."""
COMPOSED = 200
MOST_REPEATS = 4


def main(folder: Path, names: Sequence[str]) -> None:
    """Train, score and compose with each recipe."""
    corpus, test = read_tunebook(folder)
    for name in names:
        model, training = RECIPES[name]
        start = folk(model) if name.startswith("anything") else None
        with tempfile.TemporaryDirectory() as out:
            run = songrnn.train(
                corpus,
                model=None if start else songrnn.ModelSettings(**model),
                training=songrnn.TrainingSettings(**training),
                start=start,
                out=Path(out) / "run",
            )
            checkpoint = songrnn.Checkpoint.load(run.checkpoint)
        row = {
            "name": name,
            **bits(checkpoint, corpus.validation, test),
            "without_floor": bits(without_floor(checkpoint), corpus.validation, test),
            "minutes": run.seconds / 60,
            **composed(checkpoint, corpus.training),
            "processor": platform.processor() or platform.machine(),
            "versions": {"songrnn": songrnn.__version__, "torch": torch.__version__, "numpy": np.__version__},
        }
        print(json.dumps(row), flush=True)


def folk(model: dict[str, Any]) -> songrnn.Checkpoint:
    """A network that has learned the collections, trained now if it was not before."""
    out = Path("runs") / "-".join(["folk-raw", *(name for name, value in model.items() if value is False)])
    checkpoint = out / "checkpoint.safetensors"
    if not checkpoint.exists():
        corpus = songrnn.read_corpus(songrnn.CorpusSettings(form="raw"))
        shape, training = FOLK
        songrnn.train(
            corpus,
            model=songrnn.ModelSettings(**shape, **model),
            training=songrnn.TrainingSettings(**training),
            out=out,
        )
    return songrnn.Checkpoint.load(checkpoint)


def bits(checkpoint: songrnn.Checkpoint, validation: Sequence[str], test: Sequence[str]) -> dict[str, float]:
    """Bits per character on both."""
    return {
        "validation_bits_per_character": songrnn.bits_per_character(checkpoint, validation),
        "test_bits_per_character": songrnn.bits_per_character(checkpoint, test),
    }


def without_floor(checkpoint: songrnn.Checkpoint) -> songrnn.Checkpoint:
    """The same network; the floor takes no part in learning."""
    return dataclasses.replace(checkpoint, model=checkpoint.model.replace(floor=0.0))


def composed(checkpoint: songrnn.Checkpoint, human: Sequence[str]) -> dict[str, float]:
    """How often COMPOSED tunes loop, how often human ones do, and how long composing takes."""
    begun = time.perf_counter()
    composer = songrnn.Composer(checkpoint)
    tunes = [composer.compose(number=number, seed=0, free=True).text for number in range(COMPOSED)]
    seconds = time.perf_counter() - begun
    return {
        "looping_composed": looping(tunes),
        "looping_human": looping(human),
        "microseconds_a_character": 1e6 * seconds / sum(map(len, tunes)),
    }


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
