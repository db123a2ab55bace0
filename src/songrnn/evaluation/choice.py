"""Which of several candidates for one tune is the best? In the order of what listeners miss first.

A candidate is first of all one that can be used: criteria are asked in turn, and what fails a former one loses against
what does not, whatever the later ones say.

plays        it has come to its end, reads strictly, has notes, and `notation.check` finds no problem. Yes or no.
original     its longest uncommon run shared with a tune of the corpus, in bars, is at most the limit. Where none is
             below the limit the shorter wins. Undefined (NaN, or no index): passes.
probability  its bits per character, of what was composed, lie where those of held-out tunes usually do under the same
             network. Yes or no; NaN: no. So neither the likeliest wins, which is dull, nor nonsense.
likeness     the listener's score (`listener.py`): form, ending, and the details that give composed tunes away.

Among equals the first wins. Without a listener only the first two are asked.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from songrnn.checkpoint import Checkpoint
from songrnn.corpus.sources import END
from songrnn.evaluation.heard import Heard, hear
from songrnn.evaluation.listener import Listener
from songrnn.sampling.compose import Composition
from songrnn.sampling.engine import choose as choose_engine
from songrnn.sampling.settings import FULL_PRECISION

USUAL = (0.01, 0.99)
"""Quantiles of held-out tunes between which bits per character are usual. What the model in the box composes is surer
than people: a narrower range would leave few."""
LONGEST_SHARED_BARS = 3.0
END_LINE = f"{END}\n"  # of a tune in raw form; no part of its music


@dataclass(frozen=True)
class Candidate:
    """A tune that may be chosen.

    abc: its text. bits_per_character: of its music, what was given left out; NaN where unknown. finished: whether the
    network ended it itself. shared_bars: its longest run of bars that a tune of the corpus has too; NaN where unknown.
    """

    abc: str
    bits_per_character: float = math.nan
    finished: bool = True
    shared_bars: float = math.nan

    @classmethod
    def of(cls, composition: Composition, shared_bars: float = math.nan) -> Self:
        """A composition as a candidate."""
        bits = [
            -log_probability / math.log(2)
            for place, log_probability in enumerate(composition.log_probabilities)
            if place >= music_begins(composition.text) and not composition.given[place]
        ]
        return cls(composition.abc(), float(np.mean(bits)) if bits else math.nan, composition.finished, shared_bars)

    @cached_property
    def heard(self) -> Heard:
        """The tune, read and played out."""
        return hear(self.abc)

    @property
    def plays(self) -> bool:
        """Whether it is whole, is what the standard has, has notes, and nothing is wrong with it."""
        return self.finished and not self.heard.fault


def choose(
    candidates: Sequence[Candidate],
    listener: Listener | None = None,
    *,
    longest_shared_bars: float = LONGEST_SHARED_BARS,
) -> int:
    """The index of the best candidate; without a listener only the first two criteria are asked.

    Raises ValueError when there is none.
    """

    def rank(candidate: Candidate) -> tuple[float, ...]:
        shared = candidate.shared_bars
        copied = shared if shared > longest_shared_bars else 0.0  # NaN is not
        if listener is None:
            return not candidate.plays, copied
        low, high = listener.usual_bits
        usual = low <= candidate.bits_per_character <= high
        return not candidate.plays, copied, not usual, -listener.score(candidate.heard)

    return min(range(len(candidates)), key=lambda index: rank(candidates[index]))


def usual_bits(checkpoint: Checkpoint, tunes: Sequence[str]) -> tuple[float, float]:
    """Between which bits per character the music of human tunes usually lies under a network.

    tunes: texts in the checkpoint's form that it did not learn from. NaN where there is none.
    """
    vocabulary, bits = checkpoint.vocabulary, []
    known = [(tune, ids) for tune in tunes for ids, unknown in [vocabulary.encode_known(tune)] if not unknown]
    scores = choose_engine(checkpoint, FULL_PRECISION).score([ids for _, ids in known])
    before = vocabulary.boundaries - 1  # the start has an id before the first character, or none; it has no score
    for (tune, _), log_probabilities in zip(known, scores, strict=True):
        music = log_probabilities[music_begins(tune) + before : len(tune.removesuffix(END_LINE)) + before]
        if len(music):
            bits.append(-float(np.mean(music, dtype=np.float64)) / math.log(2))
    if not bits:
        return math.nan, math.nan
    low, high = np.quantile(bits, USUAL)
    return float(low), float(high)


def music_begins(text: str) -> int:
    """The index of the first character behind the line of the first K: field; 0 where there is none."""
    begin = 0 if text.startswith("K:") else text.find("\nK:") + 1
    return text.find("\n", begin) + 1 if text.startswith("K:", begin) else 0
