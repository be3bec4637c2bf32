"""Counting tries in a while: what is spent comes back evenly, and the memory stays small."""

import asyncio
from datetime import timedelta

import pytest

from consult.live.memory import Wakeups
from server.auth import counters
from server.auth.counters import Budget, MemoryCounters, SharedCounters

QUARTER = Budget(5, timedelta(minutes=15))


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def test_a_budget_is_spent_at_once_and_comes_back_bit_by_bit() -> None:
    clock = Clock()
    counted = MemoryCounters(clock)
    assert [await counted.spend("here", QUARTER) for _ in range(5)] == [None] * 5
    assert await counted.spend("here", QUARTER) == timedelta(minutes=3)
    assert await counted.spend("there", QUARTER) is None
    clock.now += 180
    assert await counted.spend("here", QUARTER) is None
    assert await counted.spend("here", QUARTER) == timedelta(minutes=3)
    clock.now += 900
    assert [await counted.spend("here", QUARTER) for _ in range(5)] == [None] * 5


async def test_what_is_given_back_was_never_spent() -> None:
    counted = MemoryCounters(Clock())
    for _ in range(1000):
        assert await counted.spend("here", QUARTER) is None
        await counted.give_back("here", QUARTER)
    await counted.give_back("never spent", QUARTER)


async def test_a_refusal_spends_nothing() -> None:
    clock = Clock()
    counted = MemoryCounters(clock)
    for _ in range(50):
        await counted.spend("here", QUARTER)
    clock.now += 180
    assert await counted.spend("here", QUARTER) is None


async def test_a_million_addresses_fill_no_memory_and_free_no_spender(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(counters, "_MOST_NAMES", 100)
    counted = MemoryCounters(Clock())
    for _ in range(5):
        await counted.spend("spender", QUARTER)
    for number in range(5000):
        await counted.spend(f"2001:db8::{number:x}", QUARTER)
    assert len(counted._free_at) <= 100  # noqa: SLF001 - the size of its memory is the point
    assert await counted.spend("spender", QUARTER) is not None


async def test_two_processes_spend_one_budget_over_the_bus() -> None:
    bus = Wakeups(asyncio.get_running_loop())
    one, other = (SharedCounters(MemoryCounters(Clock()), bus, str.upper) for _ in range(2))
    spent = [await counted.spend("here", QUARTER) for counted in (one, other, one, other, one)]
    assert spent == [None] * 5
    assert await other.spend("here", QUARTER) == QUARTER.window
    await one.give_back("here", QUARTER)
    assert await other.spend("here", QUARTER) is None
    assert await other.spend("there", QUARTER) is None
