"""A corpus on the device: everything the network reads, for every character, laid end to end.

Made once; after that a step sends positions only. Takes 32 bytes a character and, with n-grams, 2 * K * V more.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from songrnn.batches import NOTHING, Positions
from songrnn.model import network, reading

IGNORED = -100
"""PyTorch's cross-entropy skips this target by default."""


@dataclass(frozen=True)
class ResidentTunes:
    """Tunes as the network reads them.

    lengths: of each tune, in characters; together N.
    rows: [N, 4] and expected: [N, K, V] (float16), as in `model/reading.py`.
    """

    lengths: Sequence[int]
    rows: Tensor
    expected: Tensor

    @classmethod
    def of(cls, tunes: Sequence[reading.Inputs], device: torch.device) -> "ResidentTunes":
        """Lay tunes end to end on the device."""
        rows = np.concatenate([tune.rows for tune in tunes])
        expected = np.concatenate([tune.expected.astype(np.float16) for tune in tunes])
        lengths = tuple(len(tune.rows) for tune in tunes)
        return cls(lengths, torch.from_numpy(rows).to(device), torch.from_numpy(expected).to(device))

    def inputs(self, positions: Positions) -> network.Inputs:
        """What the network reads at positions [T, B]."""
        flat = torch.from_numpy(positions).to(self.rows.device, non_blocking=True)
        return network.Inputs(self.rows[flat], self.expected[flat])

    def targets(self, positions: Positions) -> Tensor:
        """The ids [T, B] at positions, IGNORED where there is NOTHING."""
        flat = torch.from_numpy(positions).to(self.rows.device, non_blocking=True)
        return torch.where(flat == NOTHING, IGNORED, self.rows[flat, 0])
