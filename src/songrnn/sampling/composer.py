"""`load(path)`: a checkpoint as something that composes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from songrnn.checkpoint import Checkpoint
from songrnn.sampling.compose import Composition, Draws, compose
from songrnn.sampling.settings import SamplingSettings
from songrnn.sampling.stepper import NumpyStepper


def load(path: Path | str) -> "Composer":
    """The composer in the checkpoint at `path`; raises CheckpointError if it is not a whole one."""
    return Composer(Checkpoint.load(path))


class Composer:
    """A checkpoint that is ready to compose; needs no PyTorch."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.checkpoint = checkpoint
        self._stepper = NumpyStepper(checkpoint)

    def compose(self, prompt: str = "", *, number: int = 0, **settings: Any) -> Composition:
        """Compose one tune.

        prompt: text to continue; in `tunebook` form, fields such as "M:6/8" and "K:Ador" ask for a kind of tune.
        number: which of the seed's tunes, from 0.
        settings: what `SamplingSettings` has: temperature, top_k, top_p, min_p, max_characters, seed.
        Raises PromptError if the prompt cannot be continued, SettingsError for a setting out of its range.
        """
        chosen = SamplingSettings(**settings)
        reader = self.checkpoint.reader
        return compose(self._stepper, self.checkpoint.vocabulary, prompt, chosen, number, reader=reader)

    def stream(self, prompt: str = "", *, number: int = 0, **settings: Any) -> Iterator[str]:
        """The characters of `compose(...).text`, prompt first, each as soon as it is known."""
        chosen = SamplingSettings(**settings)
        reader = self.checkpoint.reader
        draws = Draws(self._stepper, self.checkpoint.vocabulary, prompt, chosen, number, reader=reader)
        return (character.character for character in draws)
