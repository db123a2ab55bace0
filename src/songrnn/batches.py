"""Tunes laid end to end -> the windows [T, B] of one epoch, as positions.

A window holds positions in the corpus, not characters: the inputs of every character are on the device already
(`training/resident.py`) and are indexed by its position.

Two ways to cut a corpus into windows. `Streams` lays all tunes end to end, cuts that into B streams and walks along
them, so that the state of one window is the start of the next. `RandomWindows` takes one random window from each tune
and starts each from a zero state, as the SongRNN paper does. Both are made from a random generator once an epoch and
are then fixed, so that a training can resume in the middle of an epoch.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

NOTHING = -1
"""Target without a prediction (padding)."""

Positions = NDArray[np.int64]


class Window(NamedTuple):
    """One step's worth of teacher forcing: at every place, `targets` holds the position that follows `inputs`."""

    inputs: Positions  # [T, B]
    targets: Positions  # [T, B], NOTHING where padded
    fresh: bool  # the state starts at zero; otherwise it is carried from the window before


class Windows(Protocol):
    """The windows of one epoch, in order."""

    def __len__(self) -> int:
        """How many windows."""
        ...

    def __getitem__(self, index: int) -> Window:
        """The window at `index`, 0..len-1."""
        ...


class Streams:
    """All tunes in random order as `batch_size` contiguous streams, cut into windows of `window` characters.

    lengths: of the tunes, in characters, in the order in which they lie.
    The order of the tunes and the place where the first stream begins change from epoch to epoch. The last window may
    be shorter; at most batch_size - 1 characters of an epoch are left out.
    """

    def __init__(self, lengths: Sequence[int], *, window: int, batch_size: int, rng: np.random.Generator) -> None:
        ends = np.cumsum(lengths)
        stream = np.concatenate([np.arange(ends[i] - lengths[i], ends[i]) for i in rng.permutation(len(lengths))])
        stream = np.roll(stream, -int(rng.integers(len(stream))))
        columns = min(batch_size, len(stream))
        rows = len(stream) // columns
        self._inputs = _as_columns(stream, rows, columns)
        self._targets = _as_columns(np.roll(stream, -1), rows, columns)
        self._window = window

    def __len__(self) -> int:
        return -(-len(self._inputs) // self._window)

    def __getitem__(self, index: int) -> Window:
        rows = slice(index * self._window, (index + 1) * self._window)
        return Window(self._inputs[rows], self._targets[rows], fresh=index == 0)


class RandomWindows:
    """One random window of at most `window` characters from each tune, in random order, `batch_size` at a time."""

    def __init__(self, lengths: Sequence[int], *, window: int, batch_size: int, rng: np.random.Generator) -> None:
        ends = np.cumsum(lengths)
        usable = [i for i, length in enumerate(lengths) if length > 1]
        cuts = []
        for i in rng.permutation(usable):
            start = ends[i] - lengths[i] + int(rng.integers(max(1, lengths[i] - window)))
            cuts.append(np.arange(start, min(start + window + 1, ends[i])))
        self._batches = [cuts[i : i + batch_size] for i in range(0, len(cuts), batch_size)]

    def __len__(self) -> int:
        return len(self._batches)

    def __getitem__(self, index: int) -> Window:
        cuts = self._batches[index]
        length = max(len(cut) for cut in cuts) - 1
        inputs = np.zeros((length, len(cuts)), dtype=np.int64)
        targets = np.full((length, len(cuts)), NOTHING, dtype=np.int64)
        for column, cut in enumerate(cuts):
            inputs[: len(cut) - 1, column] = cut[:-1]
            targets[: len(cut) - 1, column] = cut[1:]
        return Window(inputs, targets, fresh=True)


def _as_columns(stream: Positions, rows: int, columns: int) -> Positions:
    return np.ascontiguousarray(stream[: rows * columns].reshape(columns, rows).T)
