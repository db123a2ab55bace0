"""`Renderers`: a few processes that render. Importing this loads no web server, so that they start beside it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Empty, LifoQueue

from songrnn.errors import SongrnnError
from songrnn.rendering.render import TIMEMAP, Renderer

ONE_NOTE = "X:1\nM:4/4\nL:1/4\nK:C\nC4|\n"
SECONDS_TO_FINISH = 2.0
RENDERERS = 2
"""Processes that render; each takes one tune at a time."""


class Renderers:
    """A few renderers, each made when it is first needed, and lent to one thread at a time."""

    def __init__(self, count: int = RENDERERS) -> None:
        self._count = count
        self._made: list[Renderer] = []
        self._free: LifoQueue[Renderer | None] = LifoQueue()
        for _ in range(count):
            self._free.put(None)
        self._loading: threading.Thread | None = None
        self._closed = False

    @contextmanager
    def borrowed(self) -> Iterator[Renderer]:
        """One that nobody else uses; waits for it."""
        renderer = self._free.get() or self._new()
        try:
            yield renderer
        finally:
            self._free.put(renderer)

    def start(self) -> None:
        """Let each load its libraries, one after another, in a thread; what fails fails again when it is needed."""
        if self._loading is None:
            self._loading = threading.Thread(target=self._load, daemon=True)
            self._loading.start()

    def _load(self) -> None:
        for renderer in [self._free.get() for _ in range(self._count)]:  # who needs one waits for the first
            self._free.put(renderer or self._loaded())

    def _loaded(self) -> Renderer | None:
        if self._closed:
            return None
        renderer = self._new()
        with suppress(SongrnnError, OSError, ValueError):  # ValueError: closed meanwhile
            renderer.render(ONE_NOTE, formats=("svg", "wav", TIMEMAP))
        return renderer

    def _new(self) -> Renderer:
        renderer = Renderer()
        self._made.append(renderer)
        return renderer

    def close(self) -> None:
        """End their processes, those at work after a moment."""
        self._closed = True
        with suppress(Empty):
            for _ in range(self._count):
                self._free.get(timeout=SECONDS_TO_FINISH)
        for _ in range(2):  # again, should one have begun just then
            for renderer in self._made:
                renderer.close()
            if self._loading is not None:
                self._loading.join(SECONDS_TO_FINISH)
