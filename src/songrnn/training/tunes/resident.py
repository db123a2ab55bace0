"""A corpus on the device: everything the network reads, for every character, laid end to end.

A tune is read when the first of its characters is requested, so a training begins at once; from the second epoch on a
step sends positions only. Takes 16 bytes a character, 2 * K * V more with n-grams, and 2 for each category.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from songrnn.batches import NOTHING, Lengths, Positions
from songrnn.model import network
from songrnn.model.inputs import COLUMNS, Reader
from songrnn.model.ngrams import Counts
from songrnn.model.settings import ModelSettings
from songrnn.vocabulary import Ids

IGNORED = -100
"""PyTorch's cross-entropy skips this target by default."""


class ResidentTunes:
    """Tunes as the network reads them.

    tunes: ids [T] each. folds: what is taken off the n-grams' counts while reading them, in turn; without it nothing.
    lengths: of each tune, in characters; together N. plan_features: P, 0 if the network reads no plans.
    The plans of the tunes are withheld until `reveal` is called.
    """

    lengths: Lengths

    def __init__(
        self, tunes: Sequence[Ids], reader: Reader, device: torch.device, *, folds: Sequence[Counts] = ()
    ) -> None:
        self.lengths = tuple(map(len, tunes))
        self._tunes, self._reader, self._folds = tunes, reader, folds
        self._begin: NDArray[np.int64] = np.cumsum(self.lengths, dtype=np.int64) - self.lengths
        self._unread = np.ones(len(tunes), dtype=np.bool_)
        self._allocate(sum(self.lengths), device)
        self._ids[:] = torch.from_numpy(np.concatenate([*tunes, np.zeros(0, dtype=np.int64)]))
        self._owner[:] = torch.from_numpy(np.repeat(np.arange(len(tunes)), self.lengths))
        self.reveal(False)

    def _allocate(self, characters: int, device: torch.device) -> None:
        """Arrays for so many characters."""
        reader, columns = self._reader, self._reader.columns
        size = len(reader.vocabulary)
        small = torch.int16 if size < 2**15 else torch.int32
        self._ids = torch.empty(characters, dtype=torch.int64, device=device)
        self._rows = torch.zeros((characters, COLUMNS), dtype=small, device=device)
        self._expected = torch.empty((characters, len(reader.contexts), size), dtype=torch.float16, device=device)
        self._places = torch.zeros((characters, len(columns)), dtype=small, device=device)
        self._owner = torch.empty(characters, dtype=torch.int64, device=device)  # the tune of each character
        self._plan = columns.group("plan")
        self.plan_features = self._plan.stop - self._plan.start

    def _arrays(self) -> tuple[Tensor, ...]:
        return self._ids, self._rows, self._expected, self._places, self._owner

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def device(self) -> torch.device:
        """Where they are."""
        return self._ids.device

    def inputs(self, positions: Positions) -> network.InputTensors:
        """What the network reads at positions [T, B]."""
        flat = self._flat(positions, inputs=True)
        places = self._places[flat]
        if self.plan_features:
            places[..., self._plan] *= self._revealed[self._owner[flat]]
        return network.InputTensors(self._rows[flat].int(), self._expected[flat], places.int())

    def reveal(self, features: NDArray[np.bool_] | bool) -> None:
        """Which features of each tune's plan the network reads from now on, [tunes, P]; the others are unknown, 0."""
        every = np.broadcast_to(features, (len(self), self.plan_features)).copy()
        self._revealed = torch.from_numpy(every).to(self._places.device, self._places.dtype)

    def targets(self, positions: Positions) -> Tensor:
        """The ids [T, B] at positions, IGNORED where there is NOTHING."""
        flat = self._flat(positions, inputs=False)
        return torch.where(flat == NOTHING, IGNORED, self._ids[flat])

    def _flat(self, positions: Positions, *, inputs: bool) -> Tensor:
        """Where these positions are in the arrays, NOTHING where there is none; inputs: their tunes have been read."""
        if inputs and self._unread.any():
            self._read(positions)
        return torch.from_numpy(positions).to(self.device, non_blocking=True)

    def _read(self, positions: Positions) -> None:
        """Read those tunes of `positions` that were not read yet."""
        touched: NDArray[np.int64] = np.searchsorted(self._begin, np.ravel(positions), side="right") - 1
        wanted = np.zeros_like(self._unread)
        wanted[touched] = True
        for number in map(int, np.flatnonzero(wanted & self._unread)):
            span = slice(self._begin[number], self._begin[number] + self.lengths[number])
            self._read_tune(number, self._tunes[number], span)
        self._unread &= ~wanted

    def _read_tune(self, number: int, ids: Ids, span: slice) -> None:
        """Write what the network reads of a tune to this place."""
        without = self._folds[number % len(self._folds)] if self._folds else None
        read = self._reader.read_with_plan(ids, without)
        self._rows[span] = torch.from_numpy(read.rows).to(self.device)
        self._expected[span] = torch.from_numpy(read.expected).to(self.device)
        self._places[span] = torch.from_numpy(read.places).to(self.device)


def revealed_plans(settings: ModelSettings, tunes: int, seed: Sequence[int]) -> NDArray[np.bool_]:
    """For each tune and each feature of its plan, whether it is revealed; [tunes, P], P being 0 without plans.

    A tune's whole plan is withheld with the probability `plan_dropout`, and of any other plan each feature with half of
    it: a request rarely says everything. seed: of the random generator; the same seed, the same choice.
    """
    features = len(settings.categories.get("plan", ()))
    rng = np.random.default_rng(seed)
    whole = rng.random((tunes, 1)) >= settings.plan_dropout
    revealed: NDArray[np.bool_] = whole & (rng.random((tunes, features)) >= settings.plan_dropout / 2)
    return revealed
