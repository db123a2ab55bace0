"""Which of several candidates for one tune is the best? In the order of what listeners miss first.

A candidate is first of all one that can be used: criteria are asked in turn, and what fails a former one loses against
what does not, whatever the later ones say.

plays        it has come to its end, reads strictly, and `notation.check` finds no problem. Yes or no.
original     its longest run shared with a tune of the corpus, in bars, is at most the limit. Where none is below the
             limit the shorter wins. Undefined (NaN, or no index): passes.
form         how much of it is not as in human tunes: its bars do not divide into strains of eight, and those of most
             human tunes do; it does not end on its tonic, and most do; each of FORM_FIGURES (contracts in `form.py`)
             that lies outside the middle 96 % of human tunes. Fewer is better, 0..5.
probability  how far its bits per character are outside the middle half of human tunes under the same network, in bits;
             0 inside. Music only, what was given is left out. NaN: as far as can be.

Among equals the first wins. So it is a filter, not a climb: the draw of the network is kept wherever nothing is wrong
with it. Figures in which people differ much, such as range, are not asked: whoever chooses by them narrows them, and
what is narrower than human is easier to tell from it. For the same reason the likeliest does not win: what the model in
the box composes is surer than people already, 1.0 bits per character under itself against 1.1 to 1.6.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Self

import numpy as np

from songrnn.checkpoint import Checkpoint
from songrnn.corpus.sources import END
from songrnn.errors import CorpusError
from songrnn.evaluation.form import bar_count, form_of, longest_run, self_similarity
from songrnn.evaluation.heard import Heard, hear
from songrnn.evaluation.key import ends_on_tonic
from songrnn.sampling.compose import Composition
from songrnn.sampling.engine import choose as choose_engine
from songrnn.sampling.settings import FULL_PRECISION

FORM_FIGURES: Mapping[str, Callable[[Heard], float]] = MappingProxyType(
    {
        "bars": lambda heard: bar_count(heard.bars),
        "self_similarity": lambda heard: self_similarity(heard.bars),
        "longest_run": lambda heard: longest_run(heard.bars),
    }
)
USUAL = (0.02, 0.98)  # quantiles between which a figure of form is usual
LIKELY = (0.25, 0.75)  # the same of bits per character
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
        return cls(composition.abc(), _mean(bits), composition.finished, shared_bars)

    @cached_property
    def heard(self) -> Heard:
        """The tune, read and played out."""
        return hear(self.abc)

    @property
    def plays(self) -> bool:
        """Whether it is whole, is what the standard has, and nothing is wrong with it."""
        return self.finished and not self.heard.reason and not self.heard.problems


@dataclass(frozen=True)
class HumanRange:
    """Between which values the figures of human tunes lie.

    form: name of FORM_FIGURES -> its USUAL quantiles. bits_per_character: LIKELY quantiles, under one network.
    strains: whether most of them divide into strains of eight bars. tonic: whether most of them end on the tonic.
    """

    form: Mapping[str, tuple[float, float]]
    bits_per_character: tuple[float, float]
    strains: bool
    tonic: bool

    @classmethod
    def of(cls, tunes: Sequence[str], bits_per_character: Sequence[float]) -> Self:
        """Of human tunes in ABC, and the bits per character of their music; see `human_range`.

        Raises CorpusError when there is no tune with notes.
        """
        heard = [tune for tune in map(hear, tunes) if tune.bars]
        if not heard:
            raise CorpusError("no human tune has notes, so that there is nothing to be like")
        form = {name: _quantiles([ask(tune) for tune in heard], USUAL) for name, ask in FORM_FIGURES.items()}
        strains = _mean([float(form_of(tune.bars) != "") for tune in heard]) > 0.5
        tonic = _mean([ends_on_tonic(tune) for tune in heard]) > 0.5
        return cls(form, _quantiles(bits_per_character, LIKELY), strains, tonic)

    def oddities(self, heard: Heard) -> int:
        """How many figures of form of a tune are unlike those of human tunes."""
        outside = 0
        for name, ask in FORM_FIGURES.items():
            low, high = self.form[name]
            outside += not low <= ask(heard) <= high
        no_strains = self.strains and not form_of(heard.bars)
        no_tonic = self.tonic and ends_on_tonic(heard) == 0
        return outside + no_strains + no_tonic

    def improbability(self, bits_per_character: float) -> float:
        """Bits between this and the nearest usual value; infinite for NaN."""
        low, high = self.bits_per_character
        if math.isnan(bits_per_character):
            return math.inf
        return max(low - bits_per_character, bits_per_character - high, 0.0)

    def as_json(self) -> str:
        """As text that `from_json` reads; it can stand in a checkpoint's record."""
        return json.dumps({**vars(self), "form": dict(self.form)})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What `as_json` wrote; raises ValueError, KeyError or TypeError for anything else."""
        content: dict[str, Any] = json.loads(text)
        low, high = content["bits_per_character"]
        form = {name: (float(content["form"][name][0]), float(content["form"][name][1])) for name in FORM_FIGURES}
        return cls(form, (float(low), float(high)), bool(content["strains"]), bool(content["tonic"]))


def choose(
    candidates: Sequence[Candidate],
    human: HumanRange | None = None,
    *,
    longest_shared_bars: float = LONGEST_SHARED_BARS,
) -> int:
    """The index of the best candidate; without `human` only the first two criteria are asked.

    Raises ValueError when there is none.
    """

    def rank(candidate: Candidate) -> tuple[float, ...]:
        shared = candidate.shared_bars
        copied = shared if shared > longest_shared_bars else 0.0  # NaN is not
        if human is None:
            return not candidate.plays, copied
        oddities, improbability = human.oddities(candidate.heard), human.improbability(candidate.bits_per_character)
        return not candidate.plays, copied, oddities, improbability

    return min(range(len(candidates)), key=lambda index: rank(candidates[index]))


def human_range(checkpoint: Checkpoint, tunes: Sequence[str]) -> HumanRange:
    """The range of human tunes, texts in the checkpoint's form that it did not learn from, under its network."""
    vocabulary, bits = checkpoint.vocabulary, []
    known = [(tune, ids) for tune in tunes for ids, unknown in [vocabulary.encode_known(tune)] if not unknown]
    scores = choose_engine(checkpoint, FULL_PRECISION).score([ids for _, ids in known])
    before = vocabulary.boundaries - 1  # the start has an id before the first character, or none; it has no score
    for (tune, _), log_probabilities in zip(known, scores, strict=True):
        music = log_probabilities[music_begins(tune) + before : len(tune.removesuffix(END_LINE)) + before]
        bits.append(-float(np.mean(music, dtype=np.float64)) / math.log(2) if len(music) else math.nan)
    return HumanRange.of(tunes, bits)


def music_begins(text: str) -> int:
    """The index of the first character behind the line of the first K: field; 0 where there is none."""
    begin = 0 if text.startswith("K:") else text.find("\nK:") + 1
    return text.find("\n", begin) + 1 if text.startswith("K:", begin) else 0


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return math.fsum(known) / len(known) if known else math.nan


def _quantiles(values: Sequence[float], ends: tuple[float, float]) -> tuple[float, float]:
    """NaN where there is no value: then nothing lies between."""
    known = [value for value in values if not math.isnan(value)]
    if not known:
        return math.nan, math.nan
    low, high = np.quantile(known, ends)
    return float(low), float(high)
