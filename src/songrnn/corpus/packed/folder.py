"""The folder of a packed corpus, and the corpus read from it: `open_packed` (docs/scale.md has the format).

Nothing but counts and the numbers of the tunes is held in memory: each text is read from the mapped file of ids when it
is requested.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from songrnn.corpus.corpus import SPLITS, Corpus, Drop, read_corpus
from songrnn.corpus.settings import CorpusSettings
from songrnn.errors import CorpusError

FORMAT_VERSION = 1
RECORD, IDS, BEGINS, SIDES, NAMES, NAME_BEGINS, DROPS, NGRAMS = (
    "corpus.json",
    "ids.npy",
    "begins.npy",
    "sides.npy",
    "names.txt",
    "name-begins.npy",
    "drops.jsonl",
    "ngrams.safetensors",
)
FILES = (IDS, BEGINS, SIDES, NAMES, NAME_BEGINS, DROPS, NGRAMS)

Numbers = NDArray[np.int64]


class PackedTexts(Sequence[str]):
    """Some of the tunes of a packed corpus, as texts.

    ids: of the characters of all tunes. begins: where each tune begins, and the end. tunes: the numbers of those that
    are meant. characters: the text of each id.
    """

    def __init__(self, ids: NDArray[Any], begins: Numbers, tunes: Numbers, characters: str) -> None:
        self._ids, self._begins, self._tunes, self.characters = ids, begins, tunes, characters
        self._points = np.frombuffer(characters.encode("utf-32-le"), dtype=np.uint32)

    @property
    def lengths(self) -> Numbers:
        """The characters of each."""
        return self._begins[self._tunes + 1] - self._begins[self._tunes]

    def __len__(self) -> int:
        return len(self._tunes)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> "PackedTexts": ...
    def __getitem__(self, index: int | slice) -> "str | PackedTexts":
        if isinstance(index, slice):
            return PackedTexts(self._ids, self._begins, self._tunes[index], self.characters)
        return self.text(self.ids(index))

    def ids(self, index: int) -> NDArray[Any]:
        """The ids of a tune, in the order of `characters`."""
        tune = self._tunes[index]
        return self._ids[self._begins[tune] : self._begins[tune + 1]]

    def text(self, ids: NDArray[Any]) -> str:
        """The text of ids."""
        text: str = self._points[ids].tobytes().decode("utf-32-le")
        return text


class _Names(Sequence[str]):
    """Names of some of the tunes."""

    def __init__(self, text: NDArray[np.uint8], begins: Numbers, tunes: Numbers) -> None:
        self._text, self._begins, self._tunes = text, begins, tunes

    def __len__(self) -> int:
        return len(self._tunes)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> "_Names": ...
    def __getitem__(self, index: int | slice) -> "str | _Names":
        if isinstance(index, slice):
            return _Names(self._text, self._begins, self._tunes[index])
        tune = self._tunes[index]
        return self._text[self._begins[tune] : self._begins[tune + 1]].tobytes().decode()


class _Drops(Sequence[Drop]):
    """The dropped tunes, read when they are listed."""

    def __init__(self, path: Path, count: int) -> None:
        self._path, self._count = path, count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Drop: ...
    @overload
    def __getitem__(self, index: slice) -> list[Drop]: ...
    def __getitem__(self, index: int | slice) -> Drop | list[Drop]:
        return list(self)[index]

    def __iter__(self) -> Iterator[Drop]:
        with self._path.open(encoding="utf-8") as file:
            for line in file:
                yield Drop(**json.loads(line))


class PackedCorpus(Corpus):
    """A corpus in a folder. Between processes its path is sent, not its tunes.

    path: of the folder. content: what its `corpus.json` has.
    """

    def __init__(self, path: Path, content: Mapping[str, Any]) -> None:
        arrays = {
            name: np.load(path / name, mmap_mode="r" if name == IDS else None, allow_pickle=False)
            for name in (IDS, BEGINS, SIDES, NAME_BEGINS)
        }
        record, characters = content["record"], content["characters"]
        sides = {name: np.flatnonzero(arrays[SIDES] == side).astype(np.int64) for side, name in enumerate(SPLITS)}
        texts = {name: PackedTexts(arrays[IDS], arrays[BEGINS], tunes, characters) for name, tunes in sides.items()}
        size = (path / NAMES).stat().st_size
        names = np.memmap(path / NAMES, np.uint8, "r") if size else np.zeros(0, np.uint8)
        super().__init__(
            form=record["form"],
            **texts,
            drops=_Drops(path / DROPS, sum(record["dropped"].values())),
            encodings=content["encodings"],
            sources=tuple(record["sources"]),
            names=_Names(names, arrays[NAME_BEGINS], sides["training"]),
            keep_marks=record["keep_marks"],
            left_out=record["left_out"],
            ledger=record["ledger"],
        )
        self.__dict__.update(path=path, content=content, sha256=record["sha256"])  # it is frozen

    path: Path
    content: Mapping[str, Any]

    @property
    def dropped(self) -> Mapping[str, int]:
        """As the pass has counted it."""
        dropped: Mapping[str, int] = self.content["record"]["dropped"]
        return dropped

    @property
    def training_characters(self) -> str:
        """As the pass has found them."""
        characters: str = self.content["training_characters"]
        return characters

    @property
    def ngrams(self) -> Path:
        """The file with the n-grams of the training tunes (`model/counting.py`)."""
        return self.path / NGRAMS

    def record(self) -> dict[str, Any]:
        """As the pass has written it."""
        return dict(self.content["record"])

    def stored(self) -> dict[str, Any]:
        """Where it is."""
        return {"packed": str(self.path.resolve())}

    def __reduce__(self) -> tuple[Any, ...]:
        return _reopened, (self.path, self.content["record"]["sha256"])


def is_packed(path: Path | str) -> bool:
    """Whether there is a packed corpus in this folder."""
    return (Path(path) / RECORD).is_file()


def open_packed(path: Path | str, *, checked: bool = True) -> PackedCorpus:
    """The corpus in a folder; raises CorpusError for one that is not whole.

    checked: compare the digest of every file, at about a gigabyte a second; otherwise sizes only.
    """
    path = Path(path)
    try:
        content = json.loads((path / RECORD).read_text(encoding="utf-8"))
        if content["format_version"] != FORMAT_VERSION:
            raise CorpusError(
                f"{path} is a packed corpus of format {content['format_version']}, and this program reads format "
                f"{FORMAT_VERSION}; pack it again: songrnn corpus FILES --pack FOLDER"
            )
        for name, expected in content["files"].items():
            _check(path / name, expected, checked=checked)
        return PackedCorpus(path, content)
    except FileNotFoundError as error:
        raise CorpusError(f"{path} is no whole packed corpus: {Path(error.filename).name} is missing") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CorpusError(f"{path / RECORD} is damaged ({error}); pack the corpus again") from error


def corpus_of(settings: CorpusSettings) -> Corpus:
    """The packed corpus that the settings name, or the corpus of the files (`read_corpus`)."""
    packed = [source for source in settings.sources if is_packed(source)]
    if not packed:
        return read_corpus(settings)
    if settings != CorpusSettings(sources=(packed[0],)):
        raise CorpusError(
            f"{packed[0]} is a packed corpus, read and split already: name it alone, without other settings of the "
            "corpus, or pack its files again with them"
        )
    return open_packed(packed[0])


def file_digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check(path: Path, expected: Mapping[str, Any], *, checked: bool) -> None:
    size = path.stat().st_size
    if size != expected["bytes"]:
        raise CorpusError(
            f"{path} was altered or damaged: it has {size:,} bytes, and {expected['bytes']:,} were written; pack the "
            "corpus again"
        )
    if checked and file_digest(path) != expected["sha256"]:
        raise CorpusError(f"{path} was altered or damaged after it was written; pack the corpus again")


def _reopened(path: Path, sha256: str) -> PackedCorpus:
    corpus = open_packed(path, checked=False)
    if corpus.sha256 != sha256:
        raise CorpusError(f"{path} holds another corpus than when the training began")
    return corpus
