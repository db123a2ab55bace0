"""`songrnn classifier`: train the classifier by which --best-of reranks."""

import random
from pathlib import Path

from pydantic import Field

from songrnn.cli.bar import with_bar
from songrnn.cli.streams import print_notes
from songrnn.composing.composer import Composer
from songrnn.composing.request import Request
from songrnn.composing.reranking import usual_bits
from songrnn.engines.settings import EngineSettings, SamplingSettings
from songrnn.evaluation.analysed import analyse
from songrnn.evaluation.classifier import Classifier, classifier_path
from songrnn.evaluation.two_sample import require_scikit_learn
from songrnn.settings import Positional, Settings
from songrnn.storage import locked_file, refuse_package
from songrnn.training.held_out import held_out_corpus

SEED = 2**32
"""Seed of the composed training tunes, never that of a user, so that compared tunes are not among them."""
COMPOSED_FOR_EACH = 2
"""Composed tunes for each of the tunebook, of which there are no more."""


class Command(Settings):
    """Train a classifier that separates what a network composes from the tunes that it was trained on.

    Of every N tunes, songrnn compose --best-of N then keeps the one that looks most like a tune of the tunebook: by
    figures of the whole tune, and by its sequences of characters and notes. The classifier is saved beside the
    checkpoint; the model in the box has one. Training it needs the tunes of the training, and scikit-learn:
    pip install 'songrnn[judge]'.

    Example: songrnn classifier runs/mine
    """

    checkpoint: Positional[Path] = Field(..., description="the folder of a run, or a checkpoint file")
    tunes: int = Field(
        5000,
        ge=10,
        description="how many tunes of the tunebook it is trained on at most, beside twice as many composed",
    )
    computing: EngineSettings = EngineSettings()


def run(command: Command) -> None:
    """Train the classifier and save it; the file's path is the last line."""
    print(train_classifier(command.checkpoint, command.tunes, command.computing))


def train_classifier(checkpoint: Path, tunes: int, computing: EngineSettings) -> Path:
    """Compose, analyse, train on at most `tunes` of the tunebook and twice as many others, save; returns the path.

    Raises MissingExtra without scikit-learn, CorpusError where the tunes of the training are too few or cannot be read,
    RunError where the checkpoint is that of the installed package, or another process writes the same file.
    """
    path = classifier_path(checkpoint)
    refuse_package(path, "copy the checkpoint to a folder of your own, and train a classifier for that")
    require_scikit_learn()
    with locked_file(path):
        _trained(checkpoint, tunes, computing).save(path)
    return path


def _trained(checkpoint: Path, tunes: int, computing: EngineSettings) -> Classifier:
    corpus = held_out_corpus(checkpoint)
    composer = Composer(checkpoint, computing)
    learned = list(corpus.training)
    random.Random(0).shuffle(learned)
    learned = learned[:tunes]
    human = [analyse(tune) for tune in with_bar(learned, "reading the tunebook", total=len(learned))]
    count = COMPOSED_FOR_EACH * len(learned)
    request = Request(sampling=SamplingSettings(seed=SEED), count=count, best_of=1)
    print_notes(composer.notes(request))
    made = composer.compose_request(request)
    composed = [analyse(tune.abc()) for tune in with_bar(made, "composing tunes to compare", total=count)]
    kept_back = [*corpus.validation, *corpus.test]
    classifier = Classifier.train(
        human,
        composed,
        usual_bits=usual_bits(composer.checkpoint, kept_back),
        checkpoint=composer.description.digest,
        trained_on=f"{len(learned)} tunes and {count} composed ones, one candidate each, default settings, seed {SEED}",
    )
    held_out = [analyse(tune) for tune in with_bar(kept_back, "reading held-out tunes", total=len(kept_back))]
    return classifier.calibrated(held_out)
