"""Blocking steps over open descriptors: a caller waits for their end even when cancelled."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
U = TypeVar("U")


async def in_thread(step: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run in a thread; a cancelled caller closes its descriptors only after the thread is done."""
    running = asyncio.get_running_loop().run_in_executor(None, partial(step, *args, **kwargs))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        if not running.cancelled():
            running.exception()
        raise


async def both(one: Awaitable[T], other: Awaitable[U]) -> tuple[T, U]:
    """Wait for two steps side by side; the first failure is raised once both have ended."""
    first, second = await asyncio.gather(one, other, return_exceptions=True)
    if isinstance(first, BaseException):
        raise first
    if isinstance(second, BaseException):
        raise second
    return first, second


async def all_of(steps: Iterable[Awaitable[T]]) -> list[T]:
    """Wait for steps of one kind side by side; the first failure is raised once all have ended."""
    ended = await asyncio.gather(*steps, return_exceptions=True)
    for each in ended:
        if isinstance(each, BaseException):
            raise each
    return [each for each in ended if not isinstance(each, BaseException)]
