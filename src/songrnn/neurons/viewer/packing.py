"""Numbers and texts as a page holds them: whole numbers of one or two bytes, compressed, in base64.

The page takes them apart with the browser's own `DecompressionStream`, so that it needs no library.
"""

import base64
import json
import math
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

STEPS = {np.int8: 127, np.int16: 32_767}
Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Packed:
    """An array as whole numbers: value = scale * number; data: little-endian, row by row, as `compressed` makes it."""

    shape: tuple[int, ...]
    bytes: int
    scale: float
    data: str


def packed(values: Floats, kind: type[np.int8] | type[np.int16] = np.int8) -> Packed:
    """Values of any shape, rounded to 1/127 of the largest absolute value, or to 1/32767 as int16; NaN becomes 0."""
    known = np.nan_to_num(np.asarray(values, dtype=np.float64))
    scale = float(np.abs(known).max(initial=0.0)) / STEPS[kind] or 1.0
    whole = np.rint(known / scale).astype(np.dtype(kind).newbyteorder("<"))
    return Packed(values.shape, whole.itemsize, scale, compressed(whole.tobytes()))


def packed_whole(numbers: NDArray[np.int16]) -> Packed:
    """Whole numbers of any shape as they are."""
    return Packed(numbers.shape, 2, 1.0, compressed(numbers.astype("<i2").tobytes()))


def compressed(content: bytes) -> str:
    """As zlib compresses it, in base64."""
    return base64.b64encode(zlib.compress(content, 9)).decode("ascii")


def as_json(content: Any) -> str:
    """JSON that may stand in an HTML script element: no `<`, no NaN (null), no spaces."""
    text = json.dumps(_finite(content), separators=(",", ":"), ensure_ascii=True)
    return text.replace("<", "\\u003c")


def _finite(content: Any) -> Any:
    if isinstance(content, float):
        return round(content, 5) if math.isfinite(content) else None
    if isinstance(content, dict):
        return {key: _finite(value) for key, value in content.items()}
    return [_finite(value) for value in content] if isinstance(content, list | tuple) else content
