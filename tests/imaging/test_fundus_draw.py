"""Drawn fundus photographs: the demonstration and the laterality tests rest on them."""

import io
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFilter

from imaging.fundus.camera import MODEL, NotAJpegError, with_exif
from imaging.fundus.draw import draw_fundus
from imaging.fundus.spec import (
    Eye,
    FundusField,
    FundusSpec,
    FundusSpecError,
    Neovascularisation,
    parse_spec,
)

SMALL = 400
BASELINE_FRAME = b"\xff\xc0"
PROGRESSIVE_FRAME = b"\xff\xc2"
CAPTURED_AT = datetime(2026, 1, 5, 8, 21, 7)  # noqa: DTZ001 - a camera's clock knows no zone
SPECS = {
    "no apparent retinopathy": FundusSpec(1, Eye.RIGHT, FundusField.MACULA),
    "mild": FundusSpec(2, Eye.LEFT, FundusField.MACULA, icdr=1),
    "moderate with macular oedema": FundusSpec(3, Eye.RIGHT, FundusField.DISC, icdr=2, dme=True),
    "severe": FundusSpec(4, Eye.LEFT, FundusField.DISC, icdr=3),
    "proliferative": FundusSpec(5, Eye.RIGHT, FundusField.MACULA, icdr=4),
    "lasered": FundusSpec(6, Eye.LEFT, FundusField.MACULA, icdr=4, laser_scars=True),
    "preretinal blood": FundusSpec(7, Eye.LEFT, FundusField.MACULA, preretinal_haemorrhage=True),
    "vitreous blood": FundusSpec(8, Eye.RIGHT, FundusField.MACULA, vitreous_haemorrhage=0.5),
    "cataract": FundusSpec(9, Eye.RIGHT, FundusField.MACULA, haze=0.8, exposure=-0.5),
    "swollen disc": FundusSpec(10, Eye.RIGHT, FundusField.DISC, disc_swelling=0.9),
    "drusen": FundusSpec(11, Eye.LEFT, FundusField.MACULA, drusen=0.7, defocus=0.2),
}


def pixels(jpeg: bytes) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.asarray(Image.open(io.BytesIO(jpeg)), dtype=np.float64)


def brightest_column(jpeg: bytes) -> float:
    """Where the nerve head lies across the picture, 0 left to 1 right."""
    picture = Image.open(io.BytesIO(jpeg)).convert("RGB")
    green = picture.split()[1].filter(ImageFilter.GaussianBlur(picture.width * 0.035))
    values = np.asarray(green, dtype=np.float64)
    return float(np.unravel_index(values.argmax(), values.shape)[1] / picture.width)


@pytest.mark.parametrize("name", SPECS)
def test_the_same_description_gives_the_same_bytes(name: str) -> None:
    spec = replace(SPECS[name], size_px=SMALL)
    assert draw_fundus(spec) == draw_fundus(spec)


@pytest.mark.parametrize("name", SPECS)
def test_a_drawing_is_a_baseline_colour_jpeg_with_a_black_surround(name: str) -> None:
    jpeg = draw_fundus(replace(SPECS[name], size_px=SMALL))
    picture = Image.open(io.BytesIO(jpeg))
    assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (SMALL, SMALL))
    assert BASELINE_FRAME in jpeg
    assert PROGRESSIVE_FRAME not in jpeg[: jpeg.index(b"\xff\xda")]
    corners = pixels(jpeg)[[0, 0, -1, -1], [0, -1, 0, -1]]
    assert corners.max() < 12
    assert pixels(jpeg)[SMALL // 2, SMALL // 2].max() > 30


def test_two_people_and_two_eyes_of_one_person_differ() -> None:
    one = FundusSpec(1, Eye.RIGHT, FundusField.MACULA, size_px=SMALL)
    pictures = {
        draw_fundus(one),
        draw_fundus(replace(one, seed=2)),
        draw_fundus(replace(one, eye=Eye.LEFT)),
        draw_fundus(replace(one, field=FundusField.DISC)),
        draw_fundus(replace(one, icdr=1)),
    }
    assert len(pictures) == 5


@pytest.mark.parametrize("seed", range(20, 28))
def test_the_disc_lies_nasally_in_a_macula_centred_photograph(seed: int) -> None:
    for eye, low, high in ((Eye.RIGHT, 0.70, 0.93), (Eye.LEFT, 0.07, 0.30)):
        spec = FundusSpec(seed, eye, FundusField.MACULA, size_px=SMALL, pigmentation=0.6)
        assert low < brightest_column(draw_fundus(spec)) < high


@pytest.mark.parametrize("seed", range(20, 24))
def test_the_disc_is_in_the_middle_of_a_disc_centred_photograph(seed: int) -> None:
    for eye in Eye:
        spec = FundusSpec(seed, eye, FundusField.DISC, size_px=SMALL)
        assert 0.38 < brightest_column(draw_fundus(spec)) < 0.62


@pytest.mark.parametrize("seed", range(20, 24))
def test_the_macula_is_dark_on_the_temporal_side_of_a_disc_centred_photograph(seed: int) -> None:
    for eye, temporal in ((Eye.RIGHT, 0.5 - 0.325), (Eye.LEFT, 0.5 + 0.325)):
        spec = FundusSpec(seed, eye, FundusField.DISC, size_px=SMALL)
        green = pixels(draw_fundus(spec))[:, :, 1]
        row = slice(int(SMALL * 0.50), int(SMALL * 0.60))
        at = slice(int(SMALL * (temporal - 0.03)), int(SMALL * (temporal + 0.03)))
        opposite = slice(int(SMALL * (0.97 - temporal)), int(SMALL * (1.03 - temporal)))
        assert green[row, at].mean() < 0.9 * green[row, opposite].mean()


def test_each_grade_adds_dark_or_bright_signs_to_the_same_retina() -> None:
    plain = FundusSpec(30, Eye.RIGHT, FundusField.MACULA, size_px=SMALL)
    base = pixels(draw_fundus(plain))
    changed = [
        np.abs(pixels(draw_fundus(replace(plain, icdr=grade))) - base).mean() for grade in (1, 2, 3)
    ]
    assert 0 < changed[0] < changed[1] < changed[2]


def test_proliferative_disease_is_never_drawn_without_a_sign_of_it() -> None:
    bare = FundusSpec(1, Eye.RIGHT, FundusField.MACULA, icdr=4)
    assert bare.new_vessels() is Neovascularisation.ELSEWHERE
    bled = replace(bare, preretinal_haemorrhage=True)
    assert bled.new_vessels() is Neovascularisation.NONE


def test_a_description_is_read_from_plain_data() -> None:
    spec = parse_spec({"seed": 7, "eye": "L", "field": "disc", "icdr": 3, "haze": 1, "dme": True})
    assert spec == FundusSpec(7, Eye.LEFT, FundusField.DISC, icdr=3, haze=1.0, dme=True)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("seed", "7"),
        ("seed", -1),
        ("eye", "OD"),
        ("eye", None),
        ("eye", []),
        ("field", "external"),
        ("icdr", 5),
        ("icdr", 2.0),
        ("icdr", True),
        ("dme", 1),
        ("haze", 1.01),
        ("haze", float("nan")),
        ("haze", "thick"),
        ("size_px", 63),
        ("size_px", 100_000),
        ("neovascularisation", "everywhere"),
        ("<script>", 1),
    ],
)
def test_nonsense_in_a_description_is_refused_with_the_field_named(field: str, value: Any) -> None:
    with pytest.raises(FundusSpecError) as refused:
        parse_spec({"seed": 7, "eye": "L", "field": "disc"} | {field: value})
    assert refused.value.field == field


@pytest.mark.parametrize("missing", ["seed", "eye", "field"])
def test_a_description_without_person_eye_or_field_is_refused(missing: str) -> None:
    params = {"seed": 7, "eye": "L", "field": "disc"}
    del params[missing]
    with pytest.raises(FundusSpecError) as refused:
        parse_spec(params)
    assert refused.value.field == missing


def test_the_camera_writes_when_the_picture_was_taken_and_leaves_the_scan_alone() -> None:
    plain = draw_fundus(replace(SPECS["mild"], size_px=SMALL))
    stamped = with_exif(plain, CAPTURED_AT)
    exif = Image.open(io.BytesIO(stamped)).getexif()
    assert exif.get_ifd(0x8769)[0x9003] == "2026:01:05 08:21:07"
    assert exif[0x0110] == MODEL
    assert stamped.endswith(plain[2:])
    assert np.array_equal(pixels(stamped), pixels(plain))


def test_the_camera_refuses_what_is_no_jpeg() -> None:
    with pytest.raises(NotAJpegError):
        with_exif(b"\x89PNG", CAPTURED_AT)
