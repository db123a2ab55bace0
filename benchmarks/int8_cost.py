"""What int8 costs: bits per character in int8 and in fp32, of a checkpoint on tunes, by the native engine.

One JSON line for each pair of checkpoint and tunes: both figures, the difference, and characters a second of scoring.
For the model in the box, held-out tunes of its own collections are the test tunes of `songrnn.read_corpus`.

Run: python benchmarks/int8_cost.py [CHECKPOINT TUNES ...]
"""

import json
import sys
import time
from collections.abc import Sequence

import songrnn
from composing_speed import processor, versions
from songrnn.corpus.corpus import read_tunes
from songrnn.engines.settings import EngineSettings
from songrnn.evaluation.bits_per_character import score_tunes


def main() -> None:
    """Every pair; the model in the box always."""
    corpus = songrnn.read_corpus(songrnn.CorpusSettings())
    compare("folk", "its test tunes", corpus.test)
    for path, tunes in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
        compare(path, tunes, read_tunes([tunes], songrnn.Checkpoint.load(path).form))


def compare(path: str, name: str, tunes: Sequence[str]) -> None:
    """Print both figures."""
    checkpoint = songrnn.Checkpoint.load(path)
    bits, speed = {}, {}
    for precision in ("fp32", "int8"):
        begun = time.perf_counter()
        scored = score_tunes(checkpoint, tunes, EngineSettings(engine="native", precision=precision))
        bits[precision] = scored.bits_per_character
        speed[precision] = round(scored.characters / (time.perf_counter() - begun))
    row = {
        "checkpoint": path,
        "tunes": name,
        "characters": scored.characters,
        "bits_per_character": {precision: round(value, 5) for precision, value in bits.items()},
        "int8_costs": round(bits["int8"] - bits["fp32"], 5),
        "characters_a_second": speed,
        "processor": processor(),
        "versions": versions(),
    }
    print(json.dumps(row))


if __name__ == "__main__":
    main()
