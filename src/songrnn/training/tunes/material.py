"""A corpus -> what a training reads of it: vocabulary, n-grams, training and validation tunes."""

from collections.abc import Sequence
from typing import NamedTuple

import torch

from songrnn.corpus.corpus import Corpus
from songrnn.evaluation.bits_per_character import encode_held_out
from songrnn.model.inputs import Reader
from songrnn.model.settings import ModelSettings
from songrnn.training.transfer import Start, joined_counts
from songrnn.training.tunes.resident import ResidentTunes
from songrnn.vocabulary import Vocabulary


class Material(NamedTuple):
    """What a process of a training reads.

    held_out: its share of the validation tunes. unknown: how many characters of them have no id.
    """

    vocabulary: Vocabulary
    reader: Reader
    tunes: ResidentTunes
    held_out: ResidentTunes
    unknown: int


def material_of(
    corpus: Corpus,
    model: ModelSettings,
    start: Start | None,
    device: torch.device,
    *,
    rank: int = 0,
    processes: int = 1,
) -> Material:
    """The material of one of several processes; each scores its share of the validation tunes, if there are enough."""
    vocabulary = (
        Vocabulary.of(corpus.training, boundaries=corpus.form == "tunebook")
        if start is None
        else start.checkpoint.vocabulary
    )
    tunes = [vocabulary.encode_tune(tune) for tune in corpus.training]
    held_out, unknown = encode_held_out(vocabulary, share(corpus.validation, rank, processes))
    if start is None:
        reader, folds = Reader.counting(model, vocabulary, tunes)
    else:
        ngrams, folds = joined_counts(start.checkpoint, tunes)
        reader = Reader(model, vocabulary, ngrams)
    resident = ResidentTunes(tunes, reader, device, folds=folds)
    return Material(vocabulary, reader, resident, ResidentTunes(held_out, reader, device), unknown)


def share(tunes: Sequence[str], rank: int, processes: int) -> Sequence[str]:
    """The tunes that a rank scores: every one where there are fewer than processes."""
    return tunes[rank::processes] if len(tunes) >= processes else tunes
