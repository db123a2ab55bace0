"""Mutated tunes go the whole way, and nothing breaks: `benchmarks/fuzzing.py` in short, whose checks these are."""

import importlib.util
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).parents[2]
TUNES = [path.read_text("utf-8") for path in sorted((ROOT / "tests" / "data" / "abc").glob("*.abc"))]


def load_benchmark():
    spec = importlib.util.spec_from_file_location("fuzzing", ROOT / "benchmarks" / "fuzzing.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


fuzzing = load_benchmark()
STRETCHES = st.one_of(
    st.sampled_from(fuzzing.PIECES),
    st.text(alphabet=fuzzing.SIGNS, max_size=5),
    st.sampled_from(fuzzing.FIELDS).map("\n{}\n".format),
    st.sampled_from(TUNES).flatmap(lambda text: st.sampled_from(text.split("\n"))),
)


def failures(text):
    """What is wrong with a text, its times left out: a test must not depend on what else the machine does."""
    report = fuzzing.Report("test")
    fuzzing.examine(text, report)
    return [reason for reason in report.failures if " takes " not in reason]


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.sampled_from(TUNES), st.lists(st.tuples(st.integers(0, 300), st.integers(0, 8), STRETCHES), max_size=6))
def test_a_mutated_tune_goes_the_whole_way(text, changes):
    for start, length, stretch in changes:
        text = text[:start] + stretch + text[start + length :]
    assert failures(text) == []


@pytest.mark.parametrize(
    ("name", "broken", "reason"),
    [
        ("write_tune", lambda tune: "K:C\nA|\n", "a tune that is written reads as another"),
        ("check", lambda tune: 1 / 0, "ZeroDivisionError"),
        ("transpose", lambda tune, semitones: tune, "a transposed tune sounds at other pitches"),
        ("read_tune", lambda text, *, strict: [][0], "IndexError"),
    ],
)
def test_a_fault_is_found(monkeypatch, name, broken, reason):
    monkeypatch.setattr(fuzzing, name, broken)
    assert reason in failures("X:1\nK:G\nGABc|\n")[0]


def test_a_slow_text_is_found(monkeypatch):
    monkeypatch.setattr(fuzzing, "MOST_MS_PER_KILOBYTE", 0.0)
    report = fuzzing.Report("test")
    fuzzing.examine("X:1\nK:G\nGABc|\n", report)
    assert "read strictly takes 0 ms a kilobyte" in report.failures


def test_random_changes_are_the_same_for_the_same_seed():
    texts = [[fuzzing.mutated(TUNES[0], fuzzing.random.Random(seed), TUNES) for seed in (1, 2)] for _ in range(2)]
    assert texts[0] == texts[1]
    assert len(set(texts[0])) == 2
