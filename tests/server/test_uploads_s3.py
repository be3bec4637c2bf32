"""The way in when images lie in S3, and S3 is in bad weather (F9): object first, row after."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

from consult.studies.tables import InstanceBlobRow
from tests.makers.image_house import ImageHouse, Sender, open_image_house
from tests.makers.pictures import make_jpeg
from tests.makers.s3 import BucketFiles, S3House, Weather

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
_ATTEMPTS_LAST_S = 90
_SEVERAL_TRIES_S = 6


@pytest.fixture(scope="module")
def bucket(s3: S3House) -> BucketFiles:
    return BucketFiles(s3, s3.make_place())


@pytest.fixture(scope="module")
def house(
    s3: S3House, bucket: BucketFiles, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ImageHouse]:
    """A server whose images lie in a bucket."""
    folder = tmp_path_factory.mktemp("far") / "house"
    with open_image_house(folder, **s3.settings(bucket.place)) as opened:
        yield opened


@pytest.fixture
async def sender(house: ImageHouse, s3: S3House) -> AsyncIterator[Sender]:
    """The physician of the centre, reading English; the weather is fair again afterwards."""
    async with Sender(house.house.base, language="en") as one:
        yield await one.arrive()
    s3.door.weather = Weather.FAIR


def picture(case_id: str) -> bytes:
    """A photograph that no other test sends."""
    return make_jpeg() + case_id.encode()


def named(house: ImageHouse) -> int:
    """How many blobs the rows name."""
    count = select(func.count()).select_from(InstanceBlobRow)
    return house.clinic.system(lambda work: work.session.scalar(count) or 0)


async def begin(sender: Sender, case_id: str) -> str:
    """Send a whole file; the address of its result."""
    data = picture(case_id)
    answer = await sender.create(case_id, len(data), "OD.jpg")
    url = str(answer.headers["Location"])
    assert await sender.patch(url, 0, data) == 204
    return url


async def judged(sender: Sender, url: str) -> dict[str, Any]:
    async with asyncio.timeout(_ATTEMPTS_LAST_S):
        while True:
            _status, told = await sender.get(f"{url}/result")
            if told["status"] in {"done", "refused"}:
                return dict(told)
            await asyncio.sleep(0.2)


async def test_a_picture_lies_in_the_bucket_and_comes_back(
    house: ImageHouse, sender: Sender, bucket: BucketFiles
) -> None:
    before, case = named(house), house.draft()
    told = await sender.upload(case.id, picture(case.id), "OD.jpg")
    assert told["status"] == "done"
    assert len(bucket.everything()) == named(house) == before + 3
    assert house.blobs() == 0
    image = (await sender.images(case.id))["images"][0]
    async with sender.raw.get(image["full_url"]) as answer:
        assert answer.status == 200


async def test_a_picture_that_cannot_be_fetched_now_says_so(
    house: ImageHouse, sender: Sender, s3: S3House
) -> None:
    case = house.draft()
    await sender.upload(case.id, picture(case.id), "OD.jpg")
    image = (await sender.images(case.id))["images"][0]
    s3.door.weather = Weather.ERRORS
    async with sender.raw.get(image["thumbnail_url"]) as answer:
        told = await answer.json(content_type=None)
        assert (answer.status, told["code"]) == (503, "blobs-away")
        assert told["detail"].startswith("The store of images does not answer.")


async def test_a_picture_sent_in_a_short_storm_arrives_when_it_is_over(
    house: ImageHouse, sender: Sender, s3: S3House, bucket: BucketFiles
) -> None:
    before = named(house)
    s3.door.weather = Weather.RESETS
    url = await begin(sender, house.draft().id)
    await asyncio.sleep(1)
    s3.door.weather = Weather.FAIR
    assert (await judged(sender, url))["status"] == "done"
    assert len(bucket.everything()) == named(house) == before + 3


async def test_a_picture_waits_while_the_store_is_away_and_nothing_is_half_written(
    house: ImageHouse, sender: Sender, s3: S3House, bucket: BucketFiles
) -> None:
    case = house.draft()
    before = named(house)
    s3.door.weather = Weather.ERRORS
    url = await begin(sender, case.id)
    await asyncio.sleep(_SEVERAL_TRIES_S)
    _status, told = await sender.get(f"{url}/result")
    assert told["status"] not in {"done", "refused"}
    assert (await sender.images(case.id))["images"] == []
    assert named(house) == before
    s3.door.weather = Weather.FAIR
    assert (await judged(sender, url))["status"] == "done"
    assert len((await sender.images(case.id))["images"]) == 1
    assert len(bucket.everything()) == named(house) > before
