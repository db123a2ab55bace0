"""What README and docs say can be typed, runs, leads somewhere, and names what is there."""

import re
import shlex
import tomllib
from itertools import chain
from pathlib import Path

import pytest

import songrnn
from songrnn.cli.main import COMMANDS, import_module, parse

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
HELP = [import_module(f"songrnn.cli.{name}").Command.__doc__ for name in COMMANDS]


def commands_in(text):
    """Every `songrnn ...` that stands on a line of its own in a code block, after "Example:", or in back-ticks."""
    lines = re.findall(r"^(?:\s*Example: |\s*)(songrnn [a-z]+ .*)$", text, flags=re.MULTILINE)
    inline = re.findall(r"`(songrnn [a-z]+ [^`]*)`", text)
    return [
        line.split("  #")[0].strip() for line in [*lines, *inline] if "COMMAND" not in line and "--help" not in line
    ]


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


def python_in(path):
    """All Python of a page as one program, each line where it stands in the page."""
    lines, inside = [], False
    for line in path.read_text("utf-8").splitlines():
        inside = line == "```python" or (inside and line != "```")
        lines.append(line if inside and line != "```python" else "")
    return "\n".join(lines)


def small_tunebook(count):
    """So many different tunes, as ABC."""
    letters = "CDEFGABcdefgab"
    bars = [f"{a}2{b}2 {c}2{a}2" for a in letters for b in letters[1:] for c in letters[2:]][:count]
    return "\n".join(
        f"X:{number}\nM:4/4\nL:1/8\nK:D\n|:{bar}|{bar[::-1].replace('2', '')}z4:|\n" for number, bar in enumerate(bars)
    )


RUN = [path for path in DOCUMENTS if path.name != "README.md" and python_in(path).strip()]


@pytest.mark.parametrize("path", RUN, ids=lambda path: path.name)
def test_the_python_of_a_page_runs_from_top_to_bottom(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("my-tunes.abc").write_text(small_tunebook(40))
    exec(compile(python_in(path), path.name, "exec"), {})  # noqa: S102, RUF100


def test_the_pages_that_show_python_are_run():
    assert {"embed.md", "tour.md"} <= {path.name for path in RUN}


NOT_FILES = {
    "cli/NAME.py",
    "rules.hpp",
    "tracking_rules.hpp",
}  # written by a reader, a place holder, generated


def files_named_in(text):
    """Names of source files between back-ticks, with or without their folders."""
    return set(re.findall(r"`([\w/.-]+\.(?:py|cpp|hpp|toml|jinja))`", text)) - NOT_FILES


def missing_files(text):
    there = [f"/{path.relative_to(ROOT).as_posix()}" for path in ROOT.glob("*.toml")]
    for folder in ("src", "native", "tests", "benchmarks", "scripts", "examples"):
        there += [f"/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / folder).rglob("*")]
    return {name for name in files_named_in(text) if not any(path.endswith(f"/{name}") for path in there)}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_a_page_names_exists(path):
    assert missing_files(path.read_text("utf-8")) == set()


def test_a_file_that_is_not_there_is_found():
    assert missing_files("see `notation/read.py`, `native/gone.cpp` and `sampling/read.py`") == {
        "native/gone.cpp",
        "sampling/read.py",
    }


def test_the_tour_names_every_package_and_the_reference_every_public_name():
    tour = (ROOT / "docs" / "tour.md").read_text("utf-8")
    packages = {path.parent.name for path in (ROOT / "src" / "songrnn").glob("*/__init__.py")}
    assert {package for package in packages if f"`{package}/`" not in tour} == set()
    reference = (ROOT / "docs" / "reference.md").read_text("utf-8")
    names = re.findall(r"^::: songrnn\.(\w+)$", reference, flags=re.MULTILINE)
    assert sorted(names) == sorted(set(songrnn.__all__) - {"__version__"})


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
