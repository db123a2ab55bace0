"""Neurons of the best networks: their values over a tune, and the features that they follow."""

from collections.abc import Sequence
from dataclasses import dataclass

from songrnn.checkpoint import Checkpoint
from songrnn.composing.composer import Composer
from songrnn.corpus.corpus import Corpus
from songrnn.neurons.heatmap import liveliest, neuron_grid
from songrnn.neurons.probes import Following, what_neurons_follow
from songrnn.neurons.record import record_activations
from songrnn.pages.document import Figure
from songrnn.pages.drawing import picture
from songrnn.study.compositions import commonest_header
from songrnn.study.folder import StudyFolder
from songrnn.study.run import TrialResult

HELD_OUT_TUNES = 8
SHOWN_NEURONS = 3
TEMPERATURE = 0.8
LONGEST = 400  # characters of the tune under the heatmaps
LAYER = 1
SEED = 0


@dataclass(frozen=True)
class Insight:
    """The neurons of the best network of one cell.

    followings: what each follows, by the correlations over `tunes` held-out tunes of `characters` characters.
    shown:      the neurons that vary most over a composed tune, and `figures` of their values.
    """

    cell: str
    trial: str
    followings: tuple[Following, ...]
    shown: tuple[int, ...]
    figures: tuple[Figure, ...]
    tunes: int
    characters: int


def look_inside(folder: StudyFolder, corpus: Corpus, results: Sequence[TrialResult]) -> list[Insight]:
    """The best network by validation of each cell, cells in the order of the results."""
    best: dict[str, TrialResult] = {}
    for result in results:
        if result.validation is not None:
            leader = best.setdefault(result.cell, result)
            assert leader.validation is not None
            if result.validation < leader.validation:
                best[result.cell] = result
    return [insight for result in best.values() if (insight := _look_inside(folder, corpus, result)) is not None]


def _look_inside(folder: StudyFolder, corpus: Corpus, result: TrialResult) -> Insight | None:
    """None when no held-out tune is of characters of the network's vocabulary."""
    trial = f"{result.configuration}-seed-{result.seed}"
    checkpoint = Checkpoint.load(folder.path / "trials" / trial / "checkpoint.safetensors")
    known = set(checkpoint.vocabulary.characters)
    texts = [text for text in corpus.validation if set(text) <= known][:HELD_OUT_TUNES]
    if not texts:
        return None
    values = [record_activations(checkpoint, text).of("hidden", LAYER) for text in texts]
    followings = what_neurons_follow(texts, values)
    prompt = commonest_header(corpus.training) if checkpoint.form == "tunebook" else ""
    tune = (
        Composer(checkpoint).compose(prompt, seed=SEED, temperature=TEMPERATURE, max_characters=LONGEST, free=True).text
    )
    hidden = record_activations(checkpoint, tune).of("hidden", LAYER) if tune else values[0]
    tune = tune or texts[0]
    shown = liveliest(hidden, SHOWN_NEURONS)
    figures = [
        Figure(
            f"{trial}, neuron {neuron}",
            None,
            picture(neuron_grid(tune, hidden[:, neuron], title=f"neuron {neuron} of {trial}"), "png"),
            _capital(followings[neuron].sentence()) + ".",
        )
        for neuron in shown
    ]
    return Insight(
        result.cell, trial, tuple(followings), tuple(shown), tuple(figures), len(texts), sum(map(len, texts))
    )


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
