"""What the SongRNN paper's recipe reaches, and what songrnn's defaults reach in five minutes, on the paper's tunebook.

Trains `--preset paper` with both cells (30 epochs) and the default recipe (raw form, LSTM of 256 neurons, 5 minutes),
then scores the validation tunes and, once, the test tunes. Prints one JSON line a row; about ten minutes on two cores.

Run: python benchmarks/paper_recipe.py FOLDER      (FOLDER holds train.txt, val.txt, test.txt in <start>/<end> form)
"""

import json
import platform
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch

import songrnn
from paper_tunebook import read_tunebook
from songrnn.training.settings import PRESETS

PAPER = PRESETS["paper"]
RECIPES = {
    "paper, lstm 150": (
        songrnn.ModelSettings(cell="lstm", **PAPER["model"]),
        songrnn.TrainingSettings(**PAPER["training"]),
    ),
    "paper, rnn 150": (
        songrnn.ModelSettings(cell="rnn", **PAPER["model"]),
        songrnn.TrainingSettings(**PAPER["training"]),
    ),
    "default, lstm 256, 5 minutes": (
        songrnn.ModelSettings(cell="lstm", hidden_size=256),
        songrnn.TrainingSettings(minutes=5),
    ),
}


def main(folder: Path) -> None:
    """Train and score every recipe."""
    corpus, test = read_tunebook(folder)
    for name, (model, training) in RECIPES.items():
        with tempfile.TemporaryDirectory() as out:
            run = songrnn.train(corpus, model=model, training=training, out=Path(out) / "run")
            checkpoint = songrnn.Checkpoint.load(run.checkpoint)
            row = {
                "name": name,
                "validation_bits_per_character": songrnn.bits_per_character(checkpoint, corpus.validation),
                "test_bits_per_character": songrnn.bits_per_character(checkpoint, test),
                "minutes": run.seconds / 60,
                "steps": max(record["step"] for record in run.records),
                "processor": platform.processor() or platform.machine(),
                "versions": {"songrnn": songrnn.__version__, "torch": torch.__version__, "numpy": np.__version__},
            }
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
