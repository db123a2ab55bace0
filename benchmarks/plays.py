"""How many composed tunes play: the share that abc2midi turns into notes, and the share of these without an error line.

Composes 200 tunes with the model in the box, without a prompt, and takes 400 tunes that it learned from for comparison.
Prints one JSON line for each. Two minutes on one core.

Run: python benchmarks/plays.py [CHECKPOINT]
"""

import json
import random
import sys
from collections.abc import Iterable

import songrnn
from songrnn.rendering.midi import midi_from_abc

COMPOSED, HUMAN = 200, 400
SEED = 1


def main(checkpoint: str) -> None:
    """Both sides."""
    composer = songrnn.load(checkpoint)
    tunes = songrnn.read_corpus(songrnn.CorpusSettings()).training
    composed = (composer.compose(number=number, seed=SEED).abc() for number in range(COMPOSED))
    human = (f"X:1\nT:Human\n{tune}" for tune in random.Random(SEED).sample(tunes, HUMAN))
    for name, texts in ((f"composed by {checkpoint}", composed), ("learned from", human)):
        print(json.dumps({"name": name, **playing(texts)}), flush=True)


def playing(texts: Iterable[str]) -> dict[str, float]:
    """How many tunes there are, how many become MIDI, and how many do so without an error line."""
    answers = [midi_from_abc(text.encode(), timeout_seconds=20) for text in texts]
    clean = [not any(message.startswith("Error") for message in answer.messages) for answer in answers]
    midi = [answer.content is not None for answer in answers]
    return {"tunes": len(answers), "midi": sum(midi), "without_error": sum(map(min, midi, clean))}


if __name__ == "__main__":
    if len(sys.argv) > 2:
        sys.exit(__doc__)
    main(sys.argv[1] if len(sys.argv) == 2 else "folk")
