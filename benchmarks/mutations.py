"""Does a test notice when the constraints change by one line?

Each mutation replaces one piece of text in a copy of the project: in the table of syntax, a constant, a rule in Python,
the translator, or the hand-written C++. The constraint is built anew, so that a changed rule changes both engines, and
the tests of constraints run until one fails. A mutation that none notices is listed with its text, unless a reason here
says that it changes no behaviour.

One JSON line each and a last one with the counts; exit status 1 if a mutation went unnoticed. Run from a checkout, with
the development tools installed: python benchmarks/mutations.py [FIRST [LAST]] (half an hour on two cores)
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
COPIED = ("native", "src", "tests", "pyproject.toml")
TESTS = (
    "test_agreement.py",
    "test_rules.py",
    "test_constraint.py",
    "test_completion.py",
    "test_filler.py",
    "test_tokens.py",
    "test_invalid_tokens.py",
    "test_translate.py",
)
PYTEST = """
import sys
sys.meta_path = [finder for finder in sys.meta_path if not type(finder).__module__.startswith("_editable")]
sys.path.insert(0, "src")
import pytest
sys.exit(pytest.main(sys.argv[1:]))
"""
SECONDS = 600
"""A mutation that makes the tests run longer than this has made something endless, and is noticed."""


class Mutation(NamedTuple):
    """file: below the root; before, after: text; equivalent: why the change has no effect, if it has none."""

    file: str
    before: str
    after: str
    equivalent: str = ""


def _mutations(file: str, *changes: tuple[str, ...]) -> list[Mutation]:
    return [Mutation(file, *change) for change in changes]


RULES = "src/songrnn/constraints"
MUTATIONS: list[Mutation] = [
    # ---- the table of syntax
    *_mutations(
        f"{RULES}/syntax.py",
        ("forbids=(BLANK_FORBIDS | BLANK) & ~GRACED", "forbids=(BLANK_FORBIDS | BLANK)"),
        (
            "forbids=BLANK_FORBIDS | IN_TUPLET, clears=PRECEDING | LINE_LETTER",
            "forbids=BLANK_FORBIDS, clears=PRECEDING",
        ),
        ("IN_TUPLET, clears=PRECEDING | LINE_LETTER", "IN_TUPLET, clears=PRECEDING"),
        ("needs=NOTE | MUSIC, forbids=TIED, clears", "needs=NOTE, forbids=TIED, clears"),
        ("TIED | PREFIX & ~(TEXT | NAMED), sets=REST", "TIED | PREFIX, sets=REST"),
        ("TIED | DECORATED | NO_CHORD, sets=IN_CHORD", "TIED | DECORATED, sets=IN_CHORD"),
        ("DOTTED | SHORTHAND | GRACED, sets=IN_GRACE", "DOTTED | SHORTHAND, sets=IN_GRACE"),
        ("TIED | SHORTHAND | SLURRED, sets=SLURRED", "TIED | SHORTHAND, sets=SLURRED"),
        ("forbids=UNFINISHED | TIED, clears=PRECEDING | ELEMENT", "forbids=UNFINISHED, clears=PRECEDING | ELEMENT"),
        ("TIED, clears=ELEMENT, sets=BROKEN", "TIED, sets=BROKEN"),
        ("SWING | BROKEN | DOTTED, sets=DOTTED", "BROKEN | DOTTED, sets=DOTTED"),
        ("TIED | GRACED | BROKEN, sets=SHORTHAND", "TIED | BROKEN, sets=SHORTHAND"),
        ("sets=SHORTHAND | STRETCHED | UNEVEN", "sets=SHORTHAND | STRETCHED"),
        ("DECORATED | NO_CHORD),", "DECORATED),"),
        ("TEXT_FORBIDS = ACCIDENTAL | DOTTED", "TEXT_FORBIDS = ACCIDENTAL"),
        ("clears = PRECEDING | ELEMENT | LINE_LETTER", "clears = PRECEDING | ELEMENT"),
        ("BINDING = PREFIX & ~(TEXT | NAMED | DECORATED)", "BINDING = PREFIX & ~TEXT"),
        ("NAMED | SYMBOL),", "NAMED),"),
        ("Kind.OCTAVE, clears=LINE_LETTER, node", "Kind.OCTAVE, node"),
        ("sets=MEMBER, node=ROOT_NOTE", "sets=NOTE, node=ROOT_NOTE"),
        ("Kind.ENDING, forbids=BAR_FORBIDS", "Kind.ENDING"),
    ),
    # ---- constants, spellings and the automaton
    *_mutations(
        f"{RULES}/state.py",
        ("= 6, 8, 2, 3", "= 7, 8, 2, 3"),
        ("= 6, 8, 2, 3", "= 6, 7, 2, 3"),
        ("= 6, 8, 2, 3", "= 6, 8, 3, 3"),
        ("= 6, 8, 2, 3", "= 6, 8, 2, 4"),
        ("LOWEST, HIGHEST = 24, 107", "LOWEST, HIGHEST = 23, 107"),
        ("LOWEST, HIGHEST = 24, 107", "LOWEST, HIGHEST = 24, 108"),
        ("flags: int = syntax.BEGIN", "flags: int = syntax.LINE"),
        ("has_second_ending=second_ending", "has_second_ending=True"),
    ),
    *_mutations(
        f"{RULES}/tokens.py",
        ("COMPOUND = 3", "COMPOUND = 2"),
        ("WHOLE = 2**13 * 3**2", "WHOLE = 2**12 * 3**2"),
        ("ACCOMPANIMENT, SWUNG = 1, 2", "ACCOMPANIMENT, SWUNG = 2, 1", "the two bits are named wherever they are used"),
        ("LONGEST_SUM = 40", "LONGEST_SUM = 7"),
    ),
    *_mutations(
        f"{RULES}/spellings.py",
        ("(3, 4, 6, 8, 9, 12)", "(3, 4, 6, 8, 12)"),
        ("MOST_SHARPS = 7", "MOST_SHARPS = 6"),
        ('(":||", ":|]"), ENDS)', '(":||", ":|]"), ENDS | STARTS)'),
        ('"//", 4)', '"//", 8)'),
    ),
    *_mutations(f"{RULES}/automaton.py", ("LONGEST_TEXT = 24", "LONGEST_TEXT = 23")),
    # ---- rules
    *_mutations(
        f"{RULES}/bar_lines.py",
        ("or not state.has_notes or state.slurs", "or not state.has_notes"),
        ("state.pickup_due != state.first_pickup", "state.pickup_due > state.first_pickup"),
        ("SECOND else state.count < form.bars", "SECOND else state.count <= form.bars"),
        ("state.ending == BETWEEN or state.must_divide", "state.ending == BETWEEN"),
        ("missing > state.bar - missing", "missing >= state.bar - missing"),
        ("(state.ending == SECOND and flags & ENDS)", "(state.ending == SECOND and flags)"),
        ("state.sounding, state.given = state.bar, COMPOSED", "state.sounding = state.bar"),
        (" or ((flags or missing) and not ends_long(context, state))", ""),
        ("(0 if state.count == bars else DOUBLE)", "DOUBLE"),
        ("(final or not form.sections[section + 1])", "final"),
        ("state.ending, state.repeat, state.pickup, state.begins_part = BETWEEN, 0, 0, NO", "state.ending = BETWEEN"),
        ("state.lacks_music, state.on_tonic = 1, 0", "state.lacks_music = 1"),
        ("return bool(state.repeat) or not state.has_repeated", "return True"),
        ("return context.has_second_ending", "return context.has_endings"),
        ("state.pickup_due = 0 if missing == state.pickup else missing", "state.pickup_due = missing"),
    ),
    *_mutations(
        f"{RULES}/bar_time.py",
        (
            "(syntax.IN_TUPLET | syntax.BROKEN) and not closes_part(context, state)",
            "(syntax.IN_TUPLET | syntax.BROKEN)",
        ),
        ("and (left == 0 or may_lack(context, state, left))", "and left == 0"),
        ("return left == state.pickup and", "return"),
        ("state.last_length = 0  # nothing", "pass  # nothing"),
        ("begin % (2 * state.swing)", "begin % state.swing"),
        ("sounding = kept if state.broken > 0", "sounding = kept if state.broken < 0"),
        (
            "if left < 0:",
            "if left < -1:",
            "a time in ticks is a multiple of the shortest note, which has more than one",
        ),
        ("if left < 0:", "if False:"),
    ),
    *_mutations(
        f"{RULES}/ticks.py",
        (
            "state.pickup_due and state.begins_part",
            "state.pickup_due",
            "a pickup is due only in the first bar of a part, and where no bar has begun",
        ),
    ),
    *_mutations(
        f"{RULES}/filler.py",
        ("EIGHTH = WHOLE // 8", "EIGHTH = WHOLE // 16"),
        ("(syntax.TEXT if kind", "(0 if kind"),
        ("return state.texts - texts <= MOST_ORNAMENTS", "return True"),
        ("(precedes_note(state) and not delays", "(not delays"),
        ("return worded and closes_part(context, state)", "return False"),
        ("and not before & syntax.SYMBOL)", "and False)"),
        ("not state.in_bar or bool(whole)", "not state.in_bar"),
        ("state.rests <= MOST_RESTS", "True"),
        ("return is_usual(context, length) and keeps", "return keeps"),
        ("and keeps_to_grid(state, length)", ""),
        ("return length in (GRAINS, GRAINS // 2)", "return True"),
        ("or state.sounding >= least", "or True"),
        ("MOST_GRACE_NOTES = 2, 2, 4", "MOST_GRACE_NOTES = 2, 2, 5"),
        ("(state.given == GIVEN and state.flags & syntax.OPEN)", "False"),
        ("state.given = PARTLY_GIVEN", "state.given = COMPOSED"),
        ("least if state.bar // 2 >= least else shortest_ticks(context, state)", "least"),
    ),
    *_mutations(
        f"{RULES}/pitches.py",
        ("return pitch == state.tied_pitch", "return True"),
        ("OCTAVES = (0, 12, 24, 36)", "OCTAVES = (0, 12, 24)"),
        ("and semitones != key.alterations[token.b]", "and semitones"),
    ),
    *_mutations(
        f"{RULES}/effects.py",
        ("if not carried:", "if True:"),
        ("(syntax.NOTE | syntax.MEMBER)", "syntax.NOTE"),
        ("if length != GRAINS and state.chord_length != GRAINS:", "if length != GRAINS:"),
        ("if prefix & syntax.STRETCHED:", "if prefix & syntax.NO_CHORD:"),
        ("or state.in_bar or state.pickup_due:", "or state.in_bar:"),
        ("if not before & syntax.MUSIC:", "if not before & syntax.BLANK:"),
    ),
    *_mutations(
        f"{RULES}/viability.py",
        ("(syntax.IN_TUPLET | syntax.BROKEN):", "syntax.BROKEN:"),
        ("(syntax.ACCIDENTAL | syntax.IN_CHORD)", "syntax.ACCIDENTAL"),
        ("not (write_bar_line(context, after, 0, 0) and may_go_on(context, after))", "not may_go_on(context, after)"),
        ("if state.members > 0 and length != state.chord_length:", "if length != state.chord_length:"),
    ),
    *_mutations(
        f"{RULES}/completion.py",
        ("UNRANKED, DETOUR, NEVER = 50, 60, 100", "UNRANKED, DETOUR, NEVER = 50, 4, 100"),
        ("return 10 if token.b == key.tonic", "return 12 if token.b == key.tonic"),
        ("return -length - LONGEST_LENGTH", "return length - LONGEST_LENGTH"),
        ("(1 if left % beat_ticks(context, after) else 2)", "1"),
    ),
    # ---- the translator and the hand-written C++
    *_mutations(
        "native/translate.py",
        ('ast.Lt: "<",', 'ast.Lt: "<=",'),
        ("{name} < {last}; ++{name}", "{name} + 1 < {last}; ++{name}"),
        ('"wide": "std::int64_t"', '"wide": NUMBER'),
        ("else 'auto'} {target.id}", "else 'auto&'} {target.id}"),
    ),
    *_mutations(
        "native/constraint.cpp",
        (" && !(s.flags & TIED)", ""),
        (" && !context_.form.ends_on_tonic", ""),
        ("context_.any_pitch && ", ""),
        ("if (within_token) mark(s, mask);", ""),
        ("(settled.flags & LINE) && ", ""),
        ("if (letter && letters >= 0) {", "if (letters >= 0) {"),
        ("within(context.shortest, 1,", "within(context.shortest, 0,"),
    ),
    *_mutations(
        "native/tokens.hpp",
        ("edge.node >= 4", "edge.node >= 0"),
        ("if (index == token) return edge.id;", "if (index >= token) return edge.id;"),
        ("return edges[node].first == edges[node].last;", "return edges[node].first + 1 >= edges[node].last;"),
    ),
    *_mutations(
        "native/bind_constraint.cpp",
        ('number(token, "b"), number(token, "c")', 'number(token, "c"), number(token, "b")'),
        ('out.least = nb::cast<Numbers>(object.attr("least"));', "out.least.resize(out.ended.size());", "slower only"),
    ),
]


def main(arguments: Sequence[str]) -> int:
    """Try the mutations from FIRST to before LAST."""
    first, last = [*map(int, arguments), 0, len(MUTATIONS)][:2] if len(arguments) != 1 else (int(arguments[0]), None)
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            shutil.copytree(source, copy / name) if source.is_dir() else shutil.copy(source, copy / name)
        configure(copy)
        assert judged(copy) == "unnoticed", "the tests fail without any mutation"
        for number, mutation in list(enumerate(MUTATIONS))[first:last]:
            verdict = tried(copy, mutation)
            if verdict == "unnoticed" and mutation.equivalent:
                verdict = "equivalent"
            counts[verdict.partition(":")[0]] += 1
            print(json.dumps({"mutation": number, "verdict": verdict, **mutation._asdict()}), flush=True)
    print(json.dumps({"name": "mutations of the constraints", **counts}))
    return 1 if counts["unnoticed"] else 0


def tried(copy: Path, mutation: Mutation) -> str:
    """The verdict on one mutation; the copy is as before afterwards."""
    path = copy / mutation.file
    text = path.read_text(encoding="utf-8")
    assert text.count(mutation.before) == 1, f"{mutation.before!r} stands {text.count(mutation.before)} times in {path}"
    path.write_text(text.replace(mutation.before, mutation.after), encoding="utf-8")
    try:
        return judged(copy)
    finally:
        path.write_text(text, encoding="utf-8")


def configure(copy: Path) -> None:
    """Prepare the build of the constraints alone."""
    nanobind = subprocess.run(
        [sys.executable, "-m", "nanobind", "--cmake_dir"], capture_output=True, text=True, check=True
    )
    command = ["cmake", "-S", "native", "-B", "build", "-G", "Ninja", f"-DPython_EXECUTABLE={sys.executable}"]
    run(
        [*command, f"-Dnanobind_DIR={nanobind.stdout.strip()}", "-DCMAKE_CXX_FLAGS_RELEASE=-O1"], copy
    ).check_returncode()


def judged(copy: Path) -> str:
    """How the tests of constraints notice what the copy has: "noticed: ...", or "unnoticed"."""
    built = run(["cmake", "--build", "build", "--target", "constraint_module"], copy)
    if built.returncode:
        return "noticed: it cannot be built"
    tests = [f"tests/constraints/{name}" for name in TESTS]
    options = ["-x", "-q", "-p", "no:cacheprovider", "--no-header", "-k", "not fp32", *tests]
    try:
        result = run([sys.executable, "-c", PYTEST, *options], copy)
    except subprocess.TimeoutExpired:
        return "noticed: the tests do not end"
    if result.returncode == 0:
        return "unnoticed"
    failed = [line.split("::")[-1].split(" - ")[0] for line in result.stdout.splitlines() if line.startswith("FAILED")]
    return f"noticed: {failed[0] if failed else 'the tests cannot run'}"


def run(command: Sequence[str], copy: Path) -> "subprocess.CompletedProcess[str]":
    """Run a command in the copy, with the tools and the engine of this environment's folder."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "SONGRNN_TEST_NATIVE": "build/constraint", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        command, cwd=copy, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
