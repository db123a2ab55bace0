"""Tunes laid end to end -> the windows [T, B] of one epoch, as positions.

A window holds positions in the corpus, not characters: the inputs of every character are on the device already
(`training/tunes/resident.py`) and are indexed by its position.

Three ways to cut a corpus into windows. `Streams` lays all tunes end to end, cuts that into B streams and walks along
them, so that the state of one window is the start of the next. `Lanes` gives each of B lanes whole tunes, each of which
starts from a zero state, so that processes can share the lanes. `RandomWindows` takes one random window from each tune
and starts each from a zero state, as the SongRNN paper does. All are made from a random generator once an epoch and
are then fixed, so that a training can resume in the middle of an epoch.

Streams and lanes compute each window when it is requested: they hold some numbers for every tune, none for every
character.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from songrnn.errors import CorpusError

NOTHING = -1
"""Target without a prediction (padding)."""

Positions = NDArray[np.int64]
Lengths = Sequence[int] | Positions
"""Of the tunes of a corpus, in characters."""


class Window(NamedTuple):
    """One step's worth of teacher forcing: at every place, `targets` holds the position that follows `inputs`."""

    inputs: Positions  # [T, B]
    targets: Positions  # [T, B], NOTHING where padded
    fresh: bool | NDArray[np.bool_]  # whether the state starts at zero, of all or of each [B]; else it is carried

    @property
    def characters(self) -> int:
        """How many characters are predicted."""
        return int((self.targets != NOTHING).sum())


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

    def __init__(self, lengths: Lengths, *, window: int, batch_size: int, rng: np.random.Generator) -> None:
        sizes = np.asarray(lengths, dtype=np.int64)
        order = rng.permutation(len(sizes))
        self._ends = np.cumsum(sizes[order])  # of each tune in the stream
        self._moved = np.cumsum(sizes)[order] - self._ends  # from its place in the stream to that in the corpus
        self._shift = int(rng.integers(self._ends[-1]))
        self._columns = min(batch_size, int(self._ends[-1]))
        self._rows = int(self._ends[-1]) // self._columns
        self._window = window

    def __len__(self) -> int:
        return -(-self._rows // self._window)

    def __getitem__(self, index: int) -> Window:
        rows = np.arange(index * self._window, min((index + 1) * self._window, self._rows) + 1)
        places = self._positions(rows + self._rows * np.arange(self._columns)[:, None]).T
        return Window(places[:-1], places[1:], fresh=index == 0)

    def _positions(self, places: Positions) -> Positions:
        """The positions in the corpus of places in the stream, which continues at its beginning."""
        turned = (places + self._shift) % self._ends[-1]
        found: Positions = turned + self._moved[np.searchsorted(self._ends, turned, side="right")]
        return found


class Lanes:
    """Whole tunes in B lanes; each tune begins a window and starts from a zero state.

    A lane has a fixed stretch of the corpus, of about as many windows as any other, and in each epoch the tunes of its
    stretch in another order. Every window has room for `window` predicted characters in each lane; the last of a tune
    is padded. Every character but the first of a tune is predicted once an epoch.
    rank, processes: a process sees its own of the min(batch_size, tunes) lanes, and all see as many windows. Raises
    CorpusError where there are fewer tunes than processes.
    """

    def __init__(
        self,
        lengths: Lengths,
        *,
        window: int,
        batch_size: int,
        rng: np.random.Generator,
        rank: int = 0,
        processes: int = 1,
    ) -> None:
        sizes = np.asarray(lengths, dtype=np.int64)
        begins = np.cumsum(sizes) - sizes
        begins, sizes = begins[sizes > 1], sizes[sizes > 1]
        lanes = min(batch_size, len(sizes))
        if lanes < processes:
            raise CorpusError(
                f"{processes} workers need {processes} training tunes and windows in a batch at least, and there are "
                f"{len(sizes):,} tunes and {batch_size:,} windows: use fewer --workers"
            )
        needed = -(-(sizes - 1) // window)  # windows of each tune
        borders = _borders(needed, lanes)
        self._length = int(np.add.reduceat(needed, borders[:-1]).max())
        seeds = rng.integers(2**63, size=lanes)
        self._lanes, self._window = [], window
        for lane in range(*bounds(lanes, rank, processes)):
            begin, end = borders[lane : lane + 2]
            order = begin + np.random.default_rng(seeds[lane]).permutation(end - begin)
            self._lanes.append(_Lane(begins[order], sizes[order], np.cumsum(needed[order])))

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: int) -> Window:
        begins, counts, fresh = np.array([lane.at(index, self._window) for lane in self._lanes]).T
        rows = np.arange(max(1, counts.max()))[:, None]
        inputs = begins + np.minimum(rows, np.maximum(counts - 1, 0))
        return Window(inputs, np.where(rows < counts, inputs + 1, NOTHING), fresh.astype(np.bool_))


class _Lane(NamedTuple):
    """The tunes of a lane in the order of an epoch: where each begins, its characters, its windows and those before."""

    begins: Positions
    sizes: Positions
    windows: Positions

    def at(self, index: int, window: int) -> tuple[int, int, bool]:
        """Where window `index` begins, how many characters it predicts, and whether it begins a tune."""
        tune = int(np.searchsorted(self.windows, index, side="right"))
        if tune == len(self.windows):
            return int(self.begins[-1]), 0, True
        place = window * (index - (int(self.windows[tune - 1]) if tune else 0))
        return int(self.begins[tune]) + place, min(window, int(self.sizes[tune]) - 1 - place), place == 0


def bounds(lanes: int, rank: int, processes: int) -> tuple[int, int]:
    """The first of the lanes of a process, and the one after its last."""
    return lanes * rank // processes, lanes * (rank + 1) // processes


def _borders(needed: Positions, lanes: int) -> Positions:
    """Where each of the lanes begins among tunes that need so many windows, [lanes + 1]; each has a tune."""
    places, total = np.arange(1, lanes), np.cumsum(needed)
    inner = np.searchsorted(total - needed / 2, places * (total[-1] / lanes))
    rising = np.maximum.accumulate(np.maximum(inner, places) - places) + places
    return np.concatenate(([0], np.minimum(rising, len(needed) - lanes + places), [len(needed)]))


class RandomWindows:
    """One random window of at most `window` characters from each tune, in random order, `batch_size` at a time."""

    def __init__(self, lengths: Lengths, *, window: int, batch_size: int, rng: np.random.Generator) -> None:
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
