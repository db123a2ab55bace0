"""`load(path)`: a checkpoint as something that composes."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from songrnn.checkpoint import Checkpoint, Description
from songrnn.composing.composition import Composition
from songrnn.composing.form import FormSettings
from songrnn.composing.planning import plan_of
from songrnn.corpus.settings import record_keeps_marks
from songrnn.engines.select import open_engine
from songrnn.engines.settings import EngineSettings, SamplingSettings
from songrnn.engines.types import Engine


def load(path: Path | str, **engine: Any) -> "Composer":
    """The composer in the checkpoint at `path`; raises CheckpointError if it is not a whole one.

    path: a file, the folder of a run, or the name of a model in the box. engine: what `EngineSettings` has: engine,
    precision, threads.
    """
    return Composer(Path(path), EngineSettings(**engine))


class Composer:
    """A checkpoint, or the path of one, that is ready to compose; needs no PyTorch."""

    def __init__(
        self,
        source: Checkpoint | Path,
        settings: EngineSettings | None = None,
        *,
        engine: Engine | None = None,
    ) -> None:
        self._source = source
        self.description = source.description if isinstance(source, Checkpoint) else Description.read(source)
        self.engine = engine or open_engine(source, settings or EngineSettings())

    @property
    def _keep_marks(self) -> bool:
        return record_keeps_marks(self.description.training.get("corpus", {}))

    @cached_property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint, with its weights."""
        return self._source if isinstance(self._source, Checkpoint) else Checkpoint.load(self._source)

    def compose(self, prompt: str = "", *, number: int = 0, **settings: Any) -> Composition:
        """Compose one tune.

        prompt: text to continue; in `tunebook` form, fields such as "M:6/8" and "K:Ador" ask for a kind of tune.
        number: which of the seed's tunes, from 0.
        settings: what `SamplingSettings` has (temperature, top_k, top_p, min_p, without, free, max_characters, seed),
            and what `FormSettings` has (meter, key, rhythm, unit_length, bars, parts, pitch_range, end_on_tonic).
        Without a seed each call draws one, and so composes another tune; `Composition.settings.seed` has it, with which
        the same tune is composed again. Raises PromptError if the prompt cannot be continued, SettingsError for a
        setting out of its range.
        """
        return next(self.compose_many(prompt, count=1, first=number, **settings))

    def compose_many(self, prompt: str = "", *, count: int, first: int = 0, **settings: Any) -> Iterator[Composition]:
        """Compose `count` tunes, from number `first` on; each is the tune that `compose` makes of its number.

        They come in their order, each as soon as it and all before it are there. Raises what `compose` raises.
        """
        chosen, requested = _settings_of(settings)
        vocabulary, used = self.description.vocabulary, self.engine.used
        plan = plan_of(prompt, vocabulary, chosen, requested, keep_marks=self._keep_marks)
        return (
            Composition.of(drawn, vocabulary, prompt, plan.settings, requested, first + place, used)
            for place, drawn in enumerate(self.engine.compose_many(plan, first, count))
        )

    def stream(self, prompt: str = "", *, number: int = 0, **settings: Any) -> Iterator[str]:
        """The characters of `compose(...).text` for the same seed, prompt first, each as soon as it is known."""
        vocabulary = self.description.vocabulary
        plan = plan_of(prompt, vocabulary, *_settings_of(settings), keep_marks=self._keep_marks)
        return (character for drawn in self.engine.stream(plan, number) for character in vocabulary.decode(drawn.ids))


def _settings_of(values: dict[str, Any]) -> tuple[SamplingSettings, FormSettings]:
    """Each value where it belongs; one that belongs nowhere is among the first, which refuse it."""
    requested = {name: value for name, value in values.items() if name in FormSettings.model_fields}
    return SamplingSettings(**{n: v for n, v in values.items() if n not in requested}), FormSettings(**requested)
