"""What single neurons respond to, and what they do: the functions below, loaded when they are first used.

label(checkpoint, tunes)            what each neuron follows, on tunes that it was not chosen on
ablate(checkpoint, tunes, ...)      what surprisal is without some neurons, or without a concept's directions
steer(checkpoint, concept, ...)     what is composed with a concept's direction added
explain(checkpoint, tune, place)    why this character: what adds up to its logit
logit_effect(checkpoint, neuron)    which characters a neuron raises
record(checkpoint, tunes, folder)   hidden states, cells and gates of many tunes
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

_PLACES = {
    "ablate": "songrnn.neurons.ablation",
    "explain": "songrnn.neurons.explaining",
    "label": "songrnn.neurons.labelling",
    "logit_effect": "songrnn.neurons.explaining",
    "record": "songrnn.neurons.recording",
    "steer": "songrnn.neurons.steering",
}
__all__ = [*_PLACES]

if TYPE_CHECKING:
    from songrnn.neurons.ablation import ablate as ablate
    from songrnn.neurons.explaining import explain as explain
    from songrnn.neurons.explaining import logit_effect as logit_effect
    from songrnn.neurons.labelling import label as label
    from songrnn.neurons.recording import record as record
    from songrnn.neurons.steering import steer as steer


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'songrnn.neurons' has no attribute {name!r}; it has {', '.join(_PLACES)}")
    return getattr(import_module(_PLACES[name]), name)
