"""The bus inside one process: losing it loses no fact."""

import asyncio
from collections.abc import Collection

_MOST_COUNTERS = 10_000


class Wakeups:
    """Lets any number of tasks wait for the next commit; may be rung from any thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._event = asyncio.Event()
        self._counters: dict[str, tuple[float, int]] = {}
        self.rung = 0

    def ring(self) -> None:
        """Wake everybody who waits."""
        self._loop.call_soon_threadsafe(self._ring)

    async def wait(self, timeout_s: float, *, after: int | None = None) -> bool:
        """Wait for the ring that follows number `after`; False when the time ran out first.

        Whoever looks before she waits notes `rung` first, so that no ring in between is missed.
        """
        if after is not None and self.rung != after:
            return True
        event = self._event
        try:
            async with asyncio.timeout(timeout_s):
                await event.wait()
        except TimeoutError:
            return False
        return True

    async def count(self, key: str, *, add: int, window_s: int) -> int:
        """Add to a counter that starts anew `window_s` after its first count, and read it."""
        now_s = self._loop.time()
        over_s, counted = self._counters.get(key, (0.0, 0))
        if over_s <= now_s:
            over_s, counted = now_s + window_s, 0
        if add:
            self._make_room(now_s)
            self._counters[key] = over_s, counted + add
        return counted + add

    async def meet(self, people: Collection[str]) -> int:
        """How many different people are here."""
        return len(set(people))

    def is_linked(self) -> bool:
        """There is nobody else."""
        return True

    async def run(self) -> None:
        """There is nobody else to carry rings to."""
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Nothing is open."""

    def _make_room(self, now_s: float) -> None:
        """A flood of names must not fill the memory: what is over goes, then the oldest."""
        if len(self._counters) < _MOST_COUNTERS:
            return
        kept = {key: told for key, told in self._counters.items() if told[0] > now_s}
        newest = list(kept.items())[-_MOST_COUNTERS // 2 :]
        self._counters = dict(newest)

    def _ring(self) -> None:
        self.rung += 1
        self._event.set()
        self._event = asyncio.Event()
