"""Training by this songrnn against another version: processor time a step, which other work changes little.

Each learns the collections with an LSTM of 256 neurons and the defaults of its version, one thread, first FEW steps and
then MANY, in a process of its own, ROUNDS times in turn; a step costs the difference over MANY - FEW. Prints one JSON
line: median milliseconds a step of both, median ratio and range of the rounds. Some six minutes.

Run: python benchmarks/training_cost.py PYTHON, where PYTHON is that of the other version's environment
"""

import json
import statistics
import subprocess
import sys

ROUNDS = 5
FEW, MANY = 20, 120
TRAIN = """
import json, sys, tempfile, time
from pathlib import Path
import songrnn
few, many = map(int, sys.argv[1:])
corpus = songrnn.read_corpus("folk")
characters = sum(map(len, corpus.training))
used = []
for steps in (few, many):
    training = songrnn.TrainingSettings(
        epochs=steps * 64 * 32 / characters, ensemble=1, threads=1, patience=0, warmup_steps=1, save_seconds=1e6
    )
    with tempfile.TemporaryDirectory() as folder:
        begun = time.process_time()
        songrnn.train(corpus, model=songrnn.ModelSettings(), training=training, out=Path(folder) / "run")
        used.append(time.process_time() - begun)
print(json.dumps((used[1] - used[0]) / (many - few)))
"""


def main(other: str) -> None:
    """Both versions, in turn."""
    seconds: dict[str, list[float]] = {sys.executable: [], other: []}
    for _ in range(ROUNDS):
        for python, rounds in seconds.items():
            command = [python, "-c", TRAIN, str(FEW), str(MANY)]
            found = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            rounds.append(json.loads(found.stdout))
    ours, theirs = seconds[sys.executable], seconds[other]
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    row = {"name": "a training step, LSTM 256", "milliseconds": round(1e3 * statistics.median(ours), 1)}
    row |= {"other": round(1e3 * statistics.median(theirs), 1), "ratio": round(statistics.median(ratios), 3)}
    print(json.dumps(row | {"spread": [round(min(ratios), 3), round(max(ratios), 3)]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
