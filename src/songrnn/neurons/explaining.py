"""`explain`: why a network chose a character, and `logit_effect`: which characters a neuron raises.

A logit is a sum (`model/equations.py`): output weights times the top layer's hidden state, a bias, and what n-grams,
copying, position, lookback and pitch heads vote. Each part is taken less its mean over the vocabulary, since adding the
same to all logits changes no probability. The floor, which mixes a little of every character in, comes after the sum.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from songrnn.checkpoint import Checkpoint
from songrnn.engines.select import open_engine
from songrnn.engines.settings import FULL_PRECISION, EngineSettings
from songrnn.errors import CorpusError, SettingsError
from songrnn.model.categories import note_letters, rows_of_heads
from songrnn.model.equations import PlaceEquations
from songrnn.model.inputs import Inputs
from songrnn.neurons.recording import Recording
from songrnn.neurons.results import Contribution, Explanation, LogitEffect, NeuronName
from songrnn.tracking.lookback import AGREEMENTS, LAGS

SHOWN_NEURONS = 8
SHOWN_CHARACTERS = 6

Floats = NDArray[np.floating[Any]]


def explain(checkpoint: Checkpoint, tune: str, place: int, *, settings: EngineSettings = FULL_PRECISION) -> Explanation:
    """Why the character at `place`, from 0, of a tune in the checkpoint's form was as likely as it was.

    place: len(tune) asks for the end of a tune in tunebook form. Raises SettingsError for a place that is not there or
    was not predicted, VocabularyError for a character that the network does not know, CorpusError for an empty tune.
    """
    vocabulary = checkpoint.vocabulary
    if not tune:
        raise CorpusError("the tune is empty; there is nothing to explain")
    ids = vocabulary.encode_tune(tune)
    target = place + int(vocabulary.boundaries)
    first = 0 if vocabulary.boundaries else 1
    last = len(tune) if vocabulary.boundaries else len(tune) - 1
    if not first <= place <= last:
        raise SettingsError(f"place {place} is not one that the network predicted; this tune has {first} to {last}")
    read = ids[:target]
    trace = open_engine(checkpoint, settings).trace(read)
    hidden = np.asarray(trace.quantities["hidden"][-1, -1], dtype=np.float64)
    inputs = checkpoint.reader.read(read).at(len(read) - 1)
    chosen = int(ids[target])
    parts = logit_parts(checkpoint, hidden, inputs)
    contributions = [
        Contribution(source, float(votes[chosen] - votes.mean()), detail) for source, detail, votes in parts
    ]
    contributions.sort(key=lambda one: -abs(one.logit))
    probabilities = np.exp(np.asarray(trace.log_probabilities[-1], dtype=np.float64))
    likeliest = np.argsort(-probabilities)[:SHOWN_CHARACTERS]
    return Explanation(
        place=place,
        character=character_name(checkpoint, chosen),
        probability=float(probabilities[chosen]),
        alternatives=tuple((character_name(checkpoint, int(i)), float(probabilities[i])) for i in likeliest),
        logit=float(sum(one.logit for one in contributions)),
        contributions=tuple(contributions),
        neurons=_strongest(checkpoint, hidden, chosen),
    )


def logit_parts(checkpoint: Checkpoint, hidden: Floats, inputs: Inputs) -> list[tuple[str, str, Floats]]:
    """What adds up to the logits after a character: source, detail, votes [V].

    hidden: [H] of the top layer; inputs: of that character.
    """
    weights, model = checkpoint.weights, checkpoint.model
    size = len(checkpoint.vocabulary)
    _, suggestion, length, distance = (int(i) for i in inputs.rows)
    parts: list[tuple[str, str, Floats]] = [
        ("neurons", "", weights["output.weight"] @ hidden),
        ("bias", "", weights["output.bias"].astype(np.float64)),
    ]
    if model.ngrams:
        trust = weights["ngrams.gate.weight"] @ hidden + weights["ngrams.gate.bias"]
        parts += [
            ("n-grams", f"after {context} character(s)", trust[k] * inputs.expected[k])
            for k, context in enumerate(model.ngrams)
        ]
    if model.copying and length:
        gate = weights["copying.gate.weight"] @ hidden + weights["copying.gate.bias"]
        bonus = weights["copying.length_bonus.weight"][length] + weights["copying.distance_bonus.weight"][distance]
        detail = f"suggests {character_name(checkpoint, suggestion)!r}"
        parts.append(("copying", detail, _vote(size, suggestion, float((gate + bonus).item()))))
    return parts + _place_parts(checkpoint, hidden, inputs)


def _place_parts(checkpoint: Checkpoint, hidden: Floats, inputs: Inputs) -> list[tuple[str, str, Floats]]:
    """Position (with plan and suggestions as categories), lookback, pitch heads."""
    weights, model, columns = checkpoint.weights, checkpoint.model, checkpoint.reader.columns
    size, place = len(checkpoint.vocabulary), inputs.places
    parts: list[tuple[str, str, Floats]] = []
    if columns.sizes:
        equations = PlaceEquations(weights, model, checkpoint.vocabulary)
        parts.append(("position", "", weights["categories.output.weight"] @ equations.embedded(place)))
    if model.lookback:
        gates = weights["lookback.gate.weight"] @ hidden + weights["lookback.gate.bias"]
        suggested, agreement = (place[columns.group(name)] for name in ("suggested", "agreement"))
        bonus = weights["lookback.bonus.weight"][AGREEMENTS * np.arange(len(gates)) + agreement, 0]
        for lag, character, vote in zip(LAGS, suggested.tolist(), (gates + bonus).tolist(), strict=True):
            if character < size:
                where = f"{lag} bar(s) back" if lag else "first part"
                detail = f"{where} suggests {character_name(checkpoint, character)!r}"
                parts.append(("lookback", detail, _vote(size, character, vote)))
    if model.pitch_heads:
        for name, rows in zip(("tonic", "step"), rows_of_heads(place[-2:]), strict=True):
            head = weights[f"pitches.{name}.weight"] @ hidden + weights[f"pitches.{name}.bias"]
            votes = np.zeros(size + 1)
            np.add.at(votes, note_letters(checkpoint.vocabulary), np.append(head, 0)[rows])
            what = "distance from the tonic" if name == "tonic" else "interval from the last note"
            parts.append(("pitch heads", what, votes[:-1]))
    return parts


def logit_effect(
    checkpoint: Checkpoint, neuron: int, *, recording: Recording | None = None, count: int = SHOWN_CHARACTERS
) -> LogitEffect:
    """Which characters a neuron of the top layer raises and lowers.

    recording: for the neuron's standard deviation; without it the effect of 1.

    Raises SettingsError for a neuron that does not exist.
    """
    model = checkpoint.model
    if not 0 <= neuron < model.hidden_size:
        raise SettingsError(
            f"neuron {neuron} does not exist; layer {model.layers} has neurons 0 to {model.hidden_size - 1}"
        )
    own = checkpoint.weights["output.weight"][:, neuron].astype(np.float64)
    deviation = 1.0
    if recording is not None:
        deviation = float(recording.matrix("hidden", model.layers)[:, neuron].astype(np.float64).std())
    change = (own - own.mean()) * deviation
    order = np.argsort(-change)
    named = [(character_name(checkpoint, int(i)), float(change[i])) for i in order]
    name = NeuronName(model.layers, "hidden", neuron)
    return LogitEffect(name, tuple(named[:count]), tuple(named[::-1][:count]))


def _strongest(checkpoint: Checkpoint, hidden: Floats, chosen: int) -> tuple[tuple[NeuronName, float], ...]:
    """The neurons of the top layer that add most to the chosen logit, or take most away."""
    output = checkpoint.weights["output.weight"].astype(np.float64)
    added = (output[chosen] - output.mean(axis=0)) * hidden
    order: Sequence[int] = np.argsort(-np.abs(added))[:SHOWN_NEURONS].tolist()
    return tuple((NeuronName(checkpoint.model.layers, "hidden", i), float(added[i])) for i in order)


def _vote(size: int, character: int, vote: float) -> Floats:
    votes = np.zeros(size)
    votes[character] = vote
    return votes


def character_name(checkpoint: Checkpoint, character_id: int) -> str:
    """The character of an id, or what a boundary is called."""
    vocabulary = checkpoint.vocabulary
    if character_id < len(vocabulary.characters):
        return vocabulary.characters[character_id]
    return "start of the tune" if character_id == vocabulary.start else "end of the tune"
