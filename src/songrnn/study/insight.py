"""Neurons of the best networks: their values over a tune, and the features that they follow."""

from collections.abc import Sequence
from dataclasses import dataclass

from songrnn.checkpoint import Checkpoint
from songrnn.composing.composer import Composer
from songrnn.corpus.corpus import Corpus
from songrnn.errors import CorpusError
from songrnn.neurons.heatmap import liveliest, neuron_grid
from songrnn.neurons.labelling import label
from songrnn.neurons.record import record_activations
from songrnn.neurons.results import Label, Labels
from songrnn.pages.document import Figure
from songrnn.pages.drawing import picture
from songrnn.study.compositions import commonest_header
from songrnn.study.folder import StudyFolder
from songrnn.study.run import TrialResult

HELD_OUT_TUNES = 60
SHOWN_NEURONS = 3
TEMPERATURE = 0.8
LONGEST = 400  # characters of the tune under the heatmaps
LAYER = 1
SEED = 0


@dataclass(frozen=True)
class Insight:
    """The neurons of the best network of one cell.

    labels: what each follows in held-out tunes; None where these are too few to choose labels on some and report them
    on others. shown: the neurons that vary most over a composed tune, and `figures` of their values.
    """

    cell: str
    trial: str
    labels: Labels | None
    shown: tuple[int, ...]
    figures: tuple[Figure, ...]

    @property
    def found(self) -> tuple[Label, ...]:
        """The labels that count, best first."""
        return self.labels.found if self.labels is not None else ()


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
    held_out = [*corpus.validation, *corpus.test]
    texts = [text for text in held_out if text and set(text) <= known][:HELD_OUT_TUNES]
    if not texts:
        return None
    labels = _labels(checkpoint, texts)
    prompt = commonest_header(corpus.training) if checkpoint.form == "tunebook" else ""
    tune = (
        Composer(checkpoint).compose(prompt, seed=SEED, temperature=TEMPERATURE, max_characters=LONGEST, free=True).text
    )
    tune = tune or texts[0]
    hidden = record_activations(checkpoint, tune).of("hidden", LAYER)
    shown = liveliest(hidden, SHOWN_NEURONS)
    figures = [
        Figure(
            f"{trial}, neuron {neuron}",
            None,
            picture(neuron_grid(tune, hidden[:, neuron], title=f"neuron {neuron} of {trial}"), "png"),
            _caption(labels, neuron),
        )
        for neuron in shown
    ]
    return Insight(result.cell, trial, labels, tuple(shown), tuple(figures))


def _labels(checkpoint: Checkpoint, texts: Sequence[str]) -> Labels | None:
    try:
        return label(checkpoint, texts, probes=False)
    except CorpusError:
        return None


def _caption(labels: Labels | None, neuron: int) -> str:
    if labels is None:
        return ""
    own = next(one for one in labels.labels if (one.neuron.layer, one.neuron.index) == (LAYER, neuron))
    return _capital(own.sentence()) + "."


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
