"""All that the page shows, as JSON can hold it: made of a recording, its labels and a checkpoint."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from songrnn.checkpoint import Checkpoint
from songrnn.engines.select import open_engine
from songrnn.engines.settings import EngineSettings
from songrnn.neurons.concepts import CONCEPTS, concept_values
from songrnn.neurons.explaining import character_name
from songrnn.neurons.recording import Recording
from songrnn.neurons.results import DoseCurve, Effect, Label, Labels, Probe
from songrnn.neurons.viewer.effects import Absence, Directed, clearest
from songrnn.neurons.viewer.engraving import Engraving
from songrnn.neurons.viewer.packing import compressed, packed, packed_whole
from songrnn.neurons.viewer.why import why_each
from songrnn.statistics import Estimate

CONCEPT_STEPS = 1000
"""Into so many steps the range of a number is divided."""
UNDEFINED = -1


@dataclass(frozen=True)
class Shown:
    """Which part of a network a page shows."""

    layer: int
    quantity: str

    @property
    def gate(self) -> bool:
        """Whether values are those of a gate, in 0..1."""
        return self.quantity.endswith("_gate")

    @property
    def words(self) -> str:
        """Such as "forget gate, layer 1"."""
        kind = {"hidden": "hidden state", "cell": "cell state"}.get(self.quantity, self.quantity.replace("_", " "))
        return f"{kind}, layer {self.layer}"


def content_of(
    checkpoint: Checkpoint,
    recording: Recording,
    labels: Labels,
    shown: Shown,
    engravings: Sequence[Engraving],
    *,
    reported: Sequence[bool],
    settings: EngineSettings,
    composed: Engraving | None = None,
    absences: Mapping[int, tuple[Absence, Engraving]],
    directions: Sequence[Directed] = (),
) -> dict[str, Any]:
    """What `viewer.js` reads.

    recording: of the tunes of `engravings`, in their order; reported: for each whether labels are reported on it.
    composed: the tune composed with all neurons; absences: by neuron, with the tune composed without it.
    """
    values = np.asarray(recording.matrix(shown.quantity, shown.layer), dtype=np.float64)
    values = np.tanh(values) if shown.quantity == "cell" else values
    engine = open_engine(checkpoint, settings)
    own = [one for one in labels.labels if (one.neuron.layer, one.neuron.quantity) == (shown.layer, shown.quantity)]
    return {
        "what": {"words": shown.words, "gate": shown.gate, "squashed": shown.quantity == "cell"},
        "characters": [character_name(checkpoint, i) for i in range(len(checkpoint.vocabulary))],
        "neurons": [_label(one) for one in own],
        "concepts": _concepts(recording),
        "probes": [_probe(one) for one in labels.probes],
        "tunes": [
            {**_tune(one), "begin": int(begin), "reported": bool(side), "why": _why(checkpoint, engine, one.text)}
            for one, begin, side in zip(engravings, recording.begins, reported, strict=False)
        ],
        "values": vars(packed(values.T)),
        "deviations": values.std(axis=0).tolist(),
        "path": vars(packed(path_of(values), np.int16)),
        "output": _output(checkpoint, shown),
        "composed": None if composed is None else _tune(composed),
        "directions": [_directed(one) for one in directions],
        "absences": {str(n): {**_absence(one), "tune": _tune(tune)} for n, (one, tune) in absences.items()},
    }


def path_of(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """[T, 2]: the states [T, H] on their first two principal components."""
    centred = values - values.mean(axis=0)
    _, eigenvectors = np.linalg.eigh(centred.T @ centred)
    return np.asarray(centred @ eigenvectors[:, : -min(2, centred.shape[1]) - 1 : -1])


def _label(label: Label) -> dict[str, Any]:
    return {
        "index": label.neuron.index,
        "concept": label.concept,
        "sentence": label.sentence(),
        "measure": label.measure,
        "score": [label.score.value, label.score.low, label.score.high],
        "explained": label.explained,
        "chance": label.chance,
        "chanceScore": label.chance_score,
        "untrained": label.untrained,
        "accuracy": [label.accuracy, label.control, label.selectivity],
        "p": label.p,
        "conditioned": label.conditioned,
        "carriedBy": list(label.carried_by),
        "inverted": label.inverted,
        "found": label.found,
    }


def _probe(probe: Probe) -> dict[str, Any]:
    return {
        "concept": probe.concept,
        "measure": probe.measure,
        "score": [probe.score.value, probe.score.low, probe.score.high],
        "control": probe.control,
        "selectivity": probe.selectivity,
        "majority": probe.majority,
        "untrained": probe.untrained,
        "neurons": len(probe.neurons),
        "carriedBy": list(probe.carried_by),
    }


def _concepts(recording: Recording) -> dict[str, Any]:
    """Definitions, and the value of each at each character: whole numbers, UNDEFINED where there is none."""
    known = concept_values(recording)
    described, columns = [], []
    for number, concept in enumerate(known.concepts):
        own = known.values[:, number]
        defined = own[~np.isnan(own)]
        low, high = (float(defined.min()), float(defined.max())) if len(defined) else (0.0, 1.0)
        if concept.kind == "number":
            own = (own - low) / ((high - low) or 1.0) * CONCEPT_STEPS
        columns.append(np.where(np.isnan(own), UNDEFINED, np.rint(np.nan_to_num(own))))
        described.append(
            {
                "name": concept.name,
                "definition": CONCEPTS[concept.name].definition,
                "kind": concept.kind,
                "unit": concept.unit,
                "classes": list(concept.classes),
                "range": [low, high],
            }
        )
    return {"described": described, "values": vars(packed_whole(np.array(columns, dtype=np.int16)))}


def _tune(engraving: Engraving) -> dict[str, Any]:
    return {
        "text": engraving.text,
        "svg": compressed(engraving.svg.encode("utf-8")) if engraving.svg else "",
        "height": engraving.height,
        "heads": engraving.heads,
        "bars": [[bar.begin, bar.end, *bar.box] for bar in engraving.bars],
        "sounds": [[sound.begin, sound.end, sound.pitch, sound.place] for sound in engraving.sounds],
    }


def _why(checkpoint: Checkpoint, engine: Any, text: str) -> list[Any]:
    return [
        None if one is None else [one.probability, one.alternatives, one.contributions]
        for one in why_each(checkpoint, engine, text)
    ]


def _output(checkpoint: Checkpoint, shown: Shown) -> dict[str, Any] | None:
    """Output weights [V, H] less their means over the vocabulary; only the top layer's hidden state has any."""
    if shown.quantity != "hidden" or shown.layer != checkpoint.model.layers:
        return None
    weights = checkpoint.weights["output.weight"].astype(np.float64)
    return vars(packed(weights - weights.mean(axis=0), np.int16))


def _directed(one: Directed) -> dict[str, Any]:
    return {
        "concept": one.concept,
        "what": one.ablation.what,
        "control": one.ablation.control,
        "effects": [_effect(effect) for effect in clearest(one.ablation.effects)],
        "doses": None if one.doses is None else _doses(one.doses),
    }


def _doses(curve: DoseCurve) -> dict[str, Any]:
    def figures(estimate: Estimate) -> list[float]:
        return [estimate.value, estimate.low, estimate.high]

    doses = [
        {
            "strength": dose.strength,
            **{name: figures(getattr(dose, name)) for name in ("value", "bits", "valid", "shared")},
        }
        for dose in curve.doses
    ]
    return {"unit": curve.unit, "tunes": curve.doses[0].valid.tunes, "monotonic": curve.monotonic, "doses": doses}


def _absence(absence: Absence) -> dict[str, Any]:
    return {"effects": [_effect(effect) for effect in absence.effects]}


def _effect(effect: Effect) -> dict[str, Any]:
    return {
        "where": effect.where,
        "characters": effect.characters,
        "difference": effect.difference.value,
        "random": effect.at_random.value,
        "beyond": [effect.beyond_random.value, effect.beyond_random.low, effect.beyond_random.high],
    }
