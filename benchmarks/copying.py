"""What copying is worth and what it costs: the same training with and without it, on the paper's tunebook.

Prints one JSON line for each: bits per character on validation and test, microseconds a composed character (NumPy
stepper, one tune at a time, median of 200 tunes), and the share of composed tunes that repeat one bar more than four
times in a row, beside the same share among the training tunes. About twelve minutes on two cores.

Run: python benchmarks/copying.py FOLDER [MINUTES]
FOLDER holds train.txt, val.txt and test.txt in <start>/<end> form; MINUTES is for each of both trainings (default 5).
"""

import json
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
import torch

import songrnn
from paper_tunebook import read_tunebook

MODEL = songrnn.ModelSettings(hidden_size=256, dropout=0.35)
COMPOSED = 200
MOST_REPEATS = 4


def main(folder: Path, minutes: float) -> None:
    """Train, score, compose and time with copying and without."""
    corpus, test = read_tunebook(folder)
    for copying in (True, False):
        training = songrnn.TrainingSettings(minutes=minutes, epochs=1_000, patience=0)
        with tempfile.TemporaryDirectory() as out:
            run = songrnn.train(corpus, model=MODEL.replace(copying=copying), training=training, out=Path(out) / "run")
            checkpoint = songrnn.Checkpoint.load(run.checkpoint)
        composer = songrnn.Composer(checkpoint)
        tunes, times = [], []
        for number in range(COMPOSED):
            begun = time.perf_counter()
            tunes.append(composer.compose(number=number).text)
            times.append(1e6 * (time.perf_counter() - begun) / max(1, len(tunes[-1])))
        row = {
            "name": f"copying {'on' if copying else 'off'}, lstm 256, {minutes:g} minutes",
            "validation_bits_per_character": songrnn.bits_per_character(checkpoint, corpus.validation),
            "test_bits_per_character": songrnn.bits_per_character(checkpoint, test),
            "microseconds_a_character": statistics.median(times),
            "looping_composed": looping(tunes),
            "looping_human": looping(corpus.training),
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
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) == 3 else 5.0)
