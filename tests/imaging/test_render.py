"""One frame as a JPEG that a browser shows as the object means it."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imaging.errors import JailRefusedError
from tests.makers.hostile import description, element, identity, part10
from tests.makers.jails import RunningJail
from tests.makers.many_frames import (
    FRAMES,
    bit_frames,
    bits_of,
    colours_of,
    palette_frames,
)
from tests.makers.pictures import make_jpeg


def shown(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image, int)


def grey(photometric: str) -> bytes:
    sizes = description(rows=16, columns=16).replace(b"MONOCHROME2 ", photometric.encode() + b" ")
    ramp = bytes(range(256))
    return part10(identity() + sizes + element(0x7FE0, 0x0010, "OW", ramp))


def test_a_full_size_fundus_passes_through_untouched(jail: RunningJail, real_files: Path) -> None:
    photograph = (real_files / "image/fundus/HRF_07_h_downscaled.jpg").read_bytes()
    params = {
        "patient_name": "A",
        "patient_id": "1",
        "sop_instance_uid": "2.25.1",
        "study_instance_uid": "2.25.2",
        "series_instance_uid": "2.25.3",
    }
    _answer, made = jail.make("wrap", photograph, **params)
    answer, rendered = jail.make("render", made)
    assert answer["passed_through"]
    assert (answer["width"], answer["height"]) == (1051, 701)
    assert rendered == photograph


def test_a_smaller_picture_keeps_its_proportions(jail: RunningJail, real_files: Path) -> None:
    data = (real_files / "dicom/jpeg-baseline/TestPattern_JPEG-Baseline_YBRFull.dcm").read_bytes()
    answer, rendered = jail.make("render", data, max_width=320, max_height=320)
    assert (answer["width"], answer["height"]) == (320, 200)
    assert shown(rendered).shape == (200, 320, 3)


def test_the_window_in_the_file_is_used_and_named(jail: RunningJail, real_files: Path) -> None:
    data = (real_files / "dicom/implicit-vr-le/CTImage.dcm").read_bytes()
    answer, _rendered = jail.make("render", data)
    assert answer["window"]["source"] == "file"
    asked, _rendered = jail.make("render", data, centre=-600, width=1500)
    assert (asked["window"]["centre"], asked["window"]["source"]) == (-600, "asked")


def test_a_narrow_window_is_black_below_and_white_above(jail: RunningJail) -> None:
    _answer, rendered = jail.make("render", grey("MONOCHROME2"), centre=128, width=2, quality=100)
    pixels = shown(rendered)
    assert pixels[:7].max() < 20
    assert pixels[9:].min() > 235


def test_monochrome1_is_inverted(jail: RunningJail) -> None:
    _answer, first = jail.make("render", grey("MONOCHROME1"), quality=100)
    _answer, second = jail.make("render", grey("MONOCHROME2"), quality=100)
    assert np.abs(shown(first) + shown(second) - 255).max() <= 3
    assert shown(second)[-1, -1] > 250


def test_colour_is_the_same_in_every_coding(jail: RunningJail, real_files: Path) -> None:
    """The same test picture, coded in many ways, looks the same."""
    names = (
        "dicom/explicit-vr-le/SC_rgb_dcmtk_ebcr_dcmd.dcm",
        "dicom/jpeg-baseline/SC_rgb_dcmtk_+eb+cr.dcm",
        "dicom/jpeg-baseline/SC_rgb_dcmtk_+eb+cy+n1.dcm",
        "dicom/jpeg-baseline/SC_rgb_dcmtk_+eb+cy+s4.dcm",
        "dicom/jpeg-lossless/SC_rgb_jpeg_gdcm.dcm",
        "dicom/rle/SC_rgb_rle.dcm",
        "dicom/ybr-uncompressed/SC_ybr_full_422_uncompressed.dcm",
        "dicom/explicit-vr-be/SC_rgb_expb.dcm",
    )
    pictures = [
        shown(jail.make("render", (real_files / name).read_bytes(), quality=100)[1])
        for name in names
    ]
    for name, picture in zip(names, pictures, strict=True):
        inside = np.s_[2:-2, 2:-2]
        difference = np.abs(picture[inside] - pictures[0][inside])
        assert np.median(difference) <= 4, name


def test_a_palette_is_looked_up(jail: RunningJail, real_files: Path) -> None:
    data = (real_files / "dicom/palette-colour/TestPattern_Palette.dcm").read_bytes()
    _answer, rendered = jail.make("render", data)
    pixels = shown(rendered)
    assert pixels.shape == (400, 640, 3)
    assert (pixels.max(axis=2) - pixels.min(axis=2)).max() > 150


def test_without_loss_every_frame_has_the_colours_of_its_palette(
    jail: RunningJail, real_files: Path
) -> None:
    data = palette_frames(real_files)
    for number in range(1, FRAMES + 1):
        answer, drawn = jail.make("render", data, frame=number, media="png")
        assert (answer["width"], answer["height"]) == (640, 400)
        assert np.array_equal(shown(drawn), colours_of(data, number))


def test_without_loss_every_frame_of_one_bit_is_black_and_white(
    jail: RunningJail, real_files: Path
) -> None:
    data = bit_frames(real_files)
    for number in (1, 2, 3):
        _answer, drawn = jail.make("render", data, frame=number, media="png")
        assert np.array_equal(shown(drawn), bits_of(data, number))


def test_a_picture_that_is_too_large_for_png_is_refused(jail: RunningJail) -> None:
    sizes = description(rows=8_000, columns=8_000)
    pixels = element(0x7FE0, 0x0010, "OW", bytes(64_000_000))
    with pytest.raises(JailRefusedError) as refused:
        jail.make("render", part10(identity() + sizes + pixels), media="png")
    assert (refused.value.reason, refused.value.facts) == ("invalid-params", {"param": "media"})


def test_only_the_frame_asked_for(jail: RunningJail, real_files: Path) -> None:
    data = (real_files / "dicom/jpeg-baseline/examples_ybr_color.dcm").read_bytes()
    _answer, first = jail.make("render", data, frame=1)
    _answer, last = jail.make("render", data, frame=30)
    assert first != last
    with pytest.raises(JailRefusedError) as refused:
        jail.make("render", data, frame=31)
    assert (refused.value.reason, refused.value.facts) == ("no-such-frame", {"frames": 30})


def test_what_has_no_picture_says_why(jail: RunningJail, real_files: Path) -> None:
    data = (real_files / "dicom/structured-report/test-SR.dcm").read_bytes()
    with pytest.raises(JailRefusedError) as refused:
        jail.make("render", data)
    assert (refused.value.reason, refused.value.facts) == (
        "no-picture",
        {"no_picture": "no-pixel-data"},
    )


def test_a_photograph_is_no_instance(jail: RunningJail) -> None:
    with pytest.raises(JailRefusedError):
        jail.make("render", make_jpeg())
