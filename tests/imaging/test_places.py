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
