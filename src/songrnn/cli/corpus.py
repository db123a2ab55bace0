"""`songrnn corpus`: the content of a tunebook, and why any tune was dropped."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field
from rich.console import Console
from rich.table import Table

from songrnn.corpus.census import field_counts
from songrnn.corpus.corpus import SPLITS, Corpus, read_unsplit, split
from songrnn.corpus.ledger import FIELDS as LEDGER_FIELDS
from songrnn.corpus.settings import CorpusSettings
from songrnn.errors import CorpusError
from songrnn.settings import Flag, Settings
from songrnn.storage import refuse_to_overwrite, write_whole

FIELDS = {"M": "meter", "K": "key", "R": "rhythm"}
SHOWN_VALUES = 12  # rows a table of meters, keys or rhythms has before the rest is summed up


class Command(Settings):
    """Read a tunebook and describe it: tunes, characters, meters, keys, rhythms, why any tune was dropped, and
    what was left out of the others.

    Example: songrnn corpus folk
    """

    corpus: CorpusSettings = CorpusSettings()
    write: Path | None = Field(
        None, description="also write the tunes to this folder: training.abc, validation.abc, test.abc (raw form: .txt)"
    )
    overwrite: Annotated[bool, Flag("replace")] = Field(
        False, description="replace these files in --write, if they are there already"
    )
    ledger: bool = Field(
        False,
        description="print the ledger instead: for each folder its files, tunes, transcribers (Z:), sources "
        "(S:) and books (B:), what was dropped, and the licences found beside the files",
    )
    list_dropped: bool = Field(False, description="name each dropped tune: file, position in it, reason")
    as_json: Annotated[bool, Flag("json")] = Field(False, description="print one JSON object for programs")


def run(command: Command) -> None:
    """Read the corpus, describe it, and write it with --write; one that is too small to split is described unsplit."""
    with Console(stderr=True).status("reading"):
        corpus, note = _read(command.corpus)
        description = _description(corpus)
    if command.write is not None:
        _write(corpus, command.write, replace=command.overwrite)
    if command.as_json:
        drops = [vars(drop) for drop in corpus.drops] if command.list_dropped else []
        listed = {"dropped_tunes": drops} if command.list_dropped else {}
        print(json.dumps(description | {"note": note} | listed, ensure_ascii=False))
        return
    if command.ledger:
        _print_ledger(corpus)
    else:
        _print(corpus, description)
    if command.list_dropped:
        _print_dropped(corpus)
    if note:
        print(f"not split: {note}")
    if command.write is not None:
        print(f"written to {command.write}")


def _read(settings: CorpusSettings) -> tuple[Corpus, str]:
    """The corpus, and why it is not split ("" when it is, or when validation tunes are given)."""
    whole = read_unsplit(settings)
    if settings.validation is not None:
        return whole, ""
    try:
        return split(whole, settings), ""
    except CorpusError as error:
        return whole, str(error)


def _description(corpus: Corpus) -> dict[str, Any]:
    texts = [*corpus.training, *corpus.validation, *corpus.test]
    return corpus.record() | {
        "vocabulary": "".join(sorted(set().union(*texts))),
        "encodings": dict(Counter(corpus.encodings.values())),
        **{name: field_counts(texts, letter) for letter, name in FIELDS.items()},
    }


def _print(corpus: Corpus, description: Mapping[str, Any]) -> None:
    console = Console(highlight=False, markup=False)
    encodings = ", ".join(f"{count} {name}" for name, count in description["encodings"].items())
    console.print(f"{', '.join(corpus.sources)} in {corpus.form} form; files: {encodings}", soft_wrap=True)
    console.print(_table("split", ["tunes", "characters"], _split_rows(description)))
    console.print(f"vocabulary: {len(description['vocabulary'])} different characters")
    _print_losses(console, corpus)
    for name in FIELDS.values():
        console.print(_table(name, ["tunes"], _commonest(description[name])))


def _print_losses(console: Console, corpus: Corpus) -> None:
    """Why tunes were dropped, and what was left out of the others."""
    if corpus.dropped:
        console.print(_table("dropped because", ["tunes"], list(corpus.dropped.items())))
    if corpus.left_out:
        console.print(_table("left out", ["characters"], list(corpus.left_out.items())))


def _print_dropped(corpus: Corpus) -> None:
    console = Console(highlight=False, markup=False)
    for drop in corpus.drops:
        console.print(f"{drop.source}, number {drop.number}: {drop.reason}", soft_wrap=True)


def _print_ledger(corpus: Corpus) -> None:
    console = Console(highlight=False, markup=False)
    for folder, entry in corpus.ledger["folders"].items():
        console.print(f"{folder}: {entry['files']:,} files, {entry['tunes']:,} tunes", soft_wrap=True)
        for letter, name in LEDGER_FIELDS.items():
            console.print(_table(f"{name} ({letter}:)", ["tunes"], list(entry[name].items())))
        for line, count in entry["statements"].items():
            console.print(f"in {count:,} tunes: {line}", soft_wrap=True)
    _print_losses(console, corpus)
    for file, terms in corpus.ledger["terms"].items():
        console.print(f"{file}, {terms['characters']:,} characters:\n{terms['text'].strip()}", soft_wrap=True)
    if not corpus.ledger["terms"]:
        console.print("no licence, readme or the like beside the files")


def _split_rows(description: Mapping[str, Any]) -> list[tuple[str, int, int]]:
    tunes, characters = description["tunes"], description["characters"]
    rows = [(name, tunes[name], characters[name]) for name in SPLITS if tunes[name]]
    return [*rows, ("together", sum(tunes.values()), sum(characters.values()))]


def _commonest(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    rows = list(counts.items())
    rest = rows[SHOWN_VALUES:]
    return rows if len(rest) < 2 else [*rows[:SHOWN_VALUES], (f"{len(rest)} others", sum(count for _, count in rest))]


def _table(title: str, numbers: list[str], rows: list[Any]) -> Table:
    table = Table(title, *numbers)
    for column in table.columns[1:]:
        column.justify = "right"
    for name, *values in rows:
        table.add_row(name, *(f"{value:,}" for value in values))
    return table


def _write(corpus: Corpus, folder: Path, *, replace: bool) -> None:
    """One file a split that has tunes; raises CorpusError before it would leave another corpus's split beside them.

    Raises RunError where one exists and `replace` is false.
    """
    suffix = ".txt" if corpus.form == "raw" else ".abc"
    texts = {folder / f"{name}{suffix}": _file_text(corpus, name) for name in SPLITS}
    for path, text in texts.items():
        if not text and path.exists():
            raise CorpusError(f"{path} is left from another corpus, and this one has no such tunes; remove it first")
    written = {path: text for path, text in texts.items() if text}
    refuse_to_overwrite(written, replace=replace, flag="--write")
    for path, text in written.items():
        write_whole(path, text)


def _file_text(corpus: Corpus, name: str) -> str:
    tunes: tuple[str, ...] = getattr(corpus, name)
    if corpus.form == "raw":
        return "".join(tunes)
    return "\n".join(f"X:{number}\nT:{name} {number}\n{tune}" for number, tune in enumerate(tunes, 1))
