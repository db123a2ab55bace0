"""What is refused before any resource sees it: foreign hosts, foreign pages, those without the token, large bodies.

- Host: the header must name this server, so that a page from elsewhere cannot reach it under a name of its own (DNS
  rebinding). An address in numbers cannot be rebound, and is accepted where others may come in.
- Cross-site requests: what changes or costs anything must come from a page of this server (Sec-Fetch-Site, Origin),
  or from no page at all; there are no CORS headers.
- Token: in the Authorization header, or once as ?token=..., which becomes a cookie that no script can read.
- Every answer carries a content security policy without inline script or style, and forbids all loads from elsewhere.
"""

import ipaddress
import secrets
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from songrnn.studio.problems import problem
from songrnn.studio.settings import LOOPBACK, StudioSettings

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
READING = ("GET", "HEAD")
COOKIE = "songrnn-token"


class Guard:
    """ASGI middleware around the whole studio."""

    def __init__(self, app: App, settings: StudioSettings) -> None:
        self._app, self._settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on with limited body and added headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, send_with_headers)
            return
        await self._app(scope, self._limited(receive), send_with_headers)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if not self._is_ours(headers.get("host", "")):
            return problem(
                421, f"this server is not {headers.get('host', '')[:100]!r}; use the address that it printed"
            )
        if scope["method"] not in READING and not _same_site(headers):
            return problem(403, "a page from elsewhere must not use this server")
        length = headers.get("content-length", "0")
        if not length.isdecimal() or len(length) > 15 or int(length) > self._settings.limits.body_bytes:
            return problem(413, self._too_large)
        return self._without_token(scope, headers) if self._settings.token else None

    def _is_ours(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        if name in LOOPBACK:
            return True
        if self._settings.is_local:
            return False
        return name in (self._settings.host.lower(), socket.gethostname().lower()) or _is_address(name)

    def _without_token(self, scope: Scope, headers: Headers) -> Response | None:
        """None where the token is there; a redirection that keeps it as a cookie where it is in the address."""
        token = self._settings.token
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if (scheme.lower() == "bearer" and _same(given, token)) or _same(_cookie(headers), token):
            return None
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        if scope["method"] in READING and _same(dict(query).get("token", ""), token):
            others = urlencode([(name, value) for name, value in query if name != "token"])
            found = RedirectResponse("/" + scope["path"].lstrip("/") + (f"?{others}" if others else ""), 303)
            found.set_cookie(COOKIE, token, httponly=True, samesite="lax")  # strict: lost after a link
            return found
        return problem(
            401,
            "this studio needs its token: open the address with ?token=..., or send it as Authorization: Bearer",
            headers={"WWW-Authenticate": "Bearer"},
        )

    def _limited(self, receive: Receive) -> Receive:
        """`receive` that raises HTTPException as soon as more has come than may."""
        size = 0

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > self._settings.limits.body_bytes:
                raise HTTPException(413, self._too_large)
            return message

        return counted

    @property
    def _too_large(self) -> str:
        return f"a request may have {self._settings.limits.body_bytes:,} bytes; send less"


def _same_site(headers: Headers) -> bool:
    """Whether a request comes from a page of this server, or from no page."""
    if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host", "")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _same(given: str, token: str) -> bool:
    return secrets.compare_digest(given.encode("utf-8", "replace"), token.encode("utf-8"))


def _cookie(headers: Headers) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found is not None else ""
