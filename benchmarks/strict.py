"""Strict tunes: does every one play, does every bar add up, is every request met, and what does it cost?

tunes    N tunes of `folk` with default settings, strict and free: how many abc2midi plays without an error line; in how
         many `notation.check` finds wrong bars, or anything; the probability removed, a character.
bars     N strict tunes: the length of every bar as music21 reads it, beside the length that notation reads. Decorations
         are taken out before, and `3/` is written as `3/2`: music21 loses notes at them.
hard     N tunes each: temperatures 0.5 to 2; networks that have learned nothing; prompts that stop in the middle.
forms    N requests for meter, key, bars, parts, range and an ending on the tonic, composed as by default (the best of
         four): first each value drawn at random, whether or not any tune has them together; then each request the form
         of one held-out tune of `folk` with a tonic and equally long parts, in turn, with its rhythm; of these also the
         scorecard beside those tunes. The probability removed also counted apart for requests that LEAST_MEETING
         training tunes of the rhythm or more meet and for the others: of whole requests, and of each of their values.
jigs     N jigs in D, alternately with 16 bars, AABB and the tonic requested and without: how many have quoted text, and
         end on a note shorter than an eighth; the probability removed.
speed    characters a second with constraints and without, N times in turn, many tunes at once and one at a time.

One candidate a tune, but in forms. One JSON line each. Run: python benchmarks/strict.py tunes 10000 (3 minutes
on two cores), bars 10000 (20), hard 1000, forms 1000, jigs 200, speed 7
"""

import json
import random
import re
import statistics
import sys
import time
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from fractions import Fraction
from typing import Any

import numpy as np

from requested_forms import (
    EVERY,
    LEAST_MEETING,
    VALUES,
    TuneForm,
    forms_of,
    length_of,
    meeting,
    only,
    random_request,
    request_of_tune,
    unmet,
)
from songrnn.checkpoint import Checkpoint
from songrnn.checks.check import check
from songrnn.composing.composer import Composer, load
from songrnn.composing.composition import Composition
from songrnn.cores import usable_cores
from songrnn.errors import AbcSyntaxError
from songrnn.evaluation.abc2midi import read_by_abc2midi
from songrnn.evaluation.analysed import analyse
from songrnn.evaluation.scorecard import judge
from songrnn.model.settings import ModelSettings, parameter_shapes
from songrnn.notation.read import read_tune
from songrnn.performance.timeline import perform
from songrnn.training.held_out import held_out_corpus
from songrnn.training.settings import PLAIN

SEED = 3
SECONDS = 30.0  # more than abc2midi ever takes
PROMPTS = (
    "M:6/8 L:1/8 K:D |:dfd c",
    "M:4/4 L:1/8 K:G GABc (3d",
    "M:4/4 L:1/8 K:G [CE",
    "M:3/4 L:1/8 K:Am A3/",
    'M:2/4 L:1/16 K:D "^Se',
    "M:9/8 L:1/8 K:Em |:EGB e3 dBA :",
    "M:4/4 L:1/8 K:A c2-",
    "M:4/4 L:1/8 K:A e>",
    "K:G |:G>A B",
    "M:6/8 A|B2A |1",
    "M:12/8 K:Bm {f",
    "R:reel",
)


def main(arguments: Sequence[str]) -> None:
    """Measure one of them."""
    what, count = arguments[0], int(arguments[1]) if len(arguments) > 1 else 1000
    rows = {"tunes": tunes, "bars": bars, "hard": hard, "forms": requested, "jigs": jigs, "speed": speed}[what](count)
    for row in rows:
        print(json.dumps({"name": f"strict: {what}", **row}), flush=True)


# ---- tunes


def tunes(count: int) -> Iterator[dict[str, Any]]:
    composer = load("folk")
    for free in (False, True):
        yield {"free": free, **judged(composer.compose_many(count=count, seed=SEED, free=free, best_of=1))}


def judged(compositions: Iterable[Composition]) -> dict[str, Any]:
    """Shares of tunes, and the mean probability removed; the first tune with a fault is shown."""
    total = plays = whole_bars = faultless = finished = 0
    removed, example = [], ""
    with ThreadPoolExecutor(usable_cores()) as pool:
        for made, errors in pool.map(played, compositions):
            total += 1
            kinds = faults(made)
            plays += not errors
            whole_bars += not {"bar", "unread"} & set(kinds)
            faultless += not kinds
            finished += made.finished
            removed.append(made.mass_removed)
            example = example or (made.abc() + errors + " ".join(kinds) if errors or kinds else "")
    row = {
        "tunes": total,
        "play": plays,
        "bars add up": whole_bars,
        "no problem": faultless,
        "ended by network": finished,
    }
    return row | {"mass removed": statistics.fmean(m for m in removed if m == m), "first fault": example}


def played(made: Composition) -> tuple[Composition, str]:
    """The first error line of abc2midi, or "" if it plays."""
    answer = read_by_abc2midi(made.abc().encode(), timeout_seconds=SECONDS)
    error = answer.first_error
    return made, error or (answer.reason if answer.midi is None else "")


def faults(made: Composition) -> list[str]:
    """The kinds of problems that notation finds."""
    try:
        return [problem.kind for problem in check(read_tune(made.abc()))]
    except AbcSyntaxError:
        return ["unread"]


# ---- bars


def bars(count: int) -> Iterator[dict[str, Any]]:
    texts = [made.abc() for made in load("folk").compose_many(count=count, seed=SEED, best_of=1)]
    with ProcessPoolExecutor() as pool:
        found = list(pool.map(same_bars, texts, chunksize=50))
    other = next((text for text, same in zip(texts, found, strict=True) if not same), "")
    yield {"tunes": count, "same lengths": sum(found), "first other": other}


def same_bars(abc: str) -> bool:
    """Whether music21 reads every bar as long as notation does; bars without music are not counted."""
    import music21

    ours = [length for bar in read_tune(abc).voices[0].bars if (length := length_of(bar.layers[0]))]
    header, _, body = abc.partition("\nK:")
    key, _, music = body.partition("\n")
    plain = re.sub(r'"[^"\n]*"|![^!\n]*!|\{[^}\n]*\}|[.~HLMOPSTuv]', "", music)
    plain = re.sub(r"///", "/8", re.sub(r"(\d)/(?![\d/])", r"\1/2", plain))
    plain = re.sub(r"(\d)//(?![\d/])", r"\1/4", plain)
    try:
        score = music21.converter.parse(f"{header}\nK:{key}\n{plain}", format="abc")
        measures = score.recurse().getElementsByClass("Measure")
    except (music21.exceptions21.Music21Exception, IndexError):
        return False
    lengths = [
        sum((Fraction(n.duration.quarterLength) for n in one.notesAndRests), Fraction(0)) / 4 for one in measures
    ]
    theirs = [length.limit_denominator(10_000) for length in lengths if length]
    return ours == theirs


# ---- hard


def hard(count: int) -> Iterator[dict[str, Any]]:
    composer = load("folk")
    for temperature in (0.0, 0.5, 1.0, 1.5, 2.0):
        made = composer.compose_many(count=count, seed=SEED, temperature=temperature, best_of=1)
        yield {"temperature": temperature, **judged(made)}
    for prompt in PROMPTS:
        made = composer.compose_many(header(prompt), count=max(1, count // 10), seed=SEED, best_of=1)
        yield {"prompt": prompt, **judged(made)}
    for spread in (0.3, 1.0, 3.0):
        network = Composer(untrained(composer.checkpoint, spread))
        yield {"untrained, weights": spread, **judged(network.compose_many(count=count, seed=SEED, max_characters=300))}


def header(prompt: str) -> str:
    """A field or the music on each line."""
    fields = re.findall(r"(?:^| )([RMLK]:\S+)", prompt)
    return "\n".join([*fields, *prompt.split(fields[-1])[1].split(maxsplit=0)])


def untrained(checkpoint: Checkpoint, spread: float) -> Checkpoint:
    """A network that knows the same characters and has learned nothing."""
    model = ModelSettings(cell="rnn", hidden_size=16, embedding_size=8, **PLAIN)
    rng = np.random.default_rng(0)
    shapes = parameter_shapes(model, len(checkpoint.vocabulary))
    weights = {name: rng.normal(0, spread, shape).astype(np.float32) for name, shape in shapes.items()}
    return Checkpoint(weights, None, model, checkpoint.vocabulary, "tunebook", {})


# ---- forms


def requested(count: int) -> Iterator[dict[str, Any]]:
    composer, rng, corpus = load("folk"), random.Random(SEED), held_out_corpus("folk")
    trained = list(forms_of(corpus.training))
    yield from fulfilled(composer, [random_request(rng) for _ in range(count)], trained, "values at random")
    human = [
        (tune, request)
        for tune in [*corpus.validation, *corpus.test]
        for request in [request_of_tune(analyse(tune))]
        if request
    ]
    of_tunes = [human[number % len(human)][1] for number in range(count)]
    composed: list[Composition] = yield from fulfilled(composer, of_tunes, trained, f"{len(human)} held-out tunes")
    card = judge([made.abc() for made in composed], [tune for tune, _ in human], plays=False)
    for name, estimate in card.composed.totals.items():
        yield {"metric": name, "composed": estimate.as_json(), "human": card.human.totals[name].as_json()}
    for view, (test, _) in card.two_samples.items():
        yield {"metric": f"two-sample test: {view}", "composed": test.area.as_json()}


def fulfilled(
    composer: Composer, requests: Sequence[Mapping[str, Any]], trained: Sequence[TuneForm], source: str
) -> Generator[dict[str, Any], None, list[Composition]]:
    """Yields the row of all requests, then what is removed of known and of other ones; returns the tunes."""
    composed = [composer.compose(seed=SEED, number=number, **request) for number, request in enumerate(requests)]
    wrong = [
        unmet(TuneForm.of(read_tune(made.abc())), request) for made, request in zip(composed, requests, strict=True)
    ]
    first = next((f"{requests[place]} {fault}" for place, fault in enumerate(wrong) if fault), "")
    row = {"drawn from": source, "requests": len(requests), "met": wrong.count(""), "first unmet": first}
    yield row | judged(composed)
    removed = [made.mass_removed for made in composed]
    for name, names in {"whole request": EVERY, **VALUES}.items():
        known = [meeting(trained, only(request, names)) >= LEAST_MEETING for request in requests]
        sides = {"training tunes have it": True, "others": False}
        counted = {title: removal(removed, [one is side for one in known]) for title, side in sides.items()}
        yield {"drawn from": source, "compared": name, **counted}
    return composed


def removal(removed: Sequence[float], chosen: Sequence[bool]) -> dict[str, float]:
    """How many were chosen, and their mean probability removed with its 95 % interval."""
    found = [one for one, kept in zip(removed, chosen, strict=True) if kept]
    if not found:
        return {"requests": 0}
    mean, error = statistics.fmean(found), statistics.pstdev(found) / len(found) ** 0.5
    return {"requests": len(found), "mass removed": mean, "low": mean - 1.96 * error, "high": mean + 1.96 * error}


def jigs(count: int) -> Iterator[dict[str, Any]]:
    composer = load("folk")
    forms: Sequence[dict[str, Any]] = ({"bars": 16, "parts": "AABB", "end_on_tonic": True}, {})
    for form in forms:
        made = list(
            composer.compose_many(count=count // 2, seed=SEED, best_of=1, rhythm="jig", meter="6/8", key="D", **form)
        )
        lasts = [max(perform(read_tune(one.abc())), key=lambda note: note.onset) for one in made]
        yield {
            "requested": bool(form),
            "tunes": len(made),
            "quoted text": sum('"' in one.text for one in made),
            "last note under an eighth": sum(last.duration < Fraction(1, 8) for last in lasts),
            "mass removed": statistics.fmean(one.mass_removed for one in made),
        }


# ---- speed


def speed(turns: int) -> Iterator[dict[str, Any]]:
    composer = load("folk")
    for name, many in (("many tunes at once", True), ("one at a time, one thread", False)):
        rates: dict[bool, list[float]] = {False: [], True: []}
        for turn in range(turns):
            for free in (False, True):
                begun = time.perf_counter()
                if many:
                    made = list(composer.compose_many(count=600, seed=turn, free=free, best_of=1))
                else:
                    made = [composer.compose(seed=turn, number=number, free=free, best_of=1) for number in range(60)]
                rates[free].append(sum(len(one.text) for one in made) / (time.perf_counter() - begun))
        strict, free_rate = statistics.median(rates[False]), statistics.median(rates[True])
        ratios = sorted(f / s for f, s in zip(rates[True], rates[False], strict=True))
        yield {
            "how": name,
            "strict, characters a second": strict,
            "free": free_rate,
            "times as long": statistics.median(ratios),
            "spread": [ratios[0], ratios[-1]],
        }


if __name__ == "__main__":
    main(sys.argv[1:])
