"""A multipart body is told apart wherever the line cuts it, in the memory of one piece."""

import asyncio
import itertools
import os
import random

import pytest
from aiohttp import StreamReader
from aiohttp.base_protocol import BaseProtocol

from server.dicomweb.errors import MalformedError
from server.dicomweb.negotiation import Range
from server.dicomweb.parts import Parts, parse_media_type
from server.patience import Pace

BODY = (
    b"preamble\r\n--x\r\nContent-Type: a/b\r\nContent-Location: one\r\n\r\nfirst\r\n-- x\r\n"
    b"\r\n--x\r\n\r\n\r\n--x \r\nName: \xe7\x9c\xbc\r\n\r\n"
    + bytes(3000)
    + b"\r\n--x--\r\nepilogue"
)


async def read(body: bytes, *cuts: int, most: int = 1 << 20) -> list[tuple[dict[str, str], bytes]]:
    """Read a body that arrives in pieces."""
    loop = asyncio.get_running_loop()
    line = BaseProtocol(loop)
    line.connection_made(asyncio.Transport())
    reader = StreamReader(line, 1 << 16, loop=loop)
    arriving = asyncio.create_task(arrive(reader, body, cuts))
    try:
        return await take(
            Parts(reader, boundary="x", pace=Pace(patience_s=5, least_bytes_per_s=1000)), most
        )
    finally:
        arriving.cancel()


async def take(parts: Parts, most: int) -> list[tuple[dict[str, str], bytes]]:
    """Headers and bytes of each part."""
    found = []
    async for headers in parts:
        descriptor = os.memfd_create("part")
        try:
            length = await parts.copy_to(descriptor, most=most)
            found.append((headers, os.pread(descriptor, length, 0)))
        finally:
            os.close(descriptor)
    return found


async def arrive(reader: StreamReader, body: bytes, cuts: tuple[int, ...]) -> None:
    """Each piece comes once the one before it has been taken."""
    for start, stop in itertools.pairwise([0, *sorted(cuts), len(body)]):
        reader.feed_data(body[start:stop])
        while reader._size:  # noqa: ASYNC110, SLF001 - what the other side has not taken yet
            await asyncio.sleep(0)
    reader.feed_eof()


async def test_parts_are_the_same_wherever_the_line_cuts_them() -> None:
    whole = await read(BODY)
    assert [data for _, data in whole] == [b"first\r\n-- x\r\n", b"", bytes(3000)]
    assert whole[0][0] == {"content-type": "a/b", "content-location": "one"}
    assert whole[2][0] == {"name": "眼"}
    chance = random.Random(7)  # noqa: S311 - places to cut, the same each time
    for _ in range(60):
        cuts = [chance.randrange(len(BODY)) for _ in range(6)]
        assert await read(BODY, *cuts) == whole


async def test_a_part_is_never_longer_than_is_taken() -> None:
    found = await read(BODY, most=100)
    assert [len(data) for _, data in found] == [13, 0, 100]


@pytest.mark.parametrize(
    "body", [b"", b"no boundary", BODY[:60], BODY[:-12], b"--x\r\n" + b"a" * 40_000]
)
async def test_a_body_that_cannot_be_told_apart_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedError):
        await read(body)


async def test_a_body_that_drips_is_not_waited_for_for_ever() -> None:
    loop = asyncio.get_running_loop()
    line = BaseProtocol(loop)
    line.connection_made(asyncio.Transport())
    reader = StreamReader(line, 1 << 16, loop=loop)
    pace = Pace(patience_s=0.2, least_bytes_per_s=1e6)

    async def drip() -> None:
        while True:
            reader.feed_data(b"a")
            await asyncio.sleep(0.01)

    dripping = asyncio.create_task(drip())
    try:
        with pytest.raises(TimeoutError):
            await take(Parts(reader, boundary="x", pace=pace), 1 << 20)
    finally:
        dripping.cancel()


def test_media_types_keep_what_stands_in_quotation_marks() -> None:
    media = parse_media_type('multipart/related; type="application/dicom"; transfer-syntax=*')
    told = Range(media, 1.0)
    assert (told.inner, told.syntax, told.is_multipart) == ("application/dicom", "*", True)


def test_a_value_in_a_character_set_of_its_own_is_left_out() -> None:
    media = parse_media_type("multipart/related; type*=bogus'x'y; Boundary=b; q*0=1; q*1=2")
    assert media.name == "multipart/related"
    assert media.parameters.keys() <= {"boundary", "q"}
