"""TIFF photographs keep every stored value, or are refused with the reason."""

import io
import os

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread

from imaging.errors import JailRefusedError, RefusedError
from imaging.photograph import Photograph, pixels_of, read_photograph
from imaging.sniff import Kind
from tests.makers.jails import RunningJail
from tests.makers.pictures import make_pixels
from tests.makers.tiffs import Layout, make_tiff, pillow_tiff

COLOUR = make_pixels()
GREY = COLOUR[..., 0]
DEEP = (GREY.astype(np.uint16) * 257) ^ np.arange(96, dtype=np.uint16)
DEEP_COLOUR = np.dstack([DEEP, DEEP[::-1], DEEP[:, ::-1]])
PARAMS = {
    "patient_name": "Wang^XiaoDong=王^小东",
    "patient_id": "P-17",
    "sop_instance_uid": "2.25.1001",
    "study_instance_uid": "2.25.1002",
    "series_instance_uid": "2.25.1003",
}
SECRET = b"Wang Fang 510107196001011234\0"


def read(data: bytes) -> Photograph:
    descriptor = os.memfd_create("tiff")
    try:
        os.write(descriptor, data)
        return read_photograph(descriptor, kind=Kind.TIFF)
    finally:
        os.close(descriptor)


WAYS = {
    "one strip": Layout(),
    "many strips": Layout(rows_per_strip=7),
    "tiles": Layout(tile=(32, 48)),
    "planes apart": Layout(is_planar=True, rows_per_strip=20),
    "tiled planes": Layout(is_planar=True, tile=(16, 16)),
    "deflated": Layout(is_deflated=True, rows_per_strip=16),
    "differenced tiles": Layout(is_deflated=True, is_differenced=True, tile=(32, 32)),
    "most significant byte first": Layout(endian=">", is_differenced=True, is_deflated=True),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "pixels", [COLOUR, GREY, DEEP, DEEP_COLOUR], ids=["rgb", "grey", "g16", "rgb16"]
)
def test_every_layout_gives_the_stored_values(way: str, pixels: np.ndarray) -> None:
    assert np.array_equal(pixels_of(read(make_tiff(pixels, layout=WAYS[way]))), pixels)


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "P"])
@pytest.mark.parametrize("packing", [None, "tiff_lzw", "packbits", "tiff_adobe_deflate"])
def test_what_other_programs_write_is_read_as_they_read_it(mode: str, packing: str | None) -> None:
    image = Image.fromarray(COLOUR).convert(mode)
    data = pillow_tiff(image, compression=packing, tiffinfo={278: 9})
    wanted = np.asarray(image.convert("L" if mode == "L" else "RGB"))
    assert np.array_equal(pixels_of(read(data)), wanted)


def test_a_jpeg_inside_keeps_its_colours_and_says_that_it_is_lossy() -> None:
    data = pillow_tiff(Image.fromarray(COLOUR), compression="jpeg", quality=90)
    photograph = read(data)
    with Image.open(io.BytesIO(data)) as image:
        assert np.array_equal(pixels_of(photograph), np.asarray(image.convert("RGB")))
    assert photograph.is_lossy


def test_white_may_be_zero() -> None:
    data = make_tiff(GREY, t262=(3, [0]))
    assert np.array_equal(pixels_of(read(data)), 255 - GREY)


REFUSED = {
    "BigTIFF": (b"II+\0\x08\0\0\0" + bytes(64), "big-tiff"),
    "print colours": (make_tiff(np.dstack([COLOUR, GREY]), t262=(3, [5])), "tiff-colours"),
    "fax": (make_tiff(GREY, t259=(3, [4])), "tiff-compression"),
    "floating point": (make_tiff(DEEP, t339=(3, [3])), "tiff-bits"),
    "twelve bits": (make_tiff(DEEP, t258=(3, [12])), "tiff-bits"),
    "two pages": (make_tiff(GREY, GREY), "tiff-pages"),
    "a hundred pages": (make_tiff(*[GREY[:2, :2]] * 100), "tiff-too-many-pages"),
    "pages in a ring": (
        make_tiff(GREY)[:4] + b"\x08\0\0\0" + b"\x01\0" + bytes(12) + b"\x08\0\0\0",
        "damaged-picture",
    ),
    "cut short": (make_tiff(GREY, layout=Layout(rows_per_strip=8))[:3000], "damaged-picture"),
    "strips behind the end": (make_tiff(GREY, t273=(4, [1 << 30])), "damaged-picture"),
    "too few strips": (make_tiff(GREY, t278=(4, [1])), "damaged-picture"),
    "an enormous claim": (
        make_tiff(GREY, t256=(4, [60000]), t257=(4, [60000])),
        "picture-too-large",
    ),
    "no pixels at all": (make_tiff(GREY, t257=(4, [0])), "damaged-picture"),
    "a deflate bomb": (
        make_tiff(GREY, layout=Layout(is_deflated=True), t257=(4, [9999]), t278=(4, [9999])),
        "damaged-picture",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_carried_is_refused_with_its_reason(name: str) -> None:
    data, reason = REFUSED[name]
    with pytest.raises(RefusedError) as refused:
        pixels_of(read(data))
    assert refused.value.code == reason


def test_thumbnails_and_masks_are_no_pages() -> None:
    data = make_tiff(COLOUR[::4, ::4], COLOUR, COLOUR[::2, ::2], reduced={0, 2})
    assert np.array_equal(pixels_of(read(data)), COLOUR)


def test_each_page_is_a_picture_of_its_own(jail: RunningJail) -> None:
    pages = [COLOUR, COLOUR[::-1], COLOUR[:, ::-1]]
    data = make_tiff(*pages)
    with pytest.raises(JailRefusedError) as refused:
        jail.inspect(data)
    assert (refused.value.reason, refused.value.facts) == ("tiff-pages", {"pages": 3})
    for index, page in enumerate(pages):
        _answer, lone = jail.make("tiff_page", data, index=index)
        assert np.array_equal(pixels_of(read(lone)), page)
    with pytest.raises(JailRefusedError):
        jail.make("tiff_page", data, index=3)


def test_time_and_camera_are_read_and_names_and_places_are_gone(jail: RunningJail) -> None:
    data = make_tiff(
        COLOUR,
        t270=(2, SECRET),
        t271=(2, b"Topcon\0"),
        t272=(2, b"NW400\0"),
        t306=(2, b"2026:03:04 09:12:33\0"),
        t700=(1, b"<x:xmpmeta>Wang Fang</x:xmpmeta>"),
        t34853=(4, [8]),
    )
    facts = jail.inspect(data, filename="OD_mac.tif")["facts"]
    assert facts["captured_at"] == "2026-03-04T09:12:33"
    assert facts["device"] == "Topcon NW400"
    assert facts["had_metadata"] == ["text", "device", "time", "xmp", "gps"]
    assert [each["value"] for each in facts["laterality_proposals"]] == ["R"]
    answer, made = jail.make("wrap", data, **PARAMS)
    assert answer["removed"] == ["text", "device", "time", "xmp", "gps"]
    assert b"Wang Fang" not in made
    assert np.array_equal(dcmread(io.BytesIO(made)).pixel_array, COLOUR)


def test_sixteen_bits_are_kept_and_shown(jail: RunningJail) -> None:
    answer, made = jail.make("wrap", make_tiff(DEEP, layout=Layout(endian=">")), **PARAMS)
    instance = dcmread(io.BytesIO(made))
    assert np.array_equal(instance.pixel_array, DEEP)
    assert (instance.BitsStored, answer["is_lossy"]) == (16, False)
    told = jail.inspect(made)
    assert told["verdict"] == "accepted"
    assert told["preview"]
