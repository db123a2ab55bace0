"""Where a tune comes from, as N: fields of its exported text; and what such a text says when it is imported again.

    N:Composed with songrnn 0.15: model 3f2a90b1c4d5, seed 7, tune 3
    N:songrnn {"music": "...", "checkpoint": "...", "tune_number": 2, "engine": {...}, "request": {...}}

The second line has all that composing the same tune again needs. `music` is the digest of the text; when somebody has
changed the notes since, the line means nothing.
"""

import json
import re
from typing import Any

from pydantic import ValidationError

from songrnn.composing.request import TRIES_APART
from songrnn.errors import SettingsError
from songrnn.studio.archive.records import NewVersion, Version
from songrnn.studio.archive.tune_text import music_digest

DIGITS = 12
"""Of the digest of a model, where people read it."""
LONGEST_RECORD = 4_000
"""Characters of the line for programs; a longer one is left out."""
_WORDS = "N:Composed with songrnn "
_RECORD = "N:songrnn "
_OURS = re.compile(rf"^(?:{re.escape(_WORDS)}|{re.escape(_RECORD)}|N:Changed by ).*\n", re.MULTILINE)
_KEY = re.compile(r"^K:", re.MULTILINE)


def with_provenance(abc: str, version: Version, composed: Version | None) -> str:
    """`abc` with N: fields before its key.

    version: the one whose text it is; composed: the latest that was composed, among it and those that it was made from.
    """
    if composed is None:
        return abc
    lines = [_words(composed)]
    if composed.number != version.number:
        lines.append(f"N:Changed by {'hand' if version.origin == 'edited' else 'rewriting some of its bars'}\n")
    elif record := _record(abc, version):
        lines.append(record)
    return _KEY.sub(lambda found: "".join(lines) + found[0], _OURS.sub("", abc), count=1)


def of_import(abc: str) -> NewVersion:
    """The version that an imported text is: composed by its own record if that is true of its music, else imported.

    Raises ValidationError for a text that is too long.
    """
    found = re.search(rf"^{re.escape(_RECORD)}(.*)$", abc, flags=re.MULTILINE)
    plain = re.sub(rf"^{re.escape(_RECORD)}.*\n", "", abc, flags=re.MULTILINE)
    record = _read(found[1]) if found else {}
    if record.pop("music", None) == music_digest(abc):
        try:
            return NewVersion(**{**record, "abc": _OURS.sub("", abc), "origin": "composed"})
        except (ValidationError, SettingsError, TypeError):
            pass  # of another version of the program, or no record of ours: it is kept like any other text
    return NewVersion(abc=plain, origin="imported")


def _words(composed: Version) -> str:
    seed = (composed.request or {}).get("sampling", {}).get("seed")
    parts = [f"model {composed.checkpoint[:DIGITS]}"] if composed.checkpoint else []
    parts += [f"seed {seed}"] if seed is not None else []
    parts += [f"tune {composed.tune_number % TRIES_APART + 1}"] if composed.tune_number is not None else []
    return f"{_WORDS}{composed.program}" + (": " if parts else "") + ", ".join(parts) + "\n"


def _record(abc: str, version: Version) -> str:
    if not version.can_be_composed_again or version.request is None:
        return ""
    record = {
        "music": music_digest(abc),
        "checkpoint": version.checkpoint,
        "tune_number": version.tune_number,
        "engine": version.engine,
        "request": version.request,
    }
    line = json.dumps(record, ensure_ascii=True, separators=(",", ":")).replace("%", "\\u0025") + "\n"
    return _RECORD + line if len(line) <= LONGEST_RECORD else ""


def _read(text: str) -> dict[str, Any]:
    try:
        record = json.loads(text)
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}
