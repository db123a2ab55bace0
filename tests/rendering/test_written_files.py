"""The list of written files: songrnn replaces and removes its own, and touches nobody else's."""

import hashlib
from pathlib import Path

import pytest

from songrnn.errors import RunError
from songrnn.rendering.written_files import LIST, WrittenFiles


def write(folder, **contents):
    files = WrittenFiles(folder)
    files.refuse_others(contents)
    for name, content in contents.items():
        files.write(name, content)
    files.finish()


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_second_writing_leaves_nothing_of_the_first(tmp_path):
    write(tmp_path, a="1", b="2")
    write(tmp_path, b="3", c="4")
    assert names(tmp_path) == [LIST, "b", "c"]
    assert (tmp_path / "b").read_text() == "3"


def test_what_songrnn_did_not_write_stays(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    write(tmp_path, a="1")
    write(tmp_path, b="2")
    assert names(tmp_path) == [LIST, "b", "notes.txt"]


def test_a_file_that_was_changed_since_stays_too(tmp_path):
    write(tmp_path, a="1", b="2")
    (tmp_path / "a").write_text("edited")
    write(tmp_path, b="3")
    assert (tmp_path / "a").read_text() == "edited"


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_a_name_that_somebody_else_took_is_refused_before_anything_is_written(tmp_path, kind):
    other = tmp_path / "b"
    if kind == "file":
        other.write_text("mine")
    elif kind == "folder":
        other.mkdir()
    else:
        try:
            other.symlink_to(tmp_path / "nowhere")
        except OSError:
            pytest.skip("no links on this system")
    with pytest.raises(RunError, match=r"b is there and is not from songrnn; move it away, or choose another folder"):
        write(tmp_path, a="1", b="2")
    assert names(tmp_path) == ["b"]


def test_a_file_of_ours_that_somebody_changed_is_not_overwritten(tmp_path):
    write(tmp_path, a="1")
    (tmp_path / "a").write_text("edited")
    with pytest.raises(RunError, match="a is there and has been changed since songrnn wrote it"):
        write(tmp_path, a="2")
    assert (tmp_path / "a").read_text() == "edited"


def test_after_a_kill_the_next_writing_continues(tmp_path):
    killed = WrittenFiles(tmp_path)
    killed.write("a", "1")
    killed.write("b", "2")  # and finish() never comes
    write(tmp_path, a="3")
    assert names(tmp_path) == [LIST, "a"]


def test_a_kill_while_writing_again_leaves_both_versions_known(tmp_path):
    write(tmp_path, a="1", b="1")
    killed = WrittenFiles(tmp_path)
    killed.write("a", "2")
    write(tmp_path, c="3")
    assert names(tmp_path) == [LIST, "c"]


def test_the_list_can_be_checked_by_sha256sum(tmp_path):
    write(tmp_path, a="1")
    assert (tmp_path / LIST).read_text() == f"{hashlib.sha256(b'1').hexdigest()}  a\n"


@pytest.mark.parametrize("name", ["../b", "/etc/hosts", ".", "..", "sub/b", ""])
def test_a_list_that_names_files_elsewhere_removes_nothing(tmp_path, name):
    folder = tmp_path / "out"
    folder.mkdir()
    (tmp_path / "b").write_text("1")
    (folder / LIST).write_text(f"{hashlib.sha256(b'1').hexdigest()}  {name}\nnonsense\n\xff\n", encoding="latin-1")
    write(folder, a="2")
    assert (tmp_path / "b").read_text() == "1"


def test_a_failed_write_keeps_the_old_file_and_leaves_no_part(monkeypatch, tmp_path):
    write(tmp_path, a="old")

    def fail(self, target):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", fail)
        with pytest.raises(RunError, match=r"cannot write .*a: no space left on device; the former file is as it was"):
            write(tmp_path, a="new")
    assert (tmp_path / "a").read_text() == "old"
    assert names(tmp_path) == [LIST, "a"]
    write(tmp_path, a="new")


def test_a_list_that_is_a_folder_is_one_clear_error(tmp_path):
    (tmp_path / LIST).mkdir()
    with pytest.raises(RunError, match=r"cannot read .*\.songrnn-files"):
        WrittenFiles(tmp_path)
