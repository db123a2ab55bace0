"""`pack_corpus`: files of any size -> the folder of a packed corpus, in one pass over the tunes.

The pass reads, cleans and writes each tune once; what is known only at its end (the vocabulary, the families of
variants, the split, digests) takes sweeps over the arrays it has written, which hold no more than a stretch in memory.
All is written into a folder beside the final one, which gets its name when it is whole.
"""

import errno
import hashlib
import json
import shutil
import tempfile
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from songrnn.cores import usable_cores
from songrnn.corpus.corpus import SPLITS, Drop, reasons_in_words
from songrnn.corpus.ledger import Tally
from songrnn.corpus.packed import folder as packed
from songrnn.corpus.packed.cleaned import Batch, Cleaned, clean_batches
from songrnn.corpus.packed.folder import PackedCorpus, PackedTexts, file_digest
from songrnn.corpus.packed.pieces import is_marked, tunes_of
from songrnn.corpus.packed.seen import SeenTexts
from songrnn.corpus.settings import CorpusSettings
from songrnn.corpus.sources import SourceTune, files_and_terms
from songrnn.corpus.split import split_corpus
from songrnn.corpus.variants import Melodies
from songrnn.errors import CorpusError, RunError
from songrnn.storage import refuse_package

IDS_AT_ONCE = 1 << 22
LARGEST_SHORT = 1 << 8
"""Characters in a vocabulary whose ids take one byte."""
MOST_CHARACTERS = 1 << 16
_CODE_POINTS = 0x110000


def pack_corpus(
    settings: CorpusSettings,
    out: Path,
    *,
    finish: Callable[[PackedCorpus], None] = lambda _corpus: None,
    progress: Callable[[int], None] = lambda _tunes: None,
    cores: int = 0,
) -> Path:
    """Read, clean and split the tunes that the settings name into the new folder `out`.

    finish: may add files of the format before the folder gets its name. progress: called with the number of tunes that
    were read. cores: 0 for all usable ones.
    Raises CorpusError as `read_corpus` does, RunError where `out` exists or cannot be written.
    """
    refuse_package(out)
    if out.exists():
        raise RunError(f"{out} is there already; choose another folder for --pack")
    with _part(out) as part:
        writer = _Writer(part, settings, cores or usable_cores())
        writer.read(progress)
        finish(writer.finish())
        writer.sign()
    return out


@contextmanager
def _part(out: Path) -> Iterator[Path]:
    """A folder that becomes `out` at the end, or is removed."""
    part = None
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".part", dir=out.parent))
        yield part
        part.chmod(0o755)
        part.rename(out)
    except OSError as error:
        full = "; the folder needs about five bytes a character" if error.errno == errno.ENOSPC else ""
        raise RunError(f"cannot write {out}: {(error.strerror or str(error)).lower()}{full}") from error
    finally:
        if part is not None:
            with suppress(OSError):
                shutil.rmtree(part)


class _Writer:
    """One packing: the files of the pass, then the arrays that are made of them."""

    def __init__(self, part: Path, settings: CorpusSettings, cores: int) -> None:
        self.part, self.settings, self.cores = part, settings, cores
        self.files, self.terms = files_and_terms(settings.sources)
        held_out = () if settings.validation is None else (settings.validation,)
        self.held_out_files, _ = files_and_terms(held_out)
        self.form = settings.form
        if self.form == "auto":
            self.form = "raw" if all(map(is_marked, (path for _, path in self.files))) else "tunebook"
        self.keep_marks = settings.keep_marks or self.form == "raw"
        self.encodings: dict[str, str] = {}
        self.tally, self.left_out, self.dropped = Tally(), Counter[str](), Counter[str]()
        self.codes = np.full(_CODE_POINTS, -1, dtype=np.int32)  # of a code point, in the order of appearance
        self.points: list[int] = []
        self.sizes, self.step_sizes, self.name_sizes = (array("I") for _ in range(3))
        self.training_tunes = 0

    def read(self, progress: Callable[[int], None]) -> None:
        """The pass."""
        with ExitStack() as stack:
            self.ids, self.steps, self.names, self.drops = (
                stack.enter_context((self.part / name).open("wb"))
                for name in ("ids.spool", "steps.spool", packed.NAMES, packed.DROPS)
            )
            self._read(self.files, ", ".join(self.settings.sources), self.tally, progress)
            self.training_tunes = len(self.sizes)
            if self.settings.validation is not None:
                self._read(self.held_out_files, self.settings.validation, Tally(), progress)

    def _read(self, files: list[tuple[str, Path]], given: str, tally: Tally, progress: Callable[[int], None]) -> None:
        kept, seen, before = len(self.sizes), SeenTexts(), self.dropped.copy()
        read = 0
        for batch in clean_batches(self._tunes(files), self.form, keep_marks=self.keep_marks, cores=self.cores):
            tally.update(batch.tally)
            self._write(batch, seen if self.form == "tunebook" else None)
            read += len(batch.tunes)
            progress(read)
        if len(self.sizes) == kept:
            raise CorpusError(f"no tune could be kept of {given}: {reasons_in_words(self.dropped - before)}")

    def _tunes(self, files: list[tuple[str, Path]]) -> Iterator[SourceTune]:
        for label, path in files:
            tunes, self.encodings[label] = tunes_of(path, label)
            yield from tunes

    def _write(self, batch: Batch, seen: SeenTexts | None) -> None:
        kept = [tune for tune in batch.tunes if isinstance(tune, Cleaned)]
        repeated = iter(seen.add([tune.text for tune in kept]) if seen is not None else [False] * len(kept))
        for tune in batch.tunes:
            if isinstance(tune, Drop):
                self._drop(tune)
            elif next(repeated):
                self._drop(Drop(tune.source, tune.number, "same as an earlier tune"))
            else:
                self._keep(tune)

    def _drop(self, drop: Drop) -> None:
        self.dropped[drop.reason] += 1
        self.drops.write(json.dumps(asdict(drop), ensure_ascii=False).encode() + b"\n")

    def _keep(self, tune: Cleaned) -> None:
        self.left_out.update(tune.left_out)
        points = np.frombuffer(tune.text.encode("utf-32-le"), dtype=np.uint32)
        codes = self.codes[points]
        if codes.min() < 0:
            for point in dict.fromkeys(points[codes < 0].tolist()):
                self.codes[point] = len(self.points)
                self.points.append(point)
            codes = self.codes[points]
        name = tune.name.encode()
        if len(self.points) > MOST_CHARACTERS:
            raise CorpusError(f"the tunes have more than {MOST_CHARACTERS:,} different characters; is it ABC notation?")
        self.ids.write(codes.astype(np.uint16).tobytes())
        self.steps.write(tune.steps)
        self.names.write(name)
        for sizes, size in (
            (self.sizes, len(points)),
            (self.step_sizes, len(tune.steps)),
            (self.name_sizes, len(name)),
        ):
            sizes.append(size)

    def finish(self) -> PackedCorpus:
        """Vocabulary, split and record; the corpus without digests."""
        characters = "".join(sorted(map(chr, self.points)))
        self._renumber(characters)
        begins = _begins(self.sizes)
        np.save(self.part / packed.BEGINS, begins)
        np.save(self.part / packed.NAME_BEGINS, _begins(self.name_sizes))
        sides = self._sides(begins, characters)
        np.save(self.part / packed.SIDES, sides)
        (self.part / "steps.spool").unlink()
        self.content = self._content(begins, sides, characters)
        return PackedCorpus(self.part, self.content)

    def _renumber(self, characters: str) -> None:
        """Write the ids, from the codes of the pass."""
        table = np.array([characters.index(chr(point)) for point in self.points])
        table = table.astype(np.uint8 if len(characters) <= LARGEST_SHORT else np.uint16)
        spool = np.memmap(self.part / "ids.spool", np.uint16, "r")
        with (self.part / packed.IDS).open("wb") as file:
            header = {"descr": np.lib.format.dtype_to_descr(table.dtype), "fortran_order": False, "shape": spool.shape}
            np.lib.format.write_array_header_1_0(file, header)
            for begin in range(0, len(spool), IDS_AT_ONCE):
                file.write(table[spool[begin : begin + IDS_AT_ONCE]].tobytes())
        del spool
        (self.part / "ids.spool").unlink()

    def _sides(self, begins: NDArray[np.int64], characters: str) -> NDArray[np.uint8]:
        """The side of each tune: its place in SPLITS."""
        sides = np.zeros(len(begins) - 1, dtype=np.uint8)
        if self.settings.validation is not None:
            sides[self.training_tunes :] = SPLITS.index("validation")
            return sides
        spool = self.part / "steps.spool"
        steps = np.memmap(spool, np.int8, "r") if spool.stat().st_size else np.zeros(0, np.int8)
        split = split_corpus(
            self._texts(begins, np.arange(len(sides)), characters),
            seed=self.settings.split_seed,
            validation_share=self.settings.validation_share,
            test_share=self.settings.test_share,
            melodies=Melodies(steps, _begins(self.step_sizes)),
        )
        return split.sides

    def _texts(self, begins: NDArray[np.int64], tunes: NDArray[np.int64], characters: str) -> PackedTexts:
        return PackedTexts(np.load(self.part / packed.IDS, mmap_mode="r"), begins, tunes, characters)

    def _content(self, begins: NDArray[np.int64], sides: NDArray[np.uint8], characters: str) -> dict[str, Any]:
        digest, used = hashlib.sha256(self.form.encode()), np.zeros((len(SPLITS), len(characters)), dtype=np.bool_)
        counts: dict[str, dict[str, int]] = {"tunes": {}, "characters": {}}
        for side, name in enumerate(SPLITS):
            texts = self._texts(begins, np.flatnonzero(sides == side), characters)
            digest.update(f"\0{name} {len(texts)}".encode())
            for index in range(len(texts)):
                ids = texts.ids(index)
                used[side, ids] = True
                digest.update(b"\0" + texts.text(ids).encode())
            counts["tunes"][name], counts["characters"][name] = len(texts), int(texts.lengths.sum())
        return {
            "format_version": packed.FORMAT_VERSION,
            "characters": characters,
            "training_characters": "".join(np.array(list(characters))[used[0]]),
            "record": {
                "sources": list(self.settings.sources),
                "form": self.form,
                "keep_marks": self.keep_marks,
                **counts,
                "dropped": dict(self.dropped.most_common()),
                "left_out": dict(self.left_out.most_common()),
                "sha256": digest.hexdigest(),
                "ledger": self.tally.ledger(self.terms),
            },
            "settings": self.settings.model_dump(),
            "encodings": self.encodings,
        }

    def sign(self) -> None:
        """Write the record, with the size and digest of every other file."""
        files = {
            name: {"bytes": (self.part / name).stat().st_size, "sha256": file_digest(self.part / name)}
            for name in packed.FILES
            if (self.part / name).exists()
        }
        record = json.dumps(self.content | {"files": files}, ensure_ascii=False, indent=1)
        (self.part / packed.RECORD).write_text(record, encoding="utf-8")


def _begins(sizes: "array[int]") -> NDArray[np.int64]:
    """Where each of stretches of these sizes begins, and the end of the last."""
    return np.concatenate(([0], np.cumsum(np.frombuffer(sizes, dtype=np.uint32), dtype=np.int64)))
