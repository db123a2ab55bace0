"""A file of settings: what `songrnn search` found best, and `songrnn train --settings` takes.

JSON: {"corpus": {...}, "model": {...}, "training": {...}}, each part with any of the settings of its class.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from songrnn.corpus.settings import CorpusSettings
from songrnn.errors import SettingsError
from songrnn.model.settings import ModelSettings
from songrnn.settings import Settings
from songrnn.storage import write_whole
from songrnn.training.settings import TrainingSettings

PARTS: dict[str, type[Settings]] = {"corpus": CorpusSettings, "model": ModelSettings, "training": TrainingSettings}


def write_settings(path: Path, settings: Mapping[str, Mapping[str, Any]]) -> None:
    """Write settings that differ from the defaults, or all of them, by part."""
    write_whole(path, json.dumps(settings, ensure_ascii=False, indent=2) + "\n")


def read_settings(path: Path | str) -> dict[str, Settings]:
    """The settings in the file by part, checked; raises SettingsError naming the file and the field."""
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"cannot read the settings {path}: {(error.strerror or str(error)).lower()}") from error
    except ValueError as error:  # not JSON, or not even UTF-8
        raise SettingsError(f"the settings {path} are not JSON ({error})") from error
    if not isinstance(content, dict):
        raise SettingsError(f"the settings {path} are {_kind(content)}, not an object with {', '.join(PARTS)}")
    return {name: _part(path, name, values) for name, values in content.items()}


def _part(path: Path | str, name: str, values: object) -> Settings:
    if name not in PARTS:
        raise SettingsError(f"the settings {path} have a part {name!r}; there are {', '.join(PARTS)}")
    if not isinstance(values, dict):
        raise SettingsError(f"{name} in the settings {path} is {_kind(values)}, not an object")
    try:
        return PARTS[name](**values)
    except SettingsError as error:
        raise SettingsError(f"{name} in the settings {path}: {error}") from error


def _kind(value: object) -> str:
    kinds = {list: "a list", str: "a text", dict: "an object", type(None): "null", bool: "true or false"}
    return kinds.get(type(value), "a number")
