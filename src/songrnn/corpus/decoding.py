"""The bytes of a file -> its text, or the kind of file that it is instead.

Users name the wrong file: the PDF or the MIDI file beside the tunebook, a packed tunebook, or a checkpoint.
Formats are recognised by the bytes they begin with, never by the file's name.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from songrnn.notation.lines import with_unix_line_ends

# what a file begins with -> what it is
_SIGNATURES: Mapping[bytes, str] = MappingProxyType(
    {
        b"%PDF-": "a PDF document",
        b"%!PS": "a PostScript document",
        b"{\\rtf": "an RTF document (Word); save it as plain text",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "a Word document (or another of Microsoft Office); save it as plain text",
        b"MThd": "a MIDI file",
        b"\x1f\x8b": "compressed by gzip; unpack it first",
        b"BZh": "compressed by bzip2; unpack it first",
        b"\xfd7zXZ\0": "compressed by xz; unpack it first",
        b"\x28\xb5\x2f\xfd": "compressed by zstd; unpack it first",
        b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive; unpack it first",
        b"Rar!\x1a\x07": "a RAR archive; unpack it first",
        b"\x89PNG\r\n": "a PNG image",
        b"\xff\xd8\xff": "a JPEG image",
        b"GIF8": "a GIF image",
        b"RIFF": "a sound or video file (RIFF)",
        b"ID3": "a sound file (MP3)",
        b"OggS": "a sound file (Ogg)",
        b"fLaC": "a sound file (FLAC)",
        b"\x0fSIBELIUS": "a Sibelius score",
        b"ENIGMA BINARY FILE": "a Finale score",
        b"SQLite format 3\0": "an SQLite database",
    }
)
_ZIP = b"PK\x03\x04"
# a name of a file in a ZIP archive -> what the archive is
_ARCHIVES: Mapping[bytes, str] = MappingProxyType(
    {
        b"word/": "a Word document; save it as plain text",
        b"xl/workbook": "an Excel sheet; save it as plain text",
        b"application/vnd.oasis.opendocument": "an OpenDocument file; save it as plain text",
        b".mscx": "a MuseScore score",
        b"META-INF/container.xml": "compressed MusicXML",
    }
)
# the root element of an XML file -> what it is
_XML_ROOTS: Mapping[str, str] = MappingProxyType(
    {
        "score-partwise": "MusicXML",
        "score-timewise": "MusicXML",
        "museScore": "a MuseScore score",
        "mei": "an MEI score",
    }
)
_XML = re.compile(r"\s*<\?xml\b|\s*<!DOCTYPE\s+score-|\s*<score-(?:part|time)wise\b", re.IGNORECASE)
_XML_ROOT = re.compile(r"<([A-Za-z][\w.-]*)")
_HTML = re.compile(r"\s*<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_TUNE = re.compile(r"^\s*(?:X:|<start>)", re.MULTILINE)
_HEAD = 4096
# what a file begins with -> its encoding, and Python's codec; UTF-32's mark begins like that of UTF-16
BYTE_ORDER_MARKS: Mapping[bytes, tuple[str, str]] = MappingProxyType(
    {
        b"\xff\xfe\0\0": ("UTF-32", "utf-32"),
        b"\0\0\xfe\xff": ("UTF-32", "utf-32"),
        b"\xff\xfe": ("UTF-16", "utf-16"),
        b"\xfe\xff": ("UTF-16", "utf-16"),
    }
)
_BYTE_ORDERS = (("utf-16-le", 1), ("utf-16-be", 0))  # and the place of the high byte in each pair


class NotText(Exception):
    """A file holds no text that can be read; the message is what follows its name: "is a PDF document"."""


def read_text(path: Path) -> tuple[str, str]:
    """The text of a file with "\\n" line ends, and its encoding.

    Raises NotText for a file of another kind, one that is empty, or damaged text; OSError when it cannot be read.
    """
    return text_in(path.read_bytes())


def text_in(data: bytes) -> tuple[str, str]:
    """The text in the bytes of a file, and its encoding, as `read_text` has it; raises NotText."""
    if not data.strip():
        raise NotText("is empty")
    if kind := _binary_kind(data):
        raise NotText(f"is {kind}")
    text, encoding = _decoded(data)
    if "\0" in text:
        raise NotText(f"is binary (a NUL byte at position {data.index(0)})")
    if kind := _text_kind(text):
        raise NotText(f"is {kind}")
    return with_unix_line_ends(text), encoding


def _binary_kind(data: bytes) -> str:
    for signature, kind in _SIGNATURES.items():
        if data.startswith(signature):
            return kind
    if data.startswith(_ZIP):
        return next((kind for name, kind in _ARCHIVES.items() if name in data), "a ZIP archive; unpack it first")
    if data[8:10] == b'{"' and int.from_bytes(data[:8], "little") < len(data):
        return "a checkpoint (safetensors)"
    return ""


def _text_kind(text: str) -> str:
    head = text[:_HEAD]
    if _XML.match(head):
        root = _XML_ROOT.search(head)
        return _XML_ROOTS.get(root[1] if root else "", "an XML file")
    if _HTML.match(head) and not _TUNE.search(text):
        return "a web page without a tune"
    return ""


def _decoded(data: bytes) -> tuple[str, str]:
    """UTF-8, or as a byte order mark or the zeros of UTF-16 indicate; Latin-1 has a character for any bytes."""
    for mark, (name, codec) in BYTE_ORDER_MARKS.items():
        if data.startswith(mark):
            return _strictly(data, codec), name
    for encoding, high in _BYTE_ORDERS:
        highs = data[high:_HEAD:2]
        if len(data) % 2 == 0 and highs.count(0) > 0.9 * len(highs):
            return _strictly(data, encoding), "UTF-16 without BOM"
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1"), "Latin-1"
    return (text[1:], "UTF-8 with BOM") if text.startswith("\ufeff") else (text, "UTF-8")


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        name = encoding.upper()[:6]
        raise NotText(
            f"is {name} text that breaks off or is damaged at byte {error.start}; save it as UTF-8"
        ) from error
