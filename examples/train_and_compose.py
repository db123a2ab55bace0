"""Train a small network on a tunebook of one's own, compose with it, and score it: songrnn as a library.

Run: python examples/train_and_compose.py my-tunes.abc
"""

import sys
import tempfile
from pathlib import Path

import songrnn


def main(tunebook: str, minutes: float = 1.0) -> None:
    """Everything that a program needs, in the order in which it needs it."""
    corpus = songrnn.read_corpus(tunebook)
    print(f"{len(corpus.training)} tunes to learn from, {len(corpus.validation)} to validate with")

    run = songrnn.train(
        corpus,
        model=songrnn.ModelSettings(cell="gru", hidden_size=128),
        training=songrnn.TrainingSettings(minutes=minutes),
        out=Path(tempfile.mkdtemp()) / "run",
        report=lambda record, fraction: print(f"{fraction:4.0%} {record['kind']}"),
    )
    print(f"validation: {run.bits_per_character:.3f} bits per character after {run.step} steps")

    composer = songrnn.load(run.checkpoint)
    composition = composer.compose("K:Dmaj\n", temperature=0.8, seed=7)
    print(composition.abc())
    print(f"what it composed: {composition.bits_per_character:.2f} bits per character")

    test = songrnn.bits_per_character(songrnn.Checkpoint.load(run.checkpoint), corpus.test)
    print(f"test: {test:.3f} bits per character")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        print("usage: python examples/train_and_compose.py TUNEBOOK", file=sys.stderr)
        sys.exit(2)
    main(sys.argv[1])
