"""The commands as people type them: what they print, what they write, and one clear line for every mistake."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import songrnn
from songrnn.cli import demo
from songrnn.cli import main as command_line
from songrnn.cli.main import COMMANDS
from songrnn.engines import select
from songrnn.storage import write_whole
from tiny import JIG, REEL, TUNES, make_checkpoint


@pytest.fixture
def trained(tmp_path, tunebook, songrnn_command):
    """The folder of a small run."""
    folder = tmp_path / "run"
    status, _, said = songrnn_command(
        "train", tunebook, "--out", folder, "--epochs", 2, "--hidden-size", 16, "--cell", "gru", "--batch-size", 4
    )
    assert status == 0, said
    return folder


def assert_one_clear_line(result, *parts):
    status, output, said = result
    assert status == 2
    assert output == ""
    lines = said.strip().splitlines()
    assert len(lines) == 1, said
    assert lines[0].startswith("songrnn: ")
    for part in parts:
        assert part in lines[0]


def test_help_names_every_command(songrnn_command):
    status, output, _ = songrnn_command("--help")
    assert status == 0
    for name in COMMANDS:
        assert f"\n  {name} " in output


def test_without_a_command_the_help_is_shown_and_the_status_is_2(songrnn_command):
    status, output, _ = songrnn_command()
    assert status == 2
    assert "usage: songrnn COMMAND" in output


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example_and_a_text_for_every_flag(songrnn_command, name):
    status, output, _ = songrnn_command(name, "--help")
    assert status == 0
    assert f"songrnn {name} " in output.split("Example", 1)[1]
    module = command_line.import_module(f"songrnn.cli.{name}")
    for settings in (module.Command, *(field.annotation for field in module.Command.model_fields.values())):
        for field, info in getattr(settings, "model_fields", {}).items():
            nested = hasattr(info.annotation, "model_fields")
            assert nested or info.description, f"{name}: {field} has no help"


@pytest.mark.parametrize(
    ("command", "flag", "default"),
    [
        ("train", "--no-copying", "(default: yes; this flag turns it off)"),
        ("train --preset paper", "--copying", "(default: False)"),
        ("study", "--copying", "(default: False)"),
        ("study --preset none", "--no-copying", "(default: yes; this flag turns it off)"),
    ],
)
def test_the_help_of_a_switch_says_the_default_of_this_command_and_preset(
    songrnn_command, monkeypatch, command, flag, default
):
    monkeypatch.setenv("COLUMNS", "400")
    _, output, _ = songrnn_command(*command.split(), "--help")
    assert len(re.findall(rf"{flag} +also see .*learn when to follow {re.escape(default)}", output)) == 1


def test_the_version_is_the_packages_and_states_what_computes(songrnn_command):
    status, output, _ = songrnn_command("--version")
    assert status == 0
    assert output.splitlines()[0] == f"songrnn {songrnn.__version__}"
    assert re.fullmatch(r"engine: (native|numpy) \(\w+, (int8|fp32)\)", output.splitlines()[1])


def test_an_engine_that_was_not_built_is_reported_by_the_version_and_whenever_it_would_compose(
    songrnn_command, checkpoint_file, monkeypatch
):
    monkeypatch.setattr(select, "native_module", lambda: None)
    _, output, _ = songrnn_command("--version")
    assert "engine: numpy (numpy, fp32)\nnote: songrnn was installed without its native engine" in output
    _, _, said = songrnn_command("compose", checkpoint_file, "--max-characters", 5, "--seed", 0)
    assert said.startswith("note: songrnn was installed without its native engine")
    assert said.count("\n") == 1
    _, _, said = songrnn_command("compose", checkpoint_file, "--max-characters", 5, "--seed", 0, "--engine", "numpy")
    assert said == ""


def test_an_unknown_command_is_reported_with_the_known_ones(songrnn_command):
    assert_one_clear_line(songrnn_command("dance"), "no command 'dance'", "corpus, train, search, compose")


def test_an_unknown_flag_ends_with_status_2(songrnn_command):
    status, _, said = songrnn_command("train", "--hiden-size", "3")
    assert status == 2
    assert "--hiden-size" in said
    assert "Traceback" not in said


def test_python_m_songrnn_is_the_command():
    result = subprocess.run(
        [sys.executable, "-m", "songrnn", "compose", "nowhere"], capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    assert result.stderr == (
        "songrnn: cannot read the checkpoint nowhere: no such file or directory; expected the folder of a run, a "
        ".safetensors file, or folk\n"
    )


def test_training_writes_a_run_and_says_what_to_do_next(trained, songrnn_command):
    assert {path.name for path in trained.iterdir()} == {
        "run.json",
        "journal.jsonl",
        "checkpoint.safetensors",
        "checkpoint.melodies",
        "resume.safetensors",
        "loss.png",
        "loss.svg",
    }
    status, output, _ = songrnn_command("train", "--resume", trained)
    assert status == 0
    assert "ended: 2 epochs" in output
    assert f"compose: songrnn compose {trained / 'checkpoint.safetensors'}" in output


def test_training_shows_each_validation(songrnn_command, tunebook, tmp_path):
    _, _, said = songrnn_command("train", tunebook, "--out", tmp_path / "r", "--epochs", 2, "--hidden-size", 8)
    assert "lstm of 8 neurons" in said.replace("\n", " ")
    assert "before training on these tunes: validation " in said.replace("\n", " ")
    assert sum("epoch" in line and "validation " in line for line in said.split("\n")) == 2


def test_a_preset_can_be_changed_by_flags(songrnn_command, tunebook, tmp_path):
    out = tmp_path / "paper"
    status, output, said = songrnn_command(
        "train", tunebook, "--preset", "paper", "--epochs", 1, "--hidden-size", 8, "--out", out, "--json"
    )
    assert status == 0, said
    settings = json.loads((out / "run.json").read_text())
    assert settings["model"]["hidden_size"] == 8
    assert settings["training"]["batching"] == "random-windows"
    assert settings["corpus"]["form"] == "raw"
    assert json.loads(output)["checkpoint"] == str(out / "checkpoint.safetensors")


def test_a_run_without_a_name_gets_one_that_says_what_it_is(songrnn_command, tunebook, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        assert songrnn_command("train", tunebook, "--epochs", 1, "--hidden-size", 8, "--cell", "rnn")[0] == 0
    assert {path.name for path in Path("runs").iterdir()} == {"tunes-rnn-8", "tunes-rnn-8-2"}


def test_resume_takes_no_other_settings(songrnn_command, trained):
    result = songrnn_command("train", "--resume", trained, "--hidden-size", 99)
    assert_one_clear_line(result, "takes all settings from that run", "model")


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["train", "nowhere.abc"], ["nowhere.abc"]),
        (["train", "EMPTY"], ["empty"]),
        (["train", "BINARY"], ["binary"]),
        (["train", "TITLES"], ["no tune could be kept"]),
        (["train", "TUNES", "--validation", "nowhere.abc"], ["nowhere.abc"]),
        (["train", "TUNES", "--hidden-size", "0"], ["--hidden-size is 0, but it must be at least 1"]),
        (["train", "TUNES", "--out", "FILE/run"], ["cannot write", "is no folder"]),
        (["train", "--resume", "FOLDER"], ["holds no run to resume"]),
        (["compose", "TUNES"], ["not a whole safetensors file", "expected a checkpoint"]),
        (["compose", "EMPTY"], ["is empty, not a checkpoint"]),
        (["compose", "CHECKPOINT", "--temperature", "-1"], ["--temperature is -1.0, but it must be at least 0"]),
        (["compose", "CHECKPOINT", "--prompt", "K:D", "€"], ["character '€'", "Remove it, or train on a corpus"]),
        (["compose", "CHECKPOINT", "--prompt-file", "nowhere"], ["cannot read the prompt nowhere"]),
        (["compose", "CHECKPOINT", "--prompt-file", "BINARY"], ["binary.abc is binary", "expected ABC notation"]),
        (
            ["compose", "CHECKPOINT", "--prompt-file", "TUNES", "--prompt", "K:D"],
            ["--prompt or --prompt-file, not both"],
        ),
        (["compose", "CHECKPOINT", "--out", "FILE/tune.abc"], ["cannot write"]),
        (
            ["compose", "CHECKPOINT", "--render", "FILE/folder"],
            ["cannot write", "is no folder; choose another --render"],
        ),
        (["compose", "CHECKPOINT", "--out", "new.abc", "--render", "FILE"], ["is no folder; choose another --render"]),
        (["neurons", "CHECKPOINT", "TUNES", "--out", "FILE"], ["is no folder; choose another --out"]),
        (["originality", "TUNES", "--out", "FILE"], ["is no folder; choose another --out"]),
        (["compose", "CHECKPOINT", "--replace"], ["--replace says what becomes of the file --out, or of the folder"]),
        (["compose", "CHECKPOINT", "--original", "3"], ["--original is '3'; expected"]),
        (["compose", "CHECKPOINT", "--rhythm", "q-dance"], ["the requested header", "'q'"]),
        (["evaluate", "CHECKPOINT", "nowhere.abc"], ["nowhere.abc"]),
        (["evaluate", "CHECKPOINT", "EMPTY"], ["empty"]),
        (
            ["neurons", "CHECKPOINT", "TUNES", "--pictures", "--number", "999"],
            ["there is no tune 999 in", "the last one is 49"],
        ),
        (["neurons", "CHECKPOINT", "TUNES", "--neurons", "12"], ["neuron 12 does not exist", "0 to 11"]),
        (["neurons", "CHECKPOINT", "TUNES", "--layer", "2", "--neurons", "1"], ["layer 2 does not exist"]),
        (["neurons", "CHECKPOINT", "TUNES", "--layer", "2"], ["layer 2 does not exist"]),
        (["neurons", "CHECKPOINT", "TUNES", "--quantity", "reset-gate"], ["no 'reset_gate'"]),
        (["render", "nowhere.abc"], ["nowhere.abc"]),
        (["corpus", "EMPTY"], ["empty"]),
    ],
)
def test_a_mistake_is_one_clear_line_and_nothing_is_written(
    songrnn_command, tmp_path, tunebook, arguments, parts, capsys, monkeypatch
):
    places = {
        "TUNES": tunebook,
        "EMPTY": tmp_path / "empty.abc",
        "BINARY": tmp_path / "binary.abc",
        "TITLES": tmp_path / "notunes.abc",
        "FILE": tmp_path / "file",
        "FOLDER": tmp_path / "folder",
        "CHECKPOINT": tmp_path / "c.safetensors",
    }
    places["EMPTY"].write_text("")
    places["BINARY"].write_bytes(bytes(range(256)) * 4)
    places["TITLES"].write_text("X:1\nT:Only a title\n")
    places["FILE"].write_text("a file")
    places["FOLDER"].mkdir()
    make_checkpoint(texts=(JIG, REEL, *TUNES)).save(places["CHECKPOINT"])
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    for name, path in places.items():
        arguments = [argument.replace(name, str(path)) for argument in arguments]
    status, _, said = songrnn_command(*arguments)
    assert status == 2
    lines = [line for line in said.strip().splitlines() if not line.startswith("learning:")]
    assert len(lines) == 1, said
    for part in parts:
        assert part in lines[0]
    assert sorted(tmp_path.rglob("*")) == before


def test_composing_prints_the_same_abc_for_the_same_seed(songrnn_command, checkpoint_file):
    first, second, other = (
        songrnn_command("compose", checkpoint_file, "--prompt", "R:jig", "K:D", "--seed", seed, "--max-characters", 60)[
            1
        ]
        for seed in (7, 7, 8)
    )
    assert first == second != other
    assert first.startswith("X:1\nT:Composition 1 of seed 7\nR:jig\nM:")


def test_several_tunes_go_to_one_file_that_reads_as_several(songrnn_command, checkpoint_file, tmp_path):
    out = tmp_path / "tunes.abc"
    songrnn_command("compose", checkpoint_file, "--count", 3, "--max-characters", 40, "--prompt", "K:D", "--out", out)
    assert [line for line in out.read_text().splitlines() if line.startswith("X:")] == ["X:1", "X:2", "X:3"]
    assert out.read_text().count("\n\nX:") == 2


def test_a_prompt_file_and_a_written_line_end_are_the_same_prompt(songrnn_command, checkpoint_file, tmp_path):
    (tmp_path / "prompt.abc").write_text("R:jig\nM:6/8\nL:1/8\nK:D\n|:DFA")
    by_file = songrnn_command("compose", checkpoint_file, "--prompt-file", tmp_path / "prompt.abc")
    by_flag = songrnn_command("compose", checkpoint_file, "--prompt", r"R:jig\nM:6/8\nL:1/8", "K:D", "|:DFA")
    assert by_file == by_flag


def test_json_holds_a_probability_for_every_character(songrnn_command, checkpoint_file):
    _, output, _ = songrnn_command("compose", checkpoint_file, "--json", "--count", 2, "--max-characters", 30)
    compositions = json.loads(output)["compositions"]
    assert [composition["number"] for composition in compositions] == [0, 1]
    for composition in compositions:
        assert len(composition["log_probabilities"]) == len(composition["text"])


def test_composing_can_render_what_it_composed(songrnn_command, checkpoint_file, tmp_path):
    prompt = ["--prompt", "R:jig", "M:6/8", "L:1/8", "K:D", "|:DFA dfa|gec dAF|"]
    status, _, said = songrnn_command(
        "compose", checkpoint_file, *prompt, "--render", tmp_path / "r", "--temperature", 0
    )
    assert status == 0, said
    names = {path.name for path in (tmp_path / "r").iterdir()}
    assert {"001-composition-1-of-seed-0.abc", "index.html"} <= names


def test_rendered_tunes_are_replaced_only_when_that_is_requested(songrnn_command, checkpoint_file, tmp_path):
    command = ["compose", checkpoint_file, "--render", tmp_path / "r", "--seed"]
    assert songrnn_command(*command, 1)[0] == 0
    before = sorted((tmp_path / "r").iterdir())
    status, output, said = songrnn_command(*command, 2)
    assert (status, output) == (2, "")
    assert said == (
        f"songrnn: {tmp_path / 'r'} has tunes that were rendered before; choose another folder, or replace them: "
        "--replace\n"
    )
    assert sorted((tmp_path / "r").iterdir()) == before
    assert songrnn_command(*command, 2, "--replace")[0] == 0
    assert (tmp_path / "r" / "001-composition-1-of-seed-2.abc").exists()
    assert not (tmp_path / "r" / "001-composition-1-of-seed-1.abc").exists()


def test_what_it_composed_sounds_as_requested(songrnn_command, checkpoint_file, tmp_path):
    prompt = ["--prompt", "R:jig", "M:6/8", "L:1/8", "K:D", "|:DFA dfa|gec dAF|"]
    sound = ["--tempo", "1/4=90", "--instrument", "Flut", "--swing", "--temperature", 0]
    status, _, said = songrnn_command("compose", checkpoint_file, *prompt, "--render", tmp_path / "r", *sound)
    assert status == 0, said
    assert "Tempo and instrument: 1/4=90, flute" in (tmp_path / "r" / "index.html").read_text()


@pytest.mark.parametrize("flags", [["--tempo", "90"], ["--instrument", "flute"], ["--swing"]])
def test_how_it_sounds_cannot_be_set_without_rendering(songrnn_command, checkpoint_file, flags):
    status, output, said = songrnn_command("compose", checkpoint_file, *flags)
    assert (status, output) == (2, "")
    assert "say how --render sounds; name its folder too" in said


@pytest.mark.parametrize("form", ["tunebook", "raw"])
def test_what_is_marked_as_copied_stands_in_the_line_that_is_named(form):
    composer = songrnn.Composer(make_checkpoint(form=form, texts=(JIG, REEL, "<start>\n", "<end>\n"), seed=2))
    seen = 0
    for number in range(15):
        composition = composer.compose("K:D\nAFD AFD A" if form == "tunebook" else "", number=number)
        lines = composition.abc().split("\n")
        for begin, end, remark in composition.copied_stretches():
            seen += 1
            copied = composition.abc()[begin:end].split("\n")[0]
            assert copied in lines[int(remark.removeprefix("as in line ")) - 1]
    assert seen


def test_evaluation_prints_the_figure_of_each_file(songrnn_command, trained, tunebook):
    status, output, _ = songrnn_command("evaluate", trained / "checkpoint.safetensors", tunebook, "--json")
    assert status == 0
    [row] = json.loads(output)["results"]
    assert row["tunes"] == len(TUNES)
    assert row["characters"] == sum(map(len, TUNES)) + len(TUNES)
    table = songrnn_command("evaluate", trained / "checkpoint.safetensors", tunebook)[1]
    assert f"{row['bits_per_character']:.4f}" in table


def test_evaluation_reads_tunes_as_those_of_the_training_or_with_their_marks(songrnn_command, trained, tmp_path):
    file = tmp_path / "marked.abc"
    file.write_text("X:1\nM:6/8\nL:1/8\nK:Dmaj\nuA | def |\n")

    def characters(*flags):
        return json.loads(songrnn_command("evaluate", trained, file, "--json", *flags)[1])["results"][0]["characters"]

    assert characters() == characters("--keep-marks", "False") == len("M:6/8\nL:1/8\nK:Dmaj\nA|def|\n") + 1
    assert characters("--keep-marks", "True") == characters() + len("u   ")


def test_neurons_are_drawn_as_png_and_svg(songrnn_command, trained, tunebook, tmp_path):
    out = tmp_path / "pictures"
    checkpoint = trained / "checkpoint.safetensors"
    arguments = ["--neurons", 3, 5, "--quantity", "update-gate", "--out", out]
    status, output, _ = songrnn_command("neurons", checkpoint, tunebook, *arguments)
    assert status == 0
    expected = {
        f"layer1-update-gate-{what}.{ending}" for what in ("all", "neuron3", "neuron5") for ending in ("png", "svg")
    }
    assert {path.name for path in out.iterdir()} == expected
    assert len(output.splitlines()) == 6
    _, output, _ = songrnn_command("neurons", checkpoint, tunebook, "--pictures", "--out", out, "--json")
    assert len(json.loads(output)["neurons"]) == 4


def test_the_demo_ends_with_the_path_of_a_page_that_has_everything(songrnn_command, tunebook, tmp_path, monkeypatch):
    out = tmp_path / "demo"
    arguments = ["demo", tunebook, "--minutes", 0.02, "--hidden-size", 16, "--out", out]
    with monkeypatch.context() as patch:
        patch.setattr(demo, "_demonstrate", lambda command: write_whole(command.out / "lstm" / "run.json", "former"))
        assert songrnn_command(*arguments)[0] == 0
    status, output, said = songrnn_command(*arguments, "--replace")
    assert status == 0, said
    assert output.splitlines()[-1] == str(out / "index.html")
    assert (out / "lstm" / "run.json").read_text(encoding="utf-8") != "former"
    page = (out / "index.html").read_text(encoding="utf-8")
    said_of_a_training_of_a_second = "LSTM and RNN had not converged"
    parts = ("Tune in Cmaj, 4/4", "LSTM against plain RNN", "How they learned", "What the neurons do")
    for part in (*parts, said_of_a_training_of_a_second):
        assert part in page
    for cell in ("lstm", "rnn"):
        assert (out / cell / "checkpoint.safetensors").exists()
        assert (out / cell / "loss.svg").exists()


def test_without_pytorch_training_says_what_to_install_and_composing_works(checkpoint_file, tmp_path):
    (tmp_path / "torch.py").write_text("raise ModuleNotFoundError(\"No module named 'torch'\", name='torch')\n")
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}

    def run(*arguments):
        command = [sys.executable, "-m", "songrnn", *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)

    training = run("train", str(checkpoint_file))
    assert training.returncode == 2
    assert training.stderr == "songrnn: training needs PyTorch: pip install 'songrnn[train]'\n"
    composing = run("compose", str(checkpoint_file), "--max-characters", "20")
    assert composing.returncode == 0, composing.stderr
    assert composing.stdout.startswith("X:1\n")


def test_a_reader_that_has_seen_enough_is_no_error(checkpoint_file):
    command = f"{sys.executable} -m songrnn compose {checkpoint_file} --count 300 --max-characters 300 | head -n 1"
    result = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)  # noqa: S602, RUF100
    assert result.stdout == "X:1\n"
    assert result.stderr == ""
