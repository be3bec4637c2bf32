"""A video's stream is given out as it stands, by ranges, inert, and to whoever may see the case."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from consult.journal.model import Line
from consult.kernel.work import Work
from consult.studies import service as studies
from consult.studies.index.tables import InstanceIndexRow
from server.dicomweb.playing import MOST_AT_ONCE
from server.images.viewing import PLAYED_FOR, Viewings
from tests.makers.image_house import ImageHouse, Sender, open_image_house, until
from tests.makers.videos import MPEG2, make_mp4, video_object

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageHouse]:
    """A server of this module's own."""
    with open_image_house(tmp_path_factory.mktemp("videos") / "house") as opened:
        yield opened


@pytest.fixture
async def sender(house: ImageHouse) -> Any:
    """The physician of the centre."""
    async with Sender(house.house.base, language="en") as one:
        yield await one.arrive()


@pytest.fixture(scope="module")
def stream() -> bytes:
    """A small MP4."""
    return make_mp4()


async def sent(house: ImageHouse, sender: Sender, data: bytes) -> dict[str, Any]:
    """The image of a fresh case."""
    case = house.draft()
    await sender.upload(case.id, data, "video.dcm")
    return dict((await sender.images(case.id))["images"][0]) | {"case_id": case.id}


async def ask(sender: Sender, url: str, **headers: str) -> tuple[int, bytes, Any]:
    """Status, bytes and headers."""
    async with sender.raw.get(url, headers=headers) as answer:
        return answer.status, await answer.read(), answer.headers


async def test_a_video_is_kept_and_says_what_it_is(
    house: ImageHouse, sender: Sender, real_files: Path, stream: bytes
) -> None:
    image = await sent(house, sender, video_object(real_files, stream))
    assert (image["has_picture"], image["is_video"]) == (False, True)
    assert "Photographic video" in image["kind_text"]
    assert image["remarks"] == ["Kept as a video; it is played in the reading room."]
    assert (await ask(sender, image["thumbnail_url"]))[0] == 406


@pytest.mark.parametrize("pieces", [1, 7])
async def test_its_stream_comes_byte_for_byte_whole_or_by_range(
    house: ImageHouse, sender: Sender, real_files: Path, stream: bytes, pieces: int
) -> None:
    image = await sent(house, sender, video_object(real_files, stream, pieces=pieces))
    url = image["full_url"]
    status, whole, headers = await ask(sender, url)
    assert (status, headers["Content-Type"]) == (200, "video/mp4")
    padded = stream + b"\0" * (len(stream) % 2)
    assert whole == padded
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert headers["Accept-Ranges"] == "bytes"
    middle = len(padded) // 2
    for start, stop in ((0, 1), (middle - 40_000, middle + 40_000), (len(padded) - 9, len(padded))):
        status, part, headers = await ask(sender, url, Range=f"bytes={start}-{stop - 1}")
        assert (status, part) == (206, padded[start:stop])
        assert headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(padded)}"
    beyond = await ask(sender, url, Range=f"bytes={len(padded)}-")
    assert beyond[0] == 416
    for accept, wanted in (("video/mp4", 200), ("video/*", 200), ("image/jpeg", 406)):
        assert (await ask(sender, url, Accept=accept))[0] == wanted


async def test_a_player_gets_the_beginning_of_a_long_range(
    house: ImageHouse, sender: Sender, real_files: Path
) -> None:
    stream = make_mp4(seconds=1, columns=640, rows=480)
    assert len(stream) > MOST_AT_ONCE
    image = await sent(house, sender, video_object(real_files, stream))
    status, part, headers = await ask(sender, image["full_url"], Range="bytes=0-")
    assert (status, part) == (206, stream[:MOST_AT_ONCE])
    size = headers["Content-Range"].partition("/")[2]
    rest = await ask(sender, image["full_url"], Range=f"bytes={MOST_AT_ONCE}-")
    assert (rest[0], int(size)) == (206, MOST_AT_ONCE + len(rest[1]))


async def test_without_a_range_that_holds_a_video_comes_whole(
    house: ImageHouse, sender: Sender, real_files: Path
) -> None:
    stream = make_mp4(seconds=1, columns=640, rows=480)
    assert len(stream) > MOST_AT_ONCE
    image = await sent(house, sender, video_object(real_files, stream))
    for asked in (
        {},
        {"Range": "bytes=0-", "If-Range": '"of another object"'},
        {"Range": "bytes=0-9,20-29"},
    ):
        status, whole, headers = await ask(sender, image["full_url"], **asked)
        assert (status, whole == stream) == (200, True), asked
        assert "Content-Range" not in headers


async def test_whoever_fetches_but_a_later_part_is_written_down_once(
    house: ImageHouse, sender: Sender, real_files: Path, stream: bytes
) -> None:
    played, other = [
        await sent(house, sender, video_object(real_files, stream, is_apart=True)) for _ in range(2)
    ]
    for start in (100, 200):
        assert (await ask(sender, played["full_url"], Range=f"bytes={start}-{start + 9}"))[0] == 206
        await until(lambda: len(viewings_of(house, played)) >= 1)
    await ask(sender, other["full_url"], Range="bytes=100-109")
    await until(lambda: len(viewings_of(house, other)) >= 1)
    [line] = viewings_of(house, played)
    assert line.practitioner_id == house.world.physician.person
    assert (line.codes["frames"], line.codes["instances"]) == (0, 1)
    await ask(sender, played["full_url"], Range="bytes=0-9")
    await until(lambda: len(viewings_of(house, played)) >= 2)
    assert viewings_of(house, played)[1].codes["frames"] == 1


async def test_after_a_long_rest_its_parts_are_written_down_anew(
    house: ImageHouse, sender: Sender, real_files: Path, stream: bytes
) -> None:
    image = await sent(house, sender, video_object(real_files, stream, is_apart=True))
    instance = house.clinic.system(studies.get_instance, instance_id=image["instance_id"])
    actor, units = house.world.physician, house.clinic.units
    viewings = Viewings()
    for rests, lines in ((0, 1), (PLAYED_FOR - 2, 1), (PLAYED_FOR - 2, 1), (PLAYED_FOR, 2)):
        for _ in range(rests):
            await viewings.flush(units)
        viewings.note_part(actor, instance, is_first=False)
        await viewings.flush(units)
        assert len(viewings_of(house, image)) == lines
    for is_first in (True, False):
        viewings.note_part(actor, instance, is_first=is_first)
        await viewings.flush(units)
        assert [line.codes["frames"] for line in viewings_of(house, image)] == [0, 0, 1]


def viewings_of(house: ImageHouse, image: dict[str, Any]) -> list[Line]:
    """What the journal says of who was shown the study of this image."""
    instance = house.clinic.system(studies.get_instance, instance_id=image["instance_id"])
    lines = [each for each in house.clinic.lines() if each.kind == "study.viewed"]
    return [each for each in lines if each.object_id == instance.study_id]


async def test_a_video_from_an_earlier_release_is_found_in_its_object(
    house: ImageHouse, sender: Sender, real_files: Path, stream: bytes
) -> None:
    image = await sent(house, sender, video_object(real_files, stream, pieces=3))
    house.clinic.system(_forget_places, instance_id=image["instance_id"])
    status, whole, _ = await ask(sender, image["full_url"])
    assert (status, whole[: len(stream)]) == (200, stream)


async def test_a_stream_without_a_container_is_told_as_what_nobody_knows(
    house: ImageHouse, sender: Sender, real_files: Path
) -> None:
    bare = b"\0\0\1\xb3" * 100
    image = await sent(house, sender, video_object(real_files, bare, syntax=MPEG2))
    status, whole, headers = await ask(sender, image["full_url"])
    assert (status, whole, headers["Content-Type"]) == (200, bare, "application/octet-stream")


async def test_nobody_else_gets_it_and_a_file_leaves_for_a_reason_alone(
    house: ImageHouse, sender: Sender, real_files: Path, stream: bytes
) -> None:
    image = await sent(house, sender, video_object(real_files, stream))
    async with Sender(house.house.base, language="en") as stranger:
        assert (await ask(stranger, image["full_url"]))[0] in {401, 403}
    file = f"/api/cases/{image['case_id']}/images/{image['id']}/document/file"
    assert (await ask(sender, file))[0] == 422
    status, taken, headers = await ask(sender, f"{file}?reason=treatment")
    assert (status, taken[: len(stream)], headers["Content-Type"]) == (200, stream, "video/mp4")
    assert headers["Content-Disposition"].endswith('.mp4"')


def _forget_places(work: Work, *, instance_id: str) -> None:
    """As objects were described before videos were known."""
    row = InstanceIndexRow.instance_id == instance_id
    work.session.execute(update(InstanceIndexRow).where(row).values(places=None))
