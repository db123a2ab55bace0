"""What each part of the recipe costs while composing: microseconds a character in NumPy, one tune at a time.

Networks as `songrnn train` makes them, untrained (the time does not depend on the weights), with the n-grams of the
collections, read a held-out tune character by character as composing does; all in turn, several rounds, medians. One
JSON line each, with the ratio to one network with all parts. Half a minute on one core.

Run: python benchmarks/composing_cost.py
"""

import json
import platform
import statistics
import time
from typing import Any

import numpy as np

import songrnn
from songrnn.engines.stepper import NumpyStepper
from songrnn.model.inputs import Reader
from songrnn.training.ensemble import Ensemble, merged_settings
from songrnn.vocabulary import Ids, Vocabulary

SIDES: dict[str, tuple[dict[str, Any], int]] = {
    "one network": ({}, 1),
    "two networks": ({}, 2),
    "one network without copying": ({"copying": False}, 1),
    "one network without n-grams": ({"ngrams": ()}, 1),
}
ROUNDS = 7


def main() -> None:
    """Every side, in turn."""
    corpus = songrnn.read_corpus(songrnn.CorpusSettings())
    vocabulary = Vocabulary.of(corpus.training, boundaries=True)
    tunes = [vocabulary.encode_tune(tune) for tune in corpus.training]
    read, _ = vocabulary.encode_known(max(corpus.test, key=len))
    checkpoints = {
        name: untrained(songrnn.ModelSettings(**model), count, vocabulary, tunes)
        for name, (model, count) in SIDES.items()
    }
    times: dict[str, list[float]] = {name: [] for name in SIDES}
    for _ in range(ROUNDS):
        for name, checkpoint in checkpoints.items():
            times[name].append(microseconds(checkpoint, read))
    for name, values in times.items():
        ratios = [ours / theirs for ours, theirs in zip(values, times["one network"], strict=True)]
        row = {
            "name": name,
            "microseconds_a_character": round(statistics.median(values), 1),
            "ratio": round(statistics.median(ratios), 2),
            "spread": [round(min(ratios), 2), round(max(ratios), 2)],
            "processor": platform.processor() or platform.machine(),
            "versions": {"songrnn": songrnn.__version__, "numpy": np.__version__},
        }
        print(json.dumps(row))


def untrained(model: songrnn.ModelSettings, count: int, vocabulary: Vocabulary, tunes: list[Ids]) -> songrnn.Checkpoint:
    """A checkpoint as a training of `count` networks would write it before its first step."""
    reader, _ = Reader.counting(model, vocabulary, tunes)
    weights = {name: tensor.numpy() for name, tensor in Ensemble(model, vocabulary, count).merged().items()}
    return songrnn.Checkpoint(weights, reader.ngrams, merged_settings(model, count), vocabulary, "tunebook", {})


def microseconds(checkpoint: songrnn.Checkpoint, ids: Ids) -> float:
    """Reading, stepping, but no drawing: for a character."""
    stepper, inputs = NumpyStepper(checkpoint), checkpoint.reader.incremental()
    state = stepper.start()
    begun = time.perf_counter()
    for character in ids:
        _, state = stepper.step(inputs.read(int(character)).at(None), state)
    return 1e6 * (time.perf_counter() - begun) / len(ids)


if __name__ == "__main__":
    main()
