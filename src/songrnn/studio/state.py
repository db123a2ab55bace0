"""What the studio holds open: its models, the processes that render, what was rendered, and the tunebook."""

import sys
import threading
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Generic, TypeVar

from fastapi import Depends, Request

from songrnn.composing.composer import Composer
from songrnn.errors import SettingsError, SongrnnError
from songrnn.studio.measures import Measures
from songrnn.studio.renderers import Renderers
from songrnn.studio.settings import StudioSettings
from songrnn.studio.work import Work

if TYPE_CHECKING:
    from songrnn.studio.archive.archive import Archive
    from songrnn.studio.archive.sets import Sets

Value = TypeVar("Value")


class Models:
    """The checkpoints by name, each opened when it is first needed, and then kept."""

    def __init__(self, checkpoints: tuple[str, ...]) -> None:
        self._paths = {(Path(text).stem or text): text for text in checkpoints}
        self._open: dict[str, Composer] = {}
        self._lock = threading.Lock()

    @property
    def names(self) -> tuple[str, ...]:
        """The names; the first is the usual one."""
        return tuple(self._paths)

    def path(self, name: str) -> str:
        """The checkpoint of a name that `composer` has opened, as it was named at the start."""
        return self._paths[name]

    def composer(self, name: str = "") -> Composer:
        """The composer of that name, "" for the first.

        Raises SettingsError where there is none, CheckpointError where it cannot be opened.
        """
        name = name or self.names[0]
        if name not in self._paths:
            raise SettingsError(f"there is no model {name!r}; there are {', '.join(self.names)}", "model")
        with self._lock:
            if name not in self._open:
                self._open[name] = Composer(Path(self._paths[name]))
            return self._open[name]


class Cache(Generic[Value]):
    """What was made of something, the last used first; together it has at most so many bytes."""

    def __init__(self, most_bytes: int) -> None:
        self._most, self._size = most_bytes, 0
        self._values: OrderedDict[str, tuple[Value, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> Value | None:
        """The value, or None."""
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key][0]

    def put(self, key: str, value: Value, size: int) -> None:
        """Keep a value of `size` bytes, and no longer those that were not used for the longest time."""
        with self._lock:
            if key in self._values:
                self._size -= self._values.pop(key)[1]
            self._values[key] = (value, size)
            self._size += size
            while self._size > self._most:
                self._size -= self._values.popitem(last=False)[1][1]


@dataclass
class Studio:
    """All of it; `studio_of(request)` gives it to a resource."""

    settings: StudioSettings
    models: Models
    renderers: Renderers
    rendered: Cache[Mapping[str, bytes]]
    work: Work
    tunebook: "Tunebook"
    measures: Measures = field(default_factory=Measures)
    _opening: threading.Thread | None = None

    @classmethod
    def opened(cls, settings: StudioSettings, renderers: Renderers | None = None) -> "Studio":
        """The studio of these settings; no model is read yet and no process started. renderers: those made before."""
        limits = settings.limits
        return cls(
            settings,
            Models(settings.checkpoints),
            renderers or Renderers(),
            Cache(limits.rendered_bytes),
            Work(limits.workers, limits.waiting),
            Tunebook(settings.database),
        )

    def check_length(self, text: str, name: str = "abc") -> None:
        """Raise SettingsError for a text that is longer than one may be."""
        most = self.settings.limits.characters
        if len(text) > most:
            raise SettingsError(f"{name} has {len(text):,} characters; this studio takes {most:,}", name)

    def warm(self) -> None:
        """Open the first model and start the processes, in threads of their own; what fails fails again when needed."""
        self.renderers.start()
        if self._opening is None:
            self._opening = threading.Thread(target=self._open_model, daemon=True)
            self._opening.start()

    def _open_model(self) -> None:
        with suppress(SongrnnError, OSError):
            self.models.composer()

    def close(self) -> None:
        """End the processes."""
        self.renderers.close()
        self.tunebook.close()
        if self._opening is not None:
            self._opening.join()  # the interpreter does not end cleanly beneath it


class Tunebook:
    """The archive, opened when it is first needed: its libraries take a third of a second to load.

    A database that the user names is opened at once; raises SettingsError, MissingExtra or RunError where it cannot be.
    """

    def __init__(self, database: str) -> None:
        self._database, self._lock = database, threading.Lock()
        self._archive: Archive | None = None
        if database:
            _ = self.archive

    @property
    def archive(self) -> "Archive":
        """The tunes. Raises what opening raises."""
        from songrnn.studio.archive.archive import Archive
        from songrnn.studio.archive.opening import default_database

        with self._lock:
            if self._archive is None:
                self._archive = Archive.open(self._database or default_database())
                if self._archive.copied:
                    words = "the tunebook has the present form now; a copy of the older one is"
                    print(f"songrnn: {words} {self._archive.copied}", file=sys.stderr)
            return self._archive

    @property
    def sets(self) -> "Sets":
        """The sets."""
        from songrnn.studio.archive.sets import Sets

        return Sets(self.archive)

    def close(self) -> None:
        """End the connections."""
        if self._archive is not None:
            self._archive.close()


def studio_of(request: Request) -> Studio:
    """The studio that answers this request."""
    studio: Studio = request.app.state.studio
    return studio


CurrentStudio = Annotated[Studio, Depends(studio_of)]
"""The type of a resource's parameter that is the studio."""
