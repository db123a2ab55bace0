"""Prompt, settings and requested form -> the task of an engine."""

import numpy as np
from numpy.typing import NDArray

from songrnn.composing.form import FormSettings
from songrnn.composing.prompt import RAW_START, read_prompt
from songrnn.composing.strict import constraint_of, header_of
from songrnn.corpus.markers import END
from songrnn.engines.settings import SamplingSettings
from songrnn.engines.task import NO_ID, EngineTask, GivenPiece
from songrnn.errors import SettingsError
from songrnn.vocabulary import Vocabulary


def engine_task(
    prompt: str,
    vocabulary: Vocabulary,
    settings: SamplingSettings,
    requested: FormSettings | None = None,
    *,
    keep_marks: bool = True,
) -> EngineTask:
    """The task of composing tunes that continue a prompt.

    keep_marks: whether the network has learned texts with marks, as in `CorpusSettings`.

    Raises PromptError if the prompt cannot be continued, SettingsError for a requested form that no tune can have.
    """
    requested = requested or FormSettings()
    bounded = vocabulary.boundaries
    header = header_of(prompt, requested, vocabulary)
    given = read_prompt(prompt, vocabulary, header, strict=not settings.free, keep_marks=keep_marks)
    constraint, pieces = constraint_of(given, vocabulary, settings, requested)
    can_spell_end = set(END) <= set(vocabulary.characters)
    return EngineTask(
        begin=np.array([vocabulary.start]) if bounded else vocabulary.encode(RAW_START),
        pieces=tuple(GivenPiece(vocabulary.encode(piece.text), piece.open_line) for piece in pieces),
        start=vocabulary.start if bounded else NO_ID,
        end=vocabulary.end if bounded else NO_ID,
        end_text=vocabulary.encode(END) if can_spell_end and not bounded else np.zeros(0, dtype=np.int64),
        line_end=int(vocabulary.encode("\n")[0]) if "\n" in vocabulary.characters else NO_ID,
        allowed=_allowed(vocabulary, settings.without),
        constraint=constraint,
        settings=settings.with_seed(),
        tune_plan=requested.tune_plan(),
    )


def _allowed(vocabulary: Vocabulary, without: str) -> NDArray[np.bool_]:
    allowed = np.ones(len(vocabulary), dtype=bool)
    allowed[: len(vocabulary.characters)] = [character not in without for character in vocabulary.characters]
    if not allowed[: len(vocabulary.characters)].any():
        raise SettingsError(f"without {without!r} there is no character left to compose with")
    return allowed
