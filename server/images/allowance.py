"""How many plain bytes may lie in memory at once, whoever asked for them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

from imaging.errors import JailUnavailableError

MOST_BYTES: Final = 512 << 20
FREE_BYTES: Final = 8 << 20
"""So small a file waits for nobody: previews, and what papers show of them."""
_WAIT_S: Final = 60.0


class Allowance:
    """Shares memory in the order in which it was asked for; what is larger than all waits alone."""

    def __init__(self, most_bytes: int = MOST_BYTES, *, wait_s: float = _WAIT_S) -> None:
        self._most_bytes, self._wait_s = most_bytes, wait_s
        self._held_bytes = 0
        self._next = asyncio.Lock()
        self._freed = asyncio.Event()

    @contextlib.asynccontextmanager
    async def hold(self, size_bytes: int) -> AsyncIterator[None]:
        """Hold so many bytes; raises JailUnavailableError where others do not let go of theirs."""
        if size_bytes <= FREE_BYTES:
            yield
            return
        try:
            async with asyncio.timeout(self._wait_s):
                await self._take(size_bytes)
        except TimeoutError:
            raise JailUnavailableError("jail-busy") from None
        try:
            yield
        finally:
            self._held_bytes -= size_bytes
            self._freed.set()

    async def _take(self, size_bytes: int) -> None:
        async with self._next:
            while self._held_bytes and self._held_bytes + size_bytes > self._most_bytes:
                self._freed.clear()
                await self._freed.wait()
            self._held_bytes += size_bytes
