"""A peer that keeps silent, drips, lies about lengths or comes in crowds harms nobody else."""

import asyncio
import os
import signal
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from imaging.dimse.associate import Associate, Proposal, format_request, unit
from imaging.dimse.classes import IMPLICIT_LE, VERIFICATION
from imaging.dimse.command import DATA_SET, Field, Tag, format_command
from imaging.dimse.errors import PeerGoneError
from imaging.dimse.reader import PduType
from tests.makers.dicom_house import (
    ARCHIVE,
    CAMERA,
    OUR_TITLE,
    DicomHouse,
    open_dicom_house,
)
from tests.makers.rulebooks import copy_config

pytestmark = [pytest.mark.server, pytest.mark.timeout(240)]
_ASKED = format_request(
    Associate(OUR_TITLE, CAMERA, proposals=(Proposal(1, VERIFICATION, (IMPLICIT_LE,)),)),
    longest_data=1 << 14,
)
_TITLES = 32
_MOST_MEMORY = 300 << 20
_FLUSHED_BYTES = 1 << 20
_WAIT_S = 60


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DicomHouse]:
    """A server that loses its patience sooner."""
    folder = tmp_path_factory.mktemp("hostile")
    config = folder / "config"
    copy_config(config, "dicom.toml", artim_s="6", unit_s="6", most_silent="100")
    with open_dicom_house(folder / "house", config_dir=str(config)) as opened:
        yield opened


async def _is_heard(door: DicomHouse) -> bool:
    return (await door.call("echoscu")).code == 0


async def _ends(reader: asyncio.StreamReader) -> bytes:
    """What the door says before it closes the connection."""
    async with asyncio.timeout(_WAIT_S):
        try:
            return await reader.read(-1)
        except ConnectionError:
            return b""


async def test_whoever_says_nothing_is_closed_and_nobody_waits_for_them(door: DicomHouse) -> None:
    silent = [await asyncio.open_connection("127.0.0.1", door.port) for _ in range(150)]
    assert await _is_heard(door)
    for reader, writer in silent:
        assert await _ends(reader) == b""
        writer.close()


async def test_a_proposal_that_drips_is_closed(door: DicomHouse) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    for byte in _ASKED:
        writer.write(bytes([byte]))
        await asyncio.sleep(0.2)
        if reader.at_eof() or writer.transport.is_closing():
            break
    else:
        raise AssertionError
    assert await _ends(reader) == b""
    writer.close()


@pytest.mark.parametrize("kind", [PduType.ASSOCIATE_RQ, PduType.DATA, PduType.RELEASE_RQ])
async def test_a_length_of_four_gibibytes_is_answered_with_an_abort(
    door: DicomHouse, kind: PduType
) -> None:
    before = door.memory_bytes()
    lines = []
    for _ in range(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        writer.write(struct.pack(">BxI", kind, 0xFFFFFFFF) + bytes(1 << 16))
        lines.append((reader, writer))
    for reader, writer in lines:
        assert (await _ends(reader))[:1] in {bytes([PduType.ABORT]), b""}
        writer.close()
    assert door.memory_bytes() - before < 64 << 20
    assert await _is_heard(door)


async def test_a_unit_that_drips_inside_an_association_ends_it(door: DicomHouse) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    writer.write(_ASKED)
    async with asyncio.timeout(_WAIT_S):
        assert (await reader.readexactly(6))[0] == PduType.ASSOCIATE_AC
    writer.write(unit(PduType.DATA, bytes(1000))[:20])
    await _ends(reader)
    writer.close()
    assert await _is_heard(door)


async def test_sixty_four_are_served_at_once_and_one_more_is_told_to_come_again(
    door: DicomHouse,
) -> None:
    titles = [CAMERA] * _TITLES + [ARCHIVE] * _TITLES
    served = await asyncio.gather(*(door.connect(title=title) for title in titles))
    try:
        assert all(each.contexts for each in served)
        for title in (CAMERA, "LISTENER"):
            said = await door.call("echoscu", title=title)
            assert "Local Limit Exceeded" in said.text, said.text
        assert door.memory_bytes() < _MOST_MEMORY
    finally:
        await asyncio.gather(*(each.release() for each in served))
    async with asyncio.timeout(_WAIT_S):
        while not await _is_heard(door):  # noqa: ASYNC110 - another process makes room
            await asyncio.sleep(0.1)


async def test_an_object_without_end_takes_no_memory_and_leaves_nothing(door: DicomHouse) -> None:
    there = await door.connect(("1.2.840.10008.5.1.4.1.1.2", IMPLICIT_LE))
    before = door.memory_bytes()
    endless = bytes(1 << 20)
    command = _store_command()
    await there.line.send_pieces(1, command, is_command=True)
    for _ in range(64):
        await there.line.send_pieces(1, endless, is_command=False, is_last=False)
    assert door.memory_bytes() - before < 32 << 20
    there.line.drop()
    folder = door.images.house.data_dir / "dicom"
    async with asyncio.timeout(_WAIT_S):
        while list(folder.iterdir()):  # noqa: ASYNC110 - another process empties it
            await asyncio.sleep(0.05)


async def test_sixty_four_that_stop_in_the_middle_of_an_object_hold_little(
    door: DicomHouse,
) -> None:
    kind = ("1.2.840.10008.5.1.4.1.1.2", IMPLICIT_LE)
    titles = [CAMERA] * _TITLES + [ARCHIVE] * _TITLES
    served = await asyncio.gather(*(door.connect(kind, title=title) for title in titles))
    before = door.memory_bytes()
    almost = bytes(_FLUSHED_BYTES - 4096)  # nothing of it is written yet
    for there in served:
        await there.line.send_pieces(1, _store_command(), is_command=True)
        await there.line.send_pieces(1, almost, is_command=False, is_last=False)
    async with asyncio.timeout(_WAIT_S):
        while _unread_bytes(door.port):  # noqa: ASYNC110 - another process reads
            await asyncio.sleep(0.02)
    held = door.memory_bytes() - before
    for there in served:
        there.line.drop()
    print(f"64 in the middle of an object: {held >> 20} MiB more")  # noqa: T201 - a figure
    assert held < 2 * len(served) * _FLUSHED_BYTES
    async with asyncio.timeout(_WAIT_S):
        while not await _is_heard(door):  # noqa: ASYNC110 - another process makes room
            await asyncio.sleep(0.1)


async def test_the_door_is_opened_again_when_its_process_dies(door: DicomHouse) -> None:
    os.kill(door.process_id(), signal.SIGKILL)
    async with asyncio.timeout(_WAIT_S):
        while True:
            try:
                there = await door.connect()
            except PeerGoneError:
                await asyncio.sleep(0.1)
            else:
                await there.release()
                return


def _unread_bytes(port: int) -> int:
    """What lies on its way to this port (proc(5), net/tcp)."""
    total = 0
    for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]:
        _number, ours, theirs, _state, queues, *_rest = line.split()
        sent, received = (int(each, 16) for each in queues.split(":"))
        total += received * ours.endswith(f":{port:04X}") + sent * theirs.endswith(f":{port:04X}")
    return total


def _store_command() -> bytes:
    return format_command(
        {
            Tag.AFFECTED_CLASS: "1.2.840.10008.5.1.4.1.1.2",
            Tag.FIELD: Field.C_STORE,
            Tag.MESSAGE_ID: 1,
            Tag.PRIORITY: 0,
            Tag.DATA_SET_TYPE: DATA_SET,
            Tag.AFFECTED_INSTANCE: "1.2.3",
        }
    )
