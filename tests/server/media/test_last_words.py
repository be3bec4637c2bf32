"""Whoever is let go while still speaking hears why; who leaves while spoken to is heard."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from server.media.line import Line

_MANY, _LONG = 200, "x" * 4000
End = Callable[[Line], Awaitable[None]]


async def let_go(folder: Path, end: End) -> object:
    """What somebody hears who goes on speaking while the other side says its last words."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = Line(reader, writer)
        await line.receive()
        line.send({"told": "refused"})
        await end(line)

    server = await asyncio.start_unix_server(refuse, folder / "line")
    async with server:
        line = Line(*await asyncio.open_unix_connection(folder / "line"))
        for _ in range(_MANY):
            line.send({"say": _LONG})
            await asyncio.sleep(0)
        async with asyncio.timeout(10):
            heard = await line.receive()
        line.end()
    return heard


async def cut(line: Line) -> None:
    """Close it at once, as a negative control."""
    line.end()


@pytest.mark.server
async def test_the_last_words_are_heard_by_whoever_is_still_speaking(tmp_path: Path) -> None:
    assert await let_go(tmp_path, Line.finish) == {"told": "refused"}


@pytest.mark.server
async def test_a_line_that_is_cut_under_a_speaker_loses_them(tmp_path: Path) -> None:
    assert await let_go(tmp_path, cut) is None


async def leave(folder: Path, end: End) -> list[object]:
    """What is heard of somebody who leaves while she is still spoken to."""
    heard: list[object] = []
    is_over = asyncio.Event()

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = Line(reader, writer)
        for _ in range(_MANY):
            line.send({"told": _LONG})
            await asyncio.sleep(0)
        while (said := await line.receive()) is not None:
            heard.append(said["say"])
            await asyncio.sleep(0.01)  # it is busy, and writes again before it reads on
            line.send({"told": _LONG})
        await line.finish()
        is_over.set()

    server = await asyncio.start_unix_server(speak, folder / "line")
    async with server, asyncio.timeout(10):
        line = Line(*await asyncio.open_unix_connection(folder / "line"))
        await line.receive()
        for says in ("view", "view", "leave"):
            line.send({"say": says})
        await end(line)
        await is_over.wait()
    return heard


@pytest.mark.server
async def test_who_leaves_while_she_is_spoken_to_is_heard_to_leave(tmp_path: Path) -> None:
    assert await leave(tmp_path, Line.finish) == ["view", "view", "leave"]


@pytest.mark.server
async def test_a_leave_is_lost_on_a_line_that_is_cut(tmp_path: Path) -> None:
    assert "leave" not in await leave(tmp_path, cut)
