"""Swarm walks: texts drawn from all that a constraint allows, each seed with its own random weights of the characters.

Weights that differ widely let rare characters meet: one walk is all tuplets and chords, another all repeats and ties
(swarm testing: Groce and others, ISSTA 2012). `python tests/walks.py` records the walks of data/constraint_walks.jsonl.
"""

import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from songrnn.composing.form import FormSettings
from songrnn.composing.tasks import engine_task
from songrnn.constraints.constraint import Constraint
from songrnn.constraints.state import TuneState
from songrnn.engines.settings import SamplingSettings
from songrnn.errors import SongrnnError
from songrnn.vocabulary import Vocabulary
from wandering import EVERY_CHARACTER

RECORD = Path(__file__).parent / "data" / "constraint_walks.jsonl"
RECORDED = 320
MOST_CHARACTERS = 10_000
"""Of a completion; a longer one never ends."""
VOCABULARIES = {
    "every character": EVERY_CHARACTER,
    "no digits but a meter": "ABCDEFGabcdefg|:[]()<>-/'^_=zMLKR \nmajinor/648/11",
    "no slash among lengths": "ABCDEFGabcdefg|:[]MLKRC246813/ \nmaj",
    "no brackets": "ABCDEFGabcdefg|:MLK1234689/-><.~^_= \nmajdor,'",
    "endings, but nothing that closes": "ABCDEFGabcdefg|:[12({/MLK468 \nmajdor",
    "hardly any": "ABcd|MLK:/4186 \nmaj",
}
HEADERS = (
    *("", "R:reel\n", "R:hornpipe\nM:4/4\nL:1/8\nK:D\n", "R:hornpipe\nM:2/4\nL:1/16\nK:G\n", "M:none\nL:1/8\nK:G\n"),
    *(f"M:{m}\nL:{u}\nK:{k}\n" for m, u, k in (("6/8", "1/8", "G"), ("2/4", "1/4", "C"), ("C|", "1/8", "Edor"))),
    *(f"M:{m}\nL:{u}\nK:{k}\n" for m, u, k in (("3/4", "1/8", "Amin"), ("2/4", "1/16", "Bb"), ("9/8", "1/8", "F#min"))),
)


@dataclass(frozen=True)
class Setup:
    """A constraint and the beginning of its walks; given: so many characters after the header count as a prompt's."""

    vocabulary: str = "every character"
    header: str = ""
    form: tuple[tuple[str, Any], ...] = field(default=())
    given: int = 0

    @classmethod
    def of(cls, seed: int) -> "Setup":
        """One at random; four of ten with every character and no form."""
        rng = random.Random(seed)
        parts = rng.choice(["", "", "AABB", "AB", "AABBCC", "AA", "A", "ABB"])
        form = {
            "bars": max(1, len(set(parts))) * rng.choice([0, 1, 2, 3, 4]),
            "parts": parts,
            "pitch_range": rng.choice(["", "", "D-b", "G,-g", "A,-d'", "C,,,-C,,", "b'-b''"]),
            "end_on_tonic": rng.random() < 0.4,
        }
        requested = tuple((name, value) for name, value in form.items() if value) if rng.random() < 0.5 else ()
        vocabulary = rng.choice(list(VOCABULARIES)) if rng.random() < 0.3 else "every character"
        header = rng.choice(HEADERS)
        given = rng.choice([0, 0, 0, rng.randrange(80)])
        return cls(vocabulary, header if set(header) <= set(VOCABULARIES[vocabulary]) else "", requested, given)


@lru_cache(maxsize=8)
def constraint_of(setup: Setup) -> tuple[Vocabulary, Constraint, list[int]] | None:
    """Vocabulary, constraint and the ids of the header; None where there can be no such tune."""
    vocabulary = Vocabulary.of([VOCABULARIES[setup.vocabulary]], boundaries=True)
    try:
        task = engine_task(setup.header, vocabulary, SamplingSettings(), FormSettings(**dict(setup.form)))
    except SongrnnError:
        return None
    assert task.constraint is not None
    made = task.constraint
    constraint = Constraint(made.automaton, made.form, end=made.end, size=made.size, given=setup.given)
    return vocabulary, constraint, [int(i) for piece in task.pieces for i in piece.ids]


def compiled_of(constraint: Constraint) -> Any:
    """The same constraint in the engine."""
    from songrnn import _native

    return _native.Constraint(constraint.context, constraint.size)


def swarm_walk(compiled: Any, start: list[int], end: int, size: int, seed: int, longest: int) -> list[int]:
    """The ids of one walk, drawn with the compiled constraint; the end last, unless it is too long before."""
    rng = np.random.default_rng(seed)
    weights, ids = np.exp(rng.normal(0, 2, size)), list(start)
    while len(ids) < longest and (not ids or ids[-1] != end):
        drawn = weights * np.array(compiled.allowed(ids))
        ids.append(int(rng.choice(size, p=drawn / drawn.sum())))
    return ids


def swarm_tunes(seeds: Iterable[int]) -> Iterator[str]:
    """Whole valid tunes out of swarm walks, one for each seed whose setup has any."""
    pytest.importorskip("songrnn._native", reason="the engine was not built here")
    for seed in seeds:
        if (found := constraint_of(Setup.of(seed))) is not None:
            vocabulary, constraint, start = found
            compiled = compiled_of(constraint)
            ids = swarm_walk(compiled, start, constraint.end, len(vocabulary), seed, 200)
            ids = [*ids, *compiled.completion(ids)] if ids[-1] != constraint.end else ids
            yield vocabulary.decode(np.array(ids[:-1]))


def completion(constraint: Constraint, state: TuneState) -> list[int]:
    """The completion of a state by the Python constraint, the end last."""
    ids = [constraint.next_to_end(state)]
    while ids[-1] != constraint.end:
        after = constraint.push(state, ids[-1])
        assert after is not None
        state = after
        ids.append(constraint.next_to_end(state))
        assert len(ids) < MOST_CHARACTERS, "the completion does not end"
    return ids


def digest(compiled: Any, ids: list[int], start: int) -> str:
    """Of what is allowed at each place of a walk without its end, and of some completions."""
    ways = [compiled.completion(ids[:place]) for place in range(start, len(ids), 11)]
    return sha256(compiled.masks(ids) + repr(ways).encode()).hexdigest()[:16]


def recorded() -> Iterator[tuple[Setup, str, str]]:
    """Setup, text after the header, and digest of every recorded walk."""
    for line in RECORD.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        form = tuple((name, value) for name, value in row["form"])
        yield Setup(row["vocabulary"], row["header"], form, row["given"]), row["text"], row["digest"]


def record() -> None:
    """Write the file of recorded walks anew."""
    rows: list[str] = []
    for seed in range(10**6):
        setup = Setup.of(seed)
        if len(rows) == RECORDED:
            break
        if (found := constraint_of(setup)) is None:
            continue
        vocabulary, constraint, start = found
        compiled = compiled_of(constraint)
        ids = swarm_walk(compiled, start, constraint.end, len(vocabulary), seed, 160)
        ids = [i for i in ids if i != constraint.end]
        text = vocabulary.decode(np.array(ids[len(start) :], dtype=np.int64))
        rows.append(json.dumps(asdict(setup) | {"text": text, "digest": digest(compiled, ids, len(start))}))
    RECORD.write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    record()
