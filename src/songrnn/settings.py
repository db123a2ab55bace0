"""`Settings`: the frozen base of every stage's settings class.

A default, a range, a unit and a help text are defined once, in a field. The library, the command line, the record in
the checkpoint and every HTML form use it.
"""

from copy import copy
from dataclasses import dataclass
from typing import Annotated, Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from songrnn.errors import SettingsError


@dataclass(frozen=True)
class Flag:
    """The flag of a field on the command line, where it differs from its name; cli/main.py passes it to the parser."""

    name: str | None = None
    positional: bool = False


Value = TypeVar("Value")
Positional = Annotated[Value, Flag(positional=True)]


class Settings(BaseModel):
    """Frozen, comparable settings that refuse unknown names and values out of range.

    Raises SettingsError, never pydantic's own exception, so that one `except SongrnnError` catches every mistake.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False)

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise _error(type(self), error) from error

    def replace(self, **changes: Any) -> Self:
        """A copy with `changes`, validated like a new one."""
        return type(self)(**(self.model_dump() | changes))


def without(settings: type[Settings], *names: str) -> type[Settings]:
    """Settings like `settings` without the fields `names`: for a stage that sets those itself."""
    fields: dict[str, Any] = {
        name: (info.annotation, copy(info)) for name, info in settings.model_fields.items() if name not in names
    }
    return create_model(settings.__name__, __base__=Settings, __doc__=settings.__doc__, **fields)


def flag_of(settings: type[Settings], name: str) -> str:
    """The flag of the field `name` on the command line: --hidden-size, or FILES where it has no flag."""
    marks = [mark for mark in settings.model_fields[name].metadata if isinstance(mark, Flag)]
    if any(mark.positional for mark in marks):
        return name.upper()
    named = next((mark.name for mark in marks if mark.name), name)
    return f"--{named.replace('_', '-')}"


WANTED = {
    "greater_than_equal": "it must be at least {ge}",
    "greater_than": "it must be more than {gt}",
    "less_than_equal": "it must be at most {le}",
    "less_than": "it must be less than {lt}",
    "finite_number": "it must be a finite number",
    "literal_error": "it must be {expected}",
    **dict.fromkeys(("int_type", "int_parsing", "int_parsing_size", "int_from_float"), "it must be a whole number"),
    **dict.fromkeys(("float_type", "float_parsing"), "it must be a number"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "it must be true or false"),
    "string_type": "it must be text",
    "path_type": "it must be a path",
    "model_type": "it must be settings",
    "tuple_type": "it must be a list",
}
"""Messages for pydantic's kinds of error."""
NOTHING_GIVEN = ("missing", "too_short", "string_too_short")


def _error(settings: type[Settings], error: ValidationError) -> SettingsError:
    """One line for the first of pydantic's complaints."""
    first = error.errors(include_url=False)[0]
    name = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        known = ", ".join(sorted(settings.model_fields))
        return SettingsError(f"{settings.__name__} has no setting {name!r}; it has {known}")
    if first["type"] == "value_error":  # raised by our own validator: a whole sentence already
        return SettingsError(str(first["ctx"]["error"]))
    field = str(first["loc"][0]) if first["loc"] else ""
    info = settings.model_fields.get(field)
    meaning = info.description if info is not None and info.description else ""
    if first["type"] in NOTHING_GIVEN and not first["input"]:
        return _about(settings, field, "is missing" + (f": {meaning}" if meaning else ""))
    wanted = WANTED.get(first["type"], first["msg"]).format(
        **{name: _shown(limit) for name, limit in first.get("ctx", {}).items()}
    )
    return _about(settings, field, f"is {first['input']!r}, but {wanted}" + (f" ({meaning})" if meaning else ""))


def _about(settings: type[Settings], field: str, said: str) -> SettingsError:
    flag = flag_of(settings, field) if field in settings.model_fields else ""
    return SettingsError(f"{field} {said}", field if flag else "", flag)


def _shown(limit: object) -> object:
    return f"{limit:g}" if isinstance(limit, float) else limit
