"""`Exchange`: messages of running tasks to the command that began them, each of which is answered.

A task waits for the answer, so that the command decides (as when a training is ended early) before the task continues.
An answer to a task that was lost, and runs again elsewhere, is dropped with it.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from itertools import count
from typing import Any


class Exchange:
    """The class of an actor; its methods run concurrently in one event loop."""

    def __init__(self) -> None:
        self._messages = defaultdict[str, "asyncio.Queue[tuple[int, Any]]"](asyncio.Queue)
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._numbers = count()

    async def say(self, key: str, content: Any) -> Any:
        """Called by a task: the answer of the command that began the task `key`."""
        number = next(self._numbers)
        self._answers[number] = asyncio.get_running_loop().create_future()
        self._messages[key].put_nowait((number, content))
        return await self._answers[number]

    async def take(self, key: str, seconds: float) -> list[tuple[int, Any]]:
        """Called by the command: the messages of a task with their numbers; none when `seconds` pass without one."""
        messages = self._messages[key]
        try:
            taken = [await asyncio.wait_for(messages.get(), seconds)]
        except TimeoutError:
            return []
        while not messages.empty():
            taken.append(messages.get_nowait())
        return taken

    async def answer(self, answers: Mapping[int, Any]) -> None:
        """Called by the command: answers by the numbers of their messages."""
        for number, content in answers.items():
            waiting = self._answers.pop(number, None)
            if waiting is not None and not waiting.done():
                waiting.set_result(content)

    async def forget(self, key: str) -> None:
        """Drop what a task that has ended left."""
        self._messages.pop(key, None)
