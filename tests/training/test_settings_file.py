"""Settings in a file come back as they were, and a mistake in it is named."""

import pytest

from songrnn.errors import SettingsError
from songrnn.model.settings import ModelSettings
from songrnn.training.settings import TrainingSettings
from songrnn.training.settings_file import read_settings, write_settings


def test_settings_come_back_as_they_were(tmp_path):
    parts = {"model": ModelSettings(cell="gru", dropout=0.123456789), "training": TrainingSettings(minutes=2)}
    write_settings(tmp_path / "s.json", {name: part.model_dump() for name, part in parts.items()})
    assert read_settings(tmp_path / "s.json") == parts


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("{", "s.json are not JSON"),
        ("[1]", "are a list, not an object with corpus, model, training"),
        ("3", "are a number"),
        ('{"modle": {}}', "have a part 'modle'; there are corpus, model, training"),
        ('{"model": 3}', "model in the settings .* is a number, not an object"),
        ('{"model": {"neurons": 3}}', "model in .*: ModelSettings has no setting 'neurons'"),
        ('{"training": {"epochs": "many"}}', "training in .*: epochs is 'many', but it must be a number"),
        ('{"training": {"learning_rate": null}}', "learning_rate is None"),
        ('{"model": {"hidden_size": 0}}', "hidden_size is 0, but it must be at least 1"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path, text, match):
    path = tmp_path / "s.json"
    path.write_text(text)
    with pytest.raises(SettingsError, match=match):
        read_settings(path)


def test_a_file_that_is_not_there_or_is_no_text_is_named(tmp_path):
    with pytest.raises(SettingsError, match="cannot read the settings nowhere: no such file"):
        read_settings("nowhere")
    (tmp_path / "b").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="are not JSON"):
        read_settings(tmp_path / "b")
