"""Whether any text makes `songrnn.notation` fail, take long, or contradict itself.

Every text is read strictly and tolerantly, and one in ten goes the whole way: the tune is checked,
played with and without repeats, written, read again, transposed, written and read again. What must hold:

- No exception but AbcSyntaxError from reading, and ValueError from transposing notes beyond the last octave.
- What is read strictly reads tolerantly as the same, with nothing skipped.
- What was written reads strictly as the same tune; a transposed tune sounds so many semitones higher.
- Each of these takes at most 50 ms of processor time a kilobyte (1,000 characters; a shorter text counts as one). A
  time over all before is taken three times more, and the least counts: the machine may be shared.

Texts come from:

    mutations   random changes to tunes of the collections, to a small tune of each notation feature, to made-up ones
    coverage    the same under libFuzzer (pip install atheris), which keeps what reaches new branches of the code, and
                changes that further; the code runs several times slower there
    growth      texts made to be slow, of 2 and 4 kilobytes: twice the text may take 2.3 times as long; and of 100 to
                be read only

Prints one JSON line: counts, failures, the slowest text of each operation. COUNT says how many texts, SEED which.

Run: python benchmarks/fuzzing.py mutations|coverage|growth [COUNT [SEED]]   (needs pip install 'songrnn[collections]')
"""

import gc
import inspect
import json
import os
import random
import re
import sys
import tempfile
import time
import traceback
import zlib
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from songrnn.checks.check import check
from songrnn.corpus.sources import read_sources
from songrnn.errors import AbcSyntaxError
from songrnn.notation.read import read_tune
from songrnn.notation.transpose import transpose
from songrnn.notation.tune import Tune
from songrnn.notation.write import write_tune
from songrnn.performance.timeline import perform

COUNT, SEED = 500_000, 1
MOST_MS_PER_KILOBYTE = 50.0
MOST_GROWTH = 2.3
MOST_CHARACTERS = 400  # of a mutated text
FULLY = 10  # one mutated text in so many is not only read; the rest takes four times as long as reading
MOST_SHOWN = 20  # failures of one run
SEMITONES = (-24, -7, -2, -1, 1, 3, 5, 6, 11, 24)
MODULES = (
    *(
        "check",
        "lines",
        "music",
        "performance",
        "pitches",
        "read",
        "scan",
        "signs",
        "transpose",
        "tune",
        "values",
        "voice",
    ),
    *("words", "write"),
)

FEATURES = Path(__file__).parents[1] / "tests" / "data" / "abc"
SIGNS = "ABCDEFGabcdefgzxyZX[](){}<>|:'\",^_=/0123456789.-~+!&\\%HTuvkKLMVPXwWmUs* \n\r\t$é٣\u2028\x1c\x00"
# What notation is made of, whole and in halves; texts are made up from these, and they are put into tunes.
_ON_LINES = r"""
A c B, d' ^e _f =g ^^A __B A2 A/ A// A3/2 A3/4 A9/8 z z2 x Z Z4 X y y3 > < >> >>> - ( ) & ` \ . ~ T u
[CEG] [C2E]3 [C-E]- [ ] [] {g} {/gab} { } (3 (3ABc (5:4:2 (9 (3:2 +CE+ +trill+ !trill! !coda! !a! ! " * =
| || |] [| [|] .| |: :| :: :|: |:: ::| [1 |1 :|2 [1,3 [1-9 [2 "Am" "F#m7/C#" "^up" "" 1 999 0 /0 999999
[K:D] [K:Gmin] [K:exp^f_b] [K:Hp] [K:none] [K:bass] [M:6/8] [M:C|] [M:none] [L:1/16] [V:2] [P:A] [r:x]
[U:W=!x!] [Q:1/4=90] [I:x [K: [V: $ slowly D.C. Fine &lt; &eacute; <br> café [Y:x] [K:]
"""
PIECES = (
    *_ON_LINES.split(),
    *("\n", "\\\n", " ", "\n\n", "\nK:Ador\n", "\nM:3/4\n", "\nL:1/4\n", "\nV:1\n", "\nV:2 clef=alto\n", "\nP:B\n"),
    *("\nw:la-la * la\n", "\n+:more\n", "\nU:T=!fermata!\n", "\nT:Part\n", "\n%%MIDI\n", "% words\n", "=20\n", "=\n"),
    *("\nI:linebreak !\n", "\nI:linebreak $\n", "\nI:linebreak <none>\n", "\nI:decoration +\n", "\nY:x\n", "\nK:\n"),
    *("\n%%begintext\n", "\n%%endtext\n", " 2 ", " /2 ", "!A>B!", "\r\r\n", "\n%%score (1 2)\n", "\n[V:3]\n"),
    *("\nI:linebreak !\n", "\nI:linebreak $\n", "\nI:linebreak <none>\n", "\nI:decoration +\n", "\nY:x\n", "\nK:\n"),
    *("\n%%begintext\n", "\n%%endtext\n", " 2 ", " /2 ", "!A>B!", "\r\r\n", "\n%%score (1 2)\n", "\n[V:3]\n"),
)
FIELDS = (
    *("X:1", "T:Made up", "R:reel", "M:6/8", "M:C", "M:none", "M:2+3/8", "L:1/16", "L:1/4", "L:1/512", "Q:1/4=120"),
    *("P:AB", "P:A2(BA)3", "P:((A9)9)9", "V:2", "V:1 name=High", "U:W=!x!", "U:T=!nil!", "+:more", "N:some", "H:old"),
    *("I:linebreak !", "I:linebreak $", "I:linebreak <none>", "I:decoration +", "Y:x", "X:", "%%score 1"),
    *("m:~n=a", "w:la", "", "%%x", "words"),
)
KEYS = (
    "C",
    "Dmaj",
    "Ador",
    "F#mix",
    "Gb",
    "Cb lyd",
    "B#loc",
    "Hp",
    "HP",
    "none",
    "D exp _b ^f",
    "G clef=bass",
    "",
    "Q",
)

Operation = Callable[[], Any]
Result = TypeVar("Result")


def main(mode: str, count: int, seed: int) -> None:
    """One of the three."""
    {"mutations": mutations, "coverage": coverage, "growth": growth}[mode](count, seed)


def mutations(count: int, seed: int) -> None:
    """`count` random changes of random tunes."""
    rng, seeds, report = random.Random(seed), seed_texts(), Report("mutations")
    for number in range(count):
        text = made_up(rng) if rng.randrange(4) == 0 else rng.choice(seeds)
        examine(mutated(text, rng, seeds), report, fully=number % FULLY == 0)
        if number % 10_000 == 9_999:
            print(f"{number + 1} texts, {report.counts['failures']} failures", file=sys.stderr, flush=True)
    report.print()


def coverage(count: int, seed: int) -> None:
    """`count` texts that libFuzzer chooses; it ends the process, so what was found is printed before."""
    import atheris

    for name in MODULES:
        instrument(import_module(f"songrnn.notation.{name}"), atheris.instrument_func)
    seeds, report, rng = seed_texts(), Report("coverage"), random.Random(seed)

    def examine_one(data: bytes) -> None:
        examine(data.decode("utf-8", "replace"), report, fully=zlib.crc32(data) % FULLY == 0)
        if report.counts["texts"] >= count:
            report.print()
            os._exit(0)

    def change(data: bytes, most: int, number: int) -> bytes:
        text = mutated(data.decode("utf-8", "replace"), random.Random(number), seeds)
        return text.encode()[:most]

    folder = Path(tempfile.mkdtemp())
    for number, text in enumerate([*rng.sample(seeds, 200), *(made_up(rng) for _ in range(200))]):
        (folder / str(number)).write_text(text[:MOST_CHARACTERS], "utf-8", newline="")
    flags = [f"-max_len={MOST_CHARACTERS}", f"-seed={seed}", "-rss_limit_mb=0", "-verbosity=0"]
    atheris.Setup([sys.argv[0], *flags, str(folder)], examine_one, custom_mutator=change)
    atheris.Fuzz()


def instrument(module: Any, function_to_traced: Callable[[Any], Any]) -> None:
    """Let the functions and methods of a module tell which branches they take."""
    for thing in vars(module).values():
        for part in (thing, *(vars(thing).values() if inspect.isclass(thing) else ())):
            function = getattr(part, "fget", getattr(part, "__func__", getattr(part, "__wrapped__", part)))
            if inspect.isfunction(function) and function.__module__ == module.__name__:
                function_to_traced(function)


# ---- texts


def seed_texts() -> list[str]:
    """Small tunes of every feature, and the beginnings of the collections' tunes."""
    features = [path.read_text("utf-8") for path in sorted(FEATURES.glob("*.abc"))]
    return features * 10 + [beginning(tune.text) for tune in read_sources(["folk"]).tunes]


def beginning(text: str) -> str:
    """A tune with a short header, and so much of its body as leaves it short."""
    header, key, body = text.partition("\nK:")
    fields = "".join(f"{line}\n" for line in header.split("\n") if re.match(r"[MLPV]:", line))
    return f"{fields}{key[1:]}{body}"[:120]


def made_up(rng: random.Random) -> str:
    """Fields, a key, and pieces of notation in any order."""
    fields = "".join(f"{rng.choice(FIELDS)}\n" for _ in range(rng.randrange(3)))
    pieces = rng.choices(PIECES, k=rng.randrange(30))
    notes = (rng.choice("ABcd") * rng.randrange(3) for _ in pieces)
    return f"{fields}K:{rng.choice(KEYS)}\n" + "".join(map(str.__add__, pieces, notes))


def mutated(text: str, rng: random.Random, others: list[str]) -> str:
    """The text with one to eight changes."""
    for _ in range(rng.choice((1, 1, 2, 3, 5, 8))):
        start = rng.randint(0, len(text))
        end = min(len(text), start + rng.choice((0, 1, 2, 5, 20)))
        text = text[:start] + replacement(text[start:end], rng, others) + text[end:]
    return text[:MOST_CHARACTERS]


def replacement(old: str, rng: random.Random, others: list[str]) -> str:
    """What comes in place of a stretch of a text."""
    match rng.randrange(6):
        case 0:
            return ""
        case 1:
            return old + rng.choice(PIECES)
        case 2:
            return "".join(rng.choices(SIGNS, k=rng.randint(1, 4)))
        case 3:
            return old * rng.choice((2, 2, 3, 20))
        case 4:
            other = rng.choice(others)
            start = rng.randint(0, len(other))
            return other[start : start + rng.randint(1, 30)]
    return f"\n{rng.choice(FIELDS)}\n" if rng.randrange(2) else f"\nK:{rng.choice(KEYS)}\n"


# ---- what must hold


class Report:
    """Counts, failures, and the slowest text of each operation."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.counts = Counter({"texts": 0, "failures": 0})
        self.failures: list[str] = []
        self.slowest: dict[str, tuple[float, str]] = {}

    def fail(self, text: str, reason: str) -> None:
        """Note a failure; the first ones are shown at once."""
        self.counts["failures"] += 1
        if len(self.failures) < MOST_SHOWN:
            self.failures.append(reason)
            print(f"{reason}\n    {text!r}", file=sys.stderr, flush=True)

    def timed(self, name: str, text: str, operation: Callable[[], Result]) -> Result:
        """The result of an operation on this text; its time is compared with the limit."""
        begun = time.process_time()
        result = operation()
        speed = ms_per_kilobyte(text, time.process_time() - begun)
        if speed > self.slowest.get(name, (0.0, ""))[0]:
            speed = min(speed, *(ms_per_kilobyte(text, seconds(operation)) for _ in range(3)))
            self.slowest[name] = max(self.slowest.get(name, (0.0, "")), (speed, text))
            if speed > MOST_MS_PER_KILOBYTE:
                self.fail(text, f"{name} takes {speed:.0f} ms a kilobyte")
        return result

    def print(self) -> None:
        """All of it as one line."""
        slowest = {name: [round(speed, 1), text[:200]] for name, (speed, text) in self.slowest.items()}
        found = {"name": self.name, **self.counts, "reasons": self.failures, "slowest_ms_per_kilobyte": slowest}
        print(json.dumps(found, ensure_ascii=False), flush=True)


def seconds(operation: Operation) -> float:
    """Processor time of one call, without that of collecting the garbage of others, as `timeit` has it."""
    gc.disable()
    begun = time.process_time()
    operation()
    elapsed = time.process_time() - begun
    gc.enable()
    return elapsed


def ms_per_kilobyte(text: str, duration: float) -> float:
    return 1000 * duration / max(1, len(text) / 1000)


def examine(text: str, report: Report, *, fully: bool = True) -> None:
    """Read a text in both ways, and `fully` does with the tune all that can be done."""
    report.counts["texts"] += 1
    report.counts["characters"] += len(text)
    try:
        strict = report.timed("read strictly", text, lambda: read_or_none(text, strict=True))
        tune = report.timed("read tolerantly", text, lambda: read_or_none(text, strict=False))
        if strict is not None:
            assert tune == strict, "a tolerant reading differs from a strict one"
            assert tune.skipped == (), "a tolerant reading skips what a strict one takes"
        kind = "no_tune" if tune is None else "tolerantly" if tune.skipped else "strictly"
        report.counts[kind] += 1
        if tune is not None and fully:
            examine_tune(tune, text, SEMITONES[len(text) % len(SEMITONES)], report)
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        report.fail(text, f"{type(error).__name__}: {error} ({Path(place.filename).name}:{place.lineno})")


def read_or_none(text: str, *, strict: bool) -> Tune | None:
    try:
        return read_tune(text, strict=strict)
    except AbcSyntaxError:
        return None


def transposed_or_none(tune: Tune, semitones: int) -> Tune | None:
    try:
        return transpose(tune, semitones)
    except ValueError:
        return None


def examine_tune(tune: Tune, text: str, semitones: int, report: Report) -> None:
    """Everything after reading."""
    report.timed("check", text, lambda: check(tune))
    report.timed("perform as written", text, lambda: perform(tune, repeats=False))
    played = report.timed("perform", text, lambda: perform(tune))
    written = report.timed("write", text, lambda: write_tune(tune))
    again = report.timed("read again", written, lambda: read_tune(written))
    assert again == tune, "a tune that is written reads as another"
    moved = report.timed("transpose", text, lambda: transposed_or_none(tune, semitones))
    if moved is None:
        return
    assert read_tune(write_tune(moved)) == moved, "a transposed tune that is written reads as another"
    pitches = [note.pitch + semitones for note in played]
    assert [note.pitch for note in perform(moved)] == pitches, "a transposed tune sounds at other pitches"


# ---- texts made to be slow

HEADER = "X:1\nT:Slow\nM:4/4\nL:1/8\nK:C\n"
BODY = HEADER + "…"
# A text, and what stands in place of its "…" many times over; № is a running number.
SLOW: tuple[tuple[str, tuple[str, ...]], ...] = (
    (BODY, PIECES),
    (HEADER + "A…A", (*"-()[]{}<>&!+\"`.:|/,'^_=0", "[1", "[K:", "[V:", "::", "(3", "\\", " ")),
    (BODY, ("A>", "A-", "[C", "{A", "(A", "A)", "!a", "+A", '"A', "(3A", "[C-]", "A&A|", "[K:D]^A")),
    (BODY, ("A:|", "|:A:|", "|:A", "A|1 A:|2 A", "A[1-99 B:|", "|:A[1,2 A:|", "A||")),
    (
        BODY,
        ("[V:1]A|[V:2]A|", "V:1\nA\nV:2\nB\n", "V:№\nA2|\n", "P:A\nA|\nP:B\nB|\n", "P:№\nA2|\n", "[V:№]|:A[1-99 A:|"),
    ),
    (BODY, ("w:la\n", "+:a\n", "W:a\n", "A\nw:a\n+:b\n", "K:D\n", "U:T=!a!\n", "m:a\n")),
    (HEADER + "|:A…:|", ("[1 A|", "[1-99 A:|", "A|", "[2 A||", "A[2-99 |", "[1 A:|", "Z999|")),
    (HEADER + "|:…:::::|", ("A", "[CEG]", "A|", "A-", "A&A|", "A||", "A/")),
    (HEADER + "|:[99 …|[1-98 A:|", ("A", "[99 ", "A|")),
    ("X:1\nP:A99\nK:C\nP:A\n|:…::::::::|", ("A",)),
    ("X:1\nP:(A9)9\nK:C\nP:A\n…", ("A[1-99 A:|",)),
    ("X:1\nP:A99\nK:C\n…", ("[V:№][P:A]A",)),
    ("X:1\n…\nK:C\nA|\n", ("T:a\n", "V:1\n", "V:№\n", "+:a\n", "H:a\nb|\n", "U:T=!a!\n", "a\n", "\n")),
    ("X:1\nM:…\nK:C\nA|\n", ("1+", "(", "9")),
    ("X:1\nP:…\nK:C\nP:A\nA|\n", ("A", "A9", "(A", "(")),
    ("X:1\nV:…\nK:C\nA|\n", ("1 ", "1")),
    ("X:1\nK:…\nA|\n", ("C", "^a", " ^a", "D ^a _b", "clef=x ", " ", "D exp ", "=")),
    ("…", ("A|", "H:\n|\n", "X:1\nA\n")),
)
MIXTURES = 10  # pieces in random order
MOST_ATTEMPTS = 10


def growth(_: int, seed: int) -> None:
    """Every slow text at two sizes; the limit of time on a long one."""
    report, rng = Report("growth"), random.Random(seed)
    texts = [(frame, piece) for frame, pieces in SLOW for piece in pieces]
    texts += [(BODY, "".join(rng.choices(PIECES, k=50))) for _ in range(MIXTURES)]
    for frame, piece in texts:
        once, twice = slow_text(frame, piece, 2_000), slow_text(frame, piece, 4_000)
        ratios = growth_of(once, twice)
        for _ in range(MOST_ATTEMPTS):  # the machine may be busy with something else
            if max(ratios.values()) > MOST_GROWTH:
                ratios = {name: min(ratios[name], again) for name, again in growth_of(once, twice).items()}
        for name, ratio in ratios.items():
            if ratio > MOST_GROWTH:
                report.fail(once[:100], f"{name} takes {ratio:.1f} times as long for twice the text")
        report.counts["compared"] += len(ratios)
        examine(once, report)
        examine(slow_text(frame, piece, 100_000), report, fully=False)
    report.print()


def slow_text(frame: str, piece: str, size: int) -> str:
    """A text of about `size` characters."""
    return frame.replace("…", "".join(piece.replace("№", str(number)) for number in range(size // len(piece))))


def growth_of(once: str, twice: str) -> dict[str, float]:
    """Operation -> how many times as long it takes for the second text; two milliseconds more are too few to tell."""
    shorter, longer = operation_seconds(once), operation_seconds(twice)
    return {name: (longer[name] - 0.002) / shorter[name] for name in shorter.keys() & longer.keys()}


def operation_seconds(text: str) -> dict[str, float]:
    """Operation -> processor time, the least of two."""
    tune = read_or_none(text, strict=False)
    operations: dict[str, Operation] = {"read": lambda: read_or_none(text, strict=False)}
    if tune is not None:
        operations |= {
            "check": lambda: check(tune),
            "perform": lambda: perform(tune),
            "write": lambda: write_tune(tune),
            "transpose": lambda: transpose(tune, 3),
        }
    return {name: min(seconds(operation) for _ in range(2)) for name, operation in operations.items()}


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3, 4) or sys.argv[1] not in ("mutations", "coverage", "growth"):
        sys.exit(__doc__)
    main(sys.argv[1], *map(int, [*sys.argv[2:], *(str(COUNT), str(SEED))[len(sys.argv) - 2 :]]))
