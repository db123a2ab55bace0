"""`Settings`: the frozen base of every stage's settings class.

A default, a range, a unit and a help text stand once, in a field. The library, the command line, the record in the
checkpoint and every form are made from it.
"""

from copy import copy
from dataclasses import dataclass
from typing import Annotated, Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from songrnn.errors import SettingsError


@dataclass(frozen=True)
class Flag:
    """How a field is typed on the command line, where its name does not say it. cli/main.py tells the parser."""

    name: str | None = None
    positional: bool = False


Value = TypeVar("Value")
Positional = Annotated[Value, Flag(positional=True)]


class Settings(BaseModel):
    """Frozen, comparable settings that refuse unknown names and values out of range.

    Raises SettingsError, never pydantic's own exception, so that one `except SongrnnError` catches every mistake.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise SettingsError(_sentence(type(self), error)) from error

    def replace(self, **changes: Any) -> Self:
        """A copy with `changes`, validated like a new one."""
        return type(self)(**(self.model_dump() | changes))


def without(settings: type[Settings], *names: str) -> type[Settings]:
    """Settings like `settings` without the fields `names`: for a stage that decides those itself."""
    fields: dict[str, Any] = {
        name: (info.annotation, copy(info)) for name, info in settings.model_fields.items() if name not in names
    }
    return create_model(settings.__name__, __base__=Settings, __doc__=settings.__doc__, **fields)


def _sentence(settings: type[Settings], error: ValidationError) -> str:
    """One line for the first of pydantic's complaints."""
    first = error.errors(include_url=False)[0]
    name = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        known = ", ".join(sorted(settings.model_fields))
        return f"{settings.__name__} has no setting {name!r}; it has {known}"
    if first["type"] == "value_error":  # raised by a validator of ours: a whole sentence already
        return str(first["ctx"]["error"])
    wanted = first["msg"][0].lower() + first["msg"][1:]
    field = settings.model_fields.get(name)
    meaning = f" ({field.description})" if field is not None and field.description else ""
    return f"{name} is {first['input']!r}, but {wanted}{meaning}"
