"""The live bus over Redis: rings are heard elsewhere, and nothing is lost with it (F7)."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import pytest

from consult.live.bus import Bus
from consult.live.memory import Wakeups
from consult.live.redis import RedisWakeups
from tests.makers.redis import RedisHouse

Opener = Callable[[], Awaitable[Bus]]
_PATIENCE_S = 1.5


@asynccontextmanager
async def running(bus: Bus) -> AsyncIterator[Bus]:
    """The bus as the house runs it: again and again, whatever cuts it."""

    async def again() -> None:
        while True:
            with suppress(Exception):
                await bus.run()
            await asyncio.sleep(0.2)

    task = asyncio.create_task(again())
    try:
        yield bus
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await bus.close()


@pytest.fixture
async def pair(redis: RedisHouse) -> AsyncIterator[tuple[Bus, Bus]]:
    """The buses of two processes."""
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as stack:
        first, second = [
            await stack.enter_async_context(running(RedisWakeups(loop, redis.url)))
            for _ in range(2)
        ]
        await until_linked(first, second)
        yield first, second


@pytest.fixture(params=["memory", "redis"])
async def bus(request: pytest.FixtureRequest) -> AsyncIterator[Bus]:
    """Every test that uses it runs on the bus of one process and on that over Redis."""
    loop = asyncio.get_running_loop()
    if request.param == "memory":
        made: Bus = Wakeups(loop)
    else:
        made = RedisWakeups(loop, request.getfixturevalue("redis").url)
    async with running(made):
        yield made


async def is_heard(first: Bus, second: Bus, *, within_s: float = 1) -> bool:
    rung = second.rung
    first.ring()
    return await second.wait(within_s, after=rung)


async def until_linked(first: Bus, second: Bus) -> None:
    for _ in range(30):
        there = await is_heard(first, second, within_s=0.4)
        if there and await is_heard(second, first, within_s=0.4):
            return
    pytest.fail("the two do not hear each other")


async def test_a_ring_wakes_whoever_waits(bus: Bus) -> None:
    rung = bus.rung
    waiting = asyncio.ensure_future(bus.wait(5, after=rung))
    await asyncio.sleep(0)
    await asyncio.to_thread(bus.ring)
    assert await waiting
    assert await bus.wait(5, after=rung)


async def test_nobody_is_woken_without_a_ring(bus: Bus) -> None:
    await asyncio.sleep(0.3)  # the first look after the line came up is one
    assert not await bus.wait(0.2, after=bus.rung)


async def test_counters_count_and_start_anew(bus: Bus) -> None:
    assert await bus.count("door", add=0, window_s=1) == 0
    assert [await bus.count("door", add=1, window_s=1) for _ in range(3)] == [1, 2, 3]
    assert await bus.count("other door", add=0, window_s=1) == 0
    assert await bus.count("door", add=0, window_s=1) == 3
    await asyncio.sleep(1.2)
    assert await bus.count("door", add=1, window_s=1) == 1


async def test_everybody_here_is_counted_once(bus: Bus) -> None:
    assert await bus.meet([]) == 0
    assert await bus.meet(["a", "b"]) == 2
    assert await bus.meet(["a"]) >= 1


async def test_a_flood_of_names_does_not_fill_the_memory() -> None:
    bus = Wakeups(asyncio.get_running_loop())
    for number in range(25_000):
        await bus.count(str(number), add=1, window_s=900)
    assert len(bus._counters) <= 10_000  # noqa: SLF001 - what is kept cannot be seen from outside
    assert await bus.count("24999", add=0, window_s=900) == 1


async def test_two_processes_hear_and_count_together(pair: tuple[Bus, Bus]) -> None:
    first, second = pair
    assert await is_heard(first, second)
    assert await is_heard(second, first)
    assert await first.count("network", add=2, window_s=60) == 2
    assert await second.count("network", add=1, window_s=60) == 3
    assert await first.meet(["a", "b"]) == 2
    assert await second.meet(["b", "c"]) == 3


FAULTS: dict[str, Callable[[RedisHouse], None]] = {
    "killed": RedisHouse.kill,
    "frozen": RedisHouse.freeze,
    "emptied": RedisHouse.empty,
    "spoilt": RedisHouse.spoil,
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_whatever_redis_does_the_own_process_goes_on_and_forgets_no_try(
    pair: tuple[Bus, Bus], redis: RedisHouse, fault: str
) -> None:
    first, second = pair
    for _ in range(5):
        await first.count("network", add=1, window_s=60)
    await first.meet(["a"])
    await asyncio.to_thread(FAULTS[fault], redis)
    slowest_s = 0.0
    for number in range(6, 26):
        begun_s = time.monotonic()
        assert await first.count("network", add=1, window_s=60) == number
        assert await first.meet(["a", "b"]) == 2
        assert await is_heard(first, first)
        slowest_s = max(slowest_s, time.monotonic() - begun_s)
    assert slowest_s < _PATIENCE_S
    assert await second.count("network", add=1, window_s=60) >= 1
    assert first.is_linked() == (fault in {"emptied", "spoilt"})
    if fault == "killed":
        await asyncio.to_thread(redis.start_again)
    redis.thaw()
    await until_linked(first, second)


async def test_a_redis_that_says_nonsense_is_only_a_bell(
    pair: tuple[Bus, Bus], redis: RedisHouse
) -> None:
    first, _second = pair
    with redis.client() as client:
        for told in (b"", b"\x80\x04cos\nsystem\n", b"x" * 100_000, "周".encode()):
            rung = first.rung
            client.publish("lianzhen:ring", told)
            assert await first.wait(1, after=rung)
        client.set("lianzhen:count:network", "not a number")
    assert await first.count("network", add=0, window_s=60) == 0
    assert await first.count("network", add=1, window_s=60) == 1
