"""Axes: the settings that a search varies, and their values.

An axis is written `name` (its usual values, `AXES`), `name=low:high` (numbers between) or `name=a,b,c` (one of these).
The range of the setting itself is in its field (`ModelSettings`, `TrainingSettings`) only; an axis that leaves it
cannot be built.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from songrnn.errors import SettingsError
from songrnn.model.settings import ModelSettings
from songrnn.settings import Settings
from songrnn.training.settings import TrainingSettings

if TYPE_CHECKING:
    from optuna import Trial

Value = int | float | bool | str

AXES: dict[str, str] = {
    "hidden_size": "64:512",
    "embedding_size": "16:128",
    "dropout": "0:0.6",
    "input_dropout": "0:0.4",
    "weight_dropout": "0:0.6",
    "learning_rate": "0.0005:0.02",
    "weight_decay": "0.001:0.3",
    "batch_size": "8:128",
    "window": "32:128",
    "clip_norm": "0.1:10",
    "warmup_steps": "1:500",
    "layers": "1:3",
    "cell": "rnn,gru,lstm",
    "copying": "false,true",
    "schedule": "cosine,constant",
    "batching": "streams,random-windows",
}
"""The values of an axis that is given by its name only: the range of good networks, and more."""
DEFAULT_AXES = (
    "hidden_size",
    "embedding_size",
    "dropout",
    "input_dropout",
    "weight_dropout",
    "learning_rate",
    "weight_decay",
    "batch_size",
    "window",
)
LINEAR = {"dropout", "input_dropout", "weight_dropout", "layers"}
"""Axes on which a step from 1 to 2 is as large as one from 2 to 3; on all others it is as large as one from 2 to 4."""
NOT_SEARCHED = {"epochs", "minutes", "patience", "ensemble", "seed", "device", "threads"}
NOT_SEARCHED |= {"save_seconds", "validate_every"}
"""Limits that all trials share, and settings that affect nothing but the speed."""


@dataclass(frozen=True)
class Axis:
    """One setting and its values: `low` to `high`, both included, or one of `choices`.

    Raises SettingsError if the setting does not exist, is not one to search, or cannot have one of these values.
    """

    name: str
    low: int | float = 0
    high: int | float = 0
    choices: tuple[Value, ...] = ()

    def __post_init__(self) -> None:
        owner = owner_of(self.name)
        for value in self.choices or (self.low, self.high):
            try:
                owner(**{self.name: value})
            except SettingsError as error:
                raise SettingsError(f"the axis {self} leaves the range of the setting: {error}") from error
        if len(set(self.choices)) == 1 or (not self.choices and self.low >= self.high):
            raise SettingsError(f"the axis {self} has no two values; give a lower and a higher one, or a list")
        if not self.choices and not self.is_linear and self.low <= 0:
            raise SettingsError(
                f"the axis {self} is searched by factors, so its lower end must be above 0; give a small one"
            )

    def __str__(self) -> str:
        values = ",".join(_shown(value) for value in self.choices) or f"{_shown(self.low)}:{_shown(self.high)}"
        return f"{self.name}={values}"

    @property
    def is_linear(self) -> bool:
        """Whether the axis is searched by differences, not by factors."""
        return self.name in LINEAR

    def suggest(self, trial: "Trial") -> Value:
        """The value of this axis in `trial`."""
        if self.choices:
            chosen = trial.suggest_categorical(self.name, self.choices)
            assert chosen is not None
            return chosen
        if isinstance(self.low, int) and isinstance(self.high, int):
            return trial.suggest_int(self.name, self.low, self.high, log=not self.is_linear)
        return trial.suggest_float(self.name, self.low, self.high, log=not self.is_linear)


def read_axes(texts: Sequence[str], model: ModelSettings, training: TrainingSettings) -> tuple[Axis, ...]:
    """The axes in `texts`; without any, the usual ones but those that `model` or `training` fix.

    A setting is fixed when it is not at its default. Raises SettingsError for an impossible axis, or one
    whose setting is fixed as well.
    """
    fixed = {
        name
        for settings in (model, training)
        for name, value in settings.model_dump().items()
        if value != type(settings).model_fields[name].default
    }
    axes = tuple(read_axis(text) for text in texts or [name for name in DEFAULT_AXES if name not in fixed])
    names = [axis.name for axis in axes]
    if not axes:
        raise SettingsError("every usual axis has a fixed value, so there is nothing to search; name some by --axes")
    for name in names:
        if names.count(name) > 1:
            raise SettingsError(f"the axis {name} is given twice")
        if name in fixed:
            raise SettingsError(f"{name} is both an axis and fixed; give --{name.replace('_', '-')} or the axis")
    return axes


def read_axis(text: str) -> Axis:
    """The axis in `text`; raises SettingsError."""
    name, given, values = text.strip().partition("=")
    name = name.strip().replace("-", "_")
    owner = owner_of(name)
    if not given:
        if name not in AXES:
            raise SettingsError(f"the axis {name} needs its values, as in {name}=LOW:HIGH or {name}=A,B")
        values = AXES[name]
    kind = _kind(owner, name)
    low, is_range, high = values.partition(":")
    if is_range and kind in (int, float):
        return Axis(name, _number(text, low, kind), _number(text, high, kind))
    if is_range:
        raise SettingsError(f"the axis {text} has no values between two; give a list, as in {name}={AXES.get(name)}")
    return Axis(name, choices=tuple(_choice(text, value.strip(), kind) for value in values.split(",")))


def owner_of(name: str) -> type[Settings]:
    """The class that the setting belongs to; raises SettingsError if there is none, or it is not one to search."""
    for owner in (ModelSettings, TrainingSettings):
        if name in owner.model_fields and name not in NOT_SEARCHED:
            return owner
    if name in NOT_SEARCHED:
        raise SettingsError(f"{name} cannot be an axis: it is the same for all trials of a search")
    raise SettingsError(f"there is no axis {name!r}; there are {', '.join(AXES)}")


def with_values(
    values: dict[str, Value], model: ModelSettings, training: TrainingSettings
) -> tuple[ModelSettings, TrainingSettings]:
    """The settings of one trial."""
    of_model = {name: value for name, value in values.items() if owner_of(name) is ModelSettings}
    of_training = {name: value for name, value in values.items() if name not in of_model}
    return model.replace(**of_model), training.replace(**of_training)


def _kind(owner: type[Settings], name: str) -> Any:
    """int, float, bool or str."""
    annotation = owner.model_fields[name].annotation
    return annotation if annotation in (int, float, bool) else type((get_args(annotation) or ("",))[0])


def _number(text: str, number: str, kind: Any) -> int | float:
    try:
        return int(number) if kind is int else float(number)
    except ValueError:
        wanted = "whole numbers" if kind is int else "numbers"
        raise SettingsError(f"the axis {text} has {number!r} where one of two {wanted} is wanted, as in 1:2") from None


def _choice(text: str, value: str, kind: Any) -> Value:
    if kind is bool:
        if value not in ("true", "false"):
            raise SettingsError(f"the axis {text} has {value!r} where true or false is wanted")
        return value == "true"
    return value if kind is str else _number(text, value, kind)


def _shown(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)
