"""Plain arguments -> the settings of a command, without loading the parser, which takes longer than composing a tune.

Plain: flags with their values as separate arguments, each flag once, after at most one positional argument. What is not
plain, and every mistake, is left to the parser (`cli/main.py`), which reports it. Both give the same settings.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, NamedTuple, TypeVar, Union, get_args, get_origin

from songrnn.errors import SettingsError
from songrnn.settings import Settings, flag_of

Command = TypeVar("Command", bound=Settings)
Read = Callable[[str], object]
READERS: dict[object, Read] = {str: str, int: int, float: float, Path: Path}


class PlainFlag(NamedTuple):
    """What a flag sets: the field `name`, of the command or of the settings in its field `part`; and how it is read.

    read: one value; None for a switch. many: whether it takes several values.
    """

    part: str
    name: str
    read: Read | None
    many: bool = False

    def takes(self, arguments: Sequence[str]) -> int:
        """How many of the arguments after it are its values."""
        if self.read is None:
            return 0
        count = next((place for place, text in enumerate(arguments) if text.startswith("-")), len(arguments))
        return count if self.many else min(count, 1)

    def value(self, texts: Sequence[str]) -> object:
        """What it sets its field to; raises ValueError without a value, and where one cannot be read."""
        if self.read is None:
            return True
        values = tuple(map(self.read, texts))
        if not values:
            raise ValueError(f"{self.name} has no value")
        return values if self.many else values[0]


def plain_settings(command: type[Command], arguments: Sequence[str]) -> Command | None:
    """The settings of the arguments; None where they are not plain, or wrong."""
    try:
        return _settings_of(command, list(arguments))
    except (KeyError, ValueError, SettingsError):
        return None


def _settings_of(command: type[Command], arguments: list[str]) -> Command:
    """Raises KeyError, ValueError or SettingsError for what is not plain or wrong."""
    flags = flags_of(command)
    [positional] = [typed for typed in flags if not typed.startswith("-")] or [""]
    values: dict[str, dict[str, object]] = {}
    if not arguments or arguments[0].startswith("-"):
        flags.pop(positional, None)
    else:
        arguments = [positional, *arguments]
    while arguments:
        flag = flags.pop(arguments.pop(0))
        count = flag.takes(arguments)
        values.setdefault(flag.part, {})[flag.name] = flag.value(arguments[:count])
        del arguments[:count]
    own = values.pop("", {})
    return command(**own, **{part: command.model_fields[part].default.replace(**vs) for part, vs in values.items()})


def flags_of(command: type[Settings], part: str = "") -> dict[str, PlainFlag]:
    """Flag -> what it sets; positional arguments are under their field's name in capitals.

    Raises ValueError for a field that is not plain, or where two have one flag.
    """
    flags: dict[str, PlainFlag] = {}
    for name, field in command.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Settings):
            found = flags_of(field.annotation, name)
        else:
            plain = field.annotation is not bool or field.default is False  # else the flag turns it off
            reading = _reading(field.annotation) if plain else (_refuse, False)
            found = {flag_of(command, name): PlainFlag(part, name, *reading)}
        if found.keys() & flags.keys():
            raise ValueError(f"two flags of one name: {found.keys() & flags.keys()}")
        flags |= found
    return flags


def _reading(annotation: Any) -> tuple[Read | None, bool]:
    """How values of a type are read: the reader of one, None for a switch; and whether there are several."""
    kinds = [kind for kind in get_args(annotation) if kind is not NoneType]
    origin = get_origin(annotation)
    if annotation is bool:
        return None, False
    if origin is tuple:
        return _reading(kinds[0])[0], True
    if origin in (Union, UnionType):
        [annotation] = kinds
        return _reading(annotation)
    if origin is Literal:
        return {str(kind): kind for kind in kinds}.__getitem__, False
    return READERS.get(annotation, _refuse), False


def _refuse(text: str) -> object:
    raise ValueError(f"{text} is not plain")
