"""The upload door: resumable, never lost, never torn, open only to whom it belongs."""

import asyncio
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.makers.image_house import (
    PIECE,
    TUS,
    ImageHouse,
    Sender,
    open_image_house,
    until,
)
from tests.makers.pictures import make_jpeg, with_exif

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageHouse]:
    """A server of this module's own."""
    with open_image_house(tmp_path_factory.mktemp("uploads") / "house") as opened:
        yield opened


@pytest.fixture
async def sender(house: ImageHouse) -> Any:
    """The physician of the centre, reading English."""
    async with Sender(house.house.base, language="en") as one:
        yield await one.arrive()


@pytest.fixture
def fundus(real_files: Path) -> bytes:
    """A real fundus photograph."""
    return (real_files / "image" / "fundus" / "HRF_01_h_downscaled.jpg").read_bytes()


def big_picture() -> bytes:
    """A sound JPEG of more than two pieces."""
    return make_jpeg() + b"\0" * 2_400_000


async def test_a_cut_upload_goes_on_where_the_server_stands_and_arrives_once(
    house: ImageHouse, sender: Sender, fundus: bytes
) -> None:
    case = house.draft()
    answer = await sender.create(case.id, len(fundus), "OD.jpg")
    url = answer.headers["Location"]
    cut = len(fundus) * 6 // 10
    await _send_and_cut(sender, url, fundus, cut)
    status, offset = await sender.head(url)
    assert status == 200
    assert 0 < offset <= cut
    assert await sender.patch(url, 0, fundus[:100]) == 409
    assert await sender.patch(url, offset, fundus[offset:], override=False) == 204
    result = await sender.result(url)
    assert result["files"][0]["verdict"].startswith("accepted")
    again = await sender.upload(case.id, fundus, "OD.jpg")
    assert again["files"][0]["image_id"] == result["files"][0]["image_id"]
    shown = await sender.images(case.id)
    assert [image["id"] for image in shown["images"]] == [result["files"][0]["image_id"]]
    line = _last_line(house, "image.stored")
    assert line.codes["source_sha256"] == hashlib.sha256(fundus).hexdigest()
    await _nothing_left(house, url)


async def _send_and_cut(sender: Sender, url: str, data: bytes, cut: int) -> None:
    """Say that everything comes, send a part, and drop the line."""
    host, port = sender.base.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    cookies = "; ".join(f"{each.key}={each.value}" for each in sender.raw.cookie_jar)
    headers = {**sender.own, **PIECE, "Upload-Offset": "0", "Content-Length": str(len(data))}
    lines = [f"{name}: {value}" for name, value in headers.items()]
    head = f"PATCH {url} HTTP/1.1\r\nHost: {host}:{port}\r\nCookie: {cookies}\r\n"
    writer.write((head + "\r\n".join(lines) + "\r\n\r\n").encode() + data[:cut])
    await writer.drain()
    await asyncio.sleep(0.2)
    writer.transport.abort()


async def test_every_acknowledged_byte_survives_kill_9_and_the_work_is_done_after_it(
    house: ImageHouse, sender: Sender
) -> None:
    case, data = house.draft(), big_picture()
    answer = await sender.create(case.id, len(data), "OS.jpg")
    url = answer.headers["Location"]
    assert await sender.patch(url, 0, data[: 1 << 20]) == 204
    house.house.kill()
    house.house.start_again()
    assert await sender.head(url) == (200, 1 << 20)
    assert await sender.patch(url, 1 << 20, data[1 << 20 :]) == 204
    house.house.kill()
    house.house.start_again()
    result = await sender.result(url)
    assert result["files"][0]["verdict"].startswith("accepted")
    shown = await sender.images(case.id)
    assert len(shown["images"]) == 1
    await _nothing_left(house, url)


async def test_offsets_and_versions_that_make_no_sense_are_refused(
    house: ImageHouse, sender: Sender
) -> None:
    case = house.draft()
    url = (await sender.create(case.id, 100, "a.jpg")).headers["Location"]
    assert await sender.patch(url, 50, b"x") == 409
    assert await sender.patch(url, 0, b"x" * 101) == 413
    assert await sender.patch(url, 0, b"x" * 10) == 204
    assert await sender.patch(url, 0, b"x" * 10) == 409
    own = {**sender.own, "Upload-Offset": "10"}
    for headers, status in (
        ({**PIECE, "Tus-Resumable": "0.2.2"}, 412),
        ({**PIECE, "Upload-Offset": "-1"}, 400),
        ({**PIECE, "Upload-Offset": "٣"}, 400),
        ({**TUS, "Content-Type": "text/plain"}, 415),
        ({**PIECE, "Content-Encoding": "gzip"}, 415),
    ):
        async with sender.raw.patch(url, headers={**own, **headers}, data=b"x") as answer:
            assert answer.status == status, headers
    assert (await sender.head(url))[1] == 10


@pytest.mark.parametrize(
    ("length", "status"),
    [("-1", 400), ("", 400), ("1e3", 400), ("9" * 16, 400), ("0", 422), (str(2**31 + 1), 413)],
)
async def test_a_length_that_is_none_or_too_much_is_refused(
    house: ImageHouse, sender: Sender, length: str, status: int
) -> None:
    case = house.draft()
    answer = await sender.create(case.id, 1, "a.jpg")
    headers = dict(answer.request_info.headers) | {"Upload-Length": length}
    headers.pop("Content-Length", None)
    async with sender.raw.post("/api/uploads", headers=headers) as refused:
        assert refused.status == status
        assert refused.headers["Tus-Resumable"] == "1.0.0"
        assert (await refused.json(content_type=None))["detail"]


async def test_a_foreign_upload_or_case_is_not_there(house: ImageHouse, sender: Sender) -> None:
    case = house.draft()
    url = (await sender.create(case.id, 100, "a.jpg")).headers["Location"]
    async with Sender(house.house.base) as stranger:
        await stranger.arrive("sun")
        assert (await stranger.head(url))[0] == 404
        assert await stranger.patch(url, 0, b"x") == 404
        assert (await stranger.get(f"{url}/result"))[0] == 404
        assert (await stranger.create(case.id, 100, "a.jpg")).status == 404
        async with stranger.raw.delete(url, headers={**stranger.own, **TUS}) as answer:
            assert answer.status == 404
    async with Sender(house.house.base) as expert:
        await expert.arrive("li")
        assert (await expert.create(case.id, 100, "a.jpg")).status == 403
    for case_id in ("", "x" * 32, "0" * 32, "../../etc/passwd"):
        assert (await sender.create(case_id, 100, "a.jpg")).status == 404


async def test_an_upload_that_was_given_up_leaves_nothing(
    house: ImageHouse, sender: Sender
) -> None:
    case = house.draft()
    url = (await sender.create(case.id, 100, "a.jpg")).headers["Location"]
    assert await sender.patch(url, 0, b"x" * 40) == 204
    override = {**sender.own, **TUS, "X-HTTP-Method-Override": "DELETE"}
    async with sender.raw.post(url, headers=override) as answer:
        assert answer.status == 204
    assert (await sender.head(url))[0] == 404
    assert url.rsplit("/", 1)[-1] not in house.spooled()
    override["X-HTTP-Method-Override"] = "TRACE"
    async with sender.raw.post(url, headers=override) as answer:
        assert answer.status == 405


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"<img src=x onerror=alert(1)>.jpg", "<img src=x onerror=alert(1)>.jpg"),
        (b"../../../etc/passwd", "passwd"),
        ("右眼\u202egpj.exe".encode(), "右眼gpj.exe"),
        (b"a\x00b\x1b[31m.jpg", "ab[31m.jpg"),
        (b"\xed\xa0\x80lone.jpg", "���lone.jpg"),
        (b"\xff\xfe", "��"),
        (b"", ""),
    ],
)
async def test_a_file_name_is_only_ever_text(
    house: ImageHouse, sender: Sender, name: bytes, shown: str
) -> None:
    case = house.draft()
    data = make_jpeg() + name
    url = (await sender.create(case.id, len(data), name)).headers["Location"]
    assert await sender.patch(url, 0, data) == 204
    result = await sender.result(url)
    assert result["files"][0]["name"] == shown
    assert result["files"][0]["verdict"].startswith("accepted")
    _, page = await sender.page(f"/cases/{case.id}")
    assert "<img src=x" not in page
    assert "onerror" not in house.house.log()
    outside = [path for path in house.house.data_dir.parent.iterdir() if path.name != "house"]
    assert outside == []


async def test_the_capture_time_is_read_before_exif_goes(house: ImageHouse, sender: Sender) -> None:
    case = house.draft()
    data = with_exif(make_jpeg())
    await sender.upload(case.id, data, "IMG_0001.JPG", last_modified="1767571200000")
    shown = await sender.images(case.id)
    assert shown["images"][0]["captured_text"].startswith("Taken")
    assert "time of the file" not in shown["images"][0]["captured_text"]
    assert _last_line(house, "image.stored").codes["captured_source"] == "exif"
    plain = await sender.upload(case.id, make_jpeg() + b"2", "b.jpg", last_modified="1767571200000")
    assert plain["files"][0]["verdict"].startswith("accepted")
    assert _last_line(house, "image.stored").codes["captured_source"] == "file"
    await sender.upload(case.id, make_jpeg() + b"3", "c.jpg", last_modified="9" * 40)
    assert _last_line(house, "image.stored").codes["captured_source"] == "unknown"


async def test_the_same_picture_for_a_second_patient_asks_and_a_reason_settles_it(
    house: ImageHouse, sender: Sender, fundus: bytes
) -> None:
    first, second = house.draft(), house.draft(house.patient("王秀英"))
    data = fundus + b"twin"
    await sender.upload(first.id, data, "OD.jpg")
    asked = await sender.upload(second.id, data, "OD.jpg")
    (answer,) = asked["files"]
    assert answer["verdict"] == "question"
    assert first.number in answer["sentence"]
    assert second.number in answer["sentence"]
    shown = await sender.images(second.id)
    assert shown["images"] == []
    assert [each["id"] for each in shown["asked"]] == [asked["id"]]
    status, _ = await sender.send(f"{asked['url']}/answer", {"reason": ""})
    assert status == 422
    status, _ = await sender.send(f"{asked['url']}/answer", {"reason": "双胞胎，已核对"})
    assert status == 200
    settled = await sender.result(asked["url"])
    assert settled["files"][0]["verdict"] == "accepted"
    assert (await sender.send(f"{asked['url']}/answer", {"reason": "再次"}))[0] == 409
    await _nothing_left(house, asked["url"])


async def _nothing_left(house: ImageHouse, url: str) -> None:
    """The spool forgets an upload and its notes."""
    upload_id = url.rsplit("/", 1)[-1]
    await until(lambda: not any(name.startswith(upload_id) for name in house.spooled()))


def _last_line(house: ImageHouse, kind: str) -> Any:
    return [line for line in house.clinic.lines() if line.kind == kind][-1]
