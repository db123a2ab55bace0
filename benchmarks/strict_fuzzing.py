"""Strict tunes of networks that have learned nothing, checked by `songrnn.notation` and by abc2midi.

Each round has another network with random weights over every character that strict tunes can have (bar lines, brackets
and the like made likelier), another temperature and another requested form: meter, key, bars, parts, range, ending on
the tonic. Every tune is read strictly, checked, played by abc2midi, and its parts are counted from the text. The last
line is JSON: tunes, characters, and how many tunes had a problem of each kind; all of them should be 0.

    python benchmarks/strict_fuzzing.py --rounds 100 --tunes 100 --seed 0
"""

import argparse
import json
import random
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from songrnn.composing.composer import Composer
from songrnn.composing.composition import Composition
from songrnn.errors import SettingsError
from songrnn.evaluation.abc2midi import read_by_abc2midi
from wandering import ends_on_tonic, parts_of, pitches, problems, wanderer

PARTS = {"": 1, "A": 1, "AA": 1, "AB": 2, "AABB": 2, "AAB": 2, "ABCC": 3, "AABBCCDD": 4}
FORMS: dict[str, tuple[Any, ...]] = {
    "meter": ("", "", "2/4", "3/4", "4/4", "C|", "6/8", "9/8", "5/8", "7/8", "3/2"),
    "key": ("", "", "C", "Ador", "F#m", "Bbmix", "Ebphr"),
    "unit_length": ("", "", "1/4", "1/8", "1/16"),
    "pitch_range": ("", "", "D-b", "G,-d'", "c-g'"),
    "end_on_tonic": (False, True),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("rounds", 20), ("tunes", 50), ("seed", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    chosen = parser.parse_args()
    rng, found = random.Random(chosen.seed), Counter[str]()
    tunes = characters = refused = 0
    begun = time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        for number in range(chosen.rounds):
            form, network = random_form(rng), wanderer(rng.randrange(2**32), spread=rng.choice((0.2, 0.5, 1, 2)))
            settings: dict[str, Any] = {
                "max_characters": rng.choice((30, 100, 300, 1000)),
                "temperature": rng.choice((0.3, 0.8, 1.5, 5)),
            }
            try:
                made = list(Composer(network).compose_many(count=chosen.tunes, seed=number, **settings, **form))
            except SettingsError:
                refused += 1
                continue
            for tune, wrong in zip(made, pool.map(what_is_wrong, made), strict=True):
                tunes, characters = tunes + 1, characters + len(tune.text)
                for kind in wrong:
                    found[kind.split(":")[0]] += 1
                    print(f"{kind}\n  {form}\n  {tune.abc()!r}", file=sys.stderr)
    result = {"tunes": tunes, "characters": characters, "forms_refused": refused, "wrong": dict(found)}
    print(json.dumps({**result, "seconds": round(time.monotonic() - begun)}))


def random_form(rng: random.Random) -> dict[str, Any]:
    form = {name: rng.choice(values) for name, values in FORMS.items() if rng.random() < 0.6}
    if rng.random() < 0.7:
        form["parts"] = rng.choice(list(PARTS))
        form["bars"] = rng.choice((0, 1, 2, 4, 8)) * PARTS[form["parts"]]
    return form


def what_is_wrong(made: Composition) -> list[str]:
    wrong = [f"notation: {problem}" for problem in problems(made.text)[:1]]
    midi = read_by_abc2midi(made.abc().encode(), timeout_seconds=20)
    wrong += [f"abc2midi: {message}" for message in midi.errors][:1]
    wrong += ["abc2midi: no notes"] if midi.midi is None else []
    requested = made.requested
    if wrong:
        return wrong
    form = requested.form()
    if not all(form.low <= pitch <= form.high for pitch in pitches(made.text)):
        wrong.append("range: a note outside")
    if requested.end_on_tonic and not ends_on_tonic(made.text):
        wrong.append("ending: not the tonic")
    if not requested.bars:
        return wrong
    if requested.parts:
        expected = [(form.bars, repeated) for repeated in form.sections]
        wrong += [] if parts_of(made.text) == expected else [f"parts: {parts_of(made.text)} in place of {expected}"]
    elif sum(count for count, _ in parts_of(made.text)) != form.bars:
        wrong.append(f"bars: {parts_of(made.text)} in place of {form.bars}")
    return wrong


if __name__ == "__main__":
    main()
