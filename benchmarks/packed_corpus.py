"""What packing a corpus costs, and the first 100 training steps from it: time and memory, by the number of characters.

Each corpus is one ABC file of composed tunes, which come back with one note in twenty changed until there are enough
characters. It is packed, and a network of the default settings trains on it, each in a process of its own; about
HELD_OUT_TUNES tunes are for validation whatever the size. One JSON line each: seconds on the clock and of the
processors, the peak memory (RSS) of the process, and that of it and its workers together (what they share counts for
each). With --whole the corpus is also read into memory (`read_corpus`), for
comparison.

Run: python benchmarks/packed_corpus.py [--tunes FILE.abc] [--whole] [characters ...]
Without --tunes it composes BASE_TUNES tunes first.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from songrnn.corpus.corpus import read_corpus
from songrnn.corpus.packed.folder import open_packed
from songrnn.corpus.packed.pack import pack_corpus
from songrnn.corpus.settings import CorpusSettings
from songrnn.model.counting import count_packed

CHARACTERS = (10**6, 10**7)
BASE_TUNES = 3_000
HELD_OUT_TUNES = 400
STEPS = 100
SAMPLE_SECONDS = 0.5
CHANGED = 0.05
NOTES = np.frombuffer(b"ABCDEFGabcdefg", dtype=np.uint8)
CHARACTERS_A_TUNE = 240


def main() -> None:
    """Every size in turn."""
    parser = argparse.ArgumentParser()
    parser.add_argument("characters", nargs="*", type=int, default=CHARACTERS)
    parser.add_argument("--tunes", type=Path)
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        folder = Path(name)
        base = arguments.tunes or composed(folder / "base.abc")
        for characters in arguments.characters:
            write_tunes(folder / "tunes.abc", base.read_bytes(), characters)
            row = measured("pack", folder) | {"requested": characters}
            print(json.dumps(row), flush=True)
            print(json.dumps(measured("train", folder)), flush=True)
            if arguments.whole:
                print(json.dumps(measured("read", folder)), flush=True)
            subprocess.run(["rm", "-r", str(folder / "packed"), str(folder / "run")], check=True)


def composed(path: Path) -> Path:
    """A file of composed tunes."""
    command = [str(Path(sys.executable).with_name("songrnn")), "compose", "--free", "--seed", "1"]
    subprocess.run([*command, "--count", str(BASE_TUNES), "--out", str(path)], check=True, stdout=subprocess.DEVNULL)
    return path


def write_tunes(path: Path, base: bytes, characters: int) -> None:
    """An ABC file of so many bytes: the tunes again and again, other notes changed each time."""
    rng = np.random.default_rng(0)
    text = np.frombuffer(base, dtype=np.uint8)
    lines = base.split(b"\n")
    in_music = np.repeat([line[1:2] != b":" and line[:1] != b"%" for line in lines], [len(line) + 1 for line in lines])
    notes = np.flatnonzero(np.isin(text, NOTES) & in_music[: len(text)])
    written = 0
    with path.open("wb") as file:
        while written < characters:
            tunes = text.copy()
            if written:
                changed = notes[rng.random(len(notes)) < CHANGED]
                tunes[changed] = NOTES[rng.integers(len(NOTES), size=len(changed))]
            part = tunes.tobytes()
            if written + len(part) > characters:
                part = part[: part.find(b"\n\n", characters - written) + 2]
            file.write(part.rstrip(b"\n") + b"\n\n")
            written += len(part)


def measured(name: str, folder: Path) -> dict[str, Any]:
    """One part in a session of its own, of whose processes the memory and the time are added up (Linux)."""
    code = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import packed_corpus as b; b.child()"
    peak, processor = 0, dict[int, float]()
    command = [sys.executable, "-c", code, name, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as process:
        while process.poll() is None:
            using = memory_and_time(process.pid)
            peak = max(peak, sum(memory for memory, _ in using.values()))
            processor |= {number: seconds for number, (_, seconds) in using.items()}
            time.sleep(SAMPLE_SECONDS)
        assert process.stdout is not None
        assert process.returncode == 0
        row: dict[str, Any] = json.loads(process.stdout.read().splitlines()[-1])
    return row | {"processor_seconds": round(sum(processor.values()), 1), "peak_mb_of_all": round(peak / 1e6)}


def memory_and_time(session: int) -> dict[int, tuple[int, float]]:
    """Process -> resident bytes and processor seconds, of the processes of a session."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == session:
                seconds = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
                found[int(folder.name)] = int(fields[21]) * resource.getpagesize(), seconds
    return found


def child() -> None:
    """What the process does; prints its row."""
    name, folder = sys.argv[1], Path(sys.argv[2])
    begun = time.perf_counter()
    found = PARTS[name](folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    row = {"name": name, **found, "seconds": round(time.perf_counter() - begun, 1), "peak_mb": round(peak)}
    print(json.dumps(row))


def settings_of(folder: Path) -> CorpusSettings:
    """About HELD_OUT_TUNES tunes for validation, and none for a test."""
    tunes = folder / "tunes.abc"
    share = min(0.05, HELD_OUT_TUNES * CHARACTERS_A_TUNE / tunes.stat().st_size)
    return CorpusSettings(sources=(str(tunes),), validation_share=share, test_share=0)


def packed(folder: Path) -> dict[str, Any]:
    """The corpus packed."""
    pack_corpus(settings_of(folder), folder / "packed", finish=count_packed)
    return sizes(open_packed(folder / "packed", checked=False).record())


def read(folder: Path) -> dict[str, Any]:
    """The corpus in memory."""
    return sizes(read_corpus(settings_of(folder)).record())


def sizes(record: dict[str, Any]) -> dict[str, Any]:
    """How large it is."""
    return {"characters": sum(record["characters"].values()), "tunes": sum(record["tunes"].values())}


def trained(folder: Path) -> dict[str, Any]:
    """The first STEPS steps."""
    from songrnn.errors import Interrupted
    from songrnn.training.loop import train

    corpus = open_packed(folder / "packed")
    left = iter([False] * (STEPS - 1))
    with suppress(Interrupted):
        train(corpus, out=folder / "run", stop=lambda: next(left, True))
    return sizes(corpus.record()) | {"steps": STEPS}


PARTS = {"pack": packed, "read": read, "train": trained}

if __name__ == "__main__":
    main()
