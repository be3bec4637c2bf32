"""Large objects that are drawn share the memory; a small one waits for nobody."""

import asyncio

import pytest

from imaging.errors import JailUnavailableError
from server.images.allowance import FREE_BYTES, Allowance

LARGE = 4 * FREE_BYTES


async def test_as_many_hold_memory_as_there_is_and_the_next_waits() -> None:
    allowance = Allowance(2 * LARGE)
    held, most = 0, 0

    async def draw(size: int) -> None:
        nonlocal held, most
        async with allowance.hold(size):
            held += size
            most = max(most, held)
            await asyncio.sleep(0)
            held -= size

    async with asyncio.timeout(60):
        await asyncio.gather(*(draw(LARGE) for _ in range(9)))
    assert most == 2 * LARGE


async def test_what_is_larger_than_all_has_it_alone_and_is_not_passed_by() -> None:
    allowance, order = Allowance(2 * LARGE), []

    async def draw(name: str, size: int) -> None:
        async with allowance.hold(size):
            order.append(name)
            await asyncio.sleep(0)

    async with asyncio.timeout(60):
        sizes = {"first": LARGE, "giant": 9 * LARGE, "later": LARGE}
        await asyncio.gather(*(draw(name, size) for name, size in sizes.items()))
    assert order == ["first", "giant", "later"]


async def test_a_small_one_passes_and_a_large_one_does_not_wait_for_ever() -> None:
    allowance = Allowance(LARGE, wait_s=0.05)
    async with allowance.hold(LARGE), allowance.hold(FREE_BYTES):
        with pytest.raises(JailUnavailableError):
            async with allowance.hold(LARGE):
                pass
    async with allowance.hold(LARGE):
        pass


async def test_whoever_goes_away_while_waiting_takes_nothing() -> None:
    allowance = Allowance(LARGE)

    async def wait() -> None:
        async with allowance.hold(LARGE):
            pass

    async with allowance.hold(LARGE):
        waiting = asyncio.ensure_future(wait())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    async with asyncio.timeout(60), allowance.hold(LARGE):
        pass
