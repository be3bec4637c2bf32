"""Whoever opens a line and says nothing, or half of it, does not hold it for ever."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from server.patience import Pace
from tests.makers.image_house import PIECE, ImageHouse, Sender, open_image_house

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
PATIENCE_S = 1.5
SLACK_S = 8.0
GREETING = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"
Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageHouse]:
    """A server of little patience."""
    folder = tmp_path_factory.mktemp("patience") / "house"
    with open_image_house(folder, patience_s=str(PATIENCE_S)) as opened:
        yield opened


@pytest.fixture
async def line(house: ImageHouse) -> AsyncIterator[Line]:
    """A connection of a stranger."""
    reader, writer = await asyncio.open_connection("127.0.0.1", house.house.port)
    yield reader, writer
    writer.close()


async def open_for_s(reader: asyncio.StreamReader) -> float:
    """How long the other side leaves the line open."""
    begun = time.monotonic()
    try:
        while await asyncio.wait_for(reader.read(1 << 16), 20):
            pass
    except ConnectionError:
        pass
    return time.monotonic() - begun


@pytest.mark.parametrize("said", [b"", b"GET /sign-in HT", GREETING, GREETING + b"X: y\r\n"])
async def test_a_line_on_which_no_request_comes_is_cut(line: Line, said: bytes) -> None:
    reader, writer = line
    writer.write(said)
    took_s = await open_for_s(reader)
    assert PATIENCE_S - 0.5 < took_s < PATIENCE_S + SLACK_S


async def test_a_head_in_drops_is_cut_as_well(line: Line) -> None:
    reader, writer = line
    ended = asyncio.create_task(open_for_s(reader))
    writer.write(GREETING)
    while not ended.done():
        writer.write(b"X: y\r\n")
        await asyncio.sleep(0.2)
    assert await ended < PATIENCE_S + SLACK_S


async def test_a_line_that_has_asked_stays_for_the_next_question_and_not_for_ever(
    line: Line,
) -> None:
    reader, writer = line
    for head in (GREETING[:20], GREETING[20:] + b"\r", b"\n"):  # a head may come in pieces
        writer.write(head)
        await asyncio.sleep(0.1)
    assert b" 200 " in await reader.readline()
    await asyncio.sleep(PATIENCE_S + 0.5)
    writer.write(GREETING + b"\r\n")
    answered = await asyncio.wait_for(reader.readuntil(b" 200 OK"), 5)
    assert answered
    writer.write(GREETING)  # half of a third question
    assert await open_for_s(reader) < PATIENCE_S * 2.5 + SLACK_S


async def test_a_form_that_does_not_arrive_is_refused_by_name(house: ImageHouse) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", house.house.port)
    head = (
        "POST /api/sign-in HTTP/1.1",
        f"Host: 127.0.0.1:{house.house.port}",
        f"Origin: {house.house.base}",
        "Sec-Fetch-Site: same-origin",
        "Content-Type: application/json",
        "Content-Length: 200",
    )
    begun = time.monotonic()
    writer.write("\r\n".join(head).encode() + b'\r\n\r\n{"login": ')
    status = await asyncio.wait_for(reader.readline(), 20)
    assert b" 422 " in status
    assert time.monotonic() - begun < PATIENCE_S + SLACK_S
    await reader.readuntil(b"\r\n\r\n")
    told = json.loads(await reader.readuntil(b"}"))
    assert told["code"] == "body-too-slow"
    writer.close()


async def test_an_upload_that_stands_still_keeps_what_arrived(house: ImageHouse) -> None:
    draft = await asyncio.to_thread(house.draft)
    async with Sender(house.house.base) as sender:
        await sender.arrive()
        url = (await sender.create(draft.id, 20_000, "OD.jpg")).headers["Location"]

        async def stalling() -> AsyncIterator[bytes]:
            for _ in range(4):  # slower than the patience as a whole, yet never still
                yield b"x" * 4000
                await asyncio.sleep(PATIENCE_S * 0.5)
            await asyncio.sleep(60)

        begun = time.monotonic()
        headers = sender.own | PIECE | {"Upload-Offset": "0"}
        async with sender.raw.patch(url, data=stalling(), headers=headers) as answer:
            assert (answer.status, answer.headers["Upload-Offset"]) == (204, "16000")
        assert PATIENCE_S * 2 < time.monotonic() - begun < PATIENCE_S * 3 + SLACK_S
        assert await sender.head(url) == (200, 16_000)


async def test_an_upload_that_only_drips_is_cut_and_goes_on_from_there(house: ImageHouse) -> None:
    draft = await asyncio.to_thread(house.draft)
    async with Sender(house.house.base) as sender:
        await sender.arrive()
        url = (await sender.create(draft.id, 1000, "OD.jpg")).headers["Location"]
        is_over = asyncio.Event()

        async def dripping() -> AsyncIterator[bytes]:
            while not is_over.is_set():  # never still, and never done
                yield b"x"
                await asyncio.sleep(PATIENCE_S * 0.2)

        headers = sender.own | PIECE | {"Upload-Offset": "0"}
        async with asyncio.timeout(60):
            async with sender.raw.patch(url, data=dripping(), headers=headers) as answer:
                kept = int(answer.headers["Upload-Offset"])
                assert answer.status == 204
            is_over.set()
        assert 0 < kept < 1000
        assert await sender.head(url) == (200, kept)
        assert await sender.patch(url, kept, b"x" * (1000 - kept)) == 204  # as our page goes on


@pytest.mark.parametrize(
    ("received_bytes", "waited_s", "left_s"),
    [
        (0, 0.0, 30.0),  # nobody has begun
        (100, 29.0, 1.1),  # a drip has bought a tenth of a second
        (100, 31.0, -0.9),
        (300_000, 250.0, 30.0),  # a thin line may take its time
        (0, 30.5, -0.5),
    ],
)
def test_what_has_come_buys_time_for_the_rest(
    received_bytes: int, waited_s: float, left_s: float
) -> None:
    pace = Pace(30.0, 1000.0, received_bytes, waited_s)
    assert pace.left_s == pytest.approx(left_s)
