"""Files are the old one or the new one."""

import stat

import pytest

from songrnn.errors import RunError
from songrnn.storage import write_whole


@pytest.mark.parametrize("forced", [True, False])
def test_text_and_bytes_are_written_into_folders_that_are_made(tmp_path, forced):
    write_whole(tmp_path / "a" / "text", "é\n", forced=forced)
    write_whole(tmp_path / "a" / "bytes", b"\x00\xff", forced=forced)
    assert (tmp_path / "a" / "text").read_bytes() == b"\xc3\xa9\n"
    assert (tmp_path / "a" / "bytes").read_bytes() == b"\x00\xff"
    assert {path.name for path in (tmp_path / "a").iterdir()} == {"text", "bytes"}


def test_a_written_file_has_the_rights_of_any_other(tmp_path):
    (tmp_path / "other").write_text("")
    write_whole(tmp_path / "ours", "")
    assert stat.S_IMODE((tmp_path / "ours").stat().st_mode) == stat.S_IMODE((tmp_path / "other").stat().st_mode)


def test_a_write_that_fails_says_that_the_former_file_is_kept(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_text("old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("songrnn.storage.os.fsync", full)
    with pytest.raises(RunError, match=r"cannot write .*file: no space left on device; the former file is as it was"):
        write_whole(path, "new")
    assert path.read_text() == "old"
    assert [other.name for other in tmp_path.iterdir()] == ["file"]
