"""Tasks live in one TaskGroup from start to stop; none is an orphan."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Self

import structlog

log = structlog.get_logger()


class Tasks:
    """The one place where background work is started."""

    def __init__(self) -> None:
        self._group = asyncio.TaskGroup()
        self._running: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self._group.__aenter__()
        return self

    async def __aexit__(self, *failure: object) -> None:
        for task in self._running:
            task.cancel()
        await self._group.__aexit__(None, None, None)

    def start(self, work: Coroutine[Any, Any, None], *, name: str) -> None:
        """Run to its end, or until the server stops."""
        task = self._group.create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def every(
        self,
        seconds: float,
        step: Callable[[], Awaitable[None]],
        *,
        name: str,
        first_after_s: float = 0.0,
    ) -> None:
        """Run again and again; a failure is logged and does not end it."""
        self.start(_repeat(seconds, step, name, first_after_s), name=name)


async def _repeat(
    seconds: float, step: Callable[[], Awaitable[None]], name: str, first_after_s: float
) -> None:
    await asyncio.sleep(first_after_s)
    while True:
        try:
            await step()
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - the outermost loop of a standing task
            log.warning("task failed", task=name, error=type(error).__name__)
        await asyncio.sleep(seconds)
