"""Many tunes into one ABC file: in constant memory, and so that a kill at any moment costs seconds and no tune.

While it is being composed, tunes.abc is tunes.abc.part, and tunes.abc.part.json says how much of that is certain. The
same call goes on from there; since tune i of a seed is always the same, the file in the end is, too.
"""

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from songrnn.errors import Interrupted, RunError
from songrnn.sampling.compose import Composition
from songrnn.sampling.composer import Composer
from songrnn.sampling.form import FormSettings
from songrnn.sampling.retrying import Condition
from songrnn.sampling.settings import SamplingSettings
from songrnn.storage import write_whole

SECONDS_BETWEEN_RECORDS = 1.0


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
    asked: FormSettings = field(default_factory=FormSettings)
    choose: Callable[[Sequence[Composition]], Composition] = first_finished
    chosen_by: str = ""

    def with_seed(self, seed: int | None = None) -> "Order":
        """The same order if it has a seed; else with `seed`, or with one drawn now."""
        if self.settings.seed is not None:
            return self
        return replace(self, settings=self.settings.replace(seed=seed).with_seed())


class BulkFile:
    """The file `out` while it comes into being. Raises RunError where it cannot be, or holds other tunes.

    condition: what every tune must be like, and what is written below it. How many tries it allows decides no tune, so
    that a call with more of them goes on. An order without a seed goes on with that of the file's record.
    """

    def __init__(self, composer: Composer, order: Order, out: Path, condition: Condition | None = None) -> None:
        if out.is_dir():
            raise RunError(
                f"cannot write the tunes to {out}: it is a folder; name a file in it, such as {out / 'tunes.abc'}"
            )
        self._part, self._record = _places(out)
        order = order.with_seed(recorded_seed(out))
        self._composer, self._order, self._out, self._condition = composer, order, out, condition
        self._wanted = {
            "checkpoint": composer.description.digest,
            "engine": composer.engine.used.as_json(),
            "prompt": order.prompt,
            "count": order.count,
            "best_of": order.best_of,
            "first": order.first,
            "settings": order.settings.model_dump(),
            "asked": order.asked.model_dump(),
            "chosen_by": order.chosen_by,
            "condition": "none" if condition is None else condition.name,
        }
        self.done, self.characters, self._bytes = self._found()

    def compose(self) -> Iterator[Composition]:
        """Compose and write what is still lacking; hands over each tune that was written. In the end the file is there.

        Raises Interrupted on Ctrl-C, which says how to go on.
        """
        # here, so that a wrong prompt leaves no file behind
        tunes = wanted_tunes(self._composer, self._order, skipped=self.done, condition=self._condition)
        try:
            self._part.parent.mkdir(parents=True, exist_ok=True)
            with self._part.open("r+b" if self._bytes else "wb") as file:
                file.truncate(self._bytes)
                file.seek(self._bytes)
                yield from self._write(tunes, file)
            self._part.replace(self._out)
            self._record.unlink(missing_ok=True)
        except OSError as error:
            kept = f"; {self.done} tunes are kept in {self._part}" if self.done else ""
            raise RunError(f"cannot write {self._out}: {(error.strerror or str(error)).lower()}{kept}") from error

    def _write(self, tunes: Iterator[Composition], file: BinaryIO) -> Iterator[Composition]:
        recorded = time.monotonic()
        try:
            for made in tunes:
                remark = "" if self._condition is None else self._condition.remark(made)
                text = ("\n" if self.done else "") + made.abc() + remark
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

    def _save(self, file: BinaryIO) -> None:
        """First the tunes, then the record of them: what the record counts is on the disk."""
        file.flush()
        os.fsync(file.fileno())
        state = {"tunes": self.done, "characters": self.characters, "bytes": file.tell(), "wanted": self._wanted}
        write_whole(self._record, json.dumps(state, ensure_ascii=False))

    def _found(self) -> tuple[int, int, int]:
        """Tunes, characters and bytes of an earlier call that are certain."""
        try:
            state = json.loads(self._record.read_text(encoding="utf-8"))
            tunes, characters, size = state["tunes"], state["characters"], state["bytes"]
            wanted: dict[str, Any] = state["wanted"]
            if self._part.stat().st_size < size:
                return 0, 0, 0
        except (OSError, ValueError, KeyError, TypeError):
            return 0, 0, 0
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
    """Where the tunes stand while they are composed, and the record of them."""
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

    settings = order.settings.model_dump() | order.asked.model_dump()
    every = composed(skipped, order.count - skipped)
    tunes = (order.choose(list(islice(every, order.best_of))) for _ in range(order.count - skipped))
    if condition is None:
        return tunes
    return (
        condition.satisfied_by(made, lambda offset, place=place: order.choose(list(composed(place, 1, offset))))  # type: ignore[misc]
        for place, made in enumerate(tunes, start=skipped)
    )


def _difference(theirs: dict[str, Any], ours: dict[str, Any], name: str = "") -> str:
    """The first setting in which two calls differ, in words."""
    for key, value in ours.items():
        other = theirs.get(key)
        if isinstance(value, dict) and isinstance(other, dict) and value != other:
            return _difference(other, value, key)
        if other != value:
            return f"{key.replace('_', ' ')} {other!r} and not {value!r}"
    return f"another {name}"
