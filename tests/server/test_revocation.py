"""A session that ends takes along what it had under way: streams, uploads, downloads (T5)."""

import asyncio
import contextlib
import io
import socket
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any

import aiohttp
import numpy as np
import pytest
from PIL import Image

from server.auth.open_requests import OpenRequests
from server.transactions import utc_now
from tests.makers.image_house import PASSWORD, PIECE, ImageHouse, Sender, open_image_house

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
WITHIN_S = 5.0
LOGIN = "chen"
End = Callable[[Sender, Sender], Awaitable[None]]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageHouse]:
    """A server of this module's own."""
    with open_image_house(tmp_path_factory.mktemp("revocation") / "house") as opened:
        yield opened


@pytest.fixture
async def here(house: ImageHouse) -> AsyncIterator[Sender]:
    """The browser whose session ends."""
    async with Sender(house.house.base, language="en") as one:
        yield await one.arrive(LOGIN)


@pytest.fixture
async def there(house: ImageHouse) -> AsyncIterator[Sender]:
    """The same person's other browser."""
    async with Sender(house.house.base, language="en") as one:
        yield await one.arrive(LOGIN)


async def revoke(_here: Sender, there: Sender) -> None:
    assert (await there.send("/api/account/sessions/revoke-others"))[0] == 200


async def change_password(_here: Sender, there: Sender) -> None:
    for old, new in ((PASSWORD, "another-long-password"), ("another-long-password", PASSWORD)):
        body = {"password": old, "new_password": new, "new_password_again": new}
        status, answer = await there.send("/api/account/password", body)
        assert status == 200, answer


async def sign_out(here: Sender, _there: Sender) -> None:
    assert (await here.send("/api/sign-out"))[0] == 200


ENDS = [revoke, change_password, sign_out]


def connect(house: ImageHouse) -> socket.socket:
    """A line whose reader takes little at a time."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.connect(("127.0.0.1", house.house.port))
    line.settimeout(0)
    return line


def head(here: Sender, method: str, path: str, **headers: str) -> bytes:
    cookies = "; ".join(f"{each.key}={each.value}" for each in here.raw.cookie_jar)
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Cookie: {cookies}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def own(here: Sender) -> dict[str, str]:
    return {"X-CSRF-Token": here.token, "Sec-Fetch-Site": "same-origin"}


@pytest.mark.parametrize("end", ENDS)
async def test_an_open_stream_is_cut(here: Sender, there: Sender, end: End) -> None:
    async with here.raw.get("/api/events") as answer, there.raw.get("/api/events") as other:
        assert answer.status == 200
        ended = asyncio.create_task(until_over(answer))
        await end(here, there)
        begun = time.monotonic()
        await asyncio.wait_for(ended, WITHIN_S)
        assert time.monotonic() - begun < WITHIN_S
        lives = asyncio.create_task(until_over(other))
        _done, waiting = await asyncio.wait([lives], timeout=4)
        assert waiting  # whoever ended the other session goes on hearing
        lives.cancel()
    assert (await here.get("/api/account"))[0] == 401


async def until_over(answer: aiohttp.ClientResponse) -> None:
    try:
        while await answer.content.readany():
            pass
    except aiohttp.ClientError:
        return


@pytest.mark.parametrize("end", ENDS)
async def test_an_upload_on_its_way_is_cut_and_what_arrived_can_be_resumed(
    house: ImageHouse, here: Sender, there: Sender, end: End
) -> None:
    case = house.draft()
    size = 40_000_000
    url = (await here.create(case.id, size, "OD.jpg")).headers["Location"]
    told = own(here) | PIECE | {"Upload-Offset": "0", "Content-Length": str(size)}
    loop, line = asyncio.get_running_loop(), connect(house)
    await loop.sock_sendall(line, head(here, "PATCH", url, **told))
    for _ in range(4):
        await loop.sock_sendall(line, b"x" * 65536)
    await end(here, there)
    took_s = await push_until_cut(line)
    line.close()
    assert took_s < WITHIN_S
    async with Sender(house.house.base) as again:
        await again.arrive(LOGIN)
        status, offset = await again.head(url)
    assert status == 200
    assert 4 * 65536 <= offset < 4 * 65536 + took_s * 1024 * 40


async def push_until_cut(line: socket.socket) -> float:
    """Go on sending, 20 KiB a second, and say for how long that went."""
    loop, begun = asyncio.get_running_loop(), time.monotonic()
    while time.monotonic() - begun < WITHIN_S * 2:
        try:
            await loop.sock_sendall(line, b"x" * 1024)
        except ConnectionError:
            break
        await asyncio.sleep(0.05)
    return time.monotonic() - begun


@pytest.mark.parametrize("end", ENDS)
async def test_a_download_on_its_way_is_cut(
    house: ImageHouse, here: Sender, there: Sender, end: End
) -> None:
    case = house.draft()
    await here.upload(case.id, noise() + case.id.encode(), "OD.jpg")
    [image] = (await here.images(case.id))["images"]
    loop, line = asyncio.get_running_loop(), connect(house)
    await loop.sock_sendall(line, head(here, "GET", image["full_url"]))
    received = len(await loop.sock_recv(line, 4096))
    await end(here, there)
    await asyncio.sleep(WITHIN_S)
    received += await rest_of(line)
    assert received < len(noise()) * 3 // 4


def change(house: ImageHouse, statement: str, *told: str) -> None:
    """Let time pass behind the server's back."""
    person = house.world.physician.person
    with sqlite3.connect(house.house.data_dir / "lianzhen.db", timeout=20) as database:
        changed = database.execute(f"{statement} WHERE practitioner_id = ?", [*told, person])
        assert changed.rowcount > 0


@contextlib.contextmanager
def last_day_over(house: ImageHouse) -> Iterator[None]:
    """Yesterday was the last day on which she works here."""
    yesterday = utc_now().date() - timedelta(days=2)
    change(house, "UPDATE affiliations SET until_on = ?", yesterday.isoformat())
    try:
        yield
    finally:
        change(house, "UPDATE affiliations SET until_on = NULL")


@contextlib.contextmanager
def silence(house: ImageHouse) -> Iterator[None]:
    """Her page has not said for a quarter of an hour that somebody sits before it."""
    heard = utc_now() - timedelta(minutes=15)
    change(house, "UPDATE sessions SET seen_at = ?", heard.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
    yield


@pytest.mark.parametrize("passing", [last_day_over, silence])
async def test_what_nobody_would_be_let_in_for_any_more_is_cut(
    house: ImageHouse,
    here: Sender,
    passing: Callable[[ImageHouse], contextlib.AbstractContextManager[None]],
) -> None:
    draft = await asyncio.to_thread(house.draft)
    await here.upload(draft.id, noise() + draft.id.encode(), "OD.jpg")
    [image] = (await here.images(draft.id))["images"]
    loop, sending, taking = asyncio.get_running_loop(), connect(house), connect(house)
    url = (await here.create(draft.id, 40_000_000, "OS.jpg")).headers["Location"]
    told = own(here) | PIECE | {"Upload-Offset": "0", "Content-Length": "40000000"}
    await loop.sock_sendall(sending, head(here, "PATCH", url, **told))
    async with Sender(house.house.base) as other, here.raw.get("/api/events") as stream:
        await other.arrive("wu")
        async with other.raw.get("/api/events") as beside:
            await loop.sock_sendall(taking, head(here, "GET", image["full_url"]))
            received = len(await loop.sock_recv(taking, 4096))
            with passing(house):
                ended = asyncio.create_task(until_over(stream))
                assert await push_until_cut(sending) < WITHIN_S
                await asyncio.wait_for(ended, WITHIN_S)
                lives = asyncio.create_task(until_over(beside))
                _done, waiting = await asyncio.wait([lives], timeout=4)
                assert waiting
                lives.cancel()
    received += await rest_of(taking)
    assert received < len(noise()) * 3 // 4
    sending.close()


async def rest_of(line: socket.socket) -> int:
    """How much still comes down a line that was cut."""
    loop, received = asyncio.get_running_loop(), 0
    try:
        while data := await asyncio.wait_for(loop.sock_recv(line, 1 << 20), 5):
            received += len(data)
    except ConnectionError:
        pass
    line.close()
    return received


def noise() -> bytes:
    """A photograph that no buffer on the way holds."""
    pixels = np.random.default_rng(7).integers(0, 255, (2600, 2600, 3), np.uint8)
    coded = io.BytesIO()
    Image.fromarray(pixels).save(coded, "JPEG", quality=95)
    return coded.getvalue()


class Line(asyncio.Transport):
    """A connection that remembers whether it was cut."""

    def __init__(self, *, sending: int = 0) -> None:
        super().__init__()
        self.is_cut, self._sending = False, sending

    def abort(self) -> None:
        """It is cut."""
        self.is_cut = True

    def is_closing(self) -> bool:
        """A cut line is closing."""
        return self.is_cut

    def get_write_buffer_size(self) -> int:
        """What has not left."""
        return self._sending


class Request:
    """As much of a request as the room looks at."""

    def __init__(self, transport: Line) -> None:
        self.transport = transport


def test_an_answer_that_is_about_to_leave_is_not_cut_and_an_idle_line_neither() -> None:
    room, line, idle = OpenRequests(), Line(), Line()
    request: Any = Request(line)
    other: Any = Request(idle)
    with room.hold(other, "dead"):
        pass
    with room.hold(request, "dead"):
        assert room.token_hashes() == ["dead"]
        assert room.cut_missing(set()) == 0  # it may be the one that ends its own session
        assert room.cut_missing({"dead"}) == 0
        assert room.cut_missing(set()) == 0
    assert room.token_hashes() == []
    assert room.cut_missing(set()) == 0
    assert not line.is_cut
    assert not idle.is_cut


def test_a_long_answer_is_known_until_it_has_left() -> None:
    room, line = OpenRequests(), Line(sending=1_000_000)
    request: Any = Request(line)
    with room.hold(request, "dead"):
        pass
    for _ in range(2):
        room.token_hashes()
        room.cut_missing(set())
    assert line.is_cut
    assert room.token_hashes() == []
