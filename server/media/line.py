"""One end of a connection over the Unix socket: a JSON object a line, both ways, and bounded."""

import asyncio
import contextlib
import json
from collections.abc import Mapping
from typing import Any, Final

LONGEST_LINE: Final = 1 << 18
_MOST_UNSENT: Final = 1 << 20
_MUCH_UNSENT: Final = 1 << 14
_LAST_WORDS_S: Final = 1.0
_PIECE: Final = 1 << 16


class Line:
    """Whoever has it closes it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def receive(self) -> dict[str, Any] | None:
        """The next message, or None when the other side has gone or speaks nonsense."""
        try:
            line = await self._reader.readline()
            message = json.loads(line) if line.endswith(b"\n") else None
        except (OSError, ValueError, RecursionError):  # also a line that is too long
            return None
        return message if isinstance(message, dict) else None

    @property
    def is_behind(self) -> bool:
        """Whether the other side has not read for a while."""
        return self._writer.transport.get_write_buffer_size() > _MUCH_UNSENT

    def send(self, message: Mapping[str, Any]) -> None:
        """Send a message; whoever does not read what it is sent is let go."""
        transport = self._writer.transport
        if transport.is_closing():
            return
        if transport.get_write_buffer_size() > _MOST_UNSENT:
            transport.abort()
            return
        self._writer.write(json.dumps(message, separators=(",", ":")).encode() + b"\n")

    async def finish(self) -> None:
        """Be gone once the other side has heard the last words, or after a second.

        Closed while it still speaks, the line would break under it, and they would be lost.
        """
        with contextlib.suppress(OSError, RuntimeError):
            async with asyncio.timeout(_LAST_WORDS_S):
                if not self._writer.transport.is_closing():
                    self._writer.write_eof()
                    while await self._reader.read(_PIECE):
                        pass
        self._writer.close()

    def end(self) -> None:
        """Be gone once what was sent has gone."""
        self._writer.close()
