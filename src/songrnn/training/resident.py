"""A corpus on the device: everything the network reads, for every character, laid end to end.

A tune is read when the first of its characters is asked for, so a training begins at once; from the second epoch on a
step sends positions only. Takes 32 bytes a character and, with n-grams, 2 * K * V more.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from songrnn.batches import NOTHING, Positions
from songrnn.model import network
from songrnn.model.ngrams import Counts
from songrnn.model.reading import COLUMNS, Reader
from songrnn.vocabulary import Ids

IGNORED = -100
"""PyTorch's cross-entropy skips this target by default."""


class ResidentTunes:
    """Tunes as the network reads them.

    tunes: ids [T] each. folds: what is taken off the n-grams' counts while reading them, in turn; without it nothing.
    lengths: of each tune, in characters; together N.
    """

    def __init__(
        self, tunes: Sequence[Ids], reader: Reader, device: torch.device, *, folds: Sequence[Counts] = ()
    ) -> None:
        self.lengths: tuple[int, ...] = tuple(map(len, tunes))
        self._tunes, self._reader, self._folds = tunes, reader, folds
        self._begin = np.cumsum(self.lengths) - self.lengths
        self._unread = np.ones(len(tunes), dtype=np.bool_)
        ids = np.concatenate([*tunes, np.zeros(0, dtype=np.int64)])
        self._ids = torch.from_numpy(ids).to(device)  # [N]
        self._rows = torch.zeros((len(ids), COLUMNS), dtype=torch.int64, device=device)
        shape = (len(ids), len(reader.contexts), reader.vocabulary_size)
        self._expected = torch.empty(shape, dtype=torch.float16, device=device)

    @property
    def device(self) -> torch.device:
        """Where they are."""
        return self._ids.device

    def inputs(self, positions: Positions) -> network.InputTensors:
        """What the network reads at positions [T, B]."""
        if self._unread.any():
            self._read(positions)
        flat = torch.from_numpy(positions).to(self.device, non_blocking=True)
        return network.InputTensors(self._rows[flat], self._expected[flat])

    def targets(self, positions: Positions) -> Tensor:
        """The ids [T, B] at positions, IGNORED where there is NOTHING."""
        flat = torch.from_numpy(positions).to(self.device, non_blocking=True)
        return torch.where(flat == NOTHING, IGNORED, self._ids[flat])

    def _read(self, positions: Positions) -> None:
        """Read those tunes of `positions` that were not read yet."""
        touched: NDArray[np.int64] = np.searchsorted(self._begin, np.ravel(positions), side="right") - 1
        wanted = np.zeros_like(self._unread)
        wanted[touched] = True
        for number in map(int, np.flatnonzero(wanted & self._unread)):
            without = self._folds[number % len(self._folds)] if self._folds else None
            read = self._reader.read(self._tunes[number], without)
            span = slice(self._begin[number], self._begin[number] + self.lengths[number])
            self._rows[span] = torch.from_numpy(read.rows).to(self.device)
            self._expected[span] = torch.from_numpy(read.expected).to(self.device)
        self._unread &= ~wanted
