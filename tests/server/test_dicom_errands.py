"""What web asks the DICOM process to do outside ends with web's patience, and not later."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from server.dimse.asking import Asking
from server.dimse.errands import LISTEN
from tests.makers.databases import free_port
from tests.server.test_dicom_desk import open_desk


@asynccontextmanager
async def silence(port: int, gone: asyncio.Event) -> AsyncIterator[None]:
    """A peer that takes a connection, says nothing, and tells when the other side has left."""

    async def keep_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            await reader.read()
        gone.set()
        writer.close()

    server = await asyncio.start_server(keep_silent, "127.0.0.1", port)
    try:
        yield
    finally:
        server.close()


async def test_an_errand_that_web_gave_up_is_dropped_there_too(tmp_path: Path) -> None:
    port, gone, asking = free_port(), asyncio.Event(), Asking()
    place = {"title": "PACS", "host": "127.0.0.1", "port": port}
    place |= {"over_tls": False, "certificate": ""}
    told = {"wish": LISTEN, "kinds": [], "calling": "US", "place": place}
    async with silence(port, gone), open_desk(tmp_path) as (_desk, web):
        asking.join(web)
        with pytest.raises(TimeoutError):
            await asking.ask(told, patience_s=1)
        async with asyncio.timeout(30):
            await gone.wait()
