"""What every neuron does while a tune passes by; forward passes only.

The values at a character are those just after the network has read it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from songrnn.checkpoint import Checkpoint
from songrnn.engines.select import open_engine
from songrnn.engines.settings import FULL_PRECISION, EngineSettings
from songrnn.errors import SettingsError

Values = NDArray[np.floating]


@dataclass(frozen=True)
class Activations:
    """What a network did at each of the T characters of a tune.

    text: the characters, T of them.
    quantities: name -> values [T, L, H]. `hidden` is always there, in [-1, 1]. An LSTM has `cell` (unbounded),
        `input_gate`, `forget_gate`, `output_gate` (all in [0, 1]) and `candidate` ([-1, 1]); a GRU has `reset_gate`,
        `update_gate` ([0, 1]) and `candidate`.
    """

    text: str
    quantities: Mapping[str, Values]

    def of(self, quantity: str, layer: int) -> Values:
        """Values [T, H] of one quantity in one layer, counted from 1; raises SettingsError if there is none."""
        if quantity not in self.quantities:
            raise SettingsError(f"this network has no {quantity!r}; it has {', '.join(self.quantities)}")
        values = self.quantities[quantity]
        if not 1 <= layer <= values.shape[1]:
            raise SettingsError(f"layer {layer} does not exist; this network has layers 1 to {values.shape[1]}")
        return values[:, layer - 1]


def record_activations(checkpoint: Checkpoint, text: str, settings: EngineSettings = FULL_PRECISION) -> Activations:
    """Read `text`, a tune in the checkpoint's form, from a zero state.

    Raises VocabularyError for a character that the checkpoint does not know.
    """
    vocabulary = checkpoint.vocabulary
    ids = vocabulary.encode(text)
    before = [vocabulary.start] if vocabulary.boundaries else []
    trace = open_engine(checkpoint, settings).trace(np.array([*before, *ids], dtype=np.int64))
    return Activations(text, {name: values[len(before) :] for name, values in trace.quantities.items()})
