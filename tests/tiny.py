"""Small tunes and checkpoints that many tests need."""

from collections.abc import Sequence

import numpy as np

from songrnn.checkpoint import Checkpoint
from songrnn.corpus.corpus import Form
from songrnn.model.reading import Reader
from songrnn.model.settings import ModelSettings, parameter_shapes
from songrnn.vocabulary import Vocabulary

JIG = "R:jig\nM:6/8\nL:1/8\nK:Dmaj\n|:DFA dfa|gec dAF|DFA dfa|gec d3:|\n"
REEL = "R:reel\nM:4/4\nL:1/8\nK:Gmaj\n|:GBdB gdBd|ecAc fdAF|GBdB gdBd|edcA G4:|\n"
TUNES = [f"M:4/4\nL:1/8\nK:Cmaj\n{a}{b}{a}{b}|{b}{a}{b}{a}|\n" for a in "CDEFGAB" for b in "cdefgab"]


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
) -> Checkpoint:
    """A checkpoint with random weights, large enough that its characters are not all equally likely."""
    model = ModelSettings(
        cell=cell, hidden_size=hidden_size, layers=layers, embedding_size=5, copying=copying, ngrams=ngrams
    )
    vocabulary = Vocabulary.of(texts, boundaries=form == "tunebook")
    reader, _ = Reader.counting(model, len(vocabulary), [vocabulary.encode_tune(text) for text in texts])
    rng = np.random.default_rng(seed)
    weights = {
        name: rng.normal(0, 0.5, shape).astype(np.float32)
        for name, shape in parameter_shapes(model, len(vocabulary)).items()
    }
    return Checkpoint(weights, reader.ngrams, model, vocabulary, form, {"note": "random weights, made for a test"})
