"""A real S3 service of our own for tests, behind a door that can be made to fail."""

import asyncio
import contextlib
import enum
import os
import secrets
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace

from consult.blobs.s3 import S3Place, S3Store
from tests.makers.databases import free_port

_START_S = 60.0
_KEY, _SECRET = "clinic", "b7QxVt0ZkR"
_REFUSED = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER of 0 s: the line ends with RST (socket(7))


class Weather(enum.Enum):
    """How the way to the service is."""

    FAIR = "fair"
    SLOW = "slow"
    ERRORS = "errors"
    RESETS = "resets"


@dataclass
class FaultyDoor:
    """Passes every byte on, or fails as told; `cut_after` ends each line with RST after so many."""

    port: int
    target: int
    weather: Weather = Weather.FAIR
    cut_after: int | None = None

    async def serve(self) -> None:
        """Open for ever."""
        server = await asyncio.start_server(self._receive, "127.0.0.1", self.port)
        async with server:
            await server.serve_forever()

    async def _receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, EOFError, asyncio.CancelledError):
            await self._answer(reader, writer)
        with contextlib.suppress(ConnectionError):
            writer.close()
            await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.weather is Weather.FAIR:
            await self._pass_on(reader, writer)
        elif self.weather is Weather.SLOW:
            while await reader.read(1 << 16):  # hears all, says nothing
                pass
        elif self.weather is Weather.ERRORS:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(_REFUSED)
            await writer.drain()
        else:
            _cut(writer)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_in, there_out = await asyncio.open_connection("127.0.0.1", self.target)
        both = [
            asyncio.ensure_future(self._pump(reader, there_out, writer)),
            asyncio.ensure_future(self._pump(there_in, writer, writer)),
        ]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in both:
                pump.cancel()
            await asyncio.gather(*both, return_exceptions=True)
            there_out.close()

    async def _pump(
        self, source: asyncio.StreamReader, to: asyncio.StreamWriter, client: asyncio.StreamWriter
    ) -> None:
        passed = 0
        while data := await source.read(1 << 16):
            passed += len(data)
            if self.cut_after is not None and passed > self.cut_after:
                _cut(client)
                return
            to.write(data)
            await to.drain()


def _cut(writer: asyncio.StreamWriter) -> None:
    line = writer.get_extra_info("socket")
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()


@dataclass
class S3House:
    """The service, its door, and fresh buckets."""

    door: FaultyDoor
    own_port: int

    def make_place(self, **chosen: float) -> S3Place:
        """A new bucket, reached by the door that can fail."""
        bucket = f"clinic-{secrets.token_hex(6)}"
        self.ask("PUT", bucket)
        return S3Place(
            bucket=bucket,
            prefix="images",
            endpoint=f"http://127.0.0.1:{self.door.port}",
            access_key_id=_KEY,
            secret_access_key=_SECRET,
            **chosen,  # type: ignore[arg-type] # only patience
        )

    def settings(self, place: S3Place) -> dict[str, str]:
        """The same place as settings of a house."""
        return {
            "blob_url": f"s3://{place.bucket}/{place.prefix}",
            "blob_endpoint": place.endpoint,
            "blob_access_key": _KEY,
            "blob_secret_key": _SECRET,
        }

    def unfinished(self, place: S3Place) -> int:
        """Uploads in parts that nobody has finished or taken back."""
        return self.ask("GET", f"{place.bucket}?uploads").count(b"<UploadId>")

    def past_the_door(self, place: S3Place) -> S3Store:
        """The same bucket of the service itself."""
        return S3Store(replace(place, endpoint=f"http://127.0.0.1:{self.own_port}"))

    def ask(self, method: str, path: str) -> bytes:
        """The service itself, past its door."""
        url = f"http://127.0.0.1:{self.own_port}/{path}"
        request = urllib.request.Request(url, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - as above
            return bytes(answer.read())


@dataclass(frozen=True)
class BucketFiles:
    """What lies in a bucket, byte for byte, as a test may look at it and spoil it."""

    house: S3House
    place: S3Place

    def everything(self) -> list[bytes]:
        """Every object, and nothing that only might become one."""
        assert self.house.unfinished(self.place) == 0
        return [self.read(key) for key in self._store.list_keys()]

    def read(self, key: str) -> bytes:
        """The stored bytes."""
        return self._store.read(key, start=0, length=self._store.size(key) + 1)

    def write(self, key: str, data: bytes) -> None:
        """Put other bytes in their place."""
        self._store.put(key, [data])

    @property
    def _store(self) -> S3Store:
        return self.house.past_the_door(self.place)


@contextlib.contextmanager
def run_s3() -> Iterator[S3House]:
    """A service for the time of a block."""
    own_port, port = free_port(), free_port()
    door = FaultyDoor(port, own_port)
    loop = asyncio.new_event_loop()
    serving = loop.create_task(door.serve())
    thread = threading.Thread(target=_run, args=(loop, serving), daemon=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(own_port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "AWS_EC2_METADATA_DISABLED": "true"},
    )
    try:
        thread.start()
        _wait(own_port)
        _wait(port)
        yield S3House(door, own_port)
    finally:
        process.kill()
        process.wait()
        loop.call_soon_threadsafe(serving.cancel)
        thread.join(timeout=5)
        loop.close()


def _run(loop: asyncio.AbstractEventLoop, serving: "asyncio.Task[None]") -> None:
    with contextlib.suppress(asyncio.CancelledError):
        loop.run_until_complete(serving)
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.wait(left))


def _wait(port: int) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        time.sleep(0.05)
    message = "the S3 service did not start"
    raise RuntimeError(message)
