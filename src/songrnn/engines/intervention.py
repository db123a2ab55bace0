"""Changes of hidden states while a network reads or composes, for ablation and steering.

After every character, once its gates have done their work and before the state h of its layer is read by the layer
above, by the output and by the next step:

    h' = keep * h + offsets[t mod N] - remove^T (detect h)

keep and offsets ablate neurons (keep 0; as offset 0, the neuron's mean, or values of other tunes) and steer (keep 1; as
offset a multiple of a direction); detect and remove take directions out. A cell state is left as it is. Both engines
compute the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from songrnn.errors import SettingsError
from songrnn.model.settings import ModelSettings

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Intervention:
    """A change of one layer's hidden state, H neurons.

    layer: from 1, the lowest. keep: [H] share of each neuron that stays. offsets: [N, H]; row t mod N is added after
    character t of a tune, from 0. detect, remove: [K, H]: of each row of `remove` as much is taken away as the state
    has of the same row of `detect` (their scalar product); equal orthonormal rows project a subspace out.
    """

    layer: int
    keep: Floats
    offsets: Floats
    detect: Floats
    remove: Floats

    @classmethod
    def of(
        cls,
        layer: int,
        size: int,
        *,
        keep: NDArray[Any] | None = None,
        offsets: NDArray[Any] | None = None,
        detect: NDArray[Any] | None = None,
        remove: NDArray[Any] | None = None,
    ) -> "Intervention":
        """From the parts that are not neutral; size: H. remove: like `detect` where it is left out."""
        none = np.zeros((0, size))
        detect = none if detect is None else detect
        parts = (
            np.ones(size) if keep is None else keep,
            np.zeros((1, size)) if offsets is None else np.atleast_2d(offsets),
            detect,
            detect if remove is None else remove,
        )
        return cls(layer, *(np.ascontiguousarray(part, dtype=np.float32) for part in parts))

    def apply(self, hidden: Floats, times: NDArray[np.integer[Any]]) -> Floats:
        """The states [B, H] changed; times: [B] how many characters each tune has read before this one."""
        changed = self.keep * hidden + self.offsets[times % len(self.offsets)]
        return np.asarray(changed - (hidden @ self.detect.T) @ self.remove, dtype=np.float32)

    def check(self, model: ModelSettings) -> None:
        """Raise SettingsError if a network of these settings cannot be changed so."""
        if not 1 <= self.layer <= model.layers:
            raise SettingsError(f"layer {self.layer} does not exist; this network has layers 1 to {model.layers}")
        size = model.hidden_size
        shapes = [self.keep.shape, self.offsets.shape[1:], self.detect.shape[1:], self.remove.shape[1:]]
        if any(shape != (size,) for shape in shapes) or not len(self.offsets) or len(self.detect) != len(self.remove):
            raise SettingsError(f"an intervention has vectors of {shapes}; this network has {size} neurons in a layer")


Interventions = Sequence[Intervention]
"""Applied one after the other."""


def intervened(hidden: Floats, layer: int, times: NDArray[np.integer[Any]], interventions: Interventions) -> Floats:
    """States [B, H] of a layer, counted from 1, after all interventions in it."""
    for intervention in interventions:
        if intervention.layer == layer:
            hidden = intervention.apply(hidden, times)
    return hidden
