"""The bus of wake-ups inside one process: losing one loses no fact."""

import asyncio


class Wakeups:
    """Lets any number of tasks wait for the next commit; may be rung from any thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._event = asyncio.Event()
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

    def _ring(self) -> None:
        self.rung += 1
        self._event.set()
        self._event = asyncio.Event()
