"""Files, folders and named collections -> their tunes, unchanged, with the place of each.

Two kinds of file, distinguished by the first line that is not blank:

- `<start>`: a tune is everything between a literal `<start>` line and a literal `<end>` line. An `<end>` that is
  missing is supplied by the next `<start>` or by the end of the file.
- anything else is ABC: a tune begins at a line `X:` and ends at a blank line or at the next `X:`. Text between
  tunes (comments, free text) belongs to none, but for the header of the file (see `file_header.py`). Lines from
  `%%begintext` to `%%endtext`, and the like, neither begin nor end a tune.

Line ends CR LF, CR CR LF and CR become LF, and a Ctrl-Z at the end goes. A file that is neither UTF-8 nor UTF-16 is
read as Latin-1 (see `Sources.encodings`); the error for a file of another kind names that.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from songrnn.corpus.decoding import NotText, read_text
from songrnn.corpus.file_header import FileHeader, read_file_header
from songrnn.corpus.markers import END, START
from songrnn.errors import CorpusError, MissingExtra
from songrnn.notation.lines import blocks
from songrnn.notation.text_strings import UNTITLED, title_of

# name -> folders of music21's corpus; a name goes before a file of that name (write ./folk for the file)
COLLECTIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "oneills": ("oneills1850",),
        "ryans": ("ryansMammoth",),
        "airds": ("airdsAirs",),
        "folk": ("oneills1850", "ryansMammoth", "airdsAirs"),
    }
)

# folder of music21's corpus -> the title of its book; where tunes are numbered through the whole book, with the number
_BOOKS = {
    "oneills1850": "O'Neill's Music of Ireland {number}",
    "ryansMammoth": "Ryan's Mammoth Collection",
    "airdsAirs": "Aird's Airs {number}",
}


_TERMS = ("license", "licence", "copying", "copyright", "terms", "notice", "readme")  # names of files, without endings


@dataclass(frozen=True)
class SourceTune:
    """One tune as it is in its file.

    text:   every line with its "\\n"; without the <start> and <end> lines.
    source: the file it came from.
    number: its position within the file, from 1.
    stray:  True for text outside the markers, which is no tune; its number is that of the tune before it, or 0.
    """

    text: str
    source: str
    number: int
    stray: bool = False

    @property
    def name(self) -> str:
        """Its title and source: "The Brown Hare (O'Neill's Music of Ireland 411)", "The Brown Hare (tunes.abc 3)"."""
        found = re.search(r"^X:[^\S\n]*(\S.*?)\s*$", self.text, flags=re.MULTILINE)
        number = found[1].lstrip("0") if found else ""
        path = Path(self.source)
        place = _BOOKS.get(str(path.parent), f"{path.name} {{number}}").replace("{number}", number or str(self.number))
        return f"{title_of(self.text) or UNTITLED} ({place})"


@dataclass(frozen=True)
class Sources:
    """Every tune of several sources, in the order given.

    encodings: file -> "UTF-8", "UTF-8 with BOM", "UTF-16", "UTF-16 without BOM", "UTF-32" or "Latin-1".
    marked:    True when every file was in the <start>/<end> form.
    terms:     file -> text of each licence, readme and the like beside the files.
    """

    tunes: tuple[SourceTune, ...]
    encodings: Mapping[str, str]
    marked: bool
    terms: Mapping[str, str] = field(default_factory=dict)

    @property
    def notes(self) -> tuple[str, ...]:
        """A line for each file without a tune."""
        with_tunes = {tune.source for tune in self.tunes if not tune.stray}
        return tuple(
            f"{file} has no tune; in ABC a tune begins with a line such as X:1"
            for file in self.encodings
            if file not in with_tunes
        )


def read_sources(sources: Sequence[str]) -> Sources:
    """Read files, folders (with their subfolders) and named collections; a file named twice is read once.

    Raises CorpusError for a source that does not exist, is empty or no text, or is a folder without .abc files;
    MissingExtra for a collection when music21 is not installed.
    """
    tunes: list[SourceTune] = []
    encodings: dict[str, str] = {}
    marked = True
    files, terms = files_and_terms(sources)
    for label, path in files:
        text, encodings[label] = whole_text(path)
        file_is_marked = text.lstrip().partition("\n")[0].rstrip() == START
        marked = marked and file_is_marked
        tunes += marked_tunes(text, label) if file_is_marked else tunes_in(text, label)
    return Sources(tuple(tunes), encodings, marked, terms)


def files_and_terms(sources: Sequence[str]) -> tuple[list[tuple[str, Path]], dict[str, str]]:
    """The files of all sources, each once, with its name in reports; and `Sources.terms`."""
    found = {source: _files(source) for source in sources}
    once: dict[Path, tuple[str, Path]] = {}
    for label, path in (file for files in found.values() for file in files):
        once.setdefault(path.resolve(), (label, path))
    terms = {file: text for source, files in found.items() for file, text in _terms(_folders(source, files)).items()}
    return list(once.values()), terms


def _files(source: str) -> list[tuple[str, Path]]:
    """The files of one source, each with its name in reports."""
    if source in COLLECTIONS:
        root = _collections_folder(source)
        return [(f"{folder}/{path.name}", path) for folder in COLLECTIONS[source] for path in _abc_files(root / folder)]
    path = Path(source)
    if path.is_dir():
        return [(str(file), file) for file in _abc_files(path)]
    if path.exists():
        return [(source, path)]
    known = ", ".join(COLLECTIONS)
    raise CorpusError(f"{source!r} is neither a file, a folder nor a collection; the known collections are {known}")


def _collections_folder(name: str) -> Path:
    """Where music21 keeps its files, found without importing it (that takes seconds)."""
    spec = find_spec("music21")
    if spec is None or spec.origin is None:
        raise MissingExtra(
            f"the collection {name!r} is read from the files of music21, which is not installed: "
            "pip install 'songrnn[collections]'"
        )
    return Path(spec.origin).parent / "corpus"


def _abc_files(folder: Path) -> list[Path]:
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() == ".abc" and path.is_file())
    if not files:
        raise CorpusError(f"the folder {folder} holds no .abc file; name the files themselves, or another folder")
    return files


def _folders(source: str, files: Sequence[tuple[str, Path]]) -> dict[Path, str]:
    """The folders of a source, and their names: those of its files, and the one that holds them all."""
    folders = {path.parent: str(Path(label).parent) for label, path in files}
    if source in COLLECTIONS:
        return {_collections_folder(source): "music21/corpus"} | folders
    return {Path(source): source} | folders if Path(source).is_dir() else folders


def _terms(folders: Mapping[Path, str]) -> dict[str, str]:
    """File -> text of every licence, readme and the like in these folders; what is no text is left out."""
    terms = {}
    for folder, name in folders.items():
        for path in sorted(folder.iterdir()):
            if path.stem.lower() in _TERMS and path.suffix.lower() in ("", ".txt", ".md") and path.is_file():
                with suppress(OSError, NotText):
                    terms[f"{name}/{path.name}"] = read_text(path)[0]
    return terms


def whole_text(path: Path) -> tuple[str, str]:
    """The text of a file with "\\n" line ends, and its encoding."""
    try:
        return read_text(path)
    except OSError as error:
        raise CorpusError(f"cannot read {path}: {error.strerror}") from error
    except NotText as reason:
        raise CorpusError(f"the file {path} {reason}; expected tunes in ABC notation, which is plain text") from reason


def marked_tunes(text: str, source: str) -> Iterator[SourceTune]:
    """The tunes of a text in the <start>/<end> form, and stray text."""
    number = 0
    for inside, lines in _stretches(text):
        stretch = "".join(lines)
        if inside:
            number += 1
            yield SourceTune(stretch, source, number)
        elif stretch.strip():
            yield SourceTune(stretch, source, number, stray=True)


def _stretches(text: str) -> Iterator[tuple[bool, list[str]]]:
    """The lines inside and outside the markers, in order; True for inside."""
    inside, lines = False, list[str]()
    for line in _lines(text):
        marker = line.rstrip()
        if marker not in (START, END):
            lines.append(line)
            continue
        if inside or lines:
            yield inside, lines
        inside, lines = marker == START, []
    if inside or lines:
        yield inside, lines


def tunes_in(text: str, source: str, header: FileHeader | None = None) -> Iterator[SourceTune]:
    """The tunes of an ABC text with "\\n" line ends, which came from `source`.

    header: that of its file, where the text is not the whole of it.
    """
    header = read_file_header(text) if header is None else header
    number, tune, lines = 0, list[str](), _lines(text)
    in_blocks = {index for block in blocks(lines) for index in block}
    for index, line in enumerate([*lines, "\n"]):
        begins = index not in in_blocks and re.match(r"\s*X:", line) is not None
        if tune and (begins or (index not in in_blocks and not line.strip())):
            number += 1
            yield SourceTune("".join(header.added_to(tune)), source, number)
            tune = []
        if begins or tune:
            tune.append(line)


def _lines(text: str) -> list[str]:
    """Lines with their "\\n", the last one too; only "\\n" ends a line (`splitlines` splits at ten more)."""
    return [line + "\n" for line in text.removesuffix("\n").split("\n")]
