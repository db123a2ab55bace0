"""Which texts came before, in eight bytes each.

The numbers are 64-bit hashes (BLAKE2b): among three million texts, which is 10^9 characters, two different ones have
the same with a probability of 3 * 10^-7; one of them would be dropped.
"""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class SeenTexts:
    """Sorted hashes of all texts so far: a large array, and a small one of the latest, which joins it when it grows."""

    def __init__(self) -> None:
        self._old, self._new = (np.zeros(0, dtype=np.uint64) for _ in range(2))

    def add(self, texts: Sequence[str]) -> list[bool]:
        """Add texts; returns for each whether it came before."""
        digests = [hashlib.blake2b(text.encode(), digest_size=8).digest() for text in texts]
        hashes = np.frombuffer(b"".join(digests), dtype=np.uint64)
        _, first = np.unique(hashes, return_index=True)
        repeated = np.ones(len(hashes), dtype=np.bool_)
        repeated[first] = False
        repeated |= _among(hashes, self._old) | _among(hashes, self._new)
        self._new = np.union1d(self._new, hashes)
        if len(self._new) > 1000 + len(self._old) // 8:
            self._old, self._new = np.union1d(self._old, self._new), self._new[:0]
        kept: list[bool] = repeated.tolist()
        return kept


def _among(hashes: NDArray[np.uint64], known: NDArray[np.uint64]) -> NDArray[np.bool_]:
    if not len(known):
        return np.zeros(len(hashes), dtype=np.bool_)
    found: NDArray[np.bool_] = known[np.minimum(np.searchsorted(known, hashes), len(known) - 1)] == hashes
    return found
