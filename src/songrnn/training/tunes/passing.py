"""A corpus larger than memory on its way through the network: `PassingTunes`.

A tune is read when a window first reaches it, and forgotten some windows later. In each epoch every tune is read once
or, where a stream is cut, twice. What the network reads takes some hundred bytes a character, too much to be kept.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from songrnn.batches import Positions
from songrnn.model.inputs import Reader
from songrnn.model.ngrams import Counts
from songrnn.training.tunes.resident import ResidentTunes
from songrnn.vocabulary import Ids

ROOM = 1 << 17
"""Characters that are kept at least."""


class PassingTunes(ResidentTunes):
    """Tunes as the network reads them, of which those of the last windows are in memory.

    sizes: the lengths of the tunes, whose ids are requested one by one. room: characters to keep; more are kept where a
    window needs them.
    """

    def __init__(
        self,
        tunes: Sequence[Ids],
        sizes: NDArray[np.int64],
        reader: Reader,
        device: torch.device,
        *,
        folds: Sequence[Counts] = (),
        room: int = ROOM,
    ) -> None:
        self.lengths = self._sizes = sizes
        self._tunes, self._reader, self._folds, self._device = tunes, reader, folds, device
        self._begin: NDArray[np.int64] = np.cumsum(sizes) - sizes
        self._allocate(room, device)
        self._moved: dict[int, int] = {}  # tune -> from its place in the corpus to that in the arrays
        self._used = 0
        self.reveal(False)

    def _flat(self, positions: Positions, *, inputs: bool) -> Tensor:  # noqa: ARG002  (ids have to be read too)
        known = np.where(positions < 0, positions.max(initial=0), positions)
        owner = np.searchsorted(self._begin, known.ravel(), side="right") - 1
        tunes, place = np.unique(owner, return_inverse=True)
        self._make_there(tunes)
        moved = np.array([self._moved[tune] for tune in tunes.tolist()])
        flat = known + moved[place].reshape(known.shape)
        return torch.from_numpy(np.where(positions < 0, positions, flat)).to(self.device, non_blocking=True)

    def _make_there(self, tunes: NDArray[np.int64]) -> None:
        missing = [tune for tune in tunes.tolist() if tune not in self._moved]
        if not missing:
            return
        needed = int(self._sizes[missing].sum())
        if self._used + needed > len(self._ids):
            self._keep_only([tune for tune in tunes.tolist() if tune in self._moved], needed)
        for tune in missing:
            self._moved[tune] = self._used - int(self._begin[tune])
            span = slice(self._used, self._used + int(self._sizes[tune]))
            ids = self._tunes[tune]
            self._ids[span] = torch.from_numpy(ids).to(self.device)
            self._owner[span] = tune
            self._read_tune(tune, ids, span)
            self._used = span.stop

    def _keep_only(self, tunes: list[int], needed: int) -> None:
        """Forget all other tunes, and have room for `needed` more characters."""
        spans = [np.arange(self._begin[tune], self._begin[tune] + self._sizes[tune]) for tune in tunes]
        places = [span + self._moved[tune] for tune, span in zip(tunes, spans, strict=True)]
        at = torch.from_numpy(np.concatenate([np.zeros(0, dtype=np.int64), *places])).to(self.device)
        before = [array[at] for array in self._arrays()]
        if len(at) + needed > len(self._ids):
            self._allocate(2 * (len(at) + needed), self.device)
        for array, kept in zip(self._arrays(), before, strict=True):
            array[: len(at)] = kept
        self._used, self._moved = 0, {}
        for tune in tunes:
            self._moved[tune] = self._used - int(self._begin[tune])
            self._used += int(self._sizes[tune])
