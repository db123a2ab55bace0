"""Prompt -> Composition: draw a character, tell the network, again, until the tune ends."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from songrnn.corpus.sources import END
from songrnn.model.reading import Inputs, Reader
from songrnn.sampling.filters import Filter, draw, filters_of
from songrnn.sampling.prompt import RAW_START, read_prompt
from songrnn.sampling.settings import SamplingSettings
from songrnn.sampling.stepper import Stepper
from songrnn.vocabulary import Vocabulary

LONGEST_FIELD = 24
"""The network gets this many characters for a field that the prompt leaves open; then the line is ended for it."""


class Copied(NamedTuple):
    """The characters begin..end of a tune are those that begin at `source` in it."""

    begin: int
    end: int
    source: int


@dataclass(frozen=True)
class Composition:
    """One composed tune, and all that is needed to compose it again.

    text: the tune in the checkpoint's form: prompt and what the network added; without start and end markers.
    log_probabilities: for each character of `text`, the natural logarithm of the probability that the network gave it
        after all before it, at temperature 1 and before any filter.
    given: for each character of `text`, whether it came from the prompt.
    copied_from: for each character of `text`, where in `text` the copier found it, if it is the one that the copier
        suggested (`model/copying.py`); else -1, and always -1 in a network without copying.
    finished: whether the network ended the tune itself; otherwise it was cut at `settings.max_characters`.
    number: which of the tunes of `settings.seed` this is, from 0; (seed, number) decides every draw.
    """

    text: str
    log_probabilities: tuple[float, ...]
    given: tuple[bool, ...]
    copied_from: tuple[int, ...]
    finished: bool
    form: Literal["raw", "tunebook"]
    prompt: str
    number: int
    settings: SamplingSettings

    @property
    def title(self) -> str:
        """What the tune is called when it is written to a file."""
        return f"Composition {self.number + 1} of seed {self.settings.seed}"

    @property
    def bits_per_character(self) -> float:
        """How surprising the network finds what it composed itself: mean bits; NaN when it composed nothing."""
        own = [p for p, given in zip(self.log_probabilities, self.given, strict=True) if not given]
        return -float(np.mean(own)) / float(np.log(2)) if own else float("nan")

    def copied(self, *, shortest: int = 4) -> list[Copied]:
        """The stretches of `text`, of at least `shortest` characters, in which the network did what the copier said."""
        stretches: list[Copied] = []
        for place, source in enumerate(self.copied_from):
            last = stretches[-1] if stretches else None
            if source < 0 or self.given[place]:
                continue
            if last is not None and (last.end, last.source + last.end - last.begin) == (place, source):
                stretches[-1] = last._replace(end=place + 1)
            else:
                stretches.append(Copied(place, place + 1, source))
        return [stretch for stretch in stretches if stretch.end - stretch.begin >= shortest]

    def abc(self) -> str:
        """The tune as ABC that other programs expect: with `X:` and `T:` first, and a line end last."""
        header = "" if self.text.lstrip().startswith("X:") else f"X:{self.number + 1}\n"
        if not any(line.startswith("T:") for line in self.text.split("\n")):
            title = f"T:{self.title}\n"
            if header:
                header += title
            else:
                first, _, rest = self.text.lstrip().partition("\n")
                return f"{first}\n{title}{rest.rstrip()}\n"
        return header + self.text.strip() + "\n"


class Character(NamedTuple):
    """One character of a composition as it comes into being."""

    character: str
    log_probability: float
    given: bool
    copied_from: int


def compose(
    stepper: Stepper,
    vocabulary: Vocabulary,
    prompt: str,
    settings: SamplingSettings,
    number: int = 0,
    *,
    reader: Reader,
) -> Composition:
    """Compose tune `number` of `settings.seed`; reader: of the network in `stepper`.

    Raises PromptError if the prompt cannot be continued.
    """
    characters = Draws(stepper, vocabulary, prompt, settings, number, reader=reader)
    drawn = list(characters)
    return Composition(
        text="".join(c.character for c in drawn),
        log_probabilities=tuple(c.log_probability for c in drawn),
        given=tuple(c.given for c in drawn),
        copied_from=tuple(c.copied_from for c in drawn),
        finished=characters.finished,
        form="tunebook" if vocabulary.boundaries else "raw",
        prompt=prompt,
        number=number,
        settings=settings,
    )


class Draws:
    """The characters of one composition, one after the other; `finished` tells how it ended.

    The loop: the network says how likely each character is (`_logits`), the filters say what may be drawn, one random
    number decides, the network is told.
    """

    def __init__(
        self,
        stepper: Stepper,
        vocabulary: Vocabulary,
        prompt: str,
        settings: SamplingSettings,
        number: int,
        *,
        reader: Reader,
    ) -> None:
        self.finished = False
        self._stepper, self._vocabulary, self._settings = stepper, vocabulary, settings
        self._pieces = read_prompt(prompt, vocabulary)
        self._filters: Sequence[Filter] = filters_of(settings)
        self._rng = np.random.Generator(np.random.Philox(key=np.array([settings.seed, number], dtype=np.uint64)))
        self._state = stepper.start()
        self._ids: list[int] = []
        self._follower = reader.follow()

    def __iter__(self) -> Iterator[Character]:
        begin = [self._vocabulary.start] if self._vocabulary.boundaries else self._vocabulary.encode(RAW_START)
        for i in begin:
            self._tell(int(i))
        self._begin = len(self._ids)
        for piece in self._pieces:
            for i in self._vocabulary.encode(piece.text):
                yield self._accept(int(i), given=True)
            if piece.open_line:
                yield from self._field()
        yield from self._body() if self._vocabulary.boundaries else self._body_in_raw_form()

    def _body(self) -> Iterator[Character]:
        """Draw until the end id."""
        for _ in range(self._settings.max_characters):
            i = self._draw()
            if i == self._vocabulary.end:
                self.finished = True
                return
            if i != self._vocabulary.start:  # an untrained network may draw it; it has no character
                yield self._accept(i, given=False)

    def _body_in_raw_form(self) -> Iterator[Character]:
        """Draw until the literal end marker; what may be the beginning of one is held back until that is clear."""
        held: list[Character] = []
        for _ in range(self._settings.max_characters):
            held.append(self._accept(self._draw(), given=False))
            while held and not END.startswith("".join(c.character for c in held)):
                yield held.pop(0)
            if len(held) == len(END):
                self.finished = True
                return
        yield from held

    def _field(self) -> Iterator[Character]:
        """Let the network write the rest of a header line."""
        line_end = int(self._vocabulary.encode("\n")[0])
        for count in range(LONGEST_FIELD + 1):
            i = self._draw() if count < LONGEST_FIELD else line_end
            i = line_end if i >= self._vocabulary.start else i
            yield self._accept(i, given=False)
            if i == line_end:
                return

    def _draw(self) -> int:
        logits = self._logits
        for apply in self._filters:
            logits = apply(logits, self._ids)
        return draw(logits, self._rng)

    def _accept(self, i: int, *, given: bool) -> Character:
        """Make id `i` the next of the tune, and tell the network."""
        likelihood = self._logits[i] - _log_sum_exp(self._logits)
        suggestion = self._follower.suggestion
        follows = suggestion.length > 0 and suggestion.character == i
        copied_from = max(-1, len(self._ids) - suggestion.distance - self._begin) if follows else -1
        self._tell(i)
        return Character(self._vocabulary.characters[i], float(likelihood), given, copied_from)

    def _tell(self, i: int) -> None:
        rows, expected = self._follower.tell(i)
        logits, self._state = self._stepper.step(Inputs(rows[None], expected[None]), self._state)
        self._logits: NDArray[np.float64] = logits[0].astype(np.float64)
        self._ids.append(i)


def _log_sum_exp(logits: NDArray[np.float64]) -> float:
    highest = logits.max()
    return float(highest + np.log(np.exp(logits - highest).sum()))
