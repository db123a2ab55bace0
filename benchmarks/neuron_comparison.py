"""What the neurons of RNN, GRU and LSTM follow at equal size, what inputs, dropout and size change, and whether other
seeds have the same neurons.

Each network of NETWORKS is trained with SEEDS seeds, one pass over the training tunes of the three collections: one
layer, embedding 32, the settings of `--preset plain`, with position beside the character for some. The neurons are
labelled by TUNES test tunes (`songrnn.neurons.label`). One JSON line a network and seed; then two tables in Markdown,
means over seeds with 95 % intervals (Student's t): networks, and the probe of each concept.

Stability: of each labelled neuron the largest absolute correlation with a neuron of another seed, on the same tunes,
beside the same with untrained networks; "again" is the share of labelled neurons that have a likelier match in every
other seed than in any of UNTRAINED untrained networks. Selectivity: the mean over labelled neurons.

Trained networks and rows are kept in FOLDER; a run that was stopped goes on. Each training takes 10 to 20 seconds of a
core, each labelling 3.

Run: OPENBLAS_NUM_THREADS=1 python benchmarks/neuron_comparison.py FOLDER
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import songrnn
import songrnn.neurons
from songrnn.neurons.labelling import untrained_like
from songrnn.neurons.recording import Recording
from songrnn.neurons.scores import likest
from songrnn.statistics import Interval, defined
from songrnn.training.settings import PLAIN

SEEDS = 3
EPOCHS = 1.0
TUNES = 60
UNTRAINED = 2


@dataclass(frozen=True)
class Network:
    """One row of the table. inputs: plain, the character alone; position: the place in the tune beside it."""

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
        """Its settings."""
        own = {"cell": self.cell, "hidden_size": self.size, "dropout": self.dropout, "embedding_size": 32}
        return songrnn.ModelSettings(**{**PLAIN, **own, "position": self.inputs == "position"})


NETWORKS = (
    *(Network(cell) for cell in ("rnn", "gru", "lstm")),
    Network("lstm", "position"),
    Network("lstm", dropout=0.5),
    Network("lstm", size=64),
)
Row = dict[str, Any]


def main(folder: Path) -> None:
    """Every network, then the tables."""
    rows: dict[str, list[Row]] = {}
    for network in NETWORKS:
        own = [labelled(network, seed, folder) for seed in range(SEEDS)]
        for row, again in zip(own, stability(network, own, folder), strict=True):
            row |= again
            print(json.dumps(row), flush=True)
        rows[network.name] = own
    print("\n".join(["", *table_of_networks(rows), "", *table_of_probes(rows)]))


@cache
def corpus() -> songrnn.Corpus:
    """The collections, split as `songrnn train` splits them."""
    return songrnn.read_corpus(songrnn.CorpusSettings())


def place_of(network: Network, seed: int, folder: Path) -> Path:
    """The run's folder."""
    return folder / f"{network.name}-seed-{seed}"


def trained(network: Network, seed: int, folder: Path) -> songrnn.Checkpoint:
    """The network of a seed, from the folder if it is there already."""
    place = place_of(network, seed, folder)
    if not (place / "done").exists():
        settings = songrnn.TrainingSettings(epochs=EPOCHS, ensemble=1, threads=1, seed=seed, save_seconds=3600)
        songrnn.train(corpus(), out=place, model=network.model, training=settings)
        (place / "done").touch()
    return songrnn.Checkpoint.load(place)


def labelled(network: Network, seed: int, folder: Path) -> Row:
    """What is known of a network, from the folder if it is there already."""
    kept = place_of(network, seed, folder) / "neurons.json"
    if not kept.exists():
        kept.write_text(json.dumps(row_of(network, seed, trained(network, seed, folder))))
    return dict(json.loads(kept.read_text()))


def row_of(network: Network, seed: int, checkpoint: songrnn.Checkpoint) -> Row:
    """Labels and probes of one network."""
    tunes = corpus().test[:TUNES]
    recording = songrnn.neurons.record(checkpoint, tunes)
    labels = songrnn.neurons.label(checkpoint, tunes, recording=recording)
    return {
        "name": network.name,
        "seed": seed,
        "bits_per_character": float(np.nanmean(recording.bits)),
        "neurons": network.size,
        "found": [one.neuron.index for one in labels.found],
        "computed": sum(not one.carried_by for one in labels.found),
        "selectivity": mean_or_none(np.array([one.selectivity for one in labels.found])),
        "best": {one.concept: [one.neuron.index, one.explained, defined(one.selectivity)] for one in labels.best()},
        "counts": {one.concept: len(labels.of(one.concept)) for one in labels.best()},
        "probes": {
            one.concept: [one.score.value, one.selectivity, one.untrained, one.measure] for one in labels.probes
        },
    }


def stability(network: Network, rows: Sequence[Row], folder: Path) -> list[Row]:
    """For each seed: the mean largest correlation in other seeds, in untrained networks, and the share found again."""
    tunes = corpus().test[:TUNES]
    networks = [trained(network, seed, folder) for seed in range(SEEDS)]
    recordings = [songrnn.neurons.record(one, tunes) for one in networks]
    chance = [songrnn.neurons.record(untrained_like(networks[0], seed), tunes) for seed in range(1, UNTRAINED + 1)]
    found = []
    for seed, row in enumerate(rows):
        own, others = recordings[seed], [one for number, one in enumerate(recordings) if number != seed]
        alike, by_chance = (matches(own, row["found"], several) for several in (others, chance))
        again = (alike.min(axis=0) > by_chance.max(axis=0)).mean() if row["found"] else None
        found.append({"alike": mean_or_none(alike), "alike_untrained": mean_or_none(by_chance), "again": again})
    return found


def matches(own: Recording, neurons: Sequence[int], others: Sequence[Recording]) -> np.ndarray[Any, Any]:
    """[others, neurons] largest absolute correlation with a neuron of each other network."""
    values = own.matrix()[:, neurons]
    return np.array([likest(values, other.matrix()) for other in others])


def mean_or_none(values: np.ndarray[Any, Any]) -> float | None:
    """Of the values that are defined; None where there is none."""
    return float(np.nanmean(values)) if (~np.isnan(values)).any() else None


def table_of_networks(rows: dict[str, list[Row]]) -> list[str]:
    """One line a network."""
    lines = [
        "| network | bits per character | neurons with a label | computed | selectivity | alike | untrained | again |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, own in rows.items():
        counts = [(len(row["found"]) / row["neurons"], row["computed"] / row["neurons"]) for row in own]
        figures = [
            over_seeds([row["bits_per_character"] for row in own], 3),
            *(over_seeds([100 * count[i] for count in counts], 0, " %") for i in (0, 1)),
            *(over_seeds([row[key] for row in own], 2) for key in ("selectivity", "alike", "alike_untrained")),
            over_seeds([None if row["again"] is None else 100 * row["again"] for row in own], 0, " %"),
        ]
        lines.append(f"| {name} | {' | '.join(figures)} |")
    return lines


def table_of_probes(rows: dict[str, list[Row]]) -> list[str]:
    """One line a concept: the probe of each network, and in brackets that of an untrained one."""
    names = list(rows)
    concepts = [
        one for one in rows[names[0]][0]["probes"] if all(one in row["probes"] for own in rows.values() for row in own)
    ]
    lines = [f"| concept | {' | '.join(names)} |", f"|---|{'--:|' * len(names)}"]
    for concept in concepts:
        measure = rows[names[0]][0]["probes"][concept][3]
        figures = [
            f"{over_seeds([row['probes'][concept][0] for row in own], 2)} "
            f"({over_seeds([np.mean([row['probes'][concept][2] for row in own])], 2)})"
            for own in rows.values()
        ]
        lines.append(f"| {concept} ({measure}) | {' | '.join(figures)} |")
    return lines


def over_seeds(values: Sequence[float | None], digits: int, unit: str = "") -> str:
    """Mean and half the width of the interval."""
    known = Interval.of([value for value in values if value is not None])
    if not known.count:
        return "–"
    half = "" if np.isnan(known.half) else f" ± {known.half:.{digits}f}"
    return f"{known.mean:.{digits}f}{half}{unit}"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
