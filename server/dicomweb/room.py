"""Room for answers that lie in memory until a client has taken them: bounded for all together."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

MOST_BYTES: Final = 1 << 29
LARGEST_BYTES: Final = 1 << 28
WAIT_S: Final = 20.0
_LEAST_BYTES: Final = 1 << 20


class Held:
    """The room of one answer."""

    def __init__(self, room: "Room", size_bytes: int) -> None:
        self._room = room
        self.size_bytes = size_bytes

    def shrink(self, size_bytes: int) -> None:
        """It became no longer than this: the rest is for others."""
        less = self.size_bytes - size_bytes
        if less > 0:
            self.size_bytes = size_bytes
            self._room.give_back(less)


class Room:
    """So many bytes of answers at once, in turn; who waits too long is told to come back."""

    def __init__(self, most_bytes: int = MOST_BYTES, *, wait_s: float = WAIT_S) -> None:
        self._most = self._left = most_bytes
        self._wait_s = wait_s
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @asynccontextmanager
    async def hold(self, size_bytes: int) -> AsyncIterator[Held]:
        """Room for an answer of at most so many bytes; raises TimeoutError after a while."""
        size_bytes = min(max(size_bytes, _LEAST_BYTES), self._most)
        await self._turn(size_bytes)
        held = Held(self, size_bytes)
        try:
            yield held
        finally:
            self.give_back(held.size_bytes)

    def give_back(self, size_bytes: int) -> None:
        """Let in whoever is next, if there is enough by now."""
        self._left += size_bytes
        while self._waiting and (self._waiting[0][1].done() or self._waiting[0][0] <= self._left):
            wanted, turn = self._waiting.popleft()
            if not turn.done():
                self._left -= wanted
                turn.set_result(None)

    async def _turn(self, size_bytes: int) -> None:
        if not self._waiting and size_bytes <= self._left:
            self._left -= size_bytes
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append((size_bytes, turn))
        try:
            async with asyncio.timeout(self._wait_s):
                await turn
        except BaseException:
            if turn.done() and not turn.cancelled():
                self.give_back(size_bytes)  # its turn came as it went away
            else:
                turn.cancel()
                self.give_back(0)
            raise
