"""What is measured of a studio: requests, tunes and characters composed, what is worked on."""

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Measures:
    """The counters of one studio, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "songrnn_requests", "Requests answered.", ("resource", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "songrnn_request_seconds", "Seconds that a request took.", ("resource",), registry=self.registry
        )
        self._tunes = Counter("songrnn_tunes_composed", "Tunes composed.", registry=self.registry)
        self._characters = Counter("songrnn_characters_composed", "Characters composed.", registry=self.registry)
        self.in_work = Gauge("songrnn_requests_in_work", "Requests computed or waiting.", registry=self.registry)

    def composed(self, characters: int) -> None:
        """Count one tune."""
        self._tunes.inc()
        self._characters.inc(characters)

    def answered(self, resource: str, status: int, seconds: float) -> None:
        """Count one request."""
        self._requests.labels(resource, str(status)).inc()
        self._seconds.labels(resource).observe(seconds)


class Measured:
    """ASGI middleware that counts requests by the path of their resource, so that there are few different ones."""

    def __init__(self, app: ASGIApp, measures: Measures) -> None:
        self._app, self._measures = app, measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and count."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begin, status = time.perf_counter(), 500

        async def send_and_look(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_and_look)
        finally:
            resource = getattr(scope.get("route"), "path", "other")
            self._measures.answered(resource, status, time.perf_counter() - begin)
