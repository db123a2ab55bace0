"""What happened in a training, as JSON lines; a kill loses none that was written.

A line is an object with `kind`, `step` (updates so far), `epoch` (with fraction), `seconds` (of training) and, by kind:
    start       corpus, model, training, parameters
    learning    bits_per_character (mean on the training windows since the last such line), learning_rate,
                characters_per_second
    validation  bits_per_character, best (whether it is the best so far), and where composed tunes were judged music:
                the figures of training/judging.py, null where undefined
    resumed     (nothing more)
    end         reason
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from songrnn.errors import RunError
from songrnn.storage import write_whole

Record = dict[str, Any]


class Journal:
    """The journal of one run; opens and closes the file for each line, so nothing is lost by a kill."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, kind: str, **values: Any) -> Record:
        """Append a record; raises RunError when the disk is full."""
        record = {"kind": kind, **values}
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
        except OSError as error:
            raise RunError(f"cannot write {self.path}: {(error.strerror or str(error)).lower()}") from error
        return record

    def read(self) -> list[Record]:
        """All whole records; a last line that a kill has cut short, or one that was damaged, is left out."""
        return list(self._records()) if self.path.exists() else []

    def cut(self, step: int) -> None:
        """Forget what was written after `step`: a resumed training writes it again."""
        kept = [record for record in self.read() if record["step"] <= step and record["kind"] != "end"]
        write_whole(self.path, "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in kept))

    def _records(self) -> Iterator[Record]:
        for line in self.path.read_text(encoding="utf-8", errors="replace").splitlines():
            with suppress(ValueError, RecursionError):
                record = json.loads(line)
                if _is_whole(record):
                    yield record


class SilentJournal(Journal):
    """The journal of a process that leaves writing to another."""

    def write(self, kind: str, **values: Any) -> Record:
        """The record, written nowhere."""
        return {"kind": kind, **values}

    def read(self) -> list[Record]:
        """None."""
        return []

    def cut(self, step: int) -> None:
        """Nothing is written, so nothing is forgotten."""


def _is_whole(record: Any) -> bool:
    """Whether it has what every record, and one that is drawn, must have."""
    if not isinstance(record, dict) or not isinstance(record.get("kind"), str):
        return False
    numbers = ["step", "epoch", "seconds"] + ["bits_per_character"] * (record["kind"] in ("learning", "validation"))
    return all(isinstance(record.get(name), int | float) for name in numbers)
