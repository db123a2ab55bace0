"""`Composition`: one composed tune, with its settings, its record, and its evaluation."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from songrnn.composing.companions import NO_COMPANIONS, Companions
from songrnn.composing.form import FormSettings
from songrnn.composing.request import TRIES_APART
from songrnn.engines.settings import SamplingSettings
from songrnn.engines.types import Drawn, EngineUsed
from songrnn.neurons.settings import NO_INTERVENTION, InterventionSettings
from songrnn.vocabulary import Vocabulary

if TYPE_CHECKING:
    from songrnn.composing.reranking import Candidate, Rank
    from songrnn.originality.shared_runs import Originality
    from songrnn.rendering.render import Mark

COPIED_CAPTION = "Underlined: the network went on as it had before, in the line that the pointer shows."


class Copied(NamedTuple):
    """The characters begin..end of a tune are those that begin at `source` in it."""

    begin: int
    end: int
    source: int


@dataclass(frozen=True)
class Composition:
    """One composed tune, with all that is needed to compose it again.

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
    number: which of the network's tunes of `settings.seed` this is, from 0; (seed, number) decides every draw. Try k at
        a tune, from 0, has k * TRIES_APART more.
    used: the engine that computed it; another kernel or precision may draw other characters.
    intervention: which neurons were ablated, and which concepts steered along, while it was composed.
    best_of: of how many of the network's tunes it is the best.
    companions: the files by which it is judged. Originality, highlights and rank are computed when
        they are first needed.
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
    companions: Companions = field(default=NO_COMPANIONS, repr=False, compare=False)
    intervention: InterventionSettings = NO_INTERVENTION
    best_of: int = 1

    @property
    def place(self) -> int:
        """Which of the seed's tunes it is, from 1, whichever try and candidate."""
        return self.number % TRIES_APART // self.best_of + 1

    @property
    def title(self) -> str:
        """The title of the tune in a file."""
        tries = self.number // TRIES_APART
        return f"Composition {self.place} of seed {self.settings.seed}" + (f", try {tries + 1}" if tries else "")

    @property
    def place_of_seed(self) -> str:
        """Such as "tune 3 of seed 7", whichever try it is."""
        return f"tune {self.place} of seed {self.settings.seed}"

    @property
    def composed_characters(self) -> int:
        """How many characters of `text` the network added to the prompt."""
        return self.given.count(False)

    @property
    def bits_per_character(self) -> float:
        """Mean surprisal in bits of the composed characters under the network; NaN without any."""
        own = [p for p, given in zip(self.log_probabilities, self.given, strict=True) if not given]
        return -float(np.mean(own)) / float(np.log(2)) if own else float("nan")

    @property
    def mass_removed(self) -> float:
        """Mean probability that the constraints removed at a composed character; NaN without any."""
        own = [removed for removed, given in zip(self.removed, self.given, strict=True) if not given]
        return float(np.mean(own)) if own else float("nan")

    def copied(self, *, shortest: int = 4) -> list[Copied]:
        """The stretches of `text`, of at least `shortest` characters, in which the network followed the copier."""
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
        """The tune as ABC for other programs: with `X:` and `T:` first, and a line end last."""
        header = "" if self.text.lstrip().startswith("X:") else f"X:{self.place}\n"
        if not any(line.startswith("T:") for line in self.text.split("\n")):
            title = f"T:{self.title}\n"
            if header:
                header += title
            else:
                first, _, rest = self.text.lstrip().partition("\n")
                return f"{first}\n{title}{rest.rstrip()}\n"
        return header + self.text.strip() + "\n"

    @cached_property
    def originality(self) -> "Originality | None":
        """What it shares with training tunes; None where the checkpoint has no melodies."""
        return self.companions.originality(self.abc())

    @property
    def remark(self) -> str:
        """The line of comment about its originality below the tune, with its line end; "" where it is unknown."""
        if self.originality is None:
            return ""
        from songrnn.originality.sentences import sentence

        return f"% {sentence(self.originality)}\n"

    @property
    def highlights(self) -> "tuple[Mark, ...]":
        """The stretches of `abc()` to highlight, in order: its foremost shared run, and its repetitions elsewhere."""
        from songrnn.originality.sentences import shared_stretch
        from songrnn.rendering.render import Mark

        shared = shared_stretch(self.originality)
        copied = without_overlaps(shared, self.copied_stretches())
        marks = [*(Mark(*stretch, "shared") for stretch in shared), *(Mark(*stretch, "copied") for stretch in copied)]
        return tuple(sorted(marks, key=lambda mark: mark.begin))

    def copied_stretches(self) -> list[tuple[int, int, str]]:
        """The stretches of `abc()` that repeat earlier ones: begin, end, and a remark that names the line."""
        abc, text = self.abc(), self.text.strip()
        offset = abc.find(text) - self.text.find(text)
        if offset < 0:
            return []
        return [
            (begin + offset, end + offset, f"as in line {abc.count(chr(10), 0, source + offset) + 1}")
            for begin, end, source in self.copied()
        ]

    @cached_property
    def candidate(self) -> "Candidate":
        """The composition for reranking."""
        from songrnn.composing.reranking import Candidate, music_begins

        begin = music_begins(self.text)
        bits = [
            -log_probability / math.log(2)
            for log_probability, given in zip(self.log_probabilities[begin:], self.given[begin:], strict=True)
            if not given
        ]

        def shared_bars() -> float:
            closest = None if self.originality is None else self.originality.closest
            return 0.0 if closest is None else float(closest.bars)

        return Candidate(
            abc=self.abc(),
            bits_per_character=float(np.mean(bits)) if bits else math.nan,
            finished=self.finished,
            shared_bars=shared_bars,
            mass_removed=self.mass_removed,
        )

    @property
    def rank(self) -> "Rank":
        """Its rank; the lower is the better."""
        from songrnn.composing.reranking import Rank

        return Rank.of(self.candidate, self.companions.classifier)

    def as_json(self) -> dict[str, Any]:
        """As a JSON object; undefined figures are null."""
        bits, removed = self.bits_per_character, self.mass_removed
        return {
            "abc": self.abc(),
            "text": self.text,
            "prompt": self.prompt,
            "form": self.form,
            "number": self.number,
            "best_of": self.best_of,
            "finished": self.finished,
            "bits_per_character": None if math.isnan(bits) else bits,
            "mass_removed": None if math.isnan(removed) else removed,
            "log_probabilities": self.log_probabilities,
            "removed": self.removed,
            "given": self.given,
            "copied_from": self.copied_from,
            "settings": self.settings.model_dump(),
            "requested": self.requested.model_dump(),
            "intervention": None if self.intervention.changes_nothing else self.intervention.model_dump(),
            "originality": self.originality and self.originality.as_json(),
        }

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
        companions: Companions = NO_COMPANIONS,
        intervention: InterventionSettings = NO_INTERVENTION,
        best_of: int = 1,
    ) -> "Composition":
        """The composition of an engine's output."""
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
            companions=companions,
            intervention=intervention,
            best_of=best_of,
        )


def without_overlaps(
    first: Sequence[tuple[int, int, str]], second: Sequence[tuple[int, int, str]]
) -> list[tuple[int, int, str]]:
    """Of the stretches of `second` what no stretch of `first` covers; in the order of the text."""
    parts: list[tuple[int, int, str]] = []
    for begin, end, remark in second:
        at = begin
        for taken, until, _ in sorted(first):
            if until <= at or taken >= end:
                continue
            if taken > at:
                parts.append((at, taken, remark))
            at = until
        if at < end:
            parts.append((at, end, remark))
    return parts
