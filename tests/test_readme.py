"""What the README shows is what happens: the first tune, on every kernel, and every command that needs nothing."""

import re
import shlex
from pathlib import Path

import pytest

import songrnn
from songrnn.cli.main import main
from songrnn.engines.select import native_module

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
LONGEST = 200  # lines


def commands_after(heading: str) -> list[list[str]]:
    """The `songrnn` commands of the first block of commands after a heading, without comments."""
    block = README.split(f"## {heading}\n", 1)[1].split("```bash\n", 1)[1].split("```", 1)[0]
    lines = [shlex.split(line, comments=True) for line in block.splitlines()]
    return [words[1:] for words in lines if words[0] == "songrnn"]


def output_of(arguments, capsys):
    """What a command that succeeds prints."""
    with pytest.raises(SystemExit) as end:
        main([str(argument) for argument in arguments])
    said = capsys.readouterr()
    assert end.value.code == 0, said.err
    return said.out


def kernels() -> list[str]:
    module = native_module()
    return [] if module is None else list(module.kernels())


def test_it_is_short():
    assert README.count("\n") < LONGEST


@pytest.mark.skipif(not kernels(), reason="the printed tune is the native engine's")
@pytest.mark.parametrize("kernel", kernels())
def test_the_printed_tune_is_what_the_printed_command_prints(kernel, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    [[*arguments, render, folder]] = commands_after("The first tune")
    assert (render, folder) == ("--render", "first-tune")
    printed = re.search(r"```text\n(X:1\n.*?)```", README, re.DOTALL)[1]
    assert output_of([*arguments, "--kernel", kernel], capsys) == printed


def test_the_first_command_renders_what_sounds_and_the_picture(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    [arguments] = commands_after("The first tune")
    assert "to look and listen: first-tune/index.html" in output_of(arguments, capsys)
    made = {path.name for path in (tmp_path / "first-tune").iterdir()}
    assert {"index.html", re.search(r"cp first-tune/(\S+)", README)[1]} <= made
    assert any(name.endswith(".wav") for name in made)


def test_every_command_with_the_model_in_the_box_runs_as_it_stands(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    commands = commands_after("As a program")
    assert len(commands) >= 6
    for arguments in commands:
        if arguments[0] != "studio":  # which runs until it is stopped; tests/studio starts it
            output_of(arguments, capsys)


def test_the_first_example_of_the_library_runs(capsys):
    block = README.split("## As a library\n", 1)[1].split("```python\n", 1)[1].split("```", 1)[0]
    assert 'songrnn.load("folk")' in block
    exec(compile(block, "README.md", "exec"), {})  # noqa: S102, RUF100
    said = capsys.readouterr().out
    assert said.startswith(songrnn.load("folk").compose("M:6/8\nK:Dmaj\n", seed=7).abc())
