"""Reranks several candidates for one tune, by criteria in decreasing order of audibility.

Candidates are compared by their `Rank`, criterion by criterion: one that fails an earlier criterion ranks after one
that passes it, whatever the later ones are.

plays        it is complete, reads strictly, has notes, and `notation.check` finds no problem. Yes or no.
original     its longest uncommon run shared with a tune of the corpus, in bars, is at most the limit. Where none is
             below the limit the shorter wins. Undefined (NaN, or no index): passes.
forced       the mean probability that the constraints removed at a character is at most the limit. Where none is below
             the limit the lower wins. NaN: passes.
probability  its bits per character, of what was composed, lie where those of held-out tunes usually do under the same
             network. Yes or no; NaN: no. So neither the likeliest wins, which is dull, nor an improbable one.
form         how many of these it fails: as many bars as held-out tunes usually have; no bar over four times in a row;
             strains of eight bars; an ending on the tonic. The last two count only where tunes of the tunebook have
             them more often than composed ones.
likeness     the classifier's score (`classifier.py`), at most the highest that held-out tunes usually have: a higher
             one is an outlier and no better.

Among equals the first wins. Without a classifier only the first three count. The rank is of the candidate alone, so
that the best of more candidates never ranks lower.

`choose` computes no more criteria than it needs, in the order of CRITERIA: a candidate's rank is at least that in which
unknown criteria have their lowest values, and one for which that is above a known rank cannot win.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple, Self

import numpy as np

from songrnn.checkpoint import Checkpoint
from songrnn.corpus.markers import END
from songrnn.engines.select import open_engine
from songrnn.engines.settings import FULL_PRECISION
from songrnn.evaluation.analysed import AnalysedTune, analyse
from songrnn.evaluation.classifier import Classifier, usual
from songrnn.evaluation.form import bar_count, form_of, loops
from songrnn.evaluation.tonality import ends_on_tonic

LONGEST_SHARED_BARS = 3.0
MOST_REMOVED = 0.02
"""Few tunes of `folk` exceed it without a request; of those with the form and range of a human tune nearly half do."""
END_LINE = f"{END}\n"  # of a tune in raw form; no part of its music


@dataclass(frozen=True)
class Candidate:
    """A tune among several of which the best is kept.

    abc: its text. bits_per_character: of its composed music; NaN where unknown. finished: whether the network ended it
    itself. shared_bars: its longest run of bars that a tune of the corpus has too, or what finds it when it is first
    needed; NaN where unknown. mass_removed: the mean probability that the constraints removed at a composed character;
    NaN where unknown.
    """

    abc: str
    bits_per_character: float = math.nan
    finished: bool = True
    shared_bars: float | Callable[[], float] = math.nan
    mass_removed: float = math.nan

    @cached_property
    def analysed(self) -> AnalysedTune:
        """The tune, read and played out."""
        return analyse(self.abc)

    @property
    def plays(self) -> bool:
        """Whether it is complete, valid ABC, has notes, and has no problem."""
        return self.finished and not self.analysed.fault


class Rank(NamedTuple):
    """The rank of a candidate, criterion by criterion; the lower is the better, as tuples are compared."""

    does_not_play: bool = False
    copied_bars: float = 0.0
    forced: float = 0.0
    unusual: bool = False
    faults_of_form: int = 0
    unlikeness: float = -math.inf

    @classmethod
    def of(
        cls,
        candidate: Candidate,
        classifier: Classifier | None = None,
        longest_shared_bars: float = LONGEST_SHARED_BARS,
    ) -> Self:
        """The rank of one candidate, independent of the others."""
        standard = Standard(classifier, longest_shared_bars)
        return cls(**{name: compute(candidate, standard) for name, compute in CRITERIA.items()})


LOWEST = Rank()


class Standard(NamedTuple):
    """What candidates are compared with."""

    classifier: Classifier | None
    longest_shared_bars: float


def choose(
    candidates: Sequence[Candidate],
    classifier: Classifier | None = None,
    *,
    longest_shared_bars: float = LONGEST_SHARED_BARS,
) -> int:
    """The index of the candidate with the lowest `Rank`; without a classifier only the first three criteria count.

    Raises ValueError when there is none.
    """
    standard = Standard(classifier, longest_shared_bars)
    ranks = [LOWEST] * len(candidates)  # as far as they are known: none is lower
    unknown = [iter(CRITERIA.items()) for _ in candidates]
    while True:
        best = min(range(len(candidates)), key=ranks.__getitem__)
        name, compute = next(unknown[best], ("", None))
        if compute is None:
            return best
        ranks[best] = ranks[best]._replace(**{name: compute(candidates[best], standard)})


def _forced(candidate: Candidate, standard: Standard) -> float:  # noqa: ARG001  (as all criteria)
    removed = candidate.mass_removed
    return removed if removed > MOST_REMOVED else 0.0


def _unusual(candidate: Candidate, standard: Standard) -> bool:
    if standard.classifier is None:
        return False
    low, high = standard.classifier.usual_bits
    return not low <= candidate.bits_per_character <= high


def _faults_of_form(candidate: Candidate, standard: Standard) -> int:
    """How many of four criteria a tune fails: length, loops, strains, ending."""
    if standard.classifier is None:
        return 0
    analysed = candidate.analysed
    fewest, most = standard.classifier.usual_bars
    on_tonic, strains = standard.classifier.more_often
    faults = (
        not fewest <= bar_count(analysed.bars) <= most,
        loops(analysed.bars) == 1,
        strains and not form_of(analysed.bars),
        on_tonic and ends_on_tonic(analysed) != 1,
    )
    return sum(faults)


def _unlikeness(candidate: Candidate, standard: Standard) -> float:
    if standard.classifier is None:
        return 0.0
    return -min(standard.classifier.score(candidate.analysed), standard.classifier.usual_scores[1])


def _does_not_play(candidate: Candidate, standard: Standard) -> bool:  # noqa: ARG001
    return not candidate.plays


def _copied_bars(candidate: Candidate, standard: Standard) -> float:
    shared = candidate.shared_bars() if callable(candidate.shared_bars) else candidate.shared_bars
    return shared if shared > standard.longest_shared_bars else 0.0  # NaN is not


CRITERIA: Mapping[str, Callable[[Candidate, Standard], Any]] = MappingProxyType(
    {
        "forced": _forced,
        "unusual": _unusual,
        "faults_of_form": _faults_of_form,
        "unlikeness": _unlikeness,
        "does_not_play": _does_not_play,
        "copied_bars": _copied_bars,
    }
)
"""Field of `Rank` -> what computes it: first the cheap ones, last those by which few fail. None is ever below
its value in LOWEST."""


def usual_bits(checkpoint: Checkpoint, tunes: Sequence[str]) -> tuple[float, float]:
    """The usual range of bits per character of human tunes' music under a network.

    tunes: texts in the checkpoint's form on which it was not trained. NaN where there is none.
    """
    vocabulary, bits = checkpoint.vocabulary, []
    known = [(tune, ids) for tune in tunes for ids, unknown in [vocabulary.encode_known(tune)] if not unknown]
    scores = open_engine(checkpoint, FULL_PRECISION).score([ids for _, ids in known])
    before = vocabulary.boundaries - 1  # the start has an id before the first character, or none; it has no score
    for (tune, _), log_probabilities in zip(known, scores, strict=True):
        music = log_probabilities[music_begins(tune) + before : len(tune.removesuffix(END_LINE)) + before]
        if len(music):
            bits.append(-float(np.mean(music, dtype=np.float64)) / math.log(2))
    return usual(bits)


def music_begins(text: str) -> int:
    """The index of the first character after the line of the first K: field; 0 where there is none."""
    begin = 0 if text.startswith("K:") else text.find("\nK:") + 1
    return text.find("\n", begin) + 1 if text.startswith("K:", begin) else 0
