"""The documentation as a site: it builds without a warning, and reading it needs no network."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
pytest.importorskip("mkdocs", reason="needs the extra docs")


def build(folder: Path, config: Path = ROOT / "mkdocs.yml") -> "subprocess.CompletedProcess[str]":
    """Build as `make docs` does; returns the finished process."""
    command = [
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "--strict",
        "--config-file",
        str(config),
        "--site-dir",
        str(folder),
    ]
    quiet = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=quiet)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site."""
    folder = tmp_path_factory.mktemp("site")
    result = build(folder)
    assert result.returncode == 0, result.stderr
    return folder


def test_links_that_lead_nowhere_fail_the_build(tmp_path: Path) -> None:
    validation = (ROOT / "mkdocs.yml").read_text("utf-8").partition("\nvalidation:")[2]
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("# A page\n\n[a](gone.md) [b](index.md#gone) ![c](gone.svg)\n")
    (tmp_path / "mkdocs.yml").write_text(f"site_name: test\nplugins: []\nvalidation:{validation}")
    result = build(tmp_path / "site", tmp_path / "mkdocs.yml")
    assert (result.returncode, result.stderr.count("WARNING")) == (1, 3)


def addresses_fetched_by(page: str) -> list[str]:
    """What a browser loads by itself when it opens a page; links that one follows are none of it."""
    tags = re.findall(r"<(?:script|link|img|iframe|audio|source)\b[^>]*>", page)
    return [address for tag in tags for address in re.findall(r'(?:src|href)="((?:https?:)?//[^"]+)"', tag)]


def test_every_page_is_built_and_fetches_nothing_from_the_network(site: Path) -> None:
    pages = {path.stem: path.read_text("utf-8") for path in site.glob("*.html")}
    assert {path.stem for path in (ROOT / "docs").glob("*.md")} <= pages.keys()
    assert {name: found for name, page in pages.items() if (found := addresses_fetched_by(page))} == {}
    styles = "".join(path.read_text("utf-8") for path in site.rglob("*.css"))
    assert re.findall(r"url\(['\"]?(?:https?:)?//[^)]*\)|@import[^;]*//[^;]*;", styles) == []


def test_an_address_that_would_be_fetched_is_found() -> None:
    page = '<a href="https://a.org">a</a> <link href="https://fonts.org/f.css"><script src="//c.org/s.js">'
    assert addresses_fetched_by(page) == ["https://fonts.org/f.css", "//c.org/s.js"]


def test_search_works_from_the_disk(site: Path) -> None:
    assert (site / "search" / "search_index.js").read_text("utf-8").startswith("var __index = ")
    assert 'src="site/iframe-worker.js"' in (site / "index.html").read_text("utf-8")


def test_the_reference_has_types_definitions_and_ranges(site: Path) -> None:
    text = re.sub(r"<[^>]+>", "", (site / "reference.html").read_text("utf-8"))
    assert "Composition" in text
    assert "(at least 0, at most 5)" in text  # SamplingSettings.temperature


def definitions() -> Any:
    spec = importlib.util.spec_from_file_location("definitions", ROOT / "docs" / "site" / "definitions.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_definitions_in_docstrings_become_a_list() -> None:
    text = "Compose: one tune.\n\nprompt: text to\n    continue. seed, number: which\ntune.\nRaises PromptError."
    assert definitions().with_definitions(text).split("\n") == [
        "Compose: one tune.",
        "",
        "",
        "- `prompt`: text to",
        "    continue. seed, number: which",
        "    tune.",
        "",
        "Raises PromptError.",
    ]


def test_two_definitions_on_one_line_are_two_items() -> None:
    assert definitions().with_definitions("First.\na: one. b [T, B]: two") == "First.\n\n- `a`: one.\n- `b [T, B]`: two"
