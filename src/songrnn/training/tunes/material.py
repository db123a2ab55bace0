"""A corpus -> what a training reads of it: vocabulary, n-grams, training and validation tunes."""

from collections.abc import Sequence
from typing import NamedTuple, overload

import torch

from songrnn.corpus.corpus import Corpus
from songrnn.corpus.packed.folder import PackedCorpus, PackedTexts
from songrnn.evaluation.bits_per_character import encode_held_out
from songrnn.model.counting import count_in_parts, read_counts
from songrnn.model.inputs import COLUMNS, Reader
from songrnn.model.ngrams import Counts
from songrnn.model.settings import ModelSettings
from songrnn.training.transfer import Start, joined_counts
from songrnn.training.tunes.passing import PassingTunes
from songrnn.training.tunes.resident import ResidentTunes
from songrnn.vocabulary import Ids, Vocabulary

LARGEST_RESIDENT = 1 << 28


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
        Vocabulary(corpus.training_characters, corpus.form == "tunebook")
        if start is None
        else start.checkpoint.vocabulary
    )
    tunes = EncodedTunes.of(corpus.training, vocabulary)
    if start is not None:
        ngrams, folds = joined_counts(start.checkpoint, tunes)
        reader = Reader(model, vocabulary, ngrams)
    else:
        reader, folds = _counted(corpus, model, vocabulary, tunes)
    held_out, unknown = _held_out(scored_share(corpus.validation, rank, processes), vocabulary)
    return Material(
        vocabulary, reader, _tunes(tunes, reader, device, folds), _tunes(held_out, reader, device, ()), unknown
    )


class EncodedTunes(Sequence[Ids]):
    """Texts as ids, encoded when they are requested. sizes: how many ids each has."""

    def __init__(self, texts: PackedTexts, vocabulary: Vocabulary) -> None:
        self._texts, self._vocabulary = texts, vocabulary
        self.sizes = texts.lengths + 2 * vocabulary.boundaries

    @classmethod
    def of(cls, texts: Sequence[str], vocabulary: Vocabulary) -> "Sequence[Ids]":
        """Of packed texts; all others are in memory anyway, and so are their ids."""
        if isinstance(texts, PackedTexts):
            return cls(texts, vocabulary)
        return [vocabulary.encode_tune(text) for text in texts]

    def __len__(self) -> int:
        return len(self._texts)

    @overload
    def __getitem__(self, index: int) -> Ids: ...
    @overload
    def __getitem__(self, index: slice) -> "EncodedTunes": ...
    def __getitem__(self, index: int | slice) -> "Ids | EncodedTunes":
        if isinstance(index, slice):
            return EncodedTunes(self._texts[index], self._vocabulary)
        return self._vocabulary.encode_tune(self._texts[index])


def _counted(
    corpus: Corpus, model: ModelSettings, vocabulary: Vocabulary, tunes: Sequence[Ids]
) -> tuple[Reader, tuple[Counts, ...]]:
    """The reader of a new network, with the counts of a packed corpus or of these tunes."""
    if not model.ngrams or not isinstance(corpus, PackedCorpus):
        return Reader.counting(model, vocabulary, tunes)
    longest = max(model.ngrams)
    counts = read_counts(corpus.ngrams, longest_context=longest) if corpus.ngrams.exists() else None
    counts = counts or count_in_parts(tunes, vocabulary_size=len(vocabulary), longest_context=longest)
    return Reader(model, vocabulary, counts[0]), counts[1]


def _held_out(texts: Sequence[str], vocabulary: Vocabulary) -> tuple[Sequence[Ids], int]:
    """`encode_held_out`; packed texts without unknown characters are encoded when they are requested."""
    if isinstance(texts, PackedTexts) and set(texts.characters) <= set(vocabulary.characters):
        return EncodedTunes(texts, vocabulary), 0
    return encode_held_out(vocabulary, texts)


def _tunes(tunes: Sequence[Ids], reader: Reader, device: torch.device, folds: Sequence[Counts]) -> ResidentTunes:
    """All in memory, but for packed tunes that would take more than LARGEST_RESIDENT bytes there."""
    if isinstance(tunes, EncodedTunes) and int(tunes.sizes.sum()) * bytes_a_character(reader) > LARGEST_RESIDENT:
        return PassingTunes(tunes, tunes.sizes, reader, device, folds=folds)
    return ResidentTunes(tunes, reader, device, folds=folds)


def bytes_a_character(reader: Reader) -> int:
    """Of what the network reads, in memory."""
    return 16 + 2 * (COLUMNS + len(reader.contexts) * len(reader.vocabulary) + len(reader.columns))


def scored_share(tunes: Sequence[str], rank: int, processes: int) -> Sequence[str]:
    """The tunes that a rank scores: every one where there are fewer than processes."""
    return tunes[rank::processes] if len(tunes) >= processes else tunes
