"""EXIF is read without trust, and metadata is removed without touching the picture."""

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imaging.errors import RefusedError
from imaging.exif import metadata_in, read_exif, strip_metadata
from imaging.jpeg import parse_jpeg
from tests.makers.pictures import make_exif, make_jpeg, make_segment, scan_of, with_segments

JPEG = make_jpeg()
APPLICATION_MARKERS = [*range(0xE1, 0xF0), 0xFE]


def test_the_original_time_wins() -> None:
    exif = read_exif(make_exif(offset="+08:00"))
    assert exif.captured_at == datetime.fromisoformat("2026-03-04T09:12:33")
    assert (exif.offset, exif.make, exif.model, exif.has_gps) == ("+08:00", "Topcon", "NW400", True)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "0000:00:00 00:00:00",
        "2026-03-04 09:12:33",
        "2026:13:04 09:12:33",
        "    :  :   ",
        "x" * 300,
    ],
)
def test_a_nonsensical_time_is_no_time(written: str) -> None:
    assert read_exif(make_exif(original=written)).captured_at is None


@settings(max_examples=300)
@given(st.binary(max_size=400))
def test_no_bytes_surprise_the_reader(noise: bytes) -> None:
    read_exif(noise)
    read_exif(b"II*\0" + noise)
    read_exif(b"MM\0*\0\0\0\x08" + noise)


@settings(max_examples=200)
@given(st.data())
def test_no_flipped_byte_surprises_the_reader(data: st.DataObject) -> None:
    block = bytearray(make_exif(offset="+08:00"))
    for _ in range(data.draw(st.integers(1, 5))):
        block[data.draw(st.integers(0, len(block) - 1))] = data.draw(st.integers(0, 255))
    read_exif(bytes(block))


@settings(max_examples=200)
@given(
    st.lists(st.tuples(st.sampled_from(APPLICATION_MARKERS), st.binary(max_size=60)), max_size=6),
    st.binary(max_size=30),
)
def test_only_what_is_no_picture_is_removed(
    segments: list[tuple[int, bytes]], trailer: bytes
) -> None:
    dressed = with_segments(JPEG, *(make_segment(*segment) for segment in segments)) + trailer
    jpeg = parse_jpeg(dressed)
    stripped = strip_metadata(dressed, jpeg)
    assert scan_of(stripped.data) == scan_of(JPEG)
    again = parse_jpeg(stripped.data)
    assert metadata_in(stripped.data, again) == ()
    assert again.frame == jpeg.frame
    assert strip_metadata(stripped.data, again).data == stripped.data
    kept = {segment.marker for segment in again.segments} - {
        segment.marker for segment in parse_jpeg(JPEG).segments
    }
    assert kept <= {0xE2, 0xEE}


def test_the_picture_alone_is_left_as_it_is() -> None:
    assert strip_metadata(JPEG, parse_jpeg(JPEG)).data == JPEG


@settings(max_examples=200)
@given(st.data())
def test_a_damaged_jpeg_is_refused_or_read(data: st.DataObject) -> None:
    damaged = bytearray(JPEG)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        jpeg = parse_jpeg(bytes(damaged))
    except RefusedError:
        return
    strip_metadata(bytes(damaged), jpeg)
