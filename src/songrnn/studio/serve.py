"""Serve the studio: find a port, say where it is, open the browser, and serve until Ctrl-C."""

import errno
import socket
import sys
import threading
import webbrowser
from contextlib import suppress
from urllib.parse import quote

import uvicorn

from songrnn.checkpoint import Description
from songrnn.errors import RunError
from songrnn.studio.renderers import Renderers
from songrnn.studio.settings import StudioSettings

SECONDS_TO_FINISH = 3
"""How long requests may go on after Ctrl-C."""


def serve(settings: StudioSettings) -> None:
    """Serve until Ctrl-C.

    Raises CheckpointError for what is no checkpoint, RunError where the address cannot be listened at, ImportError
    where the web server is not installed.
    """
    for checkpoint in settings.checkpoints:
        Description.read(checkpoint)
    listening = listen(settings)
    renderers = Renderers()
    renderers.start()  # while the web server is loaded, which takes as long
    try:
        from songrnn.studio.app import create_app

        app = create_app(settings, renderers)
    except BaseException:
        renderers.close()
        listening.close()
        raise
    address = address_of(settings, listening)
    print(f"songrnn studio: {address}\nCtrl-C ends it", file=sys.stderr)
    app.state.studio.warm()  # while a browser starts
    if not settings.no_browser:
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    config = uvicorn.Config(app, log_level="warning", server_header=False, timeout_graceful_shutdown=SECONDS_TO_FINISH)
    with suppress(KeyboardInterrupt):  # it is raised again when all is closed, and is the usual end
        uvicorn.Server(config).run(sockets=[listening])


def listen(settings: StudioSettings) -> socket.socket:
    """A socket at the address; where the port is taken, at a free one. Raises RunError."""
    try:
        return _bound(settings.host, settings.port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise RunError(
                f"cannot listen at {settings.host}, port {settings.port}: {(error.strerror or str(error)).lower()}. "
                "Name another --host or --port"
            ) from error
    print(f"songrnn: port {settings.port} is taken; a free one is used", file=sys.stderr)
    return _bound(settings.host, 0)


def address_of(settings: StudioSettings, listening: socket.socket) -> str:
    """The address to open in a browser."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104, RUF100
    host = f"[{host}]" if ":" in host else host
    query = f"?token={quote(settings.token, safe='')}" if settings.token else ""
    return f"http://{host}:{listening.getsockname()[1]}/{query}"


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    made = socket.socket(family, kind, protocol)
    try:
        if sys.platform != "win32":  # there it would let two programs listen at one port
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(socket.SOMAXCONN)
    except BaseException:
        made.close()
        raise
    return made
