"""Many tunes into one ABC file: in constant memory, and so that a kill at any moment costs seconds and no tune.

While it is being composed, tunes.abc is tunes.abc.part, and tunes.abc.part.json says how much of that is certain. The
same call goes on from there; since tune i of a seed is always the same, the file in the end is, too. What is in
tunes.abc before stays until the new file is whole.
"""

import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Literal

from songrnn.composing.composer import Composer
from songrnn.composing.composition import Composition
from songrnn.composing.form import FormSettings
from songrnn.composing.retry import Condition
from songrnn.engines.settings import SamplingSettings
from songrnn.errors import Interrupted, RunError
from songrnn.storage import locked_file, refuse_to_overwrite, write_whole

SECONDS_BETWEEN_RECORDS = 1.0
Former = Literal["refuse", "replace", "append"]
"""What becomes of a file that is there already."""
BEFORE = "the file before"
"""In the record: what the tunes are appended to."""
NUMBER = re.compile(r"^X:[ \t]*(\d{1,9})", re.MULTILINE)


def first_finished(candidates: Sequence[Composition]) -> Composition:
    """The first that the network ended itself, or else the first."""
    return next((made for made in candidates if made.finished), candidates[0])


@dataclass(frozen=True)
class Order:
    """Which tunes are wanted: `count` of them, each chosen out of `best_of`, from number `first` of the seed on.

    settings: without a seed, one is drawn when the tunes are composed, unless a file that is half composed has one.
    choose: which of several candidates. chosen_by: what it goes by, for the record.
    """

    prompt: str
    settings: SamplingSettings
    count: int
    best_of: int = 1
    first: int = 0
    requested: FormSettings = field(default_factory=FormSettings)
    choose: Callable[[Sequence[Composition]], Composition] = first_finished
    chosen_by: str = ""

    def with_seed(self, seed: int | None = None) -> "Order":
        """The same order if it has a seed; else with `seed`, or with one drawn now."""
        if self.settings.seed is not None:
            return self
        return replace(self, settings=self.settings.replace(seed=seed).with_seed())


class BulkFile:
    """The file `out` while it comes into being. Raises RunError where it cannot be, is there, or holds other tunes.

    condition: what every tune must be like, and what is written below it. How many tries it allows decides no tune, so
    that a call with more of them goes on. An order without a seed goes on with that of the file's record.
    former: what becomes of a file that is there already; to append numbers the new tunes after its highest `X:`.
    """

    def __init__(
        self,
        composer: Composer,
        order: Order,
        out: Path,
        condition: Condition | None = None,
        *,
        former: Former = "refuse",
    ) -> None:
        self._part, self._record = _places(out)
        order = order.with_seed(recorded_seed(out))
        self._composer, self._order, self._out, self._condition = composer, order, out, condition
        self._former = former
        self._before = _content(out) if former == "append" else b""
        self._last_number = max(map(int, NUMBER.findall(self._before.decode("latin-1"))), default=0)
        self._wanted = {
            BEFORE: hashlib.sha256(self._before).hexdigest() if self._before else "nothing",
            "checkpoint": composer.description.digest,
            "engine": composer.engine.used.as_json(),
            "prompt": order.prompt,
            "count": order.count,
            "best_of": order.best_of,
            "first": order.first,
            "settings": order.settings.model_dump(),
            "requested": order.requested.model_dump(),
            "chosen_by": order.chosen_by,
            "condition": "none" if condition is None else condition.name,
        }
        self.done = self.characters = self._bytes = self._certain = 0
        if self._record.exists():
            with locked_file(out):
                self.done, self.characters, self._bytes = self._found()
        if not self._is_whole():
            self._refuse_former()

    def compose(self) -> Iterator[Composition]:
        """Compose and write what is still lacking; hands over each tune that was written. In the end the file is there.

        Raises Interrupted on Ctrl-C, which says how to go on.
        """
        with locked_file(self._out):
            self.done, self.characters, self._bytes = self._found()
            # here, so that a wrong prompt leaves no file behind
            tunes = wanted_tunes(self._composer, self._order, skipped=self.done, condition=self._condition)
            try:
                if not self._is_whole():
                    yield from self._compose(tunes)
                self._record.unlink(missing_ok=True)
            except OSError as error:
                kept = f"; {self._certain} tunes are kept in {self._part}" if self._certain else ""
                raise RunError(f"cannot write {self._out}: {(error.strerror or str(error)).lower()}{kept}") from error

    def _compose(self, tunes: Iterator[Composition]) -> Iterator[Composition]:
        with self._part.open("r+b" if self._bytes else "wb") as file:
            if not self._bytes:
                file.write(_ended(self._before))
                self._bytes = file.tell()
            file.truncate(self._bytes)
            file.seek(self._bytes)
            yield from self._write(tunes, file)
        self._refuse_former()
        self._part.replace(self._out)

    def _is_whole(self) -> bool:
        """Whether an earlier call has ended but for its record, by a kill between the two."""
        return 0 < self.done == self._order.count and not self._part.exists()

    def _refuse_former(self) -> None:
        """Raise RunError where the file is there, or was changed meanwhile, and would be lost."""
        kept = f"; the tunes are in {self._part}" if self.done else ""
        if self._former == "append" and _content(self._out) != self._before:
            raise RunError(f"{self._out} was changed meanwhile{kept}")
        try:
            refuse_to_overwrite([self._out], replace=self._former != "refuse")
        except RunError as error:
            add = ", or add to it: --append" if self._out.is_file() else ""
            raise RunError(f"{error}{add}{kept}") from error

    def _write(self, tunes: Iterator[Composition], file: BinaryIO) -> Iterator[Composition]:
        recorded = time.monotonic()
        try:
            for made in tunes:
                remark = "" if self._condition is None else self._condition.remark(made)
                text = ("\n" if self.done else "") + self._numbered(made.abc()) + remark
                file.write(text.encode("utf-8"))
                self.done += 1
                self.characters += made.given.count(False)
                yield made
                if time.monotonic() - recorded > SECONDS_BETWEEN_RECORDS:
                    self._save(file)
                    recorded = time.monotonic()
        except KeyboardInterrupt:
            raise Interrupted(
                f"stopped; {self.done} of {self._order.count} tunes are in {self._part}. The same command goes on"
            ) from None
        finally:
            self._save(file)

    def _numbered(self, abc: str) -> str:
        """The tune with a number that no tune of the file has that it is appended to."""
        return abc if not self._before else NUMBER.sub(f"X:{self._last_number + self.done + 1}", abc, count=1)

    def _save(self, file: BinaryIO) -> None:
        """First the tunes, then the record of them: what the record counts is on the disk."""
        file.flush()
        os.fsync(file.fileno())
        self._certain = self.done
        state = {"tunes": self.done, "characters": self.characters, "bytes": file.tell(), "wanted": self._wanted}
        write_whole(self._record, json.dumps(state, ensure_ascii=False))

    def _found(self) -> tuple[int, int, int]:
        """Tunes, characters and bytes of an earlier call that are certain."""
        try:
            state = json.loads(self._record.read_text(encoding="utf-8"))
            tunes, characters, size = state["tunes"], state["characters"], state["bytes"]
            wanted: dict[str, Any] = dict(state["wanted"])
            if not all(type(count) is int and count >= 0 for count in (tunes, characters, size)):
                return 0, 0, 0
            if not self._part.exists() and self._out.stat().st_size == size:
                before = {name: value for name, value in self._wanted.items() if name != BEFORE}
                return (tunes, characters, size) if before.items() <= wanted.items() else (0, 0, 0)
            if self._part.stat().st_size < size:
                return 0, 0, 0
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return 0, 0, 0
        self._certain = tunes
        if wanted != self._wanted:
            raise RunError(
                f"{self._part} holds {tunes} tunes of another call, with {_difference(wanted, self._wanted)}; "
                "say the same again to finish it, name another file, or delete it"
            )
        return tunes, characters, size


def recorded_seed(out: Path) -> int | None:
    """The seed of a file that is half composed; None where there is none."""
    part, record = _places(out)
    try:
        seed = json.loads(record.read_text(encoding="utf-8"))["wanted"]["settings"]["seed"]
        return int(seed) if part.exists() else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _places(out: Path) -> tuple[Path, Path]:
    """Where the tunes stand while they are composed, and the record of them; raises RunError when `out` is a folder."""
    if out.is_dir():  # so are "" and ".", which have no name to put anything after
        raise RunError(
            f"cannot write the tunes to {out}: it is a folder; name a file in it, such as {out / 'tunes.abc'}"
        )
    return out.with_name(f"{out.name}.part"), out.with_name(f"{out.name}.part.json")


def wanted_tunes(
    composer: Composer, order: Order, *, skipped: int = 0, condition: Condition | None = None
) -> Iterator[Composition]:
    """The tunes of an order but the first `skipped`, one after the other. A wrong prompt is told at once.

    condition: what each must be like; the iterator raises OriginalityError at a tune that no try makes so.
    """
    order = order.with_seed()

    def composed(place: int, count: int, offset: int = 0) -> Iterator[Composition]:
        first = order.first + place * order.best_of + offset
        return composer.compose_many(order.prompt, count=count * order.best_of, first=first, **settings)

    settings = order.settings.model_dump() | order.requested.model_dump()
    every = composed(skipped, order.count - skipped)
    tunes = (order.choose(list(islice(every, order.best_of))) for _ in range(order.count - skipped))
    if condition is None:
        return tunes
    return (
        condition.satisfied_by(made, lambda offset, place=place: order.choose(list(composed(place, 1, offset))))  # type: ignore[misc]
        for place, made in enumerate(tunes, start=skipped)
    )


def _content(path: Path) -> bytes:
    """What is in a file that tunes are appended to; raises RunError where that is no text in which they could stand."""
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
