"""Results made up by hand."""

from songrnn.study.run import TrialResult


def result(cell="lstm", size=8, dropout=0.0, seed=0, validation=2.0, **more):
    name = f"{cell}-{size}-dropout-{dropout:g}"
    values = {"test": None, "best_epoch": 2.0, "epochs": 4, "seconds": 1.0, "parameters": 10} | more
    return TrialResult(name, cell, size, dropout, seed, validation=validation, **values)


def failure(cell="lstm", size=8, dropout=0.0, seed=0):
    return result(cell, size, dropout, seed, None, best_epoch=None, failure="the training diverged")


def grid(score, *, cells=("rnn", "gru", "lstm"), sizes=(8, 16), dropouts=(0.0, 0.2), seeds=3):
    """Results whose validation is score(cell, size, dropout, seed)."""
    return [
        result(cell, size, dropout, seed, score(cell, size, dropout, seed))
        for cell in cells
        for size in sizes
        for dropout in dropouts
        for seed in range(seeds)
    ]
