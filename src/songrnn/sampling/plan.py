"""What is to be composed, in ids: the one thing that every engine is given."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from songrnn.constraints.constraint import Constraint
from songrnn.corpus.sources import END
from songrnn.errors import SettingsError
from songrnn.sampling.form import FormSettings
from songrnn.sampling.prompt import RAW_START, read_prompt
from songrnn.sampling.settings import SamplingSettings
from songrnn.sampling.strict import constraint_of, header_of
from songrnn.tracking.plan import TunePlan
from songrnn.vocabulary import Ids, Vocabulary

LONGEST_FIELD = 24
"""The network gets this many characters for a field that the prompt leaves open; then the line is ended for it."""
NO_ID = -1


@dataclass(frozen=True)
class GivenPiece:
    """Ids that are given; after them, the network may write the rest of the line if `open_line`."""

    ids: Ids
    open_line: bool


@dataclass(frozen=True)
class Plan:
    """How tunes of one prompt and one choice of settings are composed.

    begin: ids that the network is told first, and that are no part of the tune.
    start, end: the boundaries of a tune, which have no character; NO_ID in `raw` form.
    end_text: in `raw` form the ids of the literal end marker; empty if the network does not know its characters.
    line_end: the id of a line end, NO_ID if the network knows none.
    allowed: [V] whether an id may be drawn at all.
    constraint: what strict tunes are held to; None for free ones.
    tune_plan: the form that a network with `plan` reads; None where none was requested.
    """

    begin: Ids
    pieces: tuple[GivenPiece, ...]
    start: int
    end: int
    end_text: Ids
    line_end: int
    allowed: NDArray[np.bool_]
    constraint: Constraint | None
    settings: SamplingSettings
    tune_plan: TunePlan | None = None

    @classmethod
    def of(
        cls, prompt: str, vocabulary: Vocabulary, settings: SamplingSettings, asked: FormSettings | None = None
    ) -> "Plan":
        """Raises PromptError if the prompt cannot be continued, SettingsError for wishes that cannot be met."""
        asked = asked or FormSettings()
        bounded = vocabulary.boundaries
        header = header_of(prompt, asked, vocabulary)
        given = read_prompt(prompt, vocabulary, header, strict=not settings.free)
        constraint, pieces = constraint_of(given, vocabulary, settings, asked)
        knows_end = set(END) <= set(vocabulary.characters)
        return cls(
            begin=np.array([vocabulary.start]) if bounded else vocabulary.encode(RAW_START),
            pieces=tuple(GivenPiece(vocabulary.encode(piece.text), piece.open_line) for piece in pieces),
            start=vocabulary.start if bounded else NO_ID,
            end=vocabulary.end if bounded else NO_ID,
            end_text=vocabulary.encode(END) if knows_end and not bounded else np.zeros(0, dtype=np.int64),
            line_end=int(vocabulary.encode("\n")[0]) if "\n" in vocabulary.characters else NO_ID,
            allowed=_allowed(vocabulary, settings.without),
            constraint=constraint,
            settings=settings.with_seed(),
            tune_plan=asked.tune_plan(),
        )

    @property
    def seed(self) -> int:
        """The seed of its random generator."""
        assert self.settings.seed is not None, "Plan.of draws one where the settings have none"
        return self.settings.seed


def _allowed(vocabulary: Vocabulary, without: str) -> NDArray[np.bool_]:
    allowed = np.ones(len(vocabulary), dtype=bool)
    allowed[: len(vocabulary.characters)] = [character not in without for character in vocabulary.characters]
    if not allowed[: len(vocabulary.characters)].any():
        raise SettingsError(f"without {without!r} there is no character left to compose with")
    return allowed
