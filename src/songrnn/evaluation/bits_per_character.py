"""Bits per character of a model on tunes that it was not trained on.

Every character of every tune counts, whatever its length; the state starts at zero for each tune and is carried
through it; nothing is learned meanwhile. In `raw` form every character is scored from the first after the `<` of the
literal `<start>` to the line end after `<end>`. In `tunebook` form every character of the tune is scored, and its end
as one more. A character that the vocabulary lacks is scored at UNKNOWN_BITS and not given to the network. Lower is
better; 0 is perfect, log2(V) is chance. bits = nats / ln 2.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from songrnn.checkpoint import Checkpoint
from songrnn.engines.select import open_engine
from songrnn.engines.settings import FULL_PRECISION, EngineSettings
from songrnn.errors import CorpusError
from songrnn.vocabulary import Ids, Vocabulary

UNKNOWN_BITS = 20.0
"""What a character without an id costs: about log2 of the number of Unicode code points (1,114,112)."""


@dataclass(frozen=True)
class Score:
    """Bits per character of tunes: `characters` were scored in `tunes` tunes, `unknown` of them had no id."""

    bits_per_character: float
    characters: int
    unknown: int
    tunes: int

    @classmethod
    def of(cls, nats: float, known: int, unknown: int, tunes: int) -> "Score":
        """From the summed surprisal of `known` characters in nats; raises CorpusError where nothing can be scored."""
        if known + unknown == 0:
            raise CorpusError("there is nothing to score: no tune has a character to predict")
        bits = nats / np.log(2) + UNKNOWN_BITS * unknown
        return cls(float(bits / (known + unknown)), known + unknown, unknown, tunes)

    @classmethod
    def together(cls, scores: "Sequence[Score]") -> "Score":
        """The score of the tunes of several scores, at least one."""
        if len(scores) == 1:
            return scores[0]
        characters = sum(score.characters for score in scores)
        bits = sum(score.bits_per_character * score.characters for score in scores)
        unknown, tunes = (sum(getattr(score, name) for score in scores) for name in ("unknown", "tunes"))
        return cls(bits / characters, characters, unknown, tunes)


def bits_per_character(checkpoint: Checkpoint, tunes: Sequence[str]) -> float:
    """Mean bits per character of `tunes`, texts in the checkpoint's form (`songrnn.corpus.corpus.read_tunes`)."""
    return score_tunes(checkpoint, tunes).bits_per_character


def score_tunes(checkpoint: Checkpoint, tunes: Sequence[str], settings: EngineSettings = FULL_PRECISION) -> Score:
    """Score `tunes`, texts in the checkpoint's form; raises CorpusError when there is nothing to score."""
    encoded, unknown = encode_held_out(checkpoint.vocabulary, tunes)
    scores = open_engine(checkpoint, settings).score(encoded)
    nats = -sum(float(log_probabilities.sum(dtype=np.float64)) for log_probabilities in scores)
    return Score.of(nats, sum(len(ids) - 1 for ids in encoded), unknown, len(tunes))


def bits_of_each(checkpoint: Checkpoint, tunes: Sequence[str], settings: EngineSettings) -> NDArray[np.float32]:
    """[N] bits per character of each of N tunes by itself; NaN for one without a character to predict.

    With the settings that tunes are composed with, they can be compared with `Composition.bits_per_character`.
    """
    encoded = [checkpoint.vocabulary.encode_known(tune) for tune in tunes]
    scores = open_engine(checkpoint, settings).score([ids for ids, _ in encoded if len(ids) > 1])
    bits = np.full(len(tunes), np.nan, dtype=np.float32)
    for place, (ids, unknown) in enumerate(encoded):
        nats = -float(next(scores).sum(dtype=np.float64)) if len(ids) > 1 else 0.0
        characters = max(0, len(ids) - 1) + unknown
        if characters:
            bits[place] = (nats / np.log(2) + UNKNOWN_BITS * unknown) / characters
    return bits


def encode_held_out(vocabulary: Vocabulary, tunes: Sequence[str]) -> tuple[list[Ids], int]:
    """The ids [T] of each tune with a character to predict, and how many characters have no id."""
    encoded, unknown = [], 0
    for tune in tunes:
        ids, left_out = vocabulary.encode_known(tune)
        unknown += left_out
        if len(ids) > 1:
            encoded.append(ids)
    return encoded, unknown
