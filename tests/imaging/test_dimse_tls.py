"""DICOM over TLS: where certificates are asked for, who has none of ours stays out (PS3.15 B)."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from imaging.dimse.association import Bounds
from imaging.dimse.line import Patience
from imaging.dimse.listener import Limits, Listener
from server.dimse.process import DoorPlace, make_tls
from server.tls.authority import Authority
from tests.makers.certificates import make_authority, make_device
from tests.makers.databases import free_port
from tests.makers.dicom_house import Said, run_tool
from tests.makers.open_door import OpenHouse


@asynccontextmanager
async def open_door(
    folder: Path, authority: Authority, *, mutual: bool, artim_s: float = 20
) -> AsyncIterator[int]:
    """A listener that speaks TLS alone."""
    port = free_port()
    place = DoorPlace(
        "127.0.0.1",
        port,
        folder / "socket",
        folder,
        authority.pair.certificate_file,
        authority.pair.key_file,
        authority.certificate_file if mutual else None,
    )
    bounds = Bounds(1 << 20, 1 << 18, Patience(artim_s=artim_s, idle_s=60, unit_s=60))
    limits = Limits(most_associations=8, most_of_one_title=8, most_silent=8)
    listener = Listener(OpenHouse(folder), bounds=bounds, limits=limits, note=lambda _: None)
    server = await listener.listen(place.host, port, tls=make_tls(place))
    try:
        yield port
    finally:
        server.close()
        await listener.close()


async def _echo(port: int, *flags: str) -> Said:
    return await run_tool("echoscu", "-v", *flags, "127.0.0.1", str(port))


@pytest.mark.parametrize("mutual", [False, True], ids=["our certificate", "both certificates"])
async def test_a_device_with_a_certificate_of_ours_comes_in(
    tmp_path: Path, *, mutual: bool
) -> None:
    authority = make_authority(tmp_path / "tls")
    own = [str(file) for file in make_device(authority, tmp_path)]
    trusted = ("+cf", str(authority.certificate_file))
    async with open_door(tmp_path, authority, mutual=mutual) as port:
        said = await _echo(port, "+tls", *own, *trusted)
        assert (said.code, "Echo Response (Success)" in said.text) == (0, True), said.text
        plain = await _echo(port)
        assert plain.code != 0
        nameless = await _echo(port, "+tla", *trusted)
        assert (nameless.code == 0) is not mutual, nameless.text


async def test_a_device_with_a_strangers_certificate_stays_out(tmp_path: Path) -> None:
    ours, theirs = make_authority(tmp_path / "ours"), make_authority(tmp_path / "theirs")
    own = [str(file) for file in make_device(theirs, tmp_path)]
    async with open_door(tmp_path, ours, mutual=True) as port:
        async with asyncio.timeout(60):
            said = await _echo(port, "+tls", *own, "+cf", str(ours.certificate_file))
    assert said.code != 0


async def test_of_connections_without_a_handshake_the_oldest_goes(tmp_path: Path) -> None:
    authority = make_authority(tmp_path / "tls")
    trusted = ("+cf", str(authority.certificate_file))
    async with open_door(tmp_path, authority, mutual=False) as port:
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(12)]
        said = await _echo(port, "+tla", *trusted)
        assert said.code == 0, said.text
        async with asyncio.timeout(15):  # sooner than ARTIM would end them
            for reader, _writer in silent[:4]:
                with contextlib.suppress(ConnectionError):
                    assert await reader.read() == b""
        for _reader, writer in silent:
            writer.close()


async def test_a_handshake_has_its_time(tmp_path: Path) -> None:
    authority = make_authority(tmp_path / "tls")
    async with open_door(tmp_path, authority, mutual=False, artim_s=0.3) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        async with asyncio.timeout(60):
            with contextlib.suppress(ConnectionError):
                assert await reader.read() == b""
        writer.close()
