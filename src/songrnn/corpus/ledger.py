"""The ledger of a corpus: transcribers, sources and books from the tunes' fields, and the terms found beside them.

`songrnn corpus --ledger` prints it, and the record of every checkpoint holds it.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from songrnn.corpus.sources import Sources, SourceTune

FIELDS: Mapping[str, str] = {"Z": "transcribers", "S": "sources", "B": "books"}
MOST_VALUES = 25  # of a field, the commonest first; the rest is counted together
MOST_FOLDERS = 25
MOST_CHARACTERS = 4_000  # of the text of a licence; its length is given
NONE, OTHERS = "(none)", "(others)"

_FIELD = {letter: re.compile(rf"^{letter}:(.*)$", re.MULTILINE) for letter in FIELDS}
_ADDRESS = re.compile(
    r"<[^<>\n]*>|\([^()\s]*@[^()\s]*\)|https?://\S+|\*? *www\.\S+|[\w.]+:+[\w:]+(?:\.[\w:]+)+(?:=0D)?"
)
_MAIL = re.compile(r"([\w.+-]+)@[\w.-]+")
_DATE = re.compile(
    r"\b(?:\d{1,2}/\d{1,2}/\d{2,4}|\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[a-z]{3,5}\d{2,4}|\d{4}(?:\d{4}(?:\d{6})?)?)\b"
)
_ROLE = re.compile(
    r"^[\W_]*(?:(?:transcribed|contributed|edited|abc)?\s*by|abc-transcription|contributed)\s+", re.IGNORECASE
)
_NUMBER = re.compile(
    r"(?:(?:^|\s)(?:no\.?|number|pp?g?\s?\.?|page))?\s*[#.]?\b\d+(?:[.]\d+)?(?=[\s,.;\"]|$)", re.IGNORECASE
)
_EDGES = ' ,.;:*"()<>'
_STATEMENT = re.compile(
    r"^(?:[A-Za-z]:|%).*(?:copyright|©|licen[cs]e|creative commons|public domain|permission).*$",
    re.IGNORECASE | re.MULTILINE,
)


def ledger_of(sources: Sources) -> dict[str, Any]:
    """The ledger of these sources (`Tally.ledger`)."""
    tally = Tally()
    for tune in sources.tunes:
        tally.add(tune)
    return tally.ledger(sources.terms)


@dataclass
class Tally:
    """Counts for a ledger, tune by tune. folders: folder -> its files, tunes, and the values of each field."""

    folders: dict[str, "_Folder"] = field(default_factory=dict)

    def add(self, tune: SourceTune) -> None:
        """Count a tune; stray text is none."""
        if not tune.stray:
            self.folders.setdefault(str(PurePath(tune.source).parent), _Folder()).add(tune)

    def update(self, other: "Tally") -> None:
        """Add the counts of another."""
        for name, folder in other.folders.items():
            self.folders.setdefault(name, _Folder()).update(folder)

    def ledger(self, terms: Mapping[str, str]) -> dict[str, Any]:
        """Folders with their counts, and the texts of licences found beside the files, as JSON can hold them.

        folders: folder -> files, tunes, and for each of FIELDS how many tunes have each value: dates and addresses are
        left out, numbers too of books and sources. statements: lines of tunes about rights, with their number. terms:
        file -> its text, cut after MOST_CHARACTERS, and its length.
        """
        shown = sorted(self.folders, key=lambda folder: -self.folders[folder].tunes)
        named = {name: self.folders[name].record() for name in sorted(shown[:MOST_FOLDERS])}
        others = _Folder()
        for name in shown[MOST_FOLDERS:]:
            others.update(self.folders[name])
        return {
            "folders": named | ({OTHERS: others.record()} if others.tunes else {}),
            "terms": {file: {"characters": len(text), "text": text[:MOST_CHARACTERS]} for file, text in terms.items()},
        }


@dataclass
class _Folder:
    files: set[str] = field(default_factory=set)
    tunes: int = 0
    values: dict[str, Counter[str]] = field(default_factory=lambda: {letter: Counter() for letter in FIELDS})
    statements: Counter[str] = field(default_factory=Counter)

    def add(self, tune: SourceTune) -> None:
        """Count a tune; one with several values of a field counts for each."""
        self.files.add(tune.source)
        self.tunes += 1
        for letter, pattern in _FIELD.items():
            own = {_plain(letter, value) for value in pattern.findall(tune.text)} - {""}
            self.values[letter].update(own or {NONE})
        self.statements.update(line.strip() for line in _STATEMENT.findall(tune.text))

    def update(self, other: "_Folder") -> None:
        """Add the counts of another."""
        self.files |= other.files
        self.tunes += other.tunes
        self.statements.update(other.statements)
        for letter, values in other.values.items():
            self.values[letter].update(values)

    def record(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "files": len(self.files),
            "tunes": self.tunes,
            **{name: _commonest(self.values[letter]) for letter, name in FIELDS.items()},
            "statements": _commonest(self.statements),
        }


def ledger_lines(ledger: Mapping[str, Any]) -> list[str]:
    """A ledger in a few lines: who transcribed how many tunes of each folder, and where terms are stated."""
    lines = []
    for folder, entry in ledger.get("folders", {}).items():
        people = [f"{name} ({count})" for name, count in entry["transcribers"].items() if name not in (NONE, OTHERS)]
        named = f", transcribed by {', '.join(people[:3])}" + (" and others" if len(people) > 3 else "")
        lines.append(f"{folder}: {entry['tunes']:,} tunes" + (named if people else ", no transcriber named"))
    if terms := ledger.get("terms", {}):
        lines.append(f"terms: {', '.join(terms)}")
    return lines


def _plain(letter: str, value: str) -> str:
    """A value without addresses and dates, or numbers, so that those of one person or book are one."""
    value = value.partition("%")[0].strip(_EDGES)
    if letter == "Z":
        value = _DATE.sub(" ", _ADDRESS.sub(" ", value))
        mail = _MAIL.search(value)
        name = _MAIL.sub(" ", value)
        value = _ROLE.sub("", " ".join(name.split()).strip(_EDGES))
        if mail and not re.search(r"[^\W\d_]{2}", re.sub(r"(?i)transcribed|contributed|by", "", value)):
            value = mail[1]
    else:
        value = _NUMBER.sub(" ", value)
    return " ".join(value.split()).strip(_EDGES)


def _commonest(values: Counter[str]) -> dict[str, int]:
    first = dict(values.most_common(MOST_VALUES))
    rest = values.total() - sum(first.values())
    return first | ({OTHERS: rest} if rest else {})
