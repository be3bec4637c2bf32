"""A multipart/related body read part by part (RFC 2046 5.1), each straight to a file.

The memory is one piece of the line and one boundary, however large a part is.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email.message import Message
from typing import Final

from aiohttp import ClientPayloadError, StreamReader

from server.dicomweb.errors import MalformedError
from server.intake.spool import write_at
from server.patience import Pace
from server.threads import in_thread

_LONGEST_HEADERS: Final = 1 << 14
_LONGEST_BOUNDARY: Final = 200
_CUT: Final = (ConnectionError, ClientPayloadError, asyncio.IncompleteReadError)


@dataclass(frozen=True, slots=True)
class MediaType:
    """A media type with its parameters (RFC 9110 8.3.1)."""

    name: str
    parameters: dict[str, str] = field(default_factory=dict)


def parse_media_type(text: str) -> MediaType:
    """What a header says; names in lower case, values without their quotation marks.

    A value in a character set of its own (RFC 2231) is none that anything here takes.
    """
    message = Message()
    message["content-type"] = text
    parameters: list[tuple[str, object]] = [*message.get_params(failobj=[], unquote=True)[1:]]
    return MediaType(
        text.partition(";")[0].strip().lower(),
        {name.lower(): value for name, value in parameters if isinstance(value, str)},
    )


class Parts:
    """The parts of one body, in their order."""

    def __init__(self, content: StreamReader, *, boundary: str, pace: Pace) -> None:
        if not 0 < len(boundary) <= _LONGEST_BOUNDARY or not boundary.isascii():
            raise MalformedError("multipart-malformed")
        self._content, self._pace = content, pace
        self._delimiter = b"\r\n--" + boundary.encode()
        self._held, self._at = b"\r\n", 0  # what came, and how much of it was given out
        self._in_part = True  # whatever stands before the first boundary is skipped as a part is

    async def __aiter__(self) -> AsyncIterator[dict[str, str]]:
        """Give the headers of each part; its body is read by `copy_to`, or skipped."""
        async for _ in self._until_delimiter():
            continue
        while not await self._is_last():
            headers = await self._headers()
            self._in_part = True
            yield headers
            async for _ in self._until_delimiter():
                continue

    @property
    def is_at_end(self) -> bool:
        """Whether it is known behind a part that it was the last one."""
        return not self._in_part and self._held.startswith(b"--", self._at)

    async def copy_to(self, descriptor: int, *, start: int = 0, most: int) -> int:
        """Write the body of the present part; how long it was, at most one more than `most`."""
        at = start
        async for piece in self.body():
            room = start + most - at
            if room >= 0:
                await in_thread(write_at, descriptor, piece[:room], at)
            at = min(at + len(piece), start + most + 1)
        return at - start

    async def body(self) -> AsyncIterator[memoryview]:
        """The bytes of the present part as they come, never held longer than one reading."""
        async for piece in self._until_delimiter():
            yield piece

    async def _until_delimiter(self) -> AsyncIterator[memoryview]:
        """Pieces of what was read, uncopied; behind them is kept what may be half a delimiter."""
        if not self._in_part:
            return
        while (found := self._held.find(self._delimiter, self._at)) < 0:
            safe = len(self._held) - len(self._delimiter)
            if safe > self._at:
                yield memoryview(self._held)[self._at : safe]
                self._at = safe
            await self._read()
        if found > self._at:
            yield memoryview(self._held)[self._at : found]
        self._at = found + len(self._delimiter)
        self._in_part = False

    async def _is_last(self) -> bool:
        while len(self._held) - self._at < len(b"--"):
            await self._read()
        return self._held.startswith(b"--", self._at)

    async def _headers(self) -> dict[str, str]:
        """The lines up to the empty one; what stands behind the boundary itself is padding."""
        while (end := self._held.find(b"\r\n\r\n", self._at)) < 0:
            if len(self._held) - self._at > _LONGEST_HEADERS:
                raise MalformedError("multipart-malformed")
            await self._read()
        lines = self._held[self._at : end].split(b"\r\n")[1:]
        self._at = end + len(b"\r\n\r\n")
        headers = {}
        for line in lines:
            name, _, value = line.decode("utf-8", "replace").partition(":")
            headers[name.strip().lower()] = value.strip()
        return headers

    async def _read(self) -> None:
        """What has come already costs no wait, and no clock."""
        try:
            piece = self._content.read_nowait()
            if piece:
                self._pace.received_bytes += len(piece)
            else:
                piece = await self._pace.wait(self._content.readany())
        except _CUT:
            piece = b""
        if not piece:
            raise MalformedError("multipart-cut")
        self._held, self._at = self._held[self._at :] + piece, 0
