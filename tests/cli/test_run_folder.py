"""The folder of a run stands for its checkpoint wherever a checkpoint is expected."""

import json
import shutil

import pytest

import songrnn
from songrnn.checkpoint import Checkpoint, names_checkpoint, place_of
from songrnn.errors import CheckpointError


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    """A run of a second, in a folder whose name has a dot and an ending."""
    from songrnn.corpus.corpus import read_corpus
    from songrnn.corpus.settings import CorpusSettings
    from songrnn.model.settings import ModelSettings
    from songrnn.training.loop import train
    from songrnn.training.settings import TrainingSettings
    from tiny import abc_file_of

    folder = tmp_path_factory.mktemp("runs")
    (folder / "tunes.abc").write_text(abc_file_of())
    corpus = read_corpus(CorpusSettings(sources=(str(folder / "tunes.abc"),)))
    training = TrainingSettings(epochs=1, batch_size=8, device="cpu", ensemble=1)
    train(corpus, out=folder / "a.run", model=ModelSettings(hidden_size=8, embedding_size=8), training=training)
    return folder / "a.run"


@pytest.mark.parametrize(
    "arguments",
    [
        ("compose", "RUN", "--seed", 1, "--max-characters", 60),
        ("compose", "RUN", "--seed", 1, "--max-characters", 60, "--best-of", 2, "--json"),
        ("evaluate", "RUN", "TUNES", "--json"),
        ("neurons", "RUN", "TUNES", "--neurons", 1),
        ("originality", "TUNES", "--against", "RUN"),
        ("judge", "RUN", "--count", 3, "--max-characters", 60, "--json"),
        ("train", "TUNES", "--from", "RUN", "--epochs", 1, "--out", "other", "--ensemble", 1, "--device", "cpu"),
    ],
)
def test_a_command_takes_the_folder_as_it_takes_the_file(songrnn_command, run_folder, tmp_path, monkeypatch, arguments):
    answers = []
    for place in ("folder", "file"):
        folder = tmp_path / place
        folder.mkdir()
        monkeypatch.chdir(folder)
        shutil.copytree(run_folder, "run")
        shutil.copy(run_folder.parent / "tunes.abc", "tunes.abc")
        names = {"RUN": "run" if place == "folder" else "run/checkpoint.safetensors", "TUNES": "tunes.abc"}
        status, output, said = songrnn_command(*(names.get(argument, argument) for argument in arguments))
        assert status == 0, said
        answers.append((output.replace(names["RUN"], "RUN"), sorted(str(path) for path in folder.glob("*"))))
    if arguments[0] in {"compose", "evaluate"}:
        assert answers[0][0] == answers[1][0]


def test_a_classifier_is_taught_by_the_folder(songrnn_command, run_folder, tmp_path):
    shutil.copytree(run_folder, tmp_path / "run")
    status, output, said = songrnn_command("classifier", tmp_path / "run", "--tunes", 10)
    assert status == 0, said
    assert output.strip().splitlines()[-1] == str(tmp_path / "run" / "checkpoint.classifier")


def test_the_library_loads_a_folder(run_folder):
    file = run_folder / "checkpoint.safetensors"
    assert songrnn.load(run_folder).compose(seed=1) == songrnn.load(str(file)).compose(seed=1)
    assert Checkpoint.load(run_folder).training == Checkpoint.load(file).training
    assert place_of(run_folder) == place_of(f"{run_folder}/") == place_of(file) == file


def test_a_folder_without_a_checkpoint_is_reported_in_one_line(songrnn_command, tmp_path):
    (tmp_path / "empty").mkdir()
    for arguments in (("compose",), ("evaluate", "tunes.abc"), ("neurons", "tunes.abc")):
        status, output, said = songrnn_command(arguments[0], tmp_path / "empty", *arguments[1:])
        assert (status, output) == (2, "")
        assert said == (
            f"songrnn: the folder {tmp_path / 'empty'} has no checkpoint.safetensors; name a folder that songrnn train "
            "made, or a checkpoint file\n"
        )
    with pytest.raises(CheckpointError, match="has no checkpoint"):
        songrnn.load(tmp_path / "empty")


def test_a_folder_of_tunes_is_no_checkpoint_and_a_run_is_no_tunes(run_folder, tmp_path):
    assert names_checkpoint(run_folder)
    assert not names_checkpoint(tmp_path)
    assert not names_checkpoint(tmp_path / "nowhere")


def test_json_names_what_was_given(songrnn_command, run_folder):
    _, output, _ = songrnn_command("evaluate", run_folder, run_folder.parent / "tunes.abc", "--json")
    assert json.loads(output)["checkpoint"] == str(run_folder)
