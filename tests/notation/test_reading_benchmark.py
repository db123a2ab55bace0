"""`benchmarks/reading.py` compares bars played once: what it takes out of a text for that, and what stays."""

import importlib.util
from pathlib import Path

import pytest

from songrnn.notation.read import read_tune

PATH = Path(__file__).parents[2] / "benchmarks" / "reading.py"


@pytest.fixture(scope="module")
def reading():
    pytest.importorskip("symusic")
    spec = importlib.util.spec_from_file_location("reading", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("text", "once"),
    [
        ("|:(3::2AB c:|", "|(3::2AB c|"),
        ("(3:2:4ABcd|1 e:|[2 f::g|", "(3:2:4ABcd| e| f|g|"),
        ("(5:4ABcde::(3::4ABcd|", "(5:4ABcde|(3::4ABcd|"),
        ("K:C\nP:A\nA|:B:|", "K:C\nA|B|"),
        ("A[M:3/4]B:|", "A[M:3/4]B|"),
    ],
)
def test_repeats_go_and_colons_of_tuplets_stay(reading, text, once):
    assert reading.without_repeats(text) == once


def test_a_tuplet_without_its_repeats_lasts_as_long(reading):
    tune = read_tune(f"X:1\nL:1/8\nK:C\n{reading.without_repeats('|:(3::2AB c:|')}\n")
    assert reading.ours(tune, repeats=False) == reading.ours(
        read_tune("X:1\nL:1/8\nK:C\n|:(3::2AB c:|\n"), repeats=False
    )
