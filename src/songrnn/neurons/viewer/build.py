"""Checkpoint and tunes -> the page of its neurons, stage by stage: read, label, engrave, compose without, write."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from songrnn.checkpoint import Checkpoint
from songrnn.engines.settings import EngineSettings
from songrnn.errors import SettingsError
from songrnn.neurons.labelling import label_recording, split_families
from songrnn.neurons.recording import record
from songrnn.neurons.results import Labels
from songrnn.neurons.viewer.content import Shown, content_of
from songrnn.neurons.viewer.effects import Absence, absences, composed, directed, neurons_to_ablate
from songrnn.neurons.viewer.engraving import Engraving, engraved
from songrnn.neurons.viewer.page import viewer_page
from songrnn.originality.index import Index
from songrnn.rendering.render import Renderer

LONGEST_SHOWN = 500
"""Characters; longer tunes are shown only where there are no others."""
Item = TypeVar("Item")
Progress = Callable[[Iterable[Item], str, int], Iterable[Item]]
"""Called with the items of a stage, its name and how many there are; yields the items."""


@dataclass(frozen=True)
class PageRequest:
    """What is to be shown. tunes, ablated: how many tunes are shown, and how many neurons are taken out. seed: of the
    split, of the random neurons and of what is composed. directions: the concepts whose directions are taken out and
    steered along; melodies: of the training tunes, to tell what steered tunes share with them."""

    shown: Shown
    tunes: int
    ablated: int
    seed: int
    settings: EngineSettings
    directions: tuple[str, ...] = ()
    melodies: Index | None = None


@dataclass(frozen=True)
class NeuronPage:
    """The labels of all neurons that the page shows, and the page."""

    labels: Labels
    html: str


def neuron_page(
    checkpoint: Checkpoint, tunes: Sequence[str], request: PageRequest, *, name: str, progress: Progress[Any]
) -> NeuronPage:
    """The page of a layer of a network, by tunes in its form that it has not learned from.

    name: of the network. Raises what `label` raises.
    """
    check_layer(checkpoint, request.shown.layer)
    quantity = request.shown.quantity
    read = iter(progress(range(len(tunes)), "reading tunes", len(tunes)))
    recording = record(
        checkpoint,
        tunes,
        quantities=(quantity,),
        settings=request.settings,
        progress=lambda _done, _count: next(read, None),
    )
    next(read, None)  # the bar ends
    labels: Labels | None = None
    for _ in progress(range(1), "labelling neurons", 1):
        labels = label_recording(checkpoint, recording, (quantity,), settings=request.settings, seed=request.seed)
    assert labels is not None
    return labelled_page(checkpoint, tunes, labels, request, name=name, progress=progress)


def labelled_page(
    checkpoint: Checkpoint,
    tunes: Sequence[str],
    labels: Labels,
    request: PageRequest,
    *,
    name: str,
    progress: Progress[Any],
) -> NeuronPage:
    """The same with labels that are known, of these tunes and this seed."""
    shown, settings = request.shown, request.settings
    places, reported = chosen_tunes(tunes, request.tunes, request.seed)
    texts = [tunes[place] for place in places]
    recording = record(checkpoint, texts, quantities=(shown.quantity,), settings=settings)
    neurons = neurons_to_ablate(labels, shown.layer, shown.quantity, request.ablated)
    missing = absences(checkpoint, recording, neurons, layer=shown.layer, settings=settings, seed=request.seed)
    found: list[Absence] = list(progress(missing, "taking neurons out", len(neurons)))
    along = directed(
        checkpoint,
        recording,
        request.directions,
        layer=shown.layer,
        melodies=request.melodies,
        settings=settings,
        seed=request.seed,
    )
    directions = [one for one in progress(along, "steering", len(request.directions)) if one is not None]
    base = [composed(checkpoint, settings, request.seed)] if found else []
    drawn = [*texts, *base, *(one.composed for one in found)]
    with Renderer() as renderer:
        engravings: list[Engraving] = [
            engraved(text, renderer) for text in progress(drawn, "engraving tunes", len(drawn))
        ]
    first = len(texts) + len(base)
    content = content_of(
        checkpoint,
        recording,
        labels,
        shown,
        engravings[: len(texts)],
        reported=reported,
        settings=settings,
        composed=engravings[len(texts)] if base else None,
        directions=directions,
        absences={one.neuron: (one, tune) for one, tune in zip(found, engravings[first:], strict=True)},
    )
    title = f"What the neurons of {name} do"
    return NeuronPage(labels, viewer_page(title, findings_in_words(checkpoint, labels, shown), content))


def check_layer(checkpoint: Checkpoint, layer: int) -> None:
    """Raise SettingsError for a layer that the network does not have."""
    if not 1 <= layer <= checkpoint.model.layers:
        raise SettingsError(f"layer {layer} does not exist; this network has layers 1 to {checkpoint.model.layers}")


def chosen_tunes(tunes: Sequence[str], count: int, seed: int) -> tuple[list[int], list[bool]]:
    """Which tunes are shown, and for each whether labels are reported on it; those first, and shorter ones first."""
    sides, _ = split_families(tunes, np.random.default_rng(seed))  # as `label` splits them
    order = sorted(range(len(tunes)), key=lambda place: (len(tunes[place]) > LONGEST_SHOWN, sides[place] == 0))
    chosen = sorted(order[:count])
    return chosen, [bool(sides[place] == 1) for place in chosen]


def findings_in_words(checkpoint: Checkpoint, labels: Labels, shown: Shown) -> list[str]:
    """What was found, in words."""
    model, own = checkpoint.model, [one for one in labels.labels if one.neuron.layer == shown.layer]
    found = [one for one in own if one.found]
    passed = sum(bool(one.carried_by) for one in found)
    network = f"{model.cell.upper()} of {model.hidden_size} neurons, {model.layers} layer{'s' * (model.layers > 1)}"
    (chosen_tunes, _), (tunes, characters) = labels.chosen_on, labels.reported_on
    return [
        f"{network}; shown: {shown.words}. Labels were chosen on {chosen_tunes} tunes and are reported on {tunes} "
        f"others ({characters:,} characters), no tune of which is a variant of one of the former.",
        f"{len(found)} of {len(own)} neurons have a label: a concept that explains a tenth or more of the neuron's "
        f"variance, and more than in any neuron of an untrained network of the same shape; the rate of false "
        f"discoveries is held at {100 * labels.false_discovery_rate:g} %. {passed} of them pass on what an "
        f"input of the network says already; {len(found) - passed} follow what it computes itself.",
    ]
