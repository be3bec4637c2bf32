"""A multipart/related answer, written part by part (PS3.18 8.6.1.2.1)."""

from collections.abc import AsyncIterable
from types import TracebackType
from typing import Final, Self

import structlog
from aiohttp import hdrs, web

from consult.kernel.errors import ConsultError
from consult.kernel.ids import new_id
from server.dicomweb.caching import cache_headers

log = structlog.get_logger()
_END: Final = b"\r\n"


class MultipartAnswer:
    """One answer; a fault in its middle cuts the line, for what is on its way cannot be unsaid."""

    def __init__(self, request: web.Request, *, inner: str, headers: dict[str, str]) -> None:
        self._request = request
        self._boundary = f"lianzhen-{new_id()}"
        kind = f'multipart/related; type="{inner}"; boundary={self._boundary}'
        told = {hdrs.CONTENT_TYPE: kind, **cache_headers(request), **headers}
        self.response = web.StreamResponse(headers=told)

    async def __aenter__(self) -> Self:
        """Send the headers."""
        await self.response.prepare(self._request)
        return self

    async def part(self, content_type: str, location: str, body: AsyncIterable[bytes]) -> None:
        """Send one part."""
        head = (
            f"--{self._boundary}\r\nContent-Type: {content_type}\r\n"
            f"Content-Location: {location}\r\n\r\n"
        )
        await self.response.write(head.encode())
        async for piece in body:
            await self.response.write(piece)
        await self.response.write(_END)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        _trace: TracebackType | None,
    ) -> bool:
        """End the answer, or cut the line."""
        if error is None:
            await self.response.write(f"--{self._boundary}--\r\n".encode())
            await self.response.write_eof()
            return False
        if self._request.transport is not None:
            self._request.transport.abort()
        if kind is not None and issubclass(kind, ConsultError):
            log.warning("answer cut", error=kind.__name__)
            return True
        return False


async def send(
    request: web.Request, response: web.StreamResponse, pieces: AsyncIterable[bytes]
) -> web.StreamResponse:
    """Write an answer that is one body; a fault in its middle cuts the line."""
    await response.prepare(request)
    try:
        async for piece in pieces:
            await response.write(piece)
    except ConsultError as error:
        log.warning("answer cut", error=type(error).__name__)
        if request.transport is not None:
            request.transport.abort()
        return response
    await response.write_eof()
    return response
