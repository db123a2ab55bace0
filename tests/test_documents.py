"""What README and docs say can be typed, and leads somewhere."""

import re
import shlex
import tomllib
from itertools import chain
from pathlib import Path

import pytest

from songrnn.cli.main import COMMANDS, import_module, parse

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
HELP = [import_module(f"songrnn.cli.{name}").Command.__doc__ for name in COMMANDS]


def commands_in(text):
    """Every `songrnn ...` that stands on a line of its own in a code block, after "Example:", or in back-ticks."""
    lines = re.findall(r"^(?:\s*Example: |\s*)(songrnn [a-z]+ .*)$", text, flags=re.MULTILINE)
    inline = re.findall(r"`(songrnn [a-z]+ [^`]*)`", text)
    return [line.split("  #")[0].strip() for line in [*lines, *inline] if "COMMAND" not in line]


SAID = sorted(
    {command for text in [*(path.read_text("utf-8") for path in DOCUMENTS), *HELP] for command in commands_in(text)}
)


def test_there_are_commands_to_check():
    assert len(SAID) >= 15


@pytest.mark.parametrize("command", SAID)
def test_every_command_in_the_documents_can_be_typed(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for file in re.findall(r"--settings (\S+)", command):  # read before the other flags are
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        Path(file).write_text("{}")
    _, name, *arguments = shlex.split(command)
    assert name in COMMANDS
    parse(import_module(f"songrnn.cli.{name}"), name, arguments)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_between_documents_leads_somewhere(path):
    for target in re.findall(r"\]\(([^)#]+)\)", path.read_text("utf-8")):
        if not target.startswith("https://"):
            assert (path.parent / target).exists(), target


def test_the_readmes_two_commands_are_in_the_makefile():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"^make (\w+)", (ROOT / "README.md").read_text("utf-8"), flags=re.MULTILINE):
        assert f"\n{target}: " in makefile


def versions_in(text):
    """Name -> least version, of every "name>=1.2" or "`name` ≥ 1.2"."""
    found = re.findall(r"([A-Za-z][\w-]*)`? ?(?:>=|≥) ?(\d+(?:\.\d+)*)", text)
    return {name.lower(): re.sub(r"(\.0)+$", "", version) for name, version in found}


def test_least_versions_of_libraries_are_those_of_the_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    extras = project["project"]["optional-dependencies"].values()
    lines = [*project["build-system"]["requires"], *project["project"]["dependencies"], *chain.from_iterable(extras)]
    required = versions_in("\n".join(lines))
    stated = versions_in((ROOT / "docs" / "libraries.md").read_text("utf-8"))
    assert len(stated.keys() & required.keys()) >= 10
    assert {name: required.get(name) for name in stated} == stated
