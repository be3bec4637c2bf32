"""One connection: units as they come, each in its time, and units that go out (PS3.8 9.1)."""

import asyncio
import contextlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from imaging.dimse.certificates import names_in
from imaging.dimse.command import Values, format_command
from imaging.dimse.errors import PeerGoneError
from imaging.dimse.reader import PduReader, PduType, Piece, Whole

READ_BYTES: Final = 1 << 18
_PDV_BYTES: Final = 6
_SMALLEST_DATA_BYTES: Final = 1 << 12
_LARGEST_DATA_BYTES: Final = 1 << 17


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a peer may take: to propose or to close, between units, and for one unit."""

    artim_s: float
    idle_s: float
    unit_s: float


class Line:
    """A peer at the other end."""

    def __init__(
        self,
        streams: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        *,
        patience: Patience,
        longest_data: int,
    ) -> None:
        self._reader, self._writer = streams
        self._patience = patience
        self._pdus = PduReader(longest_data_bytes=longest_data)
        self._events: Iterator[Whole | Piece] = iter(())
        self._ready: Whole | Piece | None = None
        self._seen_whole = -1
        self._unit_until_s = 0.0
        self._longest_out = _LARGEST_DATA_BYTES

    @property
    def address(self) -> str:
        """Where the peer is."""
        name = self._writer.get_extra_info("peername")
        return str(name[0]) if name else ""

    @property
    def names(self) -> frozenset[str]:
        """The names in the peer's certificate, once TLS has checked it."""
        return names_in(self._writer.get_extra_info("peercert"))

    def limit_out(self, longest_data: int) -> None:
        """What the peer takes in one unit; 0 is no limit (PS3.8 D.1)."""
        wanted = longest_data or _LARGEST_DATA_BYTES
        self._longest_out = max(min(wanted, _LARGEST_DATA_BYTES), _SMALLEST_DATA_BYTES)

    async def next(self) -> Whole | Piece:
        """What comes next; raises PeerGoneError at its end or out of time, and PeerError."""
        ready, self._ready = self._ready, None
        while ready is None:
            ready = next(self._events, None)
            if ready is None:
                self._events = self._pdus.feed(await self._read())
        return ready

    async def has_next(self) -> bool:
        """Whether something has come already; nothing is lost by asking."""
        if self._ready is None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0):
                    self._ready = await self.next()
        return self._ready is not None

    async def send(self, unit: bytes) -> None:
        """Send a unit; raises PeerGoneError where the peer does not take it."""
        try:
            self._writer.write(unit)
            async with asyncio.timeout(self._patience.unit_s):
                await self._writer.drain()
        except (OSError, TimeoutError):
            raise PeerGoneError from None

    async def send_message(
        self, context_id: int, values: Values, data_set: bytes | None = None
    ) -> None:
        """Send a command set, and the data set that belongs to it."""
        await self.send_pieces(context_id, format_command(values), is_command=True)
        if data_set is not None:
            await self.send_pieces(context_id, data_set, is_command=False)

    async def send_pieces(
        self, context_id: int, data: bytes, *, is_command: bool, is_last: bool = True
    ) -> None:
        """Send bytes in units of the size that the peer takes (PS3.8 9.3.5, annex E)."""
        room = self._longest_out - _PDV_BYTES
        for at in range(0, max(len(data), 1), room):
            part = data[at : at + room]
            ends = is_last and at + room >= len(data)
            head = struct.pack(
                ">BxIIBB",
                PduType.DATA,
                len(part) + _PDV_BYTES,
                len(part) + 2,
                context_id,
                int(is_command) | int(ends) << 1,
            )
            await self.send(head + part)

    async def close(self, last: bytes = b"") -> None:
        """Say a last word, and wait a little until the peer closes (ARTIM, PS3.8 9.1.5)."""
        with contextlib.suppress(OSError, TimeoutError):
            if last:
                self._writer.write(last)
                async with asyncio.timeout(self._patience.artim_s):
                    await self._writer.drain()
                    while await self._reader.read(READ_BYTES):
                        pass
        self.drop()

    def drop(self) -> None:
        """Be gone at once."""
        self._writer.transport.abort()

    async def _read(self) -> bytes:
        try:
            async with asyncio.timeout_at(self._until_s()):
                data = await self._reader.read(READ_BYTES)
        except (OSError, TimeoutError):
            raise PeerGoneError from None
        if not data:
            raise PeerGoneError
        return data

    def _until_s(self) -> float:
        """A begun unit has its time as a whole, however slowly its bytes drip."""
        now_s = asyncio.get_running_loop().time()
        if self._pdus.is_between:
            return now_s + self._patience.idle_s
        if self._seen_whole != self._pdus.whole:
            self._seen_whole = self._pdus.whole
            self._unit_until_s = now_s + self._patience.unit_s
        return self._unit_until_s
