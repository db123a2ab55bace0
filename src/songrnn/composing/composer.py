"""`Composer`: a checkpoint opened for composing."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Literal, TypedDict, Unpack

from songrnn.checkpoint import Checkpoint, Description
from songrnn.composing.companions import Companions
from songrnn.composing.composition import Composition
from songrnn.composing.familiarity import familiarity_note
from songrnn.composing.prompt import split_prompt
from songrnn.composing.request import CANDIDATES, MOST_RERANKED, TRIES_APART, Request, RequestOptions, request_of
from songrnn.composing.retry import originality_condition
from songrnn.composing.tasks import engine_task
from songrnn.corpus.settings import record_keeps_marks
from songrnn.engines.select import engine_note, open_engine
from songrnn.engines.settings import EngineSettings
from songrnn.engines.task import EngineTask
from songrnn.engines.types import Engine
from songrnn.errors import SettingsError
from songrnn.neurons.settings import InterventionSettings

OWN_TUNES, OWN_CHARACTERS = 48, 500
"""How many tunes a network composes itself to find means and directions in, and their length before they are ended."""


class EngineOptions(TypedDict, total=False):
    """The keyword arguments of `load`: the fields of EngineSettings, which has their defaults and meanings."""

    engine: Literal["native", "numpy"] | None
    precision: Literal["int8", "fp32"] | None
    kernel: str
    threads: int


def load(path: Path | str, **engine: Unpack[EngineOptions]) -> "Composer":
    """The composer in the checkpoint at `path`; raises CheckpointError if it is not a whole one.

    path: a file, the folder of a run, or the name of a model in the box. engine: fields of `EngineSettings`: engine,
    precision, kernel, threads.
    """
    return Composer(Path(path), EngineSettings(**engine))


class Composer:
    """A checkpoint, or the path of one, opened for composing; needs no PyTorch.

    description: its header. engine: computes the network. companions: the files beside it, by which tunes are judged.
    Each is read once, so that one composer serves any number of requests.
    """

    def __init__(
        self,
        source: Checkpoint | Path,
        settings: EngineSettings | None = None,
        *,
        engine: Engine | None = None,
    ) -> None:
        self._source, self._settings = source, settings or EngineSettings()
        self.description = source.description if isinstance(source, Checkpoint) else Description.read(source)
        self.engine = engine or open_engine(source, self._settings)
        self._changed: dict[InterventionSettings, Engine] = {}
        self.companions = Companions(None if isinstance(source, Checkpoint) else source)

    @cached_property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint, with its weights."""
        return self._source if isinstance(self._source, Checkpoint) else Checkpoint.load(self._source)

    def compose(self, prompt: str = "", *, number: int = 0, **options: Unpack[RequestOptions]) -> Composition:
        """Compose one tune.

        prompt: text to continue; in `tunebook` form, fields such as "M:6/8" and "K:Ador" request a kind of tune.
        number: which of the seed's tunes, from 0.
        options: the fields of `SamplingSettings` (temperature, top_k, top_p, min_p, without, free, max_characters,
            seed), of `FormSettings` (meter, key, rhythm, unit_length, bars, parts, pitch_range, end_on_tonic), of
            `OriginalitySettings` (original, tries), of `InterventionSettings` (ablate, ablate_at, steer, layer), and
            best_of.
        Without a seed each call draws one, and so composes another tune; `Composition.settings.seed` has it, with which
        the same tune is composed again. Raises PromptError if the prompt cannot be continued, SettingsError for a
        setting out of its range, OriginalityError for a tune that stays too close to a training tune in every try.
        """
        return next(self.compose_many(prompt, count=1, first=number, **options))

    def compose_many(
        self, prompt: str = "", *, count: int, first: int = 0, **options: Unpack[RequestOptions]
    ) -> Iterator[Composition]:
        """Compose `count` tunes, from number `first` on; tune i is the one that `compose` makes of `number=i`.

        They are yielded in order, each as soon as it and all before it are finished. Raises what `compose` raises.
        """
        return self.compose_request(request_of(prompt, options, count=count, first=first))

    def compose_request(self, request: Request, *, skipped: int = 0) -> Iterator[Composition]:
        """The tunes of a request but the first `skipped`, in order, each as soon as it is finished.

        Of `candidates_of` tunes the one with the lowest rank (`reranking.py`); with `original`, a tune that shares a
        longer run is composed again (`retry.py`). Raises what `compose` raises; all but OriginalityError at once.
        """
        request = request.with_seed()
        task, engine = self._task(request), self._engine(request.intervention)
        condition = originality_condition(request.originality, self.companions)
        size = self.candidates_of(request)
        tries, first_tune = divmod(request.first, TRIES_APART)

        def candidates(place: int, count: int, offset: int = 0) -> Iterator[Composition]:
            first = (first_tune + place) * size + tries * TRIES_APART + offset
            return (
                Composition.of(
                    drawn,
                    self.description.vocabulary,
                    request.prompt,
                    request.sampling,
                    request.form,
                    first + number,
                    engine.used,
                    self.companions,
                    request.intervention,
                    size,
                )
                for number, drawn in enumerate(engine.compose_many(task, first, count * size))
            )

        every = candidates(skipped, request.count - skipped)
        tunes = (self._best(list(islice(every, size))) for _ in range(request.count - skipped))
        if condition is None:
            return tunes
        return (
            condition.satisfied_by(made, lambda offset, place=place: self._best(list(candidates(place, 1, offset))))  # type: ignore[misc]
            for place, made in enumerate(tunes, start=skipped)
        )

    def candidates_of(self, request: Request) -> int:
        """How many tunes are composed for each tune of a request: its `best_of`, or the default for this checkpoint.

        Raises CheckpointError for a damaged classifier where `best_of` needs it; by default it is a fault, and no
        candidates are compared.
        """
        if request.best_of is None:
            few = request.count <= MOST_RERANKED
            return CANDIDATES if few and self.companions.usable_classifier is not None else 1
        if request.best_of > 1:
            _ = self.companions.classifier  # a damaged one is found before anything is composed
        return request.best_of

    def stream(self, prompt: str = "", *, number: int = 0, **options: Unpack[RequestOptions]) -> Iterator[str]:
        """The characters of `compose(..., best_of=1).text` for the same seed, prompt first, each when it is known.

        Raises what `compose` raises, and SettingsError for best_of and original, which need whole tunes.
        """
        request = request_of(prompt, options, first=number)
        if (request.best_of or 1) > 1 or request.originality.original is not None:
            raise SettingsError(
                "best_of and original compare whole tunes; leave them out, or compose in place of stream"
            )
        vocabulary = self.description.vocabulary
        task, engine = self._task(request), self._engine(request.intervention)
        return (character for drawn in engine.stream(task, number) for character in vocabulary.decode(drawn.ids))

    def notes(self, request: Request) -> tuple[str, ...]:
        """Notes on a request before its tunes are composed, a line each: what is slow, not learned or missing.

        Files that prove unusable only while they are composed are in `companions.faults`. Raises PromptError.
        """
        notes = (
            engine_note(self._settings),
            familiarity_note(self.engine, self.description.vocabulary, request),
            self._marks_note(request.prompt),
            self.companions.reranking_note() if (request.best_of or 1) > 1 else "",
        )
        return tuple(filter(None, notes))

    def own_tunes(self) -> list[str]:
        """Tunes that the network composes as it is, always the same: in them, means and directions are found."""
        made = self.compose_many(count=OWN_TUNES, seed=0, max_characters=OWN_CHARACTERS, best_of=1)
        return [tune.text for tune in made if tune.text]

    def _engine(self, intervention: InterventionSettings) -> Engine:
        """The engine of the network with an intervention; each is made once."""
        if intervention.changes_nothing:
            return self.engine
        if intervention not in self._changed:
            from songrnn.neurons.directions import interventions_of
            from songrnn.neurons.recording import record

            recording = record(self.checkpoint, self.own_tunes(), settings=self._settings)
            changes = interventions_of(intervention, recording)
            self._changed[intervention] = open_engine(self._source, self._settings, changes)
        return self._changed[intervention]

    @property
    def _keeps_marks(self) -> bool:
        return record_keeps_marks(self.description.training.get("corpus", {}))

    def _marks_note(self, prompt: str) -> str:
        if not prompt or self._keeps_marks or not self.description.vocabulary.boundaries:
            return ""
        from songrnn.composing.prompt_music import marks_note

        return marks_note(split_prompt(prompt)[1])

    def _task(self, request: Request) -> EngineTask:
        vocabulary = self.description.vocabulary
        return engine_task(request.prompt, vocabulary, request.sampling, request.form, keep_marks=self._keeps_marks)

    def _best(self, candidates: Sequence[Composition]) -> Composition:
        """The one with the lowest rank; the first of equals."""
        if len(candidates) == 1:
            return candidates[0]
        from songrnn.composing.reranking import choose

        return candidates[choose([made.candidate for made in candidates], self.companions.classifier)]
