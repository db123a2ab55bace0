"""Many tunes into one ABC file: in constant memory, resumable after a kill at any moment.

While it is being composed, tunes.abc is tunes.abc.part, and tunes.abc.part.json records how much of that is on the
disk. The same call resumes there; since tune i of a seed is always the same, so is the final file. A former tunes.abc
stays until the new file is whole.
"""

import hashlib
import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, Protocol

from songrnn.composing.composer import Composer
from songrnn.composing.request import Request
from songrnn.errors import Interrupted, RunError
from songrnn.storage import locked_file, refuse_to_overwrite, write_whole

if TYPE_CHECKING:
    from songrnn.rendering.render import Mark

SECONDS_BETWEEN_RECORDS = 1.0
Former = Literal["refuse", "replace", "append"]
"""Treatment of an existing file."""
BEFORE = "the file before"
"""In the record: what the tunes are appended to."""
NUMBER = re.compile(r"^X:[ \t]*(\d{1,9})", re.MULTILINE)


class FileTune(Protocol):
    """What is used of a tune for a file or a page; `Composition` has it."""

    @property
    def title(self) -> str:
        """The title of the tune."""

    @property
    def remark(self) -> str:
        """The line of comment below the tune, or ""."""

    @property
    def composed_characters(self) -> int:
        """How many characters the network added to the prompt."""

    @property
    def highlights(self) -> "tuple[Mark, ...]":
        """The stretches of `abc()` to highlight."""

    def abc(self) -> str:
        """The tune as ABC, with its line end."""


class TuneSource(Protocol):
    """What composes the tunes of a request: a `Composer`, or a cluster."""

    def compose_request(self, request: Request, *, skipped: int = 0) -> Iterator[FileTune]:
        """The tunes of a request but the first `skipped`, in order; a wrong request raises at once."""


class BulkFile:
    """The file `out` while it is composed. Raises RunError where it cannot be written, exists, or holds other tunes.

    request: the one that is composed. One without a seed resumes with that of the file's record. The number of tries
    affects no tune, so that a call with more of them resumes. With originality, a remark follows
    each tune.
    former: treatment of an existing file; to append numbers the new tunes after its highest `X:`.
    source: composes the composer's tunes; default: the composer itself.
    """

    def __init__(
        self,
        composer: Composer,
        request: Request,
        out: Path,
        *,
        former: Former = "refuse",
        source: TuneSource | None = None,
    ) -> None:
        self._part, self._record = _places(out)
        self.request = request.with_seed(recorded_seed(out))
        self._source: TuneSource = source or composer
        self._out = out
        self._former = former
        self._before = _content(out) if former == "append" else b""
        self._last_number = max(map(int, NUMBER.findall(self._before.decode("latin-1"))), default=0)
        candidates = composer.candidates_of(request)
        self._expected = {
            BEFORE: hashlib.sha256(self._before).hexdigest() if self._before else "nothing",
            "checkpoint": composer.description.digest,
            "engine": composer.engine.used.as_json(),
            **_deciding(self.request),
            "best_of": candidates,
            "reranked_by": composer.companions.criteria if candidates > 1 else "",
        }
        self.done = self.characters = self._bytes = self._certain = 0
        if self._record.exists():
            with locked_file(out):
                self.done, self.characters, self._bytes = self._found()
        if not self._is_whole():
            self._refuse_former()

    def compose(self) -> Iterator[FileTune]:
        """Compose and write the remaining tunes; yields each tune after it is written. At the end the file is whole.

        Raises Interrupted on Ctrl-C, with how to resume.
        """
        with locked_file(self._out):
            self.done, self.characters, self._bytes = self._found()
            # here, so that a wrong prompt leaves no file
            tunes = self._source.compose_request(self.request, skipped=self.done)
            try:
                if not self._is_whole():
                    yield from self._compose(tunes)
                self._record.unlink(missing_ok=True)
            except OSError as error:
                kept = f"; {self._certain} tunes are kept in {self._part}" if self._certain else ""
                raise RunError(f"cannot write {self._out}: {(error.strerror or str(error)).lower()}{kept}") from error

    def _compose(self, tunes: Iterator[FileTune]) -> Iterator[FileTune]:
        with self._part.open("r+b" if self._bytes else "wb") as file:
            if not self._bytes:
                file.write(_ended(self._before))
                self._bytes = file.tell()
            file.truncate(self._bytes)
            file.seek(self._bytes)
            yield from self._write(tunes, file)
        assert self.done == self.request.count, "the source has left tunes out"
        self._refuse_former()
        self._part.replace(self._out)

    def _is_whole(self) -> bool:
        """Whether an earlier call was killed after it wrote the file and before it removed the record."""
        return 0 < self.done == self.request.count and not self._part.exists()

    def _refuse_former(self) -> None:
        """Raise RunError where a file exists, or was changed meanwhile, and would be lost."""
        kept = f"; the tunes are in {self._part}" if self.done else ""
        if self._former == "append" and _content(self._out) != self._before:
            raise RunError(f"{self._out} was changed meanwhile{kept}")
        try:
            refuse_to_overwrite([self._out], replace=self._former != "refuse")
        except RunError as error:
            add = ", or add to it: --append" if self._out.is_file() else ""
            raise RunError(f"{error}{add}{kept}") from error

    def _write(self, tunes: Iterator[FileTune], file: BinaryIO) -> Iterator[FileTune]:
        recorded = time.monotonic()
        try:
            for made in tunes:
                remark = "" if self.request.originality.original is None else made.remark
                text = ("\n" if self.done else "") + self._numbered(made.abc()) + remark
                file.write(text.encode("utf-8"))
                self.done += 1
                self.characters += made.composed_characters
                yield made
                if time.monotonic() - recorded > SECONDS_BETWEEN_RECORDS:
                    self._save(file)
                    recorded = time.monotonic()
        except KeyboardInterrupt:
            raise Interrupted(
                f"stopped; {self.done} of {self.request.count} tunes are in {self._part}. The same command resumes"
            ) from None
        finally:
            self._save(file)

    def _numbered(self, abc: str) -> str:
        """The tune with a number after those of the file to which it is appended."""
        return abc if not self._before else NUMBER.sub(f"X:{self._last_number + self.done + 1}", abc, count=1)

    def _save(self, file: BinaryIO) -> None:
        """First the tunes, then the record of them: what the record counts is on the disk."""
        file.flush()
        os.fsync(file.fileno())
        self._certain = self.done
        state = {"tunes": self.done, "characters": self.characters, "bytes": file.tell(), "wanted": self._expected}
        write_whole(self._record, json.dumps(state, ensure_ascii=False))

    def _found(self) -> tuple[int, int, int]:
        """Tunes, characters and bytes of an earlier call that are on the disk."""
        try:
            state = json.loads(self._record.read_text(encoding="utf-8"))
            tunes, characters, size = state["tunes"], state["characters"], state["bytes"]
            wanted: dict[str, Any] = dict(state["wanted"])
            if not all(type(count) is int and count >= 0 for count in (tunes, characters, size)):
                return 0, 0, 0
            if not self._part.exists() and self._out.stat().st_size == size:
                before = {name: value for name, value in self._expected.items() if name != BEFORE}
                return (tunes, characters, size) if before.items() <= wanted.items() else (0, 0, 0)
            if self._part.stat().st_size < size:
                return 0, 0, 0
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return 0, 0, 0
        self._certain = tunes
        if wanted != self._expected:
            raise RunError(
                f"{self._part} holds {tunes} tunes of another call, with {_difference(wanted, self._expected)}; "
                "repeat that call to finish it, name another file, or delete it"
            )
        return tunes, characters, size


def recorded_seed(out: Path) -> int | None:
    """The seed of a file that is half composed; None where there is none."""
    part, record = _places(out)
    try:
        seed = json.loads(record.read_text(encoding="utf-8"))["wanted"]["sampling"]["seed"]
        return int(seed) if part.exists() else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _places(out: Path) -> tuple[Path, Path]:
    """The paths of the tunes while they are composed, and of their record; raises RunError when `out` is a folder."""
    if out.is_dir():  # so are "" and ".", which have no name to put anything after
        raise RunError(
            f"cannot write the tunes to {out}: it is a folder; name a file in it, such as {out / 'tunes.abc'}"
        )
    return out.with_name(f"{out.name}.part"), out.with_name(f"{out.name}.part.json")


def _deciding(request: Request) -> dict[str, Any]:
    """The settings of a request that determine its tunes."""
    values = request.as_json()
    return {**values, "originality": {"original": values["originality"]["original"]}}


def _content(path: Path) -> bytes:
    """The content of a file to which tunes are appended; raises RunError where that is not text."""
    try:
        content = path.read_bytes() if path.is_file() else b""
    except OSError as error:
        raise RunError(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from error
    if (path.exists() and not path.is_file()) or b"\0" in content:
        raise RunError(f"cannot append to {path}: it is not a text in UTF-8 or Latin-1")
    return content


def _ended(content: bytes) -> bytes:
    """`content` with the empty line that the next tune needs before it."""
    if not content or content.endswith((b"\n\n", b"\n\r\n")):
        return content
    return content + (b"\n" if content.endswith(b"\n") else b"\n\n")


def _difference(theirs: dict[str, Any], ours: dict[str, Any], name: str = "") -> str:
    """The first setting in which two calls differ, in words."""
    for key, value in ours.items():
        other = theirs.get(key)
        if isinstance(value, dict) and isinstance(other, dict) and value != other:
            return _difference(other, value, key)
        if other != value:
            return f"{key.replace('_', ' ')} {other!r} and not {value!r}"
    return f"another {name}"
