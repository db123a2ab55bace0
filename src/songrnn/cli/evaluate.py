"""`songrnn evaluate`: bits per character of a checkpoint on tunes."""

import json
from pathlib import Path
from typing import Annotated

from pydantic import Field
from rich.console import Console
from rich.table import Table

from songrnn.checkpoint import Checkpoint
from songrnn.corpus.corpus import read_tunes
from songrnn.corpus.ledger import ledger_lines
from songrnn.corpus.settings import record_keeps_marks
from songrnn.engines.select import used_here
from songrnn.engines.settings import FULL_PRECISION, EngineSettings
from songrnn.evaluation.bits_per_character import score_tunes
from songrnn.settings import Flag, Positional, Settings


class Command(Settings):
    """Compute the bits per character of a checkpoint over every character of every tune; lower is better.

    The state starts at zero for each tune and is carried through it. Characters that the checkpoint lacks count
    as 20 bits each.

    Example: songrnn evaluate runs/mine held-out.abc
    """

    checkpoint: Positional[Path] = Field(
        description="the folder of a run, or a checkpoint file; folk: the model in the box"
    )
    files: Positional[tuple[str, ...]] = Field(min_length=1, description="tunes, as `songrnn corpus` reads them")
    keep_marks: bool | None = Field(
        None,
        description="in tunebook form: keep the marks and the spelling of the files (yes), or leave out what "
        "`songrnn corpus` leaves out (no); by default as in the tunes that the checkpoint was trained on",
    )
    computing: EngineSettings = FULL_PRECISION
    as_json: Annotated[bool, Flag("json")] = Field(False, description="print one JSON object")


def run(command: Command) -> None:
    """Score each file by itself, and print the scores."""
    checkpoint = Checkpoint.load(command.checkpoint)
    recorded = record_keeps_marks(checkpoint.training.get("corpus", {}))
    keep_marks = recorded if command.keep_marks is None else command.keep_marks
    results = []
    with Console(stderr=True).status("scoring"):
        for file in command.files:
            scored = score_tunes(
                checkpoint, read_tunes([file], checkpoint.form, keep_marks=keep_marks), command.computing
            )
            results.append((file, scored))
    if command.as_json:
        rows = [
            {
                "file": file,
                "bits_per_character": scored.bits_per_character,
                "characters": scored.characters,
                "unknown_characters": scored.unknown,
                "tunes": scored.tunes,
            }
            for file, scored in results
        ]
        used = used_here(command.computing).as_json()
        print(json.dumps({"checkpoint": str(command.checkpoint), "engine": used, "results": rows}))
        return
    table = Table("file", "tunes", "characters", "unknown", "bits per character")
    for column in table.columns[1:]:
        column.justify = "right"
    for file, scored in results:
        table.add_row(
            file,
            f"{scored.tunes:,}",
            f"{scored.characters:,}",
            f"{scored.unknown:,}",
            f"{scored.bits_per_character:.4f}",
        )
    console = Console(highlight=False, markup=False)
    console.print(table)
    for line in ledger_lines(checkpoint.training.get("corpus", {}).get("ledger", {})):
        console.print(f"learned from {line}", soft_wrap=True)
