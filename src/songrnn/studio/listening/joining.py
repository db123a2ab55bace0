"""How a class takes part from its telephones: the address in the network around this computer, and its QR code."""

import io
import socket
from urllib.parse import quote, urlencode

import segno

from songrnn.studio.listening.records import Joining
from songrnn.studio.settings import StudioSettings

ANY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104, RUF100
_ELSEWHERE = ("192.0.2.1", 9)
"""An address that nobody has (RFC 5737): asking for the way to it sends nothing."""


def joining(settings: StudioSettings, code: str, port: int) -> Joining:
    """The address of a round for others; port: at which this studio listens."""
    if settings.is_local:
        return Joining(
            address="",
            hint="Only this computer reaches this studio. For telephones start it with: "
            "songrnn studio --host 0.0.0.0 --token A-WORD-OF-YOURS",
        )
    host = _own_address() if settings.host in ANY_ADDRESS else settings.host
    host = f"[{host}]" if ":" in host else host
    query = urlencode({"token": settings.token}, quote_via=quote)
    return Joining(address=f"http://{host}:{port}/listening?{query}#{code}", hint="")


def qr_code(address: str) -> bytes:
    """SVG of the QR code, dark on light whatever the page, so that every camera reads it."""
    written = io.BytesIO()
    segno.make(address, error="m", micro=False).save(written, kind="svg", scale=4, border=4, dark="#000", light="#fff")
    return written.getvalue()


def _own_address() -> str:
    """The address of this computer in the network around it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_ELSEWHERE)
            return str(probe.getsockname()[0])
        except OSError:
            return socket.gethostname()
