"""Small tunes and checkpoints that many tests need."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from songrnn.checkpoint import Checkpoint
from songrnn.corpus.corpus import Form
from songrnn.model.categories import Columns
from songrnn.model.inputs import Reader
from songrnn.model.settings import NO_PLACES, ModelSettings, parameter_shapes
from songrnn.tracking.state import NO_STEP, NO_TONIC
from songrnn.vocabulary import Vocabulary

JIG = "R:jig\nM:6/8\nL:1/8\nK:Dmaj\n|:DFA dfa|gec dAF|DFA dfa|gec d3:|\n"
REEL = "R:reel\nM:4/4\nL:1/8\nK:Gmaj\n|:GBdB gdBd|ecAc fdAF|GBdB gdBd|edcA G4:|\n"
TUNES = [f"M:4/4\nL:1/8\nK:Cmaj\n{a}{b}{a}{b}|{b}{a}{b}{a}|\n" for a in "CDEFGAB" for b in "cdefgab"]


def abc_file_of(tunes: Sequence[str] = TUNES) -> str:
    """The content of an ABC file with these tunes, each with a number and a title."""
    return "\n".join(f"X:{number}\nT:Tune {number}\n{tune}" for number, tune in enumerate(tunes, start=1))


PLACES: list[dict[str, Any]] = [
    {"position": True},
    {"lookback": True},
    {"plan": True},
    {"pitch_heads": True},
    {"position": True, "lookback": True, "plan": True, "pitch_heads": True},
]
"""What a network may know of the position in the tune: each alone, and all."""


def vocabulary_of(size: int) -> Vocabulary:
    """A vocabulary of so many characters, letters from A on."""
    return Vocabulary("".join(chr(ord("A") + i) for i in range(size)), boundaries=False)


def random_places(columns: Columns, count: int, seed: int = 0) -> NDArray[np.int32]:
    """Any values that `Inputs.places` may have, [count, C]."""
    rng = np.random.default_rng(seed)
    sizes = [size for group in columns.sizes.values() for size in group] + [NO_TONIC + 1, NO_STEP + 1] * columns.letters
    values = rng.integers(0, sizes or 1, (count, len(sizes))).astype(np.int32)
    if columns.letters:  # mostly notes near the staff
        values[:, -1] = np.where(rng.random(count) < 0.8, rng.integers(25, 42, count), values[:, -1])
    return values


def make_checkpoint(
    cell: str = "lstm",
    *,
    layers: int = 1,
    form: Form = "tunebook",
    texts: Sequence[str] = (JIG, REEL),
    hidden_size: int = 12,
    seed: int = 1,
    copying: bool = True,
    ngrams: tuple[int, ...] = (1, 3),
    **places: Any,
) -> Checkpoint:
    """A checkpoint with random weights, large enough that its characters are not all equally likely.

    places: any of position, lookback, plan and pitch_heads, which it does without unless they are given as true.
    """
    sizes = {"hidden_size": hidden_size, "layers": layers, "embedding_size": 5, "position_size": 3}
    model = ModelSettings(cell=cell, copying=copying, ngrams=ngrams, **sizes, **{**NO_PLACES, **places})
    vocabulary = Vocabulary.of(texts, boundaries=form == "tunebook")
    reader, _ = Reader.counting(model, vocabulary, [vocabulary.encode_tune(text) for text in texts])
    rng = np.random.default_rng(seed)
    weights = {
        name: rng.normal(0, 0.5, shape).astype(np.float32)
        for name, shape in parameter_shapes(model, len(vocabulary)).items()
    }
    for name in reader.columns.sizes:  # so that the sum of the rows of all categories is about as large as one of them
        weights[f"categories.{name}.weight"] /= np.sqrt(reader.columns.categories)
    return Checkpoint(weights, reader.ngrams, model, vocabulary, form, {"note": "random weights, made for a test"})
