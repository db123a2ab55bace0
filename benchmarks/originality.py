"""Does `songrnn.originality.shared_runs` find copies, does it blame what is none, and how long does it take?

1. Planted copies: from each of COPIES random training tunes of `folk` a stretch of 4 to 8 bars, and FEWEST_NOTES notes
   (slow tunes have 4 bars of 7 notes, which nobody knows again), is transposed, put under
   another meter and its bar lines, every fifth note on average given another length, and set between two halves of a
   held-out tune. Found: the tune is refused by `--original 3bars` for a run that overlaps the copy. Named: that run's
   first source is the tune that was copied, or one of its variants.
2. False alarms: all held-out tunes of `folk`, and as many further ones, whole families of variants, as make HUMAN;
   these are judged by an index without them. The other held-out tunes decide what is common stock.
3. A network that learned 50 tunes by heart (LSTM of 256, characters only, no dropout) composes 50, and `folk` 200.

One JSON line each. A quarter of an hour on one core. `--without-training` leaves the network of 50 tunes out.

Run: python benchmarks/originality.py [--without-training]
"""

import json
import random
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

import songrnn
from songrnn.corpus.variants import group_variants
from songrnn.originality.index import Index, NamedText
from songrnn.originality.melody import Melody, melody_of
from songrnn.originality.shared_runs import Originality, Threshold, shared_runs_of
from songrnn.performance.timeline import TimedNote
from songrnn.training.settings import PLAIN

COPIES, FEWEST_NOTES, HUMAN, FOLDS = 1_000, 12, 1_000, 10
BY_HEART, EPOCHS = 50, 250
THRESHOLD = Threshold.read("3bars")
METERS = ("2/4", "3/4", "4/4", "6/8", "9/8")
SPELLED = ("C", "^C", "D", "^D", "E", "F", "^F", "G", "^G", "A", "^A", "B")
SEED = 1


def main(arguments: Sequence[str]) -> None:
    rng = random.Random(SEED)
    corpus = songrnn.read_corpus("folk")
    held_out = [*corpus.validation, *corpus.test]
    melodies = {text: melody_of(text) for text in [*corpus.training, *held_out]}
    families = families_of(corpus.training)
    named = dict(zip(corpus.training, corpus.names, strict=True))

    def index(training: Sequence[str], others: Sequence[str]) -> Index:
        names = [named[text] for text in training]
        own = [families[text] for text in training]
        return Index.of_melodies(names, [melodies[text] for text in [*training, *others]], own)

    whole = index(corpus.training, held_out)
    print(json.dumps({"name": "speed", **speed(whole, corpus.test)}), flush=True)
    print(json.dumps({"name": "planted", **planted(whole, corpus, families, melodies, rng)}), flush=True)
    further = split_off(corpus.training, families, HUMAN - len(held_out), rng)
    kept = [text for text in corpus.training if text not in set(further)]
    smaller = index(kept, held_out)
    judged = [shared_runs_of(text, smaller) for text in further]
    for fold in folds(held_out, rng):
        rest = index(corpus.training, [text for text in held_out if text not in set(fold)])
        judged += [shared_runs_of(text, rest) for text in fold]
    print(json.dumps({"name": "human", **shares(judged)}), flush=True)
    for free in (False, True):
        composed = songrnn.load("folk").compose_many(count=200, seed=SEED, free=free, best_of=1)
        found = shares([shared_runs_of(made.abc(), whole) for made in composed])
        print(json.dumps({"name": "folk", "free": free, **found}), flush=True)
    if "--without-training" not in arguments:
        print(json.dumps({"name": "by heart", **by_heart(corpus, rng)}), flush=True)


def families_of(tunes: Sequence[str]) -> dict[str, int]:
    """Tune -> the number of its family of variants."""
    return {tunes[one]: number for number, family in enumerate(group_variants(tunes)) for one in family}


def split_off(tunes: Sequence[str], families: dict[str, int], count: int, rng: random.Random) -> list[str]:
    """Whole families, in random order, of `count` tunes or a few more."""
    order = sorted(set(families.values()))
    rng.shuffle(order)
    taken: list[str] = []
    for family in order:
        if len(taken) < count:
            taken += [text for text in tunes if families[text] == family]
    return taken


def folds(tunes: Sequence[str], rng: random.Random) -> list[list[str]]:
    """FOLDS parts; variants stay together."""
    families = families_of(tunes)
    fold = {family: rng.randrange(FOLDS) for family in set(families.values())}
    return [[text for text in tunes if fold[families[text]] == number] for number in range(FOLDS)]


def shares(judged: Sequence[Originality]) -> dict[str, Any]:
    """How many tunes go over the threshold, with and without what is common stock; quantiles of the longest runs."""
    every = [float(one.longest.bars) if one.longest else 0.0 for one in judged]
    uncommon = [float(one.closest.bars) if one.closest else 0.0 for one in judged]
    return {
        "tunes": len(judged),
        "longest_over_3_bars": float(np.mean(np.array(every) > 3)),
        "uncommon_over_3_bars": float(np.mean(np.array(uncommon) > 3)),
        "longest_quantiles_50_90_99": np.quantile(every, [0.5, 0.9, 0.99]).round(2).tolist(),
        "uncommon_quantiles_50_90_99": np.quantile(uncommon, [0.5, 0.9, 0.99]).round(2).tolist(),
    }


def speed(index: Index, tunes: Sequence[str]) -> dict[str, Any]:
    """Milliseconds a tune: to read it, and to judge it beyond that."""
    shared_runs_of(tunes[0], index)
    begun = time.perf_counter()
    for text in tunes:
        melody_of(text)
    read = time.perf_counter()
    for text in tunes:
        shared_runs_of(text, index)
    reading, both = read - begun, time.perf_counter() - read
    per_tune = 1000 / len(tunes)
    return {"reading_ms": round(reading * per_tune, 2), "judging_ms": round((both - reading) * per_tune, 2)}


def planted(
    index: Index,
    corpus: songrnn.Corpus,
    families: dict[str, int],
    melodies: dict[str, Melody],
    rng: random.Random,
) -> dict[str, Any]:
    """Copies that are found, and whose source is named."""
    family_of_name = dict(zip(corpus.names, (families[text] for text in corpus.training), strict=True))
    made = found = named = 0
    while made < COPIES:
        source, host = rng.choice(corpus.training), rng.choice(corpus.test)
        meter = rng.choice([meter for meter in METERS if f"M:{meter}\n" not in source])
        copied = stretch(melodies[source], Fraction(meter) * rng.randint(4, 8), rng)
        if copied is None or len(copied) < FEWEST_NOTES:
            continue
        made += 1
        notes, begin = disguised(copied, melodies[host], rng)
        text = written(notes, meter)
        result = shared_runs_of(text, index)
        melody = melody_of(text)
        begins, ends = melody.characters(begin, begin + len(copied) - 1)
        runs = [run for run in result.runs if not run.common and run.begin < ends and run.end > begins]
        run = max(runs, key=lambda one: one.bars, default=None)
        if run is not None and run.bars > THRESHOLD.amount:
            found += 1
            named += family_of_name[run.sources[0]] == families[source]
    return {"copies": COPIES, "found": found, "named": named}


def stretch(melody: Melody, lasting: Fraction, rng: random.Random) -> tuple[TimedNote, ...] | None:
    """Notes in a row that last so long, or a little less; None for a tune that is shorter."""
    begins = [i for i, note in enumerate(melody.notes) if melody.notes[-1].onset - note.onset >= lasting]
    if not begins:
        return None
    first = rng.choice(begins)
    return tuple(note for note in melody.notes[first:] if note.onset < melody.notes[first].onset + lasting)


def disguised(copied: Sequence[TimedNote], host: Melody, rng: random.Random) -> tuple[list[tuple[int, Fraction]], int]:
    """(pitch, duration) of the host with the copy in its middle, and at which note the copy begins."""
    steps = rng.choice([step for step in range(-6, 7) if step])
    own = [(note.pitch, note.duration) for note in host.notes]
    factors = (Fraction(1, 2), Fraction(3, 2), Fraction(2))
    copy = [(note.pitch + steps, note.duration * (rng.choice(factors) if rng.random() < 0.2 else 1)) for note in copied]
    middle = len(own) // 2
    return [*own[:middle], *copy, *own[middle:]], middle


def written(notes: Iterable[tuple[int, Fraction]], meter: str) -> str:
    """ABC with the bar lines of the meter; a note that continues after one is tied."""
    bar, at, music = Fraction(meter), Fraction(0), ""
    for pitch, duration in notes:
        left = duration
        while left:
            part = min(left, bar - at)
            octave = pitch // 12 - 5
            mark = ("'" if octave > 0 else ",") * abs(octave)
            natural = SPELLED[pitch % 12]
            music += f"{natural if natural[0] == '^' else '=' + natural}{mark}{part * 8}" + ("-" if part < left else "")
            left -= part
            at = (at + part) % bar
            music += " " if at else "|"
    return f"X:1\nT:Planted\nM:{meter}\nL:1/8\nK:C\n{music}\n"


def by_heart(corpus: songrnn.Corpus, rng: random.Random) -> dict[str, Any]:
    """A network that has read 50 tunes EPOCHS times composes 50."""
    chosen = rng.sample(range(len(corpus.training)), BY_HEART)
    tunes = tuple(corpus.training[one] for one in chosen)
    names = [corpus.names[one] for one in chosen]
    small = songrnn.Corpus("tunebook", tunes, corpus.validation[:20], (), (), {}, ("folk",), tuple(names))
    index = Index.build(
        [NamedText(*pair) for pair in zip(names, tunes, strict=True)], [*corpus.validation, *corpus.test]
    )
    settings = songrnn.TrainingSettings(epochs=EPOCHS, ensemble=1, patience=0, validate_every=10**9, threads=1)
    model = songrnn.ModelSettings(**PLAIN, hidden_size=256, dropout=0)
    with tempfile.TemporaryDirectory() as folder:
        run = songrnn.train(small, out=Path(folder) / "run", model=model, training=settings)
        composed = list(songrnn.load(run.checkpoint).compose_many(count=50, seed=SEED, free=True))
    return {"epochs": EPOCHS, **shares([shared_runs_of(made.abc(), index) for made in composed])}


if __name__ == "__main__":
    main(sys.argv[1:])
