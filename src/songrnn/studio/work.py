"""Work outside the event loop: so much at once, so much that waits, and an end to it when the client has gone."""

from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import suppress
from typing import TypeVar

import anyio
import anyio.from_thread
import anyio.to_thread
from fastapi import Request

Result = TypeVar("Result")
SECONDS_BETWEEN_LOOKS = 0.2
"""How often a request that is worked on looks whether its client is still there."""


class Busy(Exception):
    """Too many requests wait already; status 503."""


class ClientGone(Exception):
    """The client has closed its connection, so nobody reads the answer."""


class Work:
    """Runs functions in threads: `workers` at once; `waiting` more wait their turn."""

    def __init__(self, workers: int, waiting: int) -> None:
        self._workers, self._most = workers, workers + waiting
        self._limiter: anyio.CapacityLimiter | None = None
        self.taken = 0

    async def run(self, request: Request, function: Callable[[], Result]) -> Result:
        """What `function` returns, from a thread; raises Busy, ClientGone, and whatever it raises.

        Where it calls `still_wanted` it ends when the client goes.
        """
        results: list[Result] = []
        errors: list[Exception] = []
        with self._place():
            async with anyio.create_task_group() as group:

                async def work() -> None:
                    try:
                        results.append(await anyio.to_thread.run_sync(function, limiter=self._of_loop()))
                    except Exception as error:  # noqa: BLE001, RUF100  (raised again below, outside the group)
                        errors.append(error)
                    group.cancel_scope.cancel()

                group.start_soon(work)
                await _until_gone(request)
                group.cancel_scope.cancel()
        if errors:
            raise errors[0]
        if not results:
            raise ClientGone
        return results[0]

    async def each(self, items: Callable[[], Iterable[Result]]) -> AsyncGenerator[Result]:
        """The items, one after another, each as soon as it is there; closing it (`aclosing`) ends the work."""
        send, receive = anyio.create_memory_object_stream[Result](1)
        errors: list[Exception] = []

        def produce() -> None:
            for item in items():
                still_wanted()
                anyio.from_thread.run(send.send, item)

        async def work() -> None:
            with send:
                try:
                    await anyio.to_thread.run_sync(produce, limiter=self._of_loop())
                except anyio.BrokenResourceError:
                    pass
                except Exception as error:  # noqa: BLE001, RUF100  (raised again below, outside the group)
                    errors.append(error)

        with self._place():
            async with anyio.create_task_group() as group:
                group.start_soon(work)
                with receive:
                    async for item in receive:
                        try:
                            yield item
                        except GeneratorExit:  # it must not pass the task group, which would wrap it
                            break
                group.cancel_scope.cancel()
        if errors:
            raise errors[0]

    def _place(self) -> "_Place":
        if self.taken >= self._most:
            raise Busy("too many requests wait already; try again in a moment")
        return _Place(self)

    def _of_loop(self) -> anyio.CapacityLimiter:
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(self._workers)
        return self._limiter


class _Place:
    """Counts one request while it is worked on, or waits."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def __enter__(self) -> None:
        self._work.taken += 1

    def __exit__(self, *_: object) -> None:
        self._work.taken -= 1


def still_wanted() -> None:
    """In a thread of `Work`: end it here if the client has gone."""
    with suppress(RuntimeError):  # called in another thread, as by a test: nothing to cancel
        anyio.from_thread.check_cancelled()


async def _until_gone(request: Request) -> None:
    while not await request.is_disconnected():
        await anyio.sleep(SECONDS_BETWEEN_LOOKS)
