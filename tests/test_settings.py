"""Settings: frozen, validated, one line for every mistake."""

import pytest
from pydantic import Field, ValidationError, field_validator

from songrnn.errors import SettingsError
from songrnn.model.settings import ModelSettings
from songrnn.settings import Settings


class Inner(Settings):
    """Something with a rule of its own."""

    size: int = Field(3, ge=1, description="how many")
    name: str = "a"

    @field_validator("name")
    @classmethod
    def _short(cls, name: str) -> str:
        if len(name) > 3:
            raise ValueError(f"the name {name!r} is longer than 3 characters")
        return name


class Outer(Settings):
    """Something that holds another."""

    inner: Inner = Inner()


def test_settings_cannot_be_changed_but_copied_with_changes():
    settings = Inner()
    with pytest.raises(ValidationError, match="frozen"):
        settings.size = 4
    assert settings.replace(size=4) == Inner(size=4)
    assert settings.size == 3


def test_a_changed_copy_is_validated():
    with pytest.raises(SettingsError, match="size is 0, but it must be at least 1"):
        Inner().replace(size=0)


def test_a_value_out_of_range_is_reported_with_its_meaning():
    with pytest.raises(SettingsError, match=r"size is -2, but it must be at least 1 \(how many\)$"):
        Inner(size=-2)


def test_an_unknown_name_is_reported_with_the_known_ones():
    with pytest.raises(SettingsError, match="Inner has no setting 'length'; it has name, size"):
        Inner(length=2)  # type: ignore[call-arg]


def test_a_rule_of_our_own_speaks_for_itself():
    with pytest.raises(SettingsError, match=r"^the name 'abcd' is longer than 3 characters$"):
        Inner(name="abcd")


def test_a_mistake_in_settings_within_settings_is_the_same_error():
    with pytest.raises(SettingsError, match="size is 0"):
        Outer(inner={"size": 0})


def test_settings_go_to_json_and_back():
    settings = ModelSettings(cell="gru", hidden_size=7)
    assert ModelSettings(**settings.model_dump()) == settings
