"""`songrnn listener`: teach what --best-of chooses by."""

import random
from pathlib import Path

from pydantic import Field

from songrnn.checkpoint import Checkpoint
from songrnn.cli.bar import with_bar
from songrnn.cli.compose import warn_without_engine
from songrnn.evaluation.choice import usual_bits
from songrnn.evaluation.heard import hear
from songrnn.evaluation.listener import Listener, listener_path
from songrnn.evaluation.two_sample import require_scikit_learn
from songrnn.sampling.composer import Composer
from songrnn.sampling.settings import EngineSettings
from songrnn.settings import Positional, Settings
from songrnn.storage import locked_file, refuse_package
from songrnn.training.held_out import held_out_corpus

SEED = 2**32
"""Of the tunes that a listener is trained with; never typed, so that it chooses among tunes it was not trained on."""


class Command(Settings):
    """Teach a listener to tell what a network composes from the tunes that it has learned.

    Of every N tunes, songrnn compose --best-of N then keeps the one that the listener takes for a tune of the tunebook:
    its form, its ending, and the details that give composed tunes away. The listener is kept beside the checkpoint; the
    model in the box has one. Teaching needs the tunes of the training, and scikit-learn: pip install 'songrnn[judge]'.

    Example: songrnn listener runs/mine
    """

    checkpoint: Positional[Path] = Field(..., description="the folder of a run, or a checkpoint file")
    tunes: int = Field(2500, ge=10, description="how many tunes of each side it learns from, at most")
    computing: EngineSettings = EngineSettings()


def run(command: Command) -> None:
    """Train and save; the file's path is the last line."""
    print(train_listener(command.checkpoint, command.tunes, command.computing))


def train_listener(checkpoint: Path, tunes: int, computing: EngineSettings) -> Path:
    """Compose, analyse, learn from at most `tunes` of each side, save; returns where.

    Raises MissingExtra without scikit-learn, CorpusError where the tunes of the training are too few or cannot be had,
    RunError where the checkpoint is that of the installed package, or another process writes the same file.
    """
    path = listener_path(checkpoint)
    refuse_package(path, "copy the checkpoint to a folder of your own, and train a listener for that")
    require_scikit_learn()
    warn_without_engine(computing)
    with locked_file(path):
        _trained(checkpoint, tunes, computing).save(path)
    return path


def _trained(checkpoint: Path, tunes: int, computing: EngineSettings) -> Listener:
    corpus = held_out_corpus(checkpoint)
    composer = Composer(checkpoint, computing)
    learned = list(corpus.training)
    random.Random(0).shuffle(learned)
    learned = learned[:tunes]
    human = [hear(tune) for tune in with_bar(learned, "reading the tunebook", total=len(learned))]
    made = composer.compose_many(count=len(learned), seed=SEED)
    composed = [hear(tune.abc()) for tune in with_bar(made, "composing tunes to tell them from", total=len(learned))]
    kept_back = [*corpus.validation, *corpus.test]
    listener = Listener.teach(
        human,
        composed,
        usual_bits=usual_bits(Checkpoint.load(checkpoint), kept_back),
        checkpoint=composer.description.digest,
        taught=f"{len(learned)} tunes of each side, composed with the default settings, seed {SEED}",
    )
    held_out = [hear(tune) for tune in with_bar(kept_back, "reading held-out tunes", total=len(kept_back))]
    return listener.used_to(held_out)
