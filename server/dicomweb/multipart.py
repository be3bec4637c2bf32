"""A multipart/related answer, written part by part (PS3.18 8.6.1.2.1)."""

import asyncio
from collections.abc import AsyncIterable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

import structlog
from aiohttp import hdrs, web

from consult.kernel.errors import ConsultError
from consult.kernel.ids import new_id
from server.dicomweb.caching import cache_headers
from server.keys import SETTINGS

log = structlog.get_logger()
_END: Final = b"\r\n"
_JOINED_BYTES: Final = 1 << 16
Piece = bytes | bytearray


@dataclass(frozen=True, slots=True)
class Part:
    """What stands above a part, and how long it is."""

    kind: str
    location: str
    size_bytes: int


class MultipartAnswer:
    """One answer; a fault in its middle cuts the line, for what is on its way cannot be unsaid.

    Where all parts are known before, the answer says how long it is.
    """

    def __init__(
        self,
        request: web.Request,
        *,
        inner: str,
        headers: dict[str, str],
        known: Sequence[Part] | None = None,
    ) -> None:
        self._request = request
        self._boundary = f"lianzhen-{new_id()}"
        self._waiting = b""
        kind = f'multipart/related; type="{inner}"; boundary={self._boundary}'
        told = {hdrs.CONTENT_TYPE: kind, **cache_headers(request), **headers}
        self.response = web.StreamResponse(headers=told)
        if known is not None:
            heads = sum(len(self._head(each.kind, each.location)) for each in known)
            bodies = sum(each.size_bytes + len(_END) for each in known)
            self.response.content_length = heads + bodies + len(self._last)

    async def __aenter__(self) -> Self:
        """Send the headers."""
        await self.response.prepare(self._request)
        return self

    async def part(self, content_type: str, location: str, body: AsyncIterable[Piece]) -> None:
        """Send one part."""
        self._waiting += self._head(content_type, location)
        async for piece in body:
            await self._write(piece)
        self._waiting += _END

    def _head(self, content_type: str, location: str) -> bytes:
        return (
            f"--{self._boundary}\r\nContent-Type: {content_type}\r\n"
            f"Content-Location: {location}\r\n\r\n"
        ).encode()

    @property
    def _last(self) -> bytes:
        return f"--{self._boundary}--\r\n".encode()

    async def _write(self, piece: Piece) -> None:
        """What waits goes before it: together with a short piece, so that it is sent at once."""
        before, self._waiting = self._waiting, b""
        if len(piece) <= _JOINED_BYTES:
            piece = before + piece
        elif before:
            await write(self._request, self.response, before)
        await write(self._request, self.response, piece)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> bool:
        """End the answer, or cut the line."""
        if error is None:
            await write(self._request, self.response, self._waiting + self._last)
            await self.response.write_eof()
            return False
        if self._request.transport is not None:
            self._request.transport.abort()
        if kind is not None and issubclass(kind, ConsultError):
            log.warning("answer cut", error=kind.__name__)
            return True
        return False


async def write(request: web.Request, response: web.StreamResponse, piece: Piece) -> None:
    """Write a piece; whoever does not take it in time is cut off, so that nothing waits for her.

    The line copies what it cannot send at once out of a view, and not twice.
    """
    try:
        async with asyncio.timeout(request.app[SETTINGS].patience_s):
            await response.write(memoryview(piece))
    except TimeoutError:
        raise SlowReaderError from None


class SlowReaderError(ConsultError):
    """The client takes nothing of its answer."""

    def __init__(self) -> None:
        super().__init__("too-busy")


async def send(
    request: web.Request, response: web.StreamResponse, pieces: AsyncIterable[Piece]
) -> web.StreamResponse:
    """Write an answer that is one body; a fault in its middle cuts the line."""
    await response.prepare(request)
    try:
        async for piece in pieces:
            await write(request, response, piece)
    except ConsultError as error:
        log.warning("answer cut", error=type(error).__name__)
        if request.transport is not None:
            request.transport.abort()
        return response
    await response.write_eof()
    return response
