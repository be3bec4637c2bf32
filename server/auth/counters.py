"""Counting what may be done so often in a while; the counts may be lost.

One process counts in its memory. Several processes share the counts over the live bus as well:
one counter a name, which dies with its window; without the bus each still counts its own.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from consult.live.bus import Bus

_MOST_NAMES: Final = 100_000


@dataclass(frozen=True, slots=True)
class Budget:
    """So many times in a window; what is spent comes back evenly over it."""

    limit: int
    window: timedelta

    @property
    def step_s(self) -> float:
        """After how long one time comes back."""
        return self.window.total_seconds() / self.limit


class Counters(Protocol):
    """Counts by name."""

    async def spend(self, name: str, budget: Budget) -> timedelta | None:
        """Spend one time; else how long it takes until there is one, and nothing is spent."""
        ...

    async def give_back(self, name: str, budget: Budget) -> None:
        """Take one spending back."""
        ...


class MemoryCounters:
    """Counts in this process: of each name only the time at which all of it has come back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._free_at: dict[str, float] = {}

    async def spend(self, name: str, budget: Budget) -> timedelta | None:
        """Spend one time; else how long it takes until there is one, and nothing is spent."""
        now = self._clock()
        free_at = max(self._free_at.get(name, now), now) + budget.step_s
        over_s = free_at - now - budget.window.total_seconds()
        if over_s > budget.step_s / 1000:  # sums of parts are not exact
            return timedelta(seconds=over_s)
        self._make_room(now)
        self._free_at[name] = free_at
        return None

    async def give_back(self, name: str, budget: Budget) -> None:
        """Take one spending back."""
        if name in self._free_at:
            self._free_at[name] -= budget.step_s

    def _make_room(self, now: float) -> None:
        if len(self._free_at) < _MOST_NAMES:
            return
        kept = {name: at for name, at in self._free_at.items() if at > now}
        if len(kept) >= _MOST_NAMES:  # whoever spent least is forgotten first
            kept = dict(sorted(kept.items(), key=lambda pair: pair[1])[_MOST_NAMES // 2 :])
        self._free_at = kept


class SharedCounters:
    """Counts in this process and on the live bus: what either refuses is refused."""

    def __init__(self, own: Counters, bus: Bus, blind: Callable[[str], str]) -> None:
        self._own = own
        self._bus = bus
        self._blind = blind

    async def spend(self, name: str, budget: Budget) -> timedelta | None:
        """Spend one time; else how long it takes until there is one, and nothing is spent."""
        left = await self._own.spend(name, budget)
        if left is not None:
            return left
        if await self._count(name, budget, 1) <= budget.limit:
            return None
        await self.give_back(name, budget)
        return budget.window

    async def give_back(self, name: str, budget: Budget) -> None:
        """Take one spending back."""
        await self._own.give_back(name, budget)
        await self._count(name, budget, -1)

    async def _count(self, name: str, budget: Budget, add: int) -> int:
        window_s = int(budget.window.total_seconds())
        return await self._bus.count(self._blind(name), add=add, window_s=window_s)
