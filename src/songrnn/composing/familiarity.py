"""Whether the network has learned the requested rhythm, and in this meter, by its probabilities of the two lines.

The probability of `R:reel` at the beginning of a tune is the share of reels among its training tunes, and that of
`M:6/8` after it the share of reels in 6/8. In the model in the box, a rhythm of one tune in 3,798 has 5e-5, and one of
none 2e-5 (`ree`, which begins like another) to 1e-29; meters that a rhythm had have 0.003 or more, the others of
well-known rhythms 3e-4 or less.
"""

import math

import numpy as np

from songrnn.composing.prompt import split_prompt
from songrnn.composing.request import Request
from songrnn.engines.types import Engine
from songrnn.vocabulary import Vocabulary

LEARNED, COMBINED = 1 / 30_000, 1 / 300
"""A rhythm, or a meter of it, that is less probable was not learned."""


def familiarity_note(engine: Engine, vocabulary: Vocabulary, request: Request) -> str:
    """One line where the network has not learned the requested rhythm or meter; else "".

    Raises PromptError for a field that cannot be read.
    """
    if not vocabulary.boundaries:
        return ""
    fields = {**split_prompt(request.prompt)[0], **request.form.header}
    rhythm, meter = fields.get("R", ""), fields.get("M", "")
    if not rhythm or not set(rhythm + meter) <= set(vocabulary.characters):
        return ""
    if _probability(engine, vocabulary, "R:", f"{rhythm}\n") < LEARNED:
        return f"the network never learned a tune with the rhythm {rhythm!r}: what it composes may be anything"
    if meter and _probability(engine, vocabulary, f"R:{rhythm}\nM:", f"{meter}\n") < COMBINED:
        return (
            f"the network hardly learned the rhythm {rhythm!r} in {meter}: leave the meter out, or expect another dance"
        )
    return ""


def _probability(engine: Engine, vocabulary: Vocabulary, given: str, text: str) -> float:
    """Of `text` after `given` at the beginning of a tune."""
    ids = np.array([vocabulary.start, *vocabulary.encode(given + text)], dtype=np.int64)
    log_probabilities = engine.trace(ids).log_probabilities
    places = np.arange(len(given), len(given) + len(text))  # the character at i is drawn after i characters
    return math.exp(log_probabilities[places, ids[places + 1]].sum())
