"""Between the DICOM process and web: one JSON object a line over a Unix socket, some with a file.

A file goes as its descriptor (unix(7), SCM_RIGHTS; decision 0207): it needs no name, and is gone
when both have closed it. It comes with the first byte of its line, so the first line that says it
has one has the first file.
"""

import asyncio
import io
import json
import os
import socket
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from imaging.dimse.identifier import Attributes, Value

HANDED: Final = "handed"
"""Under this name a message has what was handed over with it, an `io.FileIO` of the receiver's."""

_LONGEST_LINE: Final = 1 << 24
_READ_BYTES: Final = 1 << 16
_BACKLOG: Final = 16
_AGAIN_S: Final = 1.0
_MOST_FILES: Final = 512


class Wire:
    """One end of a connection; whoever has it closes it."""

    def __init__(self, end: socket.socket) -> None:
        end.settimeout(0)
        self._end, self._number = end, end.fileno()
        self._loop = asyncio.get_running_loop()
        self._came, self._looked_through = bytearray(), 0
        self._files: deque[int] = deque()
        self._going: deque[tuple[memoryview, int | None]] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._is_full = False

    async def receive(self) -> dict[str, Any] | None:
        """The next message, or None when the other side has gone or speaks nonsense."""
        try:
            while (end := self._came.find(b"\n", self._looked_through)) < 0:
                self._looked_through = len(self._came)
                if self._looked_through > _LONGEST_LINE or not await self._read():
                    return None
            message = json.loads(self._came[:end])
            del self._came[: end + 1]
            self._looked_through = 0
            if message.get("has_file"):
                message[HANDED] = io.FileIO(self._files.popleft())
        except (OSError, ValueError, AttributeError, IndexError):
            return None
        return dict(message)

    def send(self, message: Mapping[str, Any], *, file: int | None = None) -> None:
        """Send a message, and with it a file, which is closed here once it has gone."""
        told = message if file is None else {**message, "has_file": True}
        line = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        self._going.append((memoryview(line), file))
        if len(self._going) == 1:
            self._send_on()

    def close(self) -> None:
        """Be gone at once; whoever receives hears of it."""
        if self._end.fileno() >= 0:
            self._loop.remove_writer(self._number)
            self._wake()
            self._end.close()
        for file in [*self._files, *(each for _, each in self._going if each is not None)]:
            os.close(file)
        self._files.clear()
        self._going.clear()

    async def _read(self) -> bool:
        """Take what has come; False at the end."""
        while True:
            try:
                came, files, _, _ = socket.recv_fds(
                    self._end, _READ_BYTES, 1, socket.MSG_CMSG_CLOEXEC
                )
            except BlockingIOError:
                await self._readable()
                continue
            self._came += came
            self._files.extend(files)
            return bool(came) and len(self._files) <= _MOST_FILES

    async def _readable(self) -> None:
        self._waiter = self._loop.create_future()
        self._loop.add_reader(self._number, self._wake)
        try:
            await self._waiter
        finally:
            self._wake()

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None:
            self._loop.remove_reader(self._number)
            if not waiter.done():
                waiter.set_result(None)

    def _send_on(self) -> None:
        """Send what waits, as far as the other side takes it at this moment."""
        try:
            while self._going:
                line, file = self._going[0]
                sent = socket.send_fds(self._end, [line], [] if file is None else [file])
                if file is not None:
                    os.close(file)
                if sent == len(line):
                    self._going.popleft()
                else:
                    self._going[0] = line[sent:], None
        except BlockingIOError:
            self._is_full = True
            self._loop.add_writer(self._number, self._send_on)
        except OSError:
            self.close()
        else:
            if self._is_full:
                self._is_full = False
                self._loop.remove_writer(self._number)


async def connect(place: Path) -> Wire:
    """The other end of whoever listens there; raises OSError."""
    end = socket.socket(socket.AF_UNIX)
    end.settimeout(0)
    try:
        await asyncio.get_running_loop().sock_connect(end, str(place))
    except OSError:
        end.close()
        raise
    return Wire(end)


@asynccontextmanager
async def listening(place: Path) -> AsyncIterator[AsyncIterator[Wire]]:
    """Whoever connects while the block lasts, one after the other."""
    await asyncio.to_thread(place.unlink, missing_ok=True)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(place))
        door.listen(_BACKLOG)
        door.settimeout(0)
        yield _visitors(door)


async def _visitors(door: socket.socket) -> AsyncIterator[Wire]:
    while True:
        try:
            end, _ = await asyncio.get_running_loop().sock_accept(door)
        except OSError:  # too many files are open
            await asyncio.sleep(_AGAIN_S)
        else:
            yield Wire(end)


def pack_attributes(attributes: Attributes) -> dict[str, Any]:
    """Attributes with their tags as text."""
    return {
        f"{tag:08X}": value if isinstance(value, str) else [pack_attributes(each) for each in value]
        for tag, value in attributes.items()
    }


def unpack_attributes(told: Mapping[str, Any]) -> dict[int, Value]:
    """And back."""
    return {
        int(tag, 16): value
        if isinstance(value, str)
        else [unpack_attributes(each) for each in value]
        for tag, value in told.items()
    }
