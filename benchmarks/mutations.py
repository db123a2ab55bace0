"""Does a test notice when the rules of constraints or tracker change by one line?

Each drift (`drifts.py`) replaces one piece of text in a copy of the project. If it is one of Python, the tests that
need no engine run first; where they notice nothing, the engine is built anew, so that a changed rule changes both, and
the others run until one fails: the recorded walks, then the rest. A drift that none notices is listed with its text,
unless a reason says that it changes no behaviour.

One JSON line each and a last one with the counts; exit status 1 if a drift went unnoticed. Run from a checkout, with
the development tools installed: python benchmarks/mutations.py [FIRST [LAST]] (some 15 minutes of processor time)
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from drifts import MUTATIONS, TRACKING, Mutation

ROOT = Path(__file__).parents[1]
COPIED = ("native", "src", "tests", "pyproject.toml")
TESTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "constraints": (
        ("test_rules.py", "test_filler.py", "test_tokens.py", "test_constraint.py"),
        ("test_agreement.py", "test_completion.py", "test_filler.py", "test_invalid_tokens.py", "test_constraint.py"),
    ),
    "tracking": (
        ("test_features.py", "test_lookback.py", "test_tracker.py", "../constraints/test_tokens.py"),
        ("test_features.py", "test_tracker.py"),
    ),
}
"""Folder of tests -> files that run without the engine, and files that run with it; those that fail soonest first."""
TRANSLATOR = "constraints/test_translate.py"
NEEDS_NETWORKS = "not fp32 and not composed_tune_continues"
"""Tests of constraints that compose, for which the engine of rules alone is too little."""
PYTEST = """
import sys
sys.meta_path = [finder for finder in sys.meta_path if not type(finder).__module__.startswith("_editable")]
sys.path.insert(0, "src")
import pytest
sys.exit(pytest.main(sys.argv[1:]))
"""
SECONDS = 900
"""A drift that makes the tests run longer than this has made something endless, and is noticed."""


def main(arguments: Sequence[str]) -> int:
    """Try the drifts from FIRST to before LAST."""
    first, last = (*map(int, arguments), *(0, len(MUTATIONS))[len(arguments) :])
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            shutil.copytree(source, copy / name) if source.is_dir() else shutil.copy(source, copy / name)
        configure(copy)
        for tested in TESTS:
            assert (found := judged(copy, tested, python=True)) == "unnoticed", f"without any drift: {found}"
        for number, mutation in list(enumerate(MUTATIONS))[first:last]:
            begun = time.monotonic()
            verdict = tried(copy, mutation)
            if verdict == "unnoticed" and mutation.equivalent:
                verdict = "equivalent"
            counts[verdict.partition(":")[0]] += 1
            row = {"mutation": number, "verdict": verdict, "seconds": round(time.monotonic() - begun, 1)}
            print(json.dumps(row | mutation._asdict()), flush=True)
    print(json.dumps({"name": "mutations of the rules", **counts}))
    return 1 if counts["unnoticed"] else 0


def tried(copy: Path, mutation: Mutation) -> str:
    """The verdict on one drift; the copy is as before afterwards."""
    path = copy / mutation.file
    text = path.read_text(encoding="utf-8")
    assert text.count(mutation.before) == 1, f"{mutation.before!r} stands {text.count(mutation.before)} times in {path}"
    tested = "tracking" if TRACKING in mutation.file or "position" in mutation.file else "constraints"
    write(path, text.replace(mutation.before, mutation.after))
    try:
        return judged(copy, tested, python=mutation.file.endswith(".py"))
    finally:
        write(path, text)


def write(path: Path, text: str) -> None:
    """Write a file that is newer than what was compiled from it, if only by a second."""
    before = path.stat().st_mtime
    path.write_text(text, encoding="utf-8")
    newer = max(time.time(), before + 1)
    os.utime(path, (newer, newer))


def configure(copy: Path) -> None:
    """Prepare the build of the rules alone."""
    nanobind = subprocess.run(
        [sys.executable, "-m", "nanobind", "--cmake_dir"], capture_output=True, text=True, check=True
    )
    command = ["cmake", "-S", "native", "-B", "build", "-G", "Ninja", f"-DPython_EXECUTABLE={sys.executable}"]
    run(
        [*command, f"-Dnanobind_DIR={nanobind.stdout.strip()}", "-DCMAKE_CXX_FLAGS_RELEASE=-O1"], copy
    ).check_returncode()


def judged(copy: Path, tested: str, *, python: bool) -> str:
    """How the tests notice what the copy has: "noticed: ...", or "unnoticed"; python: whether Python has changed."""
    alone, compiled = ([f"{tested}/{name}" for name in names] for names in TESTS[tested])
    if python and (failed := failure(copy, [TRANSLATOR, *alone] if tested == "constraints" else alone)):
        return failed
    if run(["cmake", "--build", "build", "--target", "rules_module"], copy).returncode:
        return "noticed: it cannot be built"
    return failure(copy, compiled, SONGRNN_TEST_NATIVE="build/rules") or "unnoticed"


def failure(copy: Path, tests: Iterable[str], **environment: str) -> str:
    """How the first test that fails notices it; "" if none fails."""
    options = ["-x", "-q", "-p", "no:cacheprovider", "--no-header", "-k", NEEDS_NETWORKS]
    try:
        result = run([sys.executable, "-c", PYTEST, *options, *(f"tests/{one}" for one in tests)], copy, **environment)
    except subprocess.TimeoutExpired:
        return "noticed: the tests do not end"
    if result.returncode == 0:
        return ""
    failed = [line.split("::")[-1].split(" - ")[0] for line in result.stdout.splitlines() if line.startswith("FAILED")]
    return f"noticed: {failed[0] if failed else 'the tests cannot run'}"


def run(command: Sequence[str], copy: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a command in the copy, with the tools of this environment's folder."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        command,
        cwd=copy,
        env=os.environ | {"PATH": path} | environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
