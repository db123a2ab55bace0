"""Composing by this songrnn against another version: processor time a character, which other work changes little.

Both compose with one model in turn, ROUNDS times, each time in a process of its own: one tune at a time and many at
once, free and strict. One JSON line each: median microseconds of processor time a character of all threads together,
and the ratio of this version to the other, median and range of the rounds. Some five minutes.

Run: python benchmarks/former_engine.py PYTHON MODEL, where PYTHON is that of the other version's environment and MODEL
a checkpoint that both can read
"""

import json
import statistics
import subprocess
import sys

ROUNDS = 7
COMPOSE = """
import json, sys, time
from songrnn import load
composer = load(sys.argv[1])
found = {}
for free in (True, False):
    for many in (True, False):
        composer.compose(seed=0, free=free)
        begun = time.process_time()
        if many:
            made = list(composer.compose_many(count=200, seed=1, free=free))
        else:
            made = [composer.compose(seed=1, number=number, free=free) for number in range(30)]
        used = time.process_time() - begun
        name = f"{'many tunes at once' if many else 'one at a time'}, {'free' if free else 'strict'}"
        found[name] = 1e6 * used / sum(len(one.text) for one in made)
print(json.dumps(found))
"""


def main(other: str, model: str) -> None:
    """Both versions, in turn."""
    times: dict[str, list[dict[str, float]]] = {sys.executable: [], other: []}
    for _ in range(ROUNDS):
        for python, rounds in times.items():
            found = subprocess.run([python, "-c", COMPOSE, model], capture_output=True, text=True, check=True)
            rounds.append(json.loads(found.stdout))
    for name in times[other][0]:
        ours, theirs = ([one[name] for one in times[python]] for python in (sys.executable, other))
        ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
        row = {"name": name, "microseconds": round(statistics.median(ours), 2)}
        row |= {"other": round(statistics.median(theirs), 2), "ratio": round(statistics.median(ratios), 3)}
        print(json.dumps(row | {"spread": [round(min(ratios), 3), round(max(ratios), 3)]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
