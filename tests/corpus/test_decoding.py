"""Bytes to text, and files of another kind named as what they are."""

import gzip
import io
import zipfile

import pytest

from songrnn.corpus.decoding import NotText, read_text
from songrnn.corpus.sources import read_sources
from songrnn.errors import CorpusError

TUNE = "X:1\nT:Caf\u00e9\nK:D\ndef|\n"


def archive(*names):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as opened:
        for name in names:
            opened.writestr(name, TUNE * 100)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.4\n1 0 obj\0", "is a PDF document"),
        (b"%!PS-Adobe-3.0\n", "is a PostScript document"),
        (b"MThd\0\0\0\6\0\1", "is a MIDI file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", r"is a Word document \(or another of Microsoft Office\)"),
        (archive("[Content_Types].xml", "word/document.xml"), "is a Word document; save it as plain text"),
        (archive("META-INF/container.xml", "score.xml"), "is compressed MusicXML"),
        (archive("META-INF/container.xml", "song.mscx"), "is a MuseScore score"),
        (archive("tunes.abc"), "is a ZIP archive; unpack it first"),
        (gzip.compress(TUNE.encode(), mtime=0), "is compressed by gzip; unpack it first"),
        (b"{\\rtf1\\ansi X:1\\par\n}", "is an RTF document"),
        (b"\x89PNG\r\n\x1a\n\0", "is a PNG image"),
        (b"RIFF\x24\0\0\0WAVE", r"is a sound or video file"),
        (b'<?xml version="1.0"?>\n<!DOCTYPE score-partwise PUBLIC "x">\n<score-partwise/>', "is MusicXML"),
        ("<score-timewise/>".encode("utf-16"), "is MusicXML"),
        (b'<?xml version="1.0"?><museScore/>', "is a MuseScore score"),
        (b"<?xml version='1.0'?><a/>", "is an XML file"),
        (b"<!DOCTYPE html>\n<html>no tune</html>", "is a web page without a tune"),
        (b'\x20\0\0\0\0\0\0\0{"a":{"dtype":"F32"}}' + bytes(40), "is a checkpoint"),
        (b"X:1\n\0\1\2", r"is binary \(a NUL byte at position 4\)"),
        (b"", "is empty"),
        (TUNE.encode("utf-16")[:-1], r"is UTF-16 text that breaks off or is damaged at byte \d+; save it as UTF-8"),
    ],
)
def test_a_file_of_another_kind_is_named(tmp_path, data, kind):
    file = tmp_path / "tunes.abc"
    file.write_bytes(data)
    with pytest.raises(NotText, match=f"^{kind}"):
        read_text(file)
    with pytest.raises(CorpusError, match=f"the file {file} {kind}.*; expected tunes in ABC notation") as caught:
        read_sources([str(file)])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TUNE.encode("utf-16"), "UTF-16"),
        (b"\xfe\xff" + TUNE.encode("utf-16-be"), "UTF-16"),
        (TUNE.encode("utf-16-le"), "UTF-16 without BOM"),
        (TUNE.encode("utf-16-be"), "UTF-16 without BOM"),
        (TUNE.encode("utf-32"), "UTF-32"),
        (TUNE.encode(), "UTF-8"),
        (TUNE.encode("latin-1"), "Latin-1"),
        (TUNE.replace("\n", "\r\r\n").encode() + b"\x1a\x1a", "UTF-8"),
    ],
)
def test_text_is_read_in_every_usual_encoding(tmp_path, data, encoding):
    file = tmp_path / "tunes.abc"
    file.write_bytes(data)
    assert read_text(file) == (TUNE, encoding)
    assert read_sources([str(file)]).tunes[0].text == TUNE


@pytest.mark.parametrize("head", ["<html><pre>\n", "% RIFF\n", "MThe Tune\n\n"])
def test_text_that_holds_a_tune_is_no_file_of_another_kind(tmp_path, head):
    file = tmp_path / "tunes.abc"
    file.write_text(head + TUNE, encoding="utf-8")
    assert [tune.text for tune in read_sources([str(file)]).tunes] == [TUNE]
