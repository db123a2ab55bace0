"""A studio that listens at a port, in a thread."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from songrnn.studio.app import create_app
from songrnn.studio.serve import listen
from songrnn.studio.settings import StudioSettings


@contextmanager
def serving(settings: StudioSettings) -> Iterator[str]:
    """The address of a studio that answers until the end of the context."""
    listening = listen(settings)
    server = uvicorn.Server(uvicorn.Config(create_app(settings), log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
