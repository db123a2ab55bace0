"""Repeats, endings and parts drawn at random: every written note is played, or `check` says which is not."""

import random
import re

import pytest

from songrnn.checks.check import check
from songrnn.notation.read import read_tune
from songrnn.performance.timeline import perform

BAR_LINES = ["|", "|", "|", "||", ":|", ":|", "|:", "::", "|]", "|1 ", "|2 ", ":|2 ", "|1,3 ", "|[3 ", "::2 "]
PARTS = ["\nP:A\n", "\nP:B\n"]


def anything(rng):
    """Bar lines, numbers of endings and labels of parts in any order."""
    order = rng.choice(["", "", "P:AB\n", "P:A2B\n", "P:B\n"])
    joins = BAR_LINES + PARTS * bool(order)
    return order, rng.choice(["", "|:"]) + "".join(note(rng) + rng.choice(joins) for _ in range(rng.randint(1, 8)))


def tune_like(rng):
    """Sections as people write them, with the signs that people leave out or take for each other."""
    return "", "".join(rng.choice([plain, plain, with_endings])(rng) for _ in range(rng.randint(1, 4)))


def plain(rng):
    opening, closing = rng.choice([("|:", ":|"), ("|:", "::"), ("", ":|"), ("", "||"), ("||:", ":||"), ("", "|")])
    return opening + "|".join(note(rng) for _ in range(rng.randint(1, 3))) + closing


def with_endings(rng):
    first, second = rng.choice(["|1 ", "|[1 ", "[1 "]), rng.choice([":|2 ", ":|2 ", ":|2 ", "::2 ", "|2 ", ":|\n|2 "])
    third = rng.choice(["", "", "", ":|3 " + note(rng)])
    last = rng.choice(["||", "|]", ":|", "::", "|\n"])
    return rng.choice(["|:", ""]) + note(rng) + first + note(rng) + second + note(rng) + third + last


def note(rng):
    return rng.choice("CDEFGAB") + "4"


def silent(tune):
    """Where the notes stand that are written and never played."""
    played = {note.position for note in perform(tune)}
    return sorted(note.position for note in perform(tune, repeats=False) if note.position not in played)


@pytest.mark.parametrize(("structure", "count", "least"), [(anything, 1000, 40), (tune_like, 1500, 600)])
def test_what_no_pass_plays_is_a_problem_and_nothing_else_is(structure, count, least):
    rng, free = random.Random(0), 0
    for _ in range(count):
        order, body = structure(rng)
        tune = read_tune(f"X:1\n{order}M:4/4\nL:1/4\nK:C\n{body}\n", strict=False)
        problems = check(tune)
        positions = silent(tune)
        unplayed = [problem.position for problem in problems if re.search("never played|no pass", problem.message)]
        assert positions[:1] == unplayed[:1], body
        assert set(unplayed) <= set(positions), body
        free += not problems
    assert free > least


def section(rng, bar):
    """A repeat with its endings as one writes it, and the bars in the order in which they are played."""
    names = [next(bar) for _ in range(rng.randint(1, 3))]
    text, common = "|".join(names), "".join(names)
    passes = rng.choice([0, 1, 2, 2, 3])
    if passes == 0:
        return f"|:{text}:|", common * 2
    if passes == 1:
        return f"|::{text}::|", common * 3
    endings = [next(bar) for _ in range(passes)]
    written = f"|:{text}" + "".join(f"|[{number} {name}:" for number, name in enumerate(endings[:-1], start=1))
    return written + f"|[{passes} {endings[-1]}||", "".join(common + ending for ending in endings)


@pytest.mark.parametrize("seed", range(3))
def test_well_formed_sections_are_played_as_they_say(seed):
    rng = random.Random(seed)
    for _ in range(150):
        letters = iter(rng.sample("CDEFGABcdefgab", 14) * 3)
        sections = [section(rng, letters) for _ in range(rng.randint(1, 4))]
        tune = read_tune("X:1\nM:1/4\nL:1/4\nK:C\n" + "\n".join(text for text, _ in sections) + "\n")
        assert check(tune) == []
        names = dict(zip((60, 62, 64, 65, 67, 69, 71, 72, 74, 76, 77, 79, 81, 83), "CDEFGABcdefgab", strict=True))
        assert "".join(names[note.pitch] for note in perform(tune)) == "".join(played for _, played in sections)
