"""`Exchange`: messages of running tasks to the command that began them, each of which is answered.

A task waits for the answer, so that the command decides (as when a training is ended early) before the task continues.
An answer to a task that was lost, and runs again elsewhere, is dropped with it. A task that the command has given up
gets no answer but `GivenUp`, which ends it.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from itertools import count
from typing import Any


class GivenUp(Exception):
    """The command no longer waits for this task."""


class Exchange:
    """The class of an actor; its methods run concurrently in one event loop."""

    def __init__(self) -> None:
        self._messages = defaultdict[str, "asyncio.Queue[tuple[int, Any]]"](asyncio.Queue)
        self._answers = defaultdict[str, dict[int, "asyncio.Future[Any]"]](dict)
        self._ended = set[str]()
        self._numbers = count()

    async def say(self, key: str, content: Any) -> Any:
        """Called by a task: the answer of the command that began the task `key`; raises GivenUp."""
        if key in self._ended:
            raise GivenUp
        number, answer = next(self._numbers), asyncio.get_running_loop().create_future()
        self._answers[key][number] = answer
        self._messages[key].put_nowait((number, content))
        return await answer

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

    async def answer(self, key: str, answers: Mapping[int, Any]) -> None:
        """Called by the command: answers to messages of a task by their numbers."""
        for number, content in answers.items():
            waiting = self._answers[key].pop(number, None)
            if waiting is not None and not waiting.done():
                waiting.set_result(content)

    async def end(self, key: str) -> None:
        """Called by the command: it takes no more messages of a task, which ends if it still runs."""
        self._ended.add(key)
        self._messages.pop(key, None)
        for waiting in self._answers.pop(key, {}).values():
            if not waiting.done():
                waiting.set_exception(GivenUp())
