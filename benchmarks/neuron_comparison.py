"""placeholder"""

import dataclasses
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import torch

import songrnn
from songrnn.training.settings import PLAIN

SEEDS = 3
EPOCHS = 1.0


@dataclass(frozen=True)
class Network:
    """One row of the table. inputs: what it reads, besides the character."""

    cell: str
    inputs: str = "plain"
    size: int = 128
    dropout: float = 0.2

    @property
    def name(self) -> str:
        """Such as lstm-plain-128-dropout-0.2."""
        return f"{self.cell}-{self.inputs}-{self.size}-dropout-{self.dropout:g}"

    @property
    def model(self) -> songrnn.ModelSettings:
        """Its settings: those of --preset plain, with position for some."""
        own = {"cell": self.cell, "hidden_size": self.size, "dropout": self.dropout, "embedding_size": 32}
        return songrnn.ModelSettings(**{**PLAIN, **own, "position": self.inputs == "position"})


CELLS = ("rnn", "gru", "lstm")
NETWORKS = (
    *(Network(cell, inputs) for inputs in ("plain", "position") for cell in CELLS),
    *(Network("lstm", dropout=dropout) for dropout in (0.0, 0.5)),
    Network("lstm", size=64),
)


def corpus() -> songrnn.Corpus:
    return songrnn.read_corpus(songrnn.CorpusSettings())


def trained(network: Network, seed: int, tunes: songrnn.Corpus, folder: Path) -> songrnn.Checkpoint:
    """The network of a seed, from the folder if it is there already."""
    place = folder / f"{network.name}-seed-{seed}"
    if not (place / "done").exists():
        settings = songrnn.TrainingSettings(epochs=EPOCHS, ensemble=1, threads=1, seed=seed, save_seconds=3600)
        songrnn.train(tunes, out=place, model=network.model, training=settings)
        (place / "done").touch()
    return songrnn.Checkpoint.load(place)
