"""How long the server waits: for a first request, the next one on its line, the rest of a body."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Final, cast

from aiohttp import web

KEEP_ALIVE: Final = 2.5
"""An idle line is kept so many times the patience: longer than proxies keep theirs to us (60 s)."""

_HEAD_ENDS: Final = (b"\r\n\r\n", b"\n\n", b"\n\r\n")
_LONGEST_END: Final = 4


class FirstRequest(asyncio.Protocol):
    """A new line that is cut unless a whole head comes in time; afterwards it is not in the way."""

    def __init__(self, inner: asyncio.Protocol, patience_s: float) -> None:
        self._inner, self._patience_s = inner, patience_s
        self._tail = b""
        self._timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody is there, and has said nothing yet."""
        self._transport = cast("asyncio.Transport", transport)
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(self._patience_s, self._transport.abort)
        self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Look for the empty line that ends a head."""
        seen = self._tail + data
        self._tail = seen[1 - _LONGEST_END :]
        if self._transport is not None and any(end in seen for end in _HEAD_ENDS):
            self._stop_waiting()
            self._transport.set_protocol(self._inner)
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        """They have no more to say."""
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        """They read too slowly."""
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """They have caught up."""
        self._inner.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """They have gone."""
        self._stop_waiting()
        self._inner.connection_lost(exc)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()


@dataclass(slots=True)
class Pace:
    """How a long body comes; only the time spent waiting for it counts, not our own disk's."""

    patience_s: float
    least_bytes_per_s: float
    received_bytes: int = 0
    waited_s: float = 0.0

    @property
    def left_s(self) -> float:
        """How long may be waited for more: what has come has bought its time."""
        bought_s = self.patience_s + self.received_bytes / self.least_bytes_per_s
        return min(self.patience_s, bought_s - self.waited_s)

    async def wait(self, coming: Awaitable[bytes]) -> bytes:
        """The next bytes; raises TimeoutError where they stand still or only drip."""
        clock = asyncio.get_running_loop().time
        begun = clock()
        try:
            async with asyncio.timeout(max(self.left_s, 0.0)):
                came = await coming
        finally:
            self.waited_s += clock() - begun
        self.received_bytes += len(came)
        return came


def patient(server: web.Server, patience_s: float) -> FirstRequest:
    """A line of this server, for its listener."""
    return FirstRequest(server(), patience_s)
