"""How many candidates `songrnn compose --best-of N` should have by default: time and scorecard for N = 1, 2, 4, 8, 16.

Time: one tune on one thread within a running process, its candidates, their originality and their rank included; median
and range over SEEDS seeds, all N in turn within each seed, after one tune of each that is not counted. Scorecard: COUNT
strict tunes of each N beside the held-out tunes of `folk`. One JSON line each N; the last line names the N for the
default: of those whose median time is at most SECONDS the one with the lowest `cost`, the sum of the amounts
by which its tunes differ from human ones: shares that end on the tonic, have strains of eight bars, and have no loop
(absolute differences), and the areas of the three two-sample tests above 0.5.

Run: python benchmarks/candidates.py [COUNT]
"""

import json
import platform
import statistics
import sys
import time
from pathlib import Path

import songrnn
from judging import compose
from songrnn.composing.composer import Composer
from songrnn.engines.settings import EngineSettings
from songrnn.evaluation.scorecard import Scorecard, judge
from songrnn.training.held_out import held_out_corpus

MODEL = Path("folk")
CANDIDATES = (1, 2, 4, 8, 16)
COUNT = 400
SEEDS = range(1, 21)
SECONDS = 0.3
SHARES = ("ends_on_tonic", "has_form", "loops")


def main(count: int) -> None:
    """Measure each number of candidates, print, choose."""
    times = seconds_of_a_tune()
    corpus = held_out_corpus(MODEL)
    human = [*corpus.validation, *corpus.test]
    costs = {}
    for number in CANDIDATES:
        tunes = compose(["--count", str(count), "--best-of", str(number)])
        card = judge(tunes, human, plays=False)
        median = statistics.median(times[number])
        if median <= SECONDS:
            costs[number] = cost(card)
        row = {
            "name": f"best of {number}",
            "seconds": median,
            "seconds_range": [min(times[number]), max(times[number])],
            "cost": cost(card),
            **{name: card.composed.totals[name].as_json() for name in SHARES},
            **{view: test.area.as_json() for view, (test, _) in card.two_samples.items()},
        }
        print(json.dumps(row), flush=True)
    best = min(costs, key=lambda number: costs[number], default=None)
    processor, versions = platform.processor() or platform.machine(), {"songrnn": songrnn.__version__}
    print(json.dumps({"name": "default", "best_of": best, "processor": processor, "versions": versions}))


def seconds_of_a_tune() -> dict[int, list[float]]:
    """Number of candidates -> seconds for one tune of each seed."""
    composer = Composer(MODEL, EngineSettings(threads=1))
    times: dict[int, list[float]] = {number: [] for number in CANDIDATES}
    for seed in (0, *SEEDS):
        for number, found in times.items():
            begun = time.perf_counter()
            composer.compose(best_of=number, seed=seed)
            if seed:
                found.append(time.perf_counter() - begun)
    return times


def cost(card: Scorecard) -> float:
    """How far the tunes are from human ones; 0 is the same."""
    sides = card.composed.totals, card.human.totals
    differences = [abs(sides[0][name].value - sides[1][name].value) for name in SHARES]
    return sum(differences) + sum(max(0.0, test.area.value - 0.5) for test, _ in card.two_samples.values())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT)
