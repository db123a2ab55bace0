"""The tunes of a file of any size, in the memory that one piece of it takes.

A file of more than PIECE_BYTES is read piece by piece, each of which ends where a tune begins. The tunes are those that
`sources.py` finds in the whole file.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from songrnn.corpus.decoding import BYTE_ORDER_MARKS, NotText, text_in
from songrnn.corpus.file_header import read_file_header
from songrnn.corpus.markers import START
from songrnn.corpus.sources import SourceTune, marked_tunes, tunes_in, whole_text
from songrnn.errors import CorpusError
from songrnn.notation.lines import LINE_END

PIECE_BYTES = 8_000_000
HEAD_BYTES = 1 << 16  # by which the kind of file is recognised; an even number

_BLOCK = re.compile(r"^%%(begin|end)[A-Za-z]", re.IGNORECASE | re.MULTILINE)
_TUNE = re.compile(r"^[^\S\n]*X:", re.MULTILINE)
_MARKER = re.compile(rf"^{START}[^\S\n]*$", re.MULTILINE)


def is_marked(path: Path) -> bool:
    """Whether the first line that is not blank is <start>."""
    with path.open("rb") as file:
        head = file.read(4096)
    for mark, (_, codec) in BYTE_ORDER_MARKS.items():
        if head.startswith(mark):
            head = head.decode(codec, "ignore").lstrip("\ufeff").encode()
            break
    return head.decode("latin-1").removeprefix("\xef\xbb\xbf").lstrip().partition("\n")[0].rstrip() == START


def tunes_of(path: Path, label: str) -> tuple[Iterator[SourceTune], str]:
    """The tunes of a file, which is named `label` in reports, and its encoding; raises CorpusError."""
    try:
        marked = is_marked(path)
        if path.stat().st_size <= PIECE_BYTES:
            text, encoding = whole_text(path)
            return (marked_tunes(text, label) if marked else tunes_in(text, label)), encoding
        encoding, codec = _encoding(path)
    except OSError as error:
        raise CorpusError(f"cannot read {path}: {error.strerror}") from error
    except NotText as reason:
        raise CorpusError(f"the file {path} {reason}; expected tunes in ABC notation, which is plain text") from reason
    return _in_pieces(_pieces(path, codec, _MARKER if marked else _TUNE), label, marked=marked), encoding


def _in_pieces(pieces: Iterator[str], label: str, *, marked: bool) -> Iterator[SourceTune]:
    number, header = 0, None
    for piece in pieces:
        header = header or read_file_header(piece)
        found, before = (marked_tunes(piece, label) if marked else tunes_in(piece, label, header)), number
        for tune in found:
            number = before + tune.number
            yield replace(tune, number=number)


def _pieces(path: Path, codec: str, begins: re.Pattern[str]) -> Iterator[str]:
    """The text with "\\n" line ends, cut where tunes begin."""
    decoder, text, held = codecs.getincrementaldecoder(codec)("strict"), "", ""
    with path.open("rb") as file:
        while data := file.read(PIECE_BYTES):
            decoded = held + _decoded(decoder, data, path)
            kept = decoded.rstrip("\r")  # half a line end, perhaps
            held = decoded[len(kept) :]
            text += LINE_END.sub("\n", kept)
            cut = _last_border(text, begins)
            if cut:
                yield text[:cut]
                text = text[cut:]
    text += LINE_END.sub("\n", held + _decoded(decoder, b"", path))
    kept = text.rstrip("\x1a \t\n")
    yield f"{kept}\n" if "\x1a" in text[len(kept) :] else text


def _decoded(decoder: codecs.IncrementalDecoder, data: bytes, path: Path) -> str:
    """The text of the next bytes, of which none means the end."""
    try:
        return decoder.decode(data, final=not data)
    except UnicodeDecodeError as error:
        raise CorpusError(f"the file {path} breaks off or is damaged ({error.reason}); save it as UTF-8") from error


def _last_border(text: str, begins: re.Pattern[str]) -> int:
    """Where the last tune begins that begins outside %%begintext and the like; 0 where there is none."""
    marks = [(block.start(), 1 if block[1].lower() == "begin" else -1) for block in _BLOCK.finditer(text)]
    starts, last, is_open = [found.start() for found in begins.finditer(text)], 0, 0
    for start in starts:
        while marks and marks[0][0] < start:
            is_open += marks.pop(0)[1]
        last = last if is_open else start
    return last


def _encoding(path: Path) -> tuple[str, str]:
    """The name of the encoding, as `decoding.py` has it, and Python's codec; raises NotText."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        for mark, (name, codec) in BYTE_ORDER_MARKS.items():
            if head.startswith(mark):
                return name, codec
        _, name = text_in(head)
        if name.startswith("UTF-16"):
            return name, "utf-16-le" if head[1:2] == b"\0" else "utf-16-be"
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while data := file.read(PIECE_BYTES):
                decoder.decode(data)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "Latin-1", "latin-1"
    return "UTF-8 with BOM" if head.startswith(codecs.BOM_UTF8) else "UTF-8", "utf-8-sig"
