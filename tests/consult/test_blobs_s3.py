"""S3 that is slow, refuses or cuts the line: the reason is told, and nothing is half-written."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from consult.blobs.errors import BlobMissingError, BlobsAwayError
from consult.blobs.s3 import S3Store
from tests.makers.s3 import BucketFiles, S3House, Weather

PIECE = bytes(1 << 16)
LARGE = 200  # pieces: three parts of an upload
PATIENCE_S = 1.5
ACTS: dict[str, Callable[[S3Store], object]] = {
    "small put": lambda store: store.put("a/new", [b"x"]),
    "large put": lambda store: store.put("a/new", (PIECE for _ in range(LARGE))),
    "read": lambda store: store.read("a/old", start=0, length=4),
    "size": lambda store: store.size("a/old"),
    "delete": lambda store: store.delete("a/old"),
    "list": lambda store: list(store.list_keys()),
}


@pytest.fixture
def bucket(s3: S3House) -> Iterator[BucketFiles]:
    """A bucket with one blob, its way fair again afterwards."""
    place = s3.make_place(patience_s=PATIENCE_S)
    S3Store(place).put("a/old", [b"kept"])
    yield BucketFiles(s3, place)
    s3.door.weather, s3.door.cut_after = Weather.FAIR, None


@pytest.mark.parametrize("weather", [each for each in Weather if each is not Weather.FAIR])
@pytest.mark.parametrize("act", ACTS)
def test_in_bad_weather_every_act_is_refused_in_time_and_changes_nothing(
    bucket: BucketFiles, weather: Weather, act: str
) -> None:
    store = S3Store(bucket.place)
    bucket.house.door.weather = weather
    begun_s = time.monotonic()
    with pytest.raises(BlobsAwayError):
        ACTS[act](store)
    assert time.monotonic() - begun_s < 8 * PATIENCE_S
    bucket.house.door.weather = Weather.FAIR
    assert bucket.everything() == [b"kept"]
    store.put("a/new", [b"afterwards"])
    assert sorted(bucket.everything()) == [b"afterwards", b"kept"]


@pytest.mark.parametrize("cut_after", [100, 70_000, 4_000_000])
def test_a_line_cut_in_the_middle_of_a_large_blob_leaves_no_object(
    bucket: BucketFiles, cut_after: int
) -> None:
    store = S3Store(bucket.place)
    bucket.house.door.cut_after = cut_after
    with pytest.raises(BlobsAwayError):
        ACTS["large put"](store)
    bucket.house.door.cut_after = None
    assert list(store.list_keys()) == ["a/old"]


def test_a_bucket_that_is_not_there_is_no_missing_blob_when_writing(bucket: BucketFiles) -> None:
    store = S3Store(replace(bucket.place, bucket="nobody-made-this"))
    with pytest.raises(BlobsAwayError):
        store.put("a/new", [b"x"])
    with pytest.raises(BlobMissingError):
        store.read("a/old", start=0, length=1)


def test_no_password_stands_in_what_is_printed(bucket: BucketFiles) -> None:
    assert bucket.place.secret_access_key not in repr(bucket.place)
