"""Frames that are read by their places are those that the jail takes out of the object."""

import os
from pathlib import Path

import pytest

from imaging.browser_jpeg import browser_jpeg
from imaging.bulk import frames
from imaging.errors import PictureError, RefusedError
from imaging.frames import shape_of
from imaging.header import read_header
from imaging.layout import places_of
from imaging.places import Place, Places, parse_places
from imaging.survey import survey
from imaging.video import HEAD_BYTES, MP4, TRANSPORT_STREAM, UNKNOWN, container_of
from tests.makers.jails import RunningJail, files
from tests.makers.videos import make_mp4, video_object


def read(descriptor: int, place: Place | None) -> bytes | None:
    """The bytes of a place."""
    return None if place is None else os.pread(descriptor, place[1], place[0])


def check(path: Path) -> bool:
    """Whether the object's frames have places; raises where one of them is another's."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        found = survey(descriptor)
        header = read_header(descriptor, found)
        told = places_of(descriptor, found, header)
        if told is None:
            return False
        places = parse_places(told.to_text())
        shape = shape_of(header)
        assert places.frames == shape.frames
        last = shape.frames
        for number in {1, last}:
            (taken,) = frames(descriptor, found, [number], decoded=False)
            assert read(descriptor, places.frame(number)) == taken
            shown = browser_jpeg(descriptor, found, header, shape, index=number - 1)
            assert read(descriptor, places.picture(number)) == (shown and shown.data)
        assert places.frame(last + 1) is None
        assert places.frame(0) is None
    except (RefusedError, PictureError):
        return False
    finally:
        os.close(descriptor)
    return True


@pytest.mark.timeout(180)
def test_frames_of_real_files_are_where_their_places_say(real_files: Path) -> None:
    kinds = [min(folder.glob("*.dcm"), default=None) for folder in (real_files / "dicom").iterdir()]
    checked = [check(path) for path in kinds if path is not None]
    assert sum(checked) >= 10
    assert not all(checked)


def test_a_native_object_tells_its_first_frame_and_how_many_follow() -> None:
    places = Places(first=(100, 8), frames=3)
    assert [places.frame(number) for number in (1, 3, 4)] == [(100, 8), (116, 8), None]
    assert places.picture(1) is None


def test_a_coded_frame_that_no_browser_reads_is_no_picture() -> None:
    places = Places(coded=[(10, 5), (20, 6)], shown=[0, 4], frames=2)
    assert (places.picture(1), places.picture(2)) == (None, (20, 4))


def told_by(jail: RunningJail, data: bytes) -> list[Place]:
    """Where the jail finds the stream of a video."""
    with files(data) as (given,):
        answer = jail.client.run_blocking("stream", {}, inputs=[given])
    return [(at, length) for at, length in answer["stream"]]


def test_a_video_tells_the_pieces_of_its_stream_and_no_frame(
    jail: RunningJail, real_files: Path
) -> None:
    stream = make_mp4(seconds=0.2)
    data = video_object(real_files, stream, pieces=3)
    with files(data) as (descriptor,):
        found = survey(descriptor)
        told = places_of(descriptor, found, read_header(descriptor, found))
    assert told is not None
    places = parse_places(told.to_text())
    assert len(places.stream) == 3
    joined = b"".join(data[at : at + length] for at, length in places.stream)
    assert joined[: len(stream)] == stream
    assert places.frame(1) is None
    assert told_by(jail, data) == list(places.stream)


def test_what_is_no_video_has_no_stream(jail: RunningJail, real_files: Path) -> None:
    data = (real_files / "dicom" / "jpeg-baseline" / "examples_ybr_color.dcm").read_bytes()
    assert told_by(jail, data) == []


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (make_mp4(seconds=0.1), MP4),
        ((b"G" + bytes(187)) * 2, TRANSPORT_STREAM),
        (b"G" + bytes(300), UNKNOWN),
        (b"\0\0\0\1\x67", UNKNOWN),
        (b"", UNKNOWN),
    ],
)
def test_a_stream_shows_by_its_first_bytes_what_it_is_wrapped_in(head: bytes, kind: str) -> None:
    assert container_of(head[:HEAD_BYTES]) == kind


def test_a_video_is_taken_without_a_picture_whatever_its_size(
    jail: RunningJail, real_files: Path
) -> None:
    data = video_object(real_files, make_mp4(seconds=0.2), frames=90_000_000)
    told = jail.inspect(data)
    assert (told["verdict"], told["reason"]) == ("accepted-without-picture", "video")
