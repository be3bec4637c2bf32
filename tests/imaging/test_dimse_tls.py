"""DICOM over TLS: where certificates are asked for, who has none of ours stays out (PS3.15 B)."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from imaging.dimse.association import Bounds
from imaging.dimse.house import Held, Place
from imaging.dimse.incoming import ObjectName
from imaging.dimse.line import Patience
from imaging.dimse.listener import Limits, Listener
from imaging.elements import BytesSource
from imaging.walk import read_file_meta
from server.dimse.process import DoorPlace, make_tls, make_tls_out
from server.tls.authority import Authority
from tests.makers.certificates import make_authority, make_device
from tests.makers.databases import free_port
from tests.makers.dicom_house import LISTENER, Said, keys, listening, run_tool
from tests.makers.open_door import OpenHouse, open_plain_door


@asynccontextmanager
async def open_door(
    folder: Path,
    authority: Authority,
    *,
    mutual: bool,
    artim_s: float = 20,
    house: OpenHouse | None = None,
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
    guests = house or OpenHouse(folder)
    listener = Listener(guests, bounds=bounds, limits=limits, note=lambda _: None)
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


@pytest.mark.parametrize(("mutual", "names"), [(True, {"camera"}), (False, set())])
async def test_whoever_is_asked_for_a_certificate_is_known_by_its_names(
    tmp_path: Path, *, mutual: bool, names: set[str]
) -> None:
    authority, house = make_authority(tmp_path / "tls"), OpenHouse(tmp_path)
    own = [str(file) for file in make_device(authority, tmp_path)]
    async with open_door(tmp_path, authority, mutual=mutual, house=house) as port:
        said = await _echo(port, "+tls", *own, "+cf", str(authority.certificate_file))
    assert said.code == 0, said.text
    assert house.names == names


@pytest.mark.parametrize(
    ("speaks_tls", "name", "arrives"),
    [(True, "camera", True), (True, "", True), (True, "somebody else", False), (False, "", False)],
    ids=["the machine that we know", "any of our authority", "another machine", "plain"],
)
async def test_an_object_is_sent_by_tls_to_the_machine_that_we_know(
    tmp_path: Path, real_files: Path, *, speaks_tls: bool, name: str, arrives: bool
) -> None:
    authority = make_authority(tmp_path / "tls")
    key, certificate = (str(file) for file in make_device(authority, tmp_path))
    flags = ("+tls", key, certificate, "+cf", str(authority.certificate_file))
    source = real_files / "dicom/explicit-vr-le/CT_small.dcm"
    meta = read_file_meta(BytesSource(source.read_bytes()))
    told = ObjectName(*(meta.text(tag) or "" for tag in (0x00020002, 0x00020003, 0x00020010)))
    house = OpenHouse(tmp_path, held=[(Held("1", told), source.read_bytes())])
    port, folder = free_port(), tmp_path / "there"
    house.place = Place(LISTENER, "127.0.0.1", port, over_tls=True, certificate=name)
    out = make_tls_out(
        DoorPlace(
            "",
            0,
            tmp_path,
            tmp_path,
            Path(certificate),
            Path(key),
            authority.certificate_file,
        )
    )
    async with (
        listening(port, folder, *(flags if speaks_tls else ())),
        open_plain_door(house, secure=out) as door,
    ):
        wanted = keys("QueryRetrieveLevel=STUDY", "StudyInstanceUID=1.2")
        place = ("127.0.0.1", str(door.port))
        said = await run_tool("movescu", "-v", "-S", "-aem", LISTENER, *wanted, *place)
    assert ("Final Move Response (Success)" in said.text) is arrives, said.text
    assert bool(list(folder.iterdir())) is arrives
