import importlib.util
import re
import sys

import pytest

from songrnn.corpus import sources
from songrnn.corpus.sources import COLLECTIONS, SourceTune, read_sources
from songrnn.errors import CorpusError, MissingExtra

ONE = "X:1\nT:One\nK:D\ndef|\n"
TWO = "X:2\nT:Two\nK:G\ngab|\n"


def test_a_tune_runs_from_its_number_to_the_blank_line(tmp_path):
    file = tmp_path / "two.abc"
    file.write_text(f"% a tunebook\nby nobody\n\n{ONE}\n\nwords between\n{TWO}   \nand after\n")
    read = read_sources([str(file)])
    assert [(tune.text, tune.number, tune.source) for tune in read.tunes] == [(ONE, 1, str(file)), (TWO, 2, str(file))]
    assert not read.marked


def test_a_new_number_begins_a_tune_without_a_blank_line(tmp_path):
    (tmp_path / "two.abc").write_text(ONE + TWO)
    assert [tune.text for tune in read_sources([str(tmp_path)]).tunes] == [ONE, TWO]


def test_a_file_without_a_last_line_end_gets_one(tmp_path):
    (tmp_path / "one.abc").write_text(ONE.rstrip())
    assert read_sources([str(tmp_path)]).tunes[0].text == ONE


def test_a_folder_is_read_with_its_subfolders_in_the_order_of_names(tmp_path):
    (tmp_path / "b.abc").write_text(ONE)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "z.ABC").write_text(TWO)
    (tmp_path / "notes.txt").write_text("no tune")
    assert [tune.text for tune in read_sources([str(tmp_path)]).tunes] == [TWO, ONE]


def test_a_file_named_twice_is_read_once(tmp_path):
    file = tmp_path / "one.abc"
    file.write_text(ONE)
    assert len(read_sources([str(file), str(tmp_path)]).tunes) == 1


def test_markers_keep_everything_between_them_as_it_stands(tmp_path):
    file = tmp_path / "marked.txt"
    inside = "X: 1\n\n%% layout \nK:D\ndef |  \n"
    file.write_text(f"<start>\n{inside}<end>\n<start>\nno tune at all\n<end>\n")
    read = read_sources([str(file)])
    assert [tune.text for tune in read.tunes] == [inside, "no tune at all\n"]
    assert read.marked


def test_a_missing_end_is_supplied_by_the_next_start_and_by_the_end_of_the_file(tmp_path):
    file = tmp_path / "marked.txt"
    file.write_text(f"\n<start>\n{ONE}<start>\n{TWO}")
    assert [tune.text for tune in read_sources([str(file)]).tunes] == [ONE, TWO]


def test_text_outside_the_markers_is_stray_and_blank_lines_are_not(tmp_path):
    file = tmp_path / "marked.txt"
    file.write_text(f"<start>\n{ONE}<end>\n\nsome words\n<start>\n{TWO}<end>\n\n")
    read = read_sources([str(file)])
    assert [(tune.stray, tune.number) for tune in read.tunes] == [(False, 1), (True, 1), (False, 2)]


def test_one_file_without_markers_makes_the_sources_unmarked(tmp_path):
    (tmp_path / "marked.txt").write_text(f"<start>\n{ONE}<end>\n")
    (tmp_path / "plain.abc").write_text(TWO)
    assert not read_sources([str(tmp_path / "marked.txt"), str(tmp_path / "plain.abc")]).marked


@pytest.mark.parametrize("line_end", [b"\r\n", b"\r", b"\r\r\n"])
def test_foreign_line_ends_become_ours(tmp_path, line_end):
    (tmp_path / "one.abc").write_bytes(ONE.encode().replace(b"\n", line_end))
    assert read_sources([str(tmp_path)]).tunes[0].text == ONE


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("X:1\nT:Café\nK:D\nd|\n".encode(), "UTF-8"),
        ("\ufeffX:1\nT:Café\nK:D\nd|\n".encode(), "UTF-8 with BOM"),
        ("X:1\nT:Café\nK:D\nd|\n".encode("latin-1"), "Latin-1"),
    ],
)
def test_the_encoding_is_found_and_reported(tmp_path, data, encoding):
    file = tmp_path / "cafe.abc"
    file.write_bytes(data)
    read = read_sources([str(file)])
    assert read.tunes[0].text == "X:1\nT:Café\nK:D\nd|\n"
    assert read.encodings == {str(file): encoding}


def test_a_source_that_is_nothing_names_the_collections():
    with pytest.raises(
        CorpusError, match=r"'oneil' is neither a file, a folder nor a collection.*oneills, ryans, airds"
    ):
        read_sources(["oneil"])


@pytest.mark.parametrize("data", [b"", b" \n\n"])
def test_an_empty_file_is_named(tmp_path, data):
    (tmp_path / "none.abc").write_bytes(data)
    with pytest.raises(CorpusError, match=r"none\.abc is empty; expected tunes"):
        read_sources([str(tmp_path)])


@pytest.mark.parametrize("block", ["%%begintext\nX:9\nT:Not a tune\n\nwords\n%%endtext\n", "%%beginps\n\n%%endps\n"])
def test_a_block_of_directives_neither_begins_nor_ends_a_tune(tmp_path, block):
    within = ONE.replace("K:", f"{block}K:")
    (tmp_path / "two.abc").write_text(f"{block}\n{within}\n{TWO}{block}")
    assert [tune.text for tune in read_sources([str(tmp_path)]).tunes] == [within, TWO + block]


def test_a_block_that_nothing_ends_hides_no_tune(tmp_path):
    (tmp_path / "two.abc").write_text(f"%%begintext\nwords\n\n{ONE}\n{TWO}")
    assert [tune.text for tune in read_sources([str(tmp_path)]).tunes] == [ONE, TWO]


def test_a_folder_without_tunebooks_is_named(tmp_path):
    (tmp_path / "readme.txt").write_text("hello")
    with pytest.raises(CorpusError, match=re.escape(f"the folder {tmp_path} holds no .abc file")):
        read_sources([str(tmp_path)])


def test_a_collection_without_music21_names_the_command_that_installs_it(monkeypatch):
    monkeypatch.setattr(sources, "find_spec", lambda name: None)
    with pytest.raises(
        MissingExtra, match=r"'ryans'.*music21, which is not installed: pip install 'songrnn\[collections\]'"
    ):
        read_sources(["ryans"])


@pytest.fixture
def collections_folder(tmp_path, monkeypatch):
    """A stand-in for the music21 package, with one tune in each folder."""
    for folder in COLLECTIONS["folk"]:
        (tmp_path / "corpus" / folder).mkdir(parents=True)
        (tmp_path / "corpus" / folder / "tune.abc").write_text(f"X:1\nT:{folder}\nK:D\ndef|\n")
    spec = importlib.util.spec_from_file_location("music21", tmp_path / "__init__.py")
    monkeypatch.setattr(sources, "find_spec", lambda name: spec)


@pytest.mark.parametrize(("name", "folders"), COLLECTIONS.items())
def test_a_collection_reads_its_folders_and_names_its_files_without_the_path(collections_folder, name, folders):
    assert [tune.source for tune in read_sources([name]).tunes] == [f"{folder}/tune.abc" for folder in folders]


@pytest.mark.skipif(importlib.util.find_spec("music21") is None, reason="music21 is not installed")
def test_the_installed_collection_is_read_without_importing_music21():
    assert len(read_sources(["airds"]).tunes) > 1_000
    assert "music21" not in sys.modules


@pytest.mark.parametrize(
    ("text", "source", "name"),
    [
        ("X:12\nT: The Brown Hare \nT:Another\nK:D\n", "folder/tunes.abc", "The Brown Hare (tunes.abc 12)"),
        ("K:D\nA|\n", "tunes.abc", "untitled (tunes.abc 3)"),
        ("X: 411\nT:Hare\n", "oneills1850/0401-0450.abc", "Hare (O'Neill's Music of Ireland 411)"),
        ("X:1\nT:Hare\n", "ryansMammoth/Hare.abc", "Hare (Ryan's Mammoth Collection)"),
        ("X:0007\nT:Hare\n", "airdsAirs/book1.abc", "Hare (Aird's Airs 7)"),
    ],
)
def test_a_tune_is_called_by_its_title_and_its_book(text, source, name):
    assert SourceTune(text, source, 3).name == name
