"""Training that continues from a checkpoint on another tunebook: `songrnn train --from`.

It keeps its shape, its form of text and its n-grams, whose counts the new tunes join. Characters that it does not know
are added to its vocabulary.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from songrnn.checkpoint import Checkpoint
from songrnn.corpus.corpus import Corpus
from songrnn.errors import CorpusError
from songrnn.model.equations import Array
from songrnn.model.ngrams import FOLDS, Counts, Ngrams
from songrnn.tracking.lookback import LAGS
from songrnn.vocabulary import Ids, Vocabulary


class Start(NamedTuple):
    """What a training begins from."""

    checkpoint: Checkpoint
    added: str  # the characters of the new tunebook that it did not know; it has them now


def prepared(checkpoint: Checkpoint, corpus: Corpus) -> Start:
    """The checkpoint with every character of the corpus's training tunes in its vocabulary.

    Raises CorpusError if the corpus is in another form of text than the network has learned.
    """
    if corpus.form != checkpoint.form:
        raise CorpusError(
            f"the network to begin from has learned text in {checkpoint.form} form, and the corpus is in {corpus.form} "
            f"form: read the corpus with --form {checkpoint.form}, or begin from another network"
        )
    known = checkpoint.vocabulary.characters
    added = "".join(sorted(set().union(*map(set, corpus.training)) - set(known)))
    return Start(_extended(checkpoint, added) if added else checkpoint, added)


def joined_counts(checkpoint: Checkpoint, tunes: Sequence[Ids]) -> tuple[Ngrams | None, tuple[Counts, ...]]:
    """The n-grams of a prepared checkpoint and of the tunes to learn, counted together, and the counts of each fold of
    these tunes."""
    if checkpoint.ngrams is None:
        return None, ()
    size, longest = len(checkpoint.vocabulary), max(checkpoint.model.ngrams)
    joined = checkpoint.ngrams.joined(Ngrams.count(tunes, vocabulary_size=size, longest_context=longest)[0])
    return joined, tuple(joined.counts_of(tunes[fold::FOLDS]) for fold in range(FOLDS))


def _extended(checkpoint: Checkpoint, added: str) -> Checkpoint:
    """The same network with more characters, which it expects as little as the rarest of those that it knows."""
    before = checkpoint.vocabulary
    after = Vocabulary("".join(sorted(before.characters + added)), before.boundaries)
    places = np.array([after.characters.index(character) for character in before.characters], dtype=np.int64)
    if before.boundaries:
        places = np.append(places, [after.start, after.end])
    weights = dict(checkpoint.weights)
    weights["embedding.weight"] = _spread(weights["embedding.weight"], places, len(after), np.mean)
    weights["output.weight"] = _spread(weights["output.weight"], places, len(after), np.mean)
    weights["output.bias"] = _spread(weights["output.bias"], places, len(after), np.min)
    if checkpoint.model.copying:
        with_nothing = np.append(places, len(after))
        name = "copying.suggested.weight"
        weights[name] = _spread(weights[name], with_nothing, len(after) + 1, np.mean)
    if checkpoint.model.categories:
        name = "categories.output.weight"
        weights[name] = _spread(weights[name], places, len(after), np.mean)
    if checkpoint.model.lookback:
        with_nothing, name = np.append(places, len(after)), "categories.suggested.weight"
        lags = np.split(weights[name], len(LAGS))
        weights[name] = np.concatenate([_spread(lag, with_nothing, len(after) + 1, np.mean) for lag in lags])
    if checkpoint.ngrams is not None:
        name, contexts = "ngrams.input.weight", len(checkpoint.model.ngrams)
        blocks = np.split(weights[name], contexts, axis=1)
        weights[name] = np.concatenate([_spread(block.T, places, len(after), np.mean).T for block in blocks], axis=1)
    ngrams = None if checkpoint.ngrams is None else checkpoint.ngrams.renumbered(places, len(after))
    return Checkpoint(weights, ngrams, checkpoint.model, after, checkpoint.form, checkpoint.training)


def _spread(rows: Array, places: Ids, count: int, fill: Callable[..., Any]) -> Array:
    """`count` rows, those given at `places`, and between them what `fill` makes of all of those."""
    spread = np.empty((count, *rows.shape[1:]), dtype=rows.dtype)
    spread[:] = fill(rows, axis=0)
    spread[places] = rows
    return spread
