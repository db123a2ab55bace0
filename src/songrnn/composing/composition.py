"""Composition: one composed tune, with its settings and record."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from songrnn.composing.form import FormSettings
from songrnn.engines.settings import SamplingSettings
from songrnn.engines.types import Drawn, EngineUsed
from songrnn.vocabulary import Vocabulary

TRIES_APART = 1 << 32
"""From the number of a tune to that of the next try at it (`retrying.py`)."""


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
    removed: for each character of `text`, the probability that the network gave to all the characters that would have
        broken the constraints; 0 in a free tune, and for what was given.
    finished: whether the network ended the tune itself; otherwise it was cut at `settings.max_characters`, or, in a
        strict tune, brought to its end by then.
    number: which of the tunes of `settings.seed` this is, from 0; (seed, number) decides every draw. Try k at a tune,
        from 0, has k * TRIES_APART more.
    used: what computed it; another kernel or precision may draw other characters.
    """

    text: str
    log_probabilities: tuple[float, ...]
    given: tuple[bool, ...]
    copied_from: tuple[int, ...]
    removed: tuple[float, ...]
    finished: bool
    form: Literal["raw", "tunebook"]
    prompt: str
    number: int
    settings: SamplingSettings
    requested: FormSettings
    used: EngineUsed

    @property
    def title(self) -> str:
        """What the tune is called when it is written to a file."""
        tries, place = divmod(self.number, TRIES_APART)
        return f"Composition {place + 1} of seed {self.settings.seed}" + (f", try {tries + 1}" if tries else "")

    @property
    def place_of_seed(self) -> str:
        """Such as "tune 3 of seed 7", whichever try it is."""
        return f"tune {self.number % TRIES_APART + 1} of seed {self.settings.seed}"

    @property
    def bits_per_character(self) -> float:
        """How surprising the network finds what it composed itself: mean bits; NaN when it composed nothing."""
        own = [p for p, given in zip(self.log_probabilities, self.given, strict=True) if not given]
        return -float(np.mean(own)) / float(np.log(2)) if own else float("nan")

    @property
    def mass_removed(self) -> float:
        """What the constraints forced: mean probability that they removed, a composed character; NaN without any."""
        own = [removed for removed, given in zip(self.removed, self.given, strict=True) if not given]
        return float(np.mean(own)) if own else float("nan")

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
        header = "" if self.text.lstrip().startswith("X:") else f"X:{self.number % TRIES_APART + 1}\n"
        if not any(line.startswith("T:") for line in self.text.split("\n")):
            title = f"T:{self.title}\n"
            if header:
                header += title
            else:
                first, _, rest = self.text.lstrip().partition("\n")
                return f"{first}\n{title}{rest.rstrip()}\n"
        return header + self.text.strip() + "\n"

    @classmethod
    def of(
        cls,
        drawn: Drawn,
        vocabulary: Vocabulary,
        prompt: str,
        settings: SamplingSettings,
        requested: FormSettings,
        number: int,
        used: EngineUsed,
    ) -> "Composition":
        """What an engine has drawn, as a composition."""
        return cls(
            text=vocabulary.decode(drawn.ids),
            log_probabilities=tuple(drawn.log_probabilities.tolist()),
            given=tuple(drawn.given.tolist()),
            copied_from=tuple(drawn.copied_from.tolist()),
            removed=tuple(drawn.removed.tolist()),
            finished=drawn.finished,
            form="tunebook" if vocabulary.boundaries else "raw",
            prompt=prompt,
            number=number,
            settings=settings,
            requested=requested,
            used=used,
        )
