"""However many lines come at once and push, each has a small share of memory; others are served."""

import asyncio
import contextlib
import socket
from pathlib import Path

import pytest
from aiohttp import web

from server.app import READ_BUFFER_BYTES
from tests.makers.house import House
from tests.makers.memory import Memory
from tests.makers.visitor import Visitor

LINES = 100
MOST_MIB = 64
PUSHED_MIB = 40 * 16  # by heads without end; a house that has just started grows by itself too
_PUSHED = bytes(1 << 18)
_HEAD = b"POST /api/sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 999999999\r\n\r\n"
_WAIT_S = 60


async def _rise(read_bufsize: int) -> float:
    """By how much a server of these buffers grows while nobody reads what a crowd pushes."""
    app = web.Application()
    gone = asyncio.Event()

    async def wait(_request: web.Request) -> web.Response:
        await gone.wait()
        return web.Response()

    app.router.add_post("/api/sign-in", wait)
    runner = web.AppRunner(app, read_bufsize=read_bufsize)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = int(runner.addresses[0][1])
    before = _resident_mib()
    lines = [await asyncio.to_thread(_push, port) for _ in range(LINES)]
    try:
        await _until_still(lines)
        return _resident_mib() - before
    finally:
        for line in lines:
            line.close()
        gone.set()
        await runner.cleanup()


def _push(port: int) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", port))
    line.sendall(_HEAD)
    line.settimeout(0)
    return line


async def _until_still(lines: list[socket.socket]) -> None:
    """Push until no line has taken anything for a while: its reader has stopped."""
    still = 0
    async with asyncio.timeout(_WAIT_S):
        while still < 20:
            took = 0
            for line in lines:
                with contextlib.suppress(BlockingIOError, ConnectionError):
                    took += line.send(_PUSHED)
            still = 0 if took else still + 1
            await asyncio.sleep(0.02)


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * 4096 / (1 << 20)


async def test_a_crowd_that_pushes_bodies_takes_little_and_with_large_buffers_would_take_much() -> (
    None
):
    assert await _rise(READ_BUFFER_BYTES) < MOST_MIB
    assert await _rise(1 << 20) > MOST_MIB


@pytest.mark.server
@pytest.mark.parametrize("end", [b"", b"\r\n"])
async def test_heads_without_end_are_refused_and_others_are_served(
    founded_house: House, end: bytes
) -> None:
    memory = Memory(founded_house.process.pid)
    async with memory.watched(), Visitor(founded_house.base) as visitor:
        said = await asyncio.gather(*(_talk(founded_house.port, end) for _ in range(40)))
        status, _page = await visitor.page("/sign-in")
    assert status in {200, 303}
    assert all(answer == b"" or b" 400 " in answer or b" 431 " in answer for answer in said)
    assert memory.most["web"] - memory.before["web"] < PUSHED_MIB / 4


async def _talk(port: int, end: bytes) -> bytes:
    """One head of 16 MB, as one field or as many; what is answered before the line is cut."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n")
    try:
        async with asyncio.timeout(_WAIT_S):
            for number in range(4000):
                writer.write(b"X-%d: " % number + b"y" * 4090 + end)
                await writer.drain()
            return await reader.read(1 << 16)
    except ConnectionError:
        return b""
    finally:
        writer.transport.abort()
