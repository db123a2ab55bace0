"""Networks that have learned nothing and know every character of the tokens, so that their tunes wander everywhere."""

from fractions import Fraction

import numpy as np

from songrnn.checkpoint import Checkpoint
from songrnn.checks.check import check
from songrnn.constraints.spellings import header_lines, lengths_by_spelling, music
from songrnn.errors import AbcSyntaxError
from songrnn.model.settings import ModelSettings, parameter_shapes
from songrnn.notation.grammar import SEMITONES
from songrnn.notation.read import read_tune
from songrnn.notation.tune import Chord, Ending, Field, Key, Note, Rest
from songrnn.performance.timeline import perform
from songrnn.training.settings import PLAIN
from songrnn.vocabulary import Vocabulary

TEXTS = ['"^Solo"', '"G#m7/Bbdim"', "R:slip jig\n", "maj7sus4aug6"]
EVERY_CHARACTER = "".join(
    sorted(
        {character for text, _ in music() for character in text}
        | {character for text, _ in header_lines((), (), [], 1) for character in text}
        | set("".join(lengths_by_spelling()) + "".join(TEXTS) + ",'")
    )
)
FAVOURED = dict.fromkeys("|ABcdeGg", 2.0) | dict.fromkeys(":2\n()1>[]3", 1.5) | dict.fromkeys(" -/'^=", 1.0)
"""What is made likelier, so that bars, repeats, endings, tuplets and chords come often."""


def wanderer(seed: int, *, spread: float = 0.3, favour: float = 0.7, characters: str = EVERY_CHARACTER) -> Checkpoint:
    """A plain RNN of 16 neurons with random weights. spread: of the weights; favour: how much FAVOURED are."""
    model = ModelSettings(cell="rnn", hidden_size=16, layers=1, embedding_size=8, **PLAIN)
    vocabulary = Vocabulary.of([characters], boundaries=True)
    rng = np.random.default_rng(seed)
    weights = {
        name: rng.normal(0, spread, shape).astype(np.float32)
        for name, shape in parameter_shapes(model, len(vocabulary)).items()
    }
    for character, more in FAVOURED.items():
        if character in characters:
            weights["output.bias"][vocabulary.encode(character)[0]] += favour * more
    weights["output.bias"][vocabulary.end] += favour
    return Checkpoint(weights, None, model, vocabulary, "tunebook", {"note": "random weights"})


def problems(text: str) -> list[str]:
    """What is wrong with a tune: that it cannot be read strictly, or what `check` finds; nothing if it is valid."""
    try:
        return [str(problem) for problem in check(read_tune(text))]
    except AbcSyntaxError as error:
        return [str(error)]


def pitches(text: str) -> list[int]:
    """The MIDI numbers of all notes as played, ornaments left out."""
    return [note.pitch for note in perform(read_tune(text))]


def ends_on_tonic(text: str) -> bool:
    """Whether what sounds last has the tonic of the key that holds there."""
    tune = read_tune(text)
    keys = [e.value for e in tune.voices[0].elements() if isinstance(e, Field) and isinstance(e.value, Key)]
    tonic = (keys or [tune.header.key])[-1].tonic
    number = SEMITONES[tonic[0]] + {"#": 1, "b": -1}.get(tonic[1:], 0)
    notes = perform(tune)
    return number % 12 in {note.pitch % 12 for note in notes if note.onset == max(one.onset for one in notes[-6:])}


def parts_of(text: str) -> list[tuple[int, bool]]:
    """Of each part, how many bars are written (pickups and second endings not counted), and whether it is repeated."""
    tune = read_tune(text)
    meter = tune.header.meter_in_force.duration
    parts: list[tuple[int, bool]] = []
    count, ending, begins, repeated = 0, 0, True, False
    for bar in tune.voices[0].bars:
        duration = sum((e.duration for e in bar.elements if isinstance(e, Note | Chord | Rest)), Fraction(0))
        ending = next((e.numbers[0] for e in bar.elements if isinstance(e, Ending)), ending)
        if duration:
            pickup = begins and duration < meter
            count, begins = count + (ending != 2 and not pickup), False
        if bar.line is not None and bar.line.divides:
            repeated = repeated or bar.line.ends_repeat > 0
            if ending == 1:
                continue  # the second ending belongs to the same part
            if count:
                parts.append((count, repeated))
            count, ending, begins, repeated = 0, 0, True, False
    return [*parts, (count, repeated)] if count else parts
