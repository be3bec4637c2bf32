"""Behind a real nginx with the file of docs/nginx.conf: TLS there, a prefix, GET and POST alone."""

import asyncio
import contextlib
import io
import json
import sqlite3
import ssl
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from server.tls.authority import Authority
from tests.makers.certificates import make_authority, trusting
from tests.makers.dicomweb import BOUNDARY, make_sample, written
from tests.makers.image_house import PASSWORD, PIECE, ImageHouse, Sender, open_image_house
from tests.makers.nginx import PREFIX, SEEN_AS, Nginx, open_nginx

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
_PIECE_BYTES = 50_000
_HEARD_WITHIN_S = 5.0


@dataclass(frozen=True)
class Portal:
    """A server, and nginx in front of it."""

    house: ImageHouse
    nginx: Nginx
    trust: ssl.SSLContext

    def sender(self) -> Sender:
        """A browser that comes by the proxy."""
        return Sender(self.nginx.base, language="en", prefix=PREFIX, trust=self.trust)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Whose certificate nginx shows."""
    return make_authority(tmp_path_factory.mktemp("portal") / "tls")


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Portal]:
    """The server knows its proxy."""
    folder = tmp_path_factory.mktemp("behind")
    settings = {"path_prefix": PREFIX, "trusted_proxy": SEEN_AS}
    with open_image_house(folder / "house", **settings) as house:
        with open_nginx(folder / "nginx", authority, upstream=house.house.port) as nginx:
            yield Portal(house, nginx, trusting(authority))


@pytest.fixture
async def sender(portal: Portal) -> AsyncIterator[Sender]:
    """The requesting physician behind the proxy; nothing is asked for beside the prefix."""
    async with portal.sender() as one:
        yield await one.arrive()
    assert portal.nginx.strays() == []


async def test_signing_in_sets_a_cookie_for_the_prefix_alone(portal: Portal) -> None:
    async with portal.sender() as visitor:
        body = {"login": "chen", "password": PASSWORD}
        headers = {"Origin": portal.nginx.base}
        path = visitor.at("/api/sign-in")
        async with visitor.raw.post(path, json=body, headers=headers) as answer:
            assert (answer.status, await answer.json()) == (200, {"location": "/"})
            cookie = answer.cookies["__Secure-lianzhen"]
            assert (cookie["path"], cookie["secure"]) == (f"{PREFIX}/", True)
            assert "Strict-Transport-Security" not in answer.headers  # the name is not ours alone
        await visitor.read_token()
        status, page = await visitor.page("/patients")
        assert (status, f'href="{PREFIX}/patients/new"' in page) == (200, True)
        assert (await visitor.send("/api/sign-out"))[0] == 200
        assert (await visitor.get("/api/account"))[0] == 401
    assert portal.nginx.strays() == []


async def test_another_site_is_refused_behind_the_proxy_too(sender: Sender) -> None:
    refused = await sender.send(
        "/api/language", {"language": "en"}, headers={"Origin": "https://x"}
    )
    assert (refused[0], refused[1]["code"]) == (403, "cross-site-request")


async def test_a_picture_goes_up_in_pieces_and_on_after_a_cut(
    portal: Portal, sender: Sender, real_files: Path
) -> None:
    data = (real_files / "image" / "fundus" / "HRF_01_h_downscaled.jpg").read_bytes()
    case = portal.house.draft()
    begun = await sender.create(case.id, len(data), "OD.jpg")
    url = begun.headers["Location"]
    assert (begun.status, url.startswith(f"{PREFIX}/api/uploads/")) == (201, True)
    assert await sender.patch(url, 0, data[:_PIECE_BYTES]) == 204
    assert await sender.patch(url, _PIECE_BYTES, data[_PIECE_BYTES:], override=False) == 403
    async with portal.sender() as again:  # another page goes on where the first was closed
        await again.arrive()
        assert await again.head(url, override=True) == (200, _PIECE_BYTES)
        for start in range(_PIECE_BYTES, len(data), _PIECE_BYTES):
            assert await again.patch(url, start, data[start : start + _PIECE_BYTES]) == 204
        result = await again.result(url)
        assert result["files"][0]["verdict"] == "accepted"
        shown = await again.images(case.id)
        assert len(shown["images"]) == 1
        await _see_the_picture(again, case.id)


async def _see_the_picture(sender: Sender, case_id: str) -> None:
    """The address that stands on the page gives the picture."""
    _, page = await sender.page(f"/cases/{case_id}")
    address = page.partition(f'src="{PREFIX}/dicomweb/')[2].partition('"')[0]
    assert address, "no picture on the page"
    async with sender.raw.get(f"{PREFIX}/dicomweb/{address.replace('&amp;', '&')}") as answer:
        assert (answer.status, answer.content_type) == (200, "image/jpeg")


async def test_a_piece_larger_than_the_box_allows_is_refused_and_small_ones_go_on(
    portal: Portal, sender: Sender
) -> None:
    size = 3_000_000
    begun = await sender.create(portal.house.draft().id, size, "big.jpg")
    url = begun.headers["Location"]
    headers = {**sender.own, **PIECE, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    async with sender.raw.post(url, headers=headers, data=io.BytesIO(bytes(size))) as answer:
        assert answer.status == 413
    assert await sender.head(url) == (200, 0)
    assert await sender.patch(url, 0, b"\0" * (1 << 20)) == 204


async def test_an_archive_stores_and_fetches_an_object_larger_than_any_piece(
    portal: Portal, sender: Sender, real_files: Path
) -> None:
    sample = make_sample(real_files)
    sample.private_block(0x0009, "LARGE", create=True).add_new(0x10, "OB", bytes(9 << 20))
    body = b"--tear-here\r\n\r\n" + written(sample) + b"\r\n--tear-here--\r\n"
    kind = f'multipart/related; type="application/dicom"; boundary={BOUNDARY}'
    headers = {**sender.own, "Content-Type": kind}
    place = sender.at("/dicomweb/studies")
    async with sender.raw.post(place, headers=headers, data=io.BytesIO(body)) as answer:
        assert answer.status == 200, await answer.text()
        told = await answer.json(content_type=None)
    (stored,) = told["00081199"]["Value"]
    address = stored["00081190"]["Value"][0]
    assert address.startswith(f"{portal.nginx.base}{PREFIX}/dicomweb/")
    headers = {"Accept": 'application/dicom; transfer-syntax="*"'}
    async with sender.raw.get(address, headers=headers) as answer:
        assert (answer.status, await answer.read()) == (200, written(sample))


async def test_news_is_heard_through_the_proxy_at_once(portal: Portal, sender: Sender) -> None:
    draft = portal.house.draft()
    async with sender.raw.get(sender.at("/api/events")) as stream:
        assert (stream.status, stream.content_type) == (200, "text/event-stream")
        assert await _hears(stream.content, b": here", within_s=_HEARD_WITHIN_S)
        body = {"version": 1, "answers": {"summary": "两周视物模糊"}}
        assert (await sender.send(f"/api/cases/{draft.id}/answers", body))[0] == 200
        other = portal.house.draft()  # a new case is news to her
        assert await _hears(stream.content, other.id.encode(), within_s=_HEARD_WITHIN_S)


async def test_where_a_box_holds_the_stream_up_the_question_is_answered(
    portal: Portal, authority: Authority, tmp_path: Path
) -> None:
    upstream = portal.house.house.port
    with open_nginx(tmp_path / "strict", authority, upstream=upstream, is_strict=True) as strict:
        async with Sender(strict.base, prefix=PREFIX, trust=portal.trust) as sender:
            await sender.arrive()
            _, before = await sender.get("/api/events/since")
            stream = asyncio.ensure_future(sender.raw.get(sender.at("/api/events")))
            other, asked_at = portal.house.draft(), time.monotonic()
            told = ""
            while other.id not in told and time.monotonic() - asked_at < _HEARD_WITHIN_S:
                _, missed = await sender.get(f"/api/events/since?position={before['position']}")
                told = json.dumps(missed)
                await asyncio.sleep(0.1)
            assert other.id in told
            assert not stream.done()  # the box has let nothing through
            stream.cancel()
            await asyncio.gather(stream, return_exceptions=True)


async def test_a_box_that_knows_neither_head_nor_patch_lets_an_upload_go_on(
    portal: Portal, authority: Authority, tmp_path: Path
) -> None:
    upstream = portal.house.house.port
    with open_nginx(tmp_path / "strict", authority, upstream=upstream, is_strict=True) as strict:
        async with Sender(strict.base, prefix=PREFIX, trust=portal.trust) as sender:
            await sender.arrive()
            begun = await sender.create(portal.house.draft().id, 2000, "OD.jpg")
            url = begun.headers["Location"]
            assert await sender.patch(url, 0, bytes(1000)) == 204
            assert (await sender.head(url))[0] == 405  # so a browser would begin again
            assert await sender.head(url, override=True) == (200, 1000)


async def test_who_comes_is_told_by_the_trusted_proxy_alone(portal: Portal) -> None:
    forged = {"X-Forwarded-For": "10.20.30.40"}
    async with portal.sender() as visitor:
        body = {"login": "chen", "password": PASSWORD}
        headers = {"Origin": portal.nginx.base, **forged}
        async with visitor.raw.post(
            visitor.at("/api/sign-in"), json=body, headers=headers
        ) as answer:
            assert answer.status == 200
    assert _newest_address(portal.house) == "127.0.0.1"  # the browser's, which nginx saw


async def test_a_proxy_that_is_not_named_is_not_believed(
    authority: Authority, tmp_path: Path
) -> None:
    with contextlib.ExitStack() as stack:
        house = stack.enter_context(open_image_house(tmp_path / "house", path_prefix=PREFIX))
        nginx = stack.enter_context(
            open_nginx(tmp_path / "nginx", authority, upstream=house.house.port)
        )
        portal = Portal(house, nginx, trusting(authority))
        async with portal.sender() as visitor:
            body = {"login": "chen", "password": PASSWORD}
            headers = {"Origin": nginx.base}
            path = visitor.at("/api/sign-in")
            async with visitor.raw.post(path, json=body, headers=headers) as answer:
                assert answer.status == 200
                assert "__Secure-lianzhen" not in answer.cookies  # its https is not believed
                assert answer.cookies["lianzhen"]["secure"] == ""
        assert _newest_address(house) == SEEN_AS  # and its browser's address neither


async def _hears(content: object, wanted: bytes, *, within_s: float) -> bool:
    heard = b""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            while wanted not in heard:
                heard += await content.readany()  # type: ignore[attr-defined] # aiohttp's StreamReader
    return wanted in heard


def _newest_address(house: ImageHouse) -> str:
    query = "SELECT address FROM sessions ORDER BY opened_at DESC LIMIT 1"
    with sqlite3.connect(house.house.data_dir / "lianzhen.db") as database:
        return str(database.execute(query).fetchone()[0])
