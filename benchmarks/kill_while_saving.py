"""Kill -9 while the tunebook saves: nothing that was confirmed is lost, and nothing is there in half.

    python benchmarks/kill_while_saving.py 200

In each round a process opens the tunebook of the rounds before (in the first it makes it) and saves tunes and versions
one after another, writing what is confirmed into a pipe; after a random time it is killed, in every other round not
before it has confirmed its first tune. Then the tunebook is opened
anew: every confirmed number must be there, whole, and the database sound. Ends with status 1 if not. POSIX only.
"""

import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from songrnn.studio.archive.archive import Archive
from songrnn.studio.archive.records import NewTune, NewVersion, TuneQuery

ROUNDS = 200
LONGEST_SECONDS = 0.05
ABC = "X:1\nT:Tune {number}\nR:jig\nM:6/8\nL:1/8\nK:Dmaj\n|:DFA dfa|gec dAF|DFA dfa|gec d3:|\n"
TAGS = ("one", "two", "three")
VERSIONS = 3


def main() -> int:
    """Run the rounds; the exit status."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    rng = random.Random(1)
    confirmed: set[int] = set()
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "tunebook.db"
        for number in range(rounds):
            seconds = rng.uniform(0, LONGEST_SECONDS)
            confirmed |= killed_while_saving(database, seconds, once_confirmed=number % 2 == 1)
            if fault := fault_of(database, confirmed):
                print(fault, file=sys.stderr)
                return 1
        unconfirmed = len(tunes_in(database)) - len(confirmed)
    print(f"{rounds} kills: {len(confirmed)} confirmed tunes are all there and whole, and {unconfirmed} more")
    return 0


def killed_while_saving(database: Path, seconds: float, *, once_confirmed: bool) -> set[int]:
    """The numbers that a process confirmed before it was killed, `seconds` after it began, or after the first."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            save_for_ever(database, writing)
        finally:
            os._exit(1)
    os.close(writing)
    first = os.read(reading, 1) if once_confirmed else b""
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as pipe:
        return {int(line) for line in (first + pipe.read()).split()}


def save_for_ever(database: Path, writing: int) -> None:
    """Keep tunes with versions; confirm each."""
    archive = Archive.open(database)
    number = 0
    while True:
        number += 1
        abc = ABC.format(number=number)
        tune = archive.keep(NewTune(abc=abc, tags=TAGS)).id
        for _ in range(VERSIONS - 1):
            archive.add_version(tune, NewVersion(abc=abc))
        os.write(writing, b"%d\n" % tune)


def fault_of(database: Path, confirmed: set[int]) -> str:
    """What is wrong with a tunebook after a kill; "" for nothing."""
    there = tunes_in(database)
    if lost := confirmed - there.keys():
        return f"confirmed, and lost: {sorted(lost)}"
    for number, (tags, versions) in there.items():
        if tags != len(TAGS) or not 1 <= versions <= VERSIONS or (number in confirmed and versions != VERSIONS):
            return f"tune {number} is there in half: {tags} tags, {versions} versions"
    with closing(sqlite3.connect(database)) as raw:
        [(sound,)] = raw.execute("PRAGMA integrity_check")
        if sound != "ok" or list(raw.execute("PRAGMA foreign_key_check")):
            return f"the database is damaged: {sound}"
    return ""


def tunes_in(database: Path) -> dict[int, tuple[int, int]]:
    """Number -> how many tags and versions."""
    archive = Archive.open(database)
    found: dict[int, tuple[int, int]] = {}
    while True:
        page = archive.find(TuneQuery(offset=len(found), limit=500, order="title")).tunes
        if not page:
            break
        found |= {tune.id: (len(tune.tags), len(archive.tune(tune.id).versions)) for tune in page}
    archive.close()
    return found


if __name__ == "__main__":
    sys.exit(main())
