"""The pixels in a drawn shape: as numpy finds them, and millimetres only where they are true."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from imaging.errors import JailRefusedError
from imaging.region_mask import region_of
from imaging.spacing import spacing_of, spacing_told
from tests.makers.jails import RunningJail, files

ROWS, COLUMNS = 24, 32
_point = st.tuples(st.floats(0, COLUMNS), st.floats(0, ROWS))


def centres(rows: int, columns: int) -> tuple[NDArray[Any], NDArray[Any]]:
    down, across = np.mgrid[0:rows, 0:columns] + 0.5
    return across, down


def plainly(shape: str, points: Any, rows: int, columns: int) -> NDArray[Any]:
    """The same mask, each pixel asked by itself."""
    x, y = centres(rows, columns)
    if shape == "rectangle":
        (x1, y1), (x2, y2) = points
        across = (min(x1, x2) <= x) & (x <= max(x1, x2))
        return across & (min(y1, y2) <= y) & (y <= max(y1, y2))
    if shape == "ellipse":
        (x1, y1), (x2, y2), (x3, y3), (x4, y4) = points
        cx, cy = (x1 + x2 + x3 + x4) / 4, (y1 + y2 + y3 + y4) / 4
        a, b = math.dist(points[0], points[1]) / 2, math.dist(points[2], points[3]) / 2
        turn = math.atan2(y2 - y1, x2 - x1)
        u = (x - cx) * math.cos(turn) + (y - cy) * math.sin(turn)
        v = (y - cy) * math.cos(turn) - (x - cx) * math.sin(turn)
        return (u / a) ** 2 + (v / b) ** 2 <= 1
    inside = np.zeros((rows, columns), bool)
    for (x1, y1), (x2, y2) in zip(points, [*points[1:], points[0]], strict=True):
        crossed = (y1 <= y) != (y2 <= y)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            inside ^= crossed & (x > x1 + (y - y1) * (x2 - x1) / (y2 - y1))
    return inside


def whole(shape: str, points: Any, rows: int = ROWS, columns: int = COLUMNS) -> NDArray[Any]:
    region = region_of(shape, points, rows=rows, columns=columns)
    mask = np.zeros((rows, columns), bool)
    down, across = region.mask.shape
    mask[region.top : region.top + down, region.left : region.left + across] = region.mask
    return mask


@settings(max_examples=150, deadline=None)
@given(st.lists(_point, min_size=3, max_size=12))
def test_a_polygon_encloses_the_centres_that_lie_between_its_edges(points: Any) -> None:
    differs = whole("polygon", points) ^ plainly("polygon", points, ROWS, COLUMNS)
    x, y = centres(ROWS, COLUMNS)
    assert all(_is_on_an_edge(points, x[at], y[at]) for at in zip(*differs.nonzero(), strict=True))


@settings(max_examples=60, deadline=None)
@given(st.tuples(_point, _point))
def test_a_rectangle_has_the_centres_between_its_corners(points: Any) -> None:
    assert (whole("rectangle", points) == plainly("rectangle", points, ROWS, COLUMNS)).all()


@settings(max_examples=60, deadline=None)
@given(st.floats(2, 12), st.floats(1, 10), st.floats(0, math.pi))
def test_an_ellipse_is_told_by_the_ends_of_its_axes(a: float, b: float, turn: float) -> None:
    cx, cy, c, s = 16.0, 12.0, math.cos(turn), math.sin(turn)
    points = [
        *((cx - a * c, cy - a * s), (cx + a * c, cy + a * s)),
        *((cx + b * s, cy - b * c), (cx - b * s, cy + b * c)),
    ]
    differs = whole("ellipse", points) ^ plainly("ellipse", points, ROWS, COLUMNS)
    assert differs.sum() <= 2, "a centre on the line itself"
    area = plainly("ellipse", points, ROWS, COLUMNS).sum()
    assert area == pytest.approx(math.pi * a * b, rel=0.5, abs=12)


def test_the_half_pixel_is_where_the_standard_has_it() -> None:
    assert whole("rectangle", [(0, 0), (1, 1)]).sum() == 1
    assert whole("rectangle", [(0.6, 0.6), (1.4, 1.4)]).sum() == 0
    assert whole("rectangle", [(0, 0), (COLUMNS, ROWS)]).all()
    assert whole("polygon", [(0, 0), (COLUMNS, 0), (COLUMNS, ROWS), (0, ROWS)]).all()


def _is_on_an_edge(points: Any, x: float, y: float) -> bool:
    for (x1, y1), (x2, y2) in zip(points, [*points[1:], points[0]], strict=True):
        length = math.dist((x1, y1), (x2, y2))
        away = abs((x2 - x1) * (y1 - y) - (x1 - x) * (y2 - y1)) / length if length else 9
        if away < 1e-6:
            return True
    return False


def asked(jail: RunningJail, path: Path, shape: str, points: Any, **more: Any) -> Any:
    drawn = {"points": [list(point) for point in points]}
    with files(path.read_bytes()) as (given_file,):
        return jail.client.run_blocking(
            "measure", {"shape": shape, "drawn": drawn, **more}, inputs=[given_file]
        )


def same(told: Any, values: NDArray[Any]) -> None:
    assert told["mean"] == pytest.approx(values.mean(), rel=1e-12)
    assert told["std"] == pytest.approx(values.std(), rel=1e-9)
    assert (told["min"], told["max"]) == (values.min(), values.max())


def test_a_ct_is_told_in_hounsfield_units_and_square_millimetres(
    jail: RunningJail, real_files: Path
) -> None:
    path = real_files / "dicom/explicit-vr-le/CT_small.dcm"
    read = pydicom.dcmread(path)
    points = [(20.3, 30.7), (80.2, 25.5), (90.9, 100.1), (40.4, 110.0)]
    told = asked(jail, path, "polygon", points)

    mask = plainly("polygon", points, read.Rows, read.Columns)
    values = read.pixel_array[mask] * float(read.RescaleSlope) + float(read.RescaleIntercept)
    same(told["channels"][0], values)
    assert (told["pixels"], told["unit"]) == (mask.sum(), "HU")
    row_mm, column_mm = (float(each) for each in read.PixelSpacing)
    assert told["area_mm2"] == pytest.approx(mask.sum() * row_mm * column_mm)


def test_a_coloured_picture_is_told_by_channel(jail: RunningJail, real_files: Path) -> None:
    path = real_files / "dicom/jpeg-baseline/SC_rgb_jpeg_dcmtk.dcm"
    read = pydicom.dcmread(path)
    rgb = read.pixel_array
    rows, columns = rgb.shape[:2]
    points = [(columns * 0.25, rows * 0.25), (columns * 0.5, rows * 0.6)]
    told = asked(jail, path, "rectangle", points)

    mask = plainly("rectangle", points, rows, columns)
    assert [each["channel"] for each in told["channels"]] == ["red", "green", "blue"]
    for number, each in enumerate(told["channels"]):
        assert each["mean"] == pytest.approx(rgb[..., number][mask].mean(), abs=0.51)
    assert (told["unit"], told["pixels"]) == ("", mask.sum())


def test_a_photograph_of_the_eye_is_never_told_in_millimetres(
    jail: RunningJail, real_files: Path
) -> None:
    path = real_files / "dicom/ophthalmic/sample-op.dcm"
    read = pydicom.dcmread(path)
    points = [(10, 10), (60, 60)]
    told = asked(jail, path, "rectangle", points)
    same(
        told["channels"][0], read.pixel_array[plainly("rectangle", points, *read.pixel_array.shape)]
    )
    assert told["area_mm2"] is None


def test_each_frame_is_its_own_and_one_that_is_not_there_is_refused(
    jail: RunningJail, real_files: Path
) -> None:
    path = real_files / "dicom/multiframe-enhanced/emri_small.dcm"
    read = pydicom.dcmread(path)
    points = [(5, 5), (40, 40)]
    mask = plainly("rectangle", points, read.Rows, read.Columns)
    means = []
    for frame in (1, 3):
        told = asked(jail, path, "rectangle", points, frame=frame)
        means.append(told["channels"][0]["mean"])
        assert means[-1] == pytest.approx(read.pixel_array[frame - 1][mask].mean())
    assert means[0] != means[1]
    for bad in ({"frame": 999}, {"shape": "star"}, {"points": [[1]]}):
        with pytest.raises(JailRefusedError):
            asked(jail, path, **{"shape": "rectangle", "points": points, **bad})


def test_millimetres_are_told_only_where_the_file_supports_them() -> None:
    def told(modality: str, **more: Any) -> Any:
        header = Dataset()
        header.Modality, header.PixelSpacing = modality, [0.5, 0.25]
        for keyword, said in more.items():
            setattr(header, keyword, said)
        found = spacing_of(header, index=0)
        assert spacing_told(header.to_json_dict(), index=0) == found
        return None if found is None else (found.row_mm, found.column_mm)

    assert told("CT") == (0.5, 0.25)
    assert told("OP") is None
    assert told("DX") is None
    assert told("DX", PixelSpacingCalibrationType="GEOMETRY") == (0.5, 0.25)
    assert told("CT", PixelSpacing=[0, 0.25]) is None
    assert spacing_of(Dataset(), index=0) is None
    enhanced, group, measures = Dataset(), Dataset(), Dataset()
    measures.PixelSpacing = [2, 3]
    group.PixelMeasuresSequence = [measures]
    enhanced.SharedFunctionalGroupsSequence = [group]
    for found in (
        spacing_of(enhanced, index=4),
        spacing_told(enhanced.to_json_dict(), index=4),
    ):
        assert found is not None
        assert (found.row_mm, found.column_mm) == (2, 3)
    assert spacing_told({"00280030": {"Value": "x"}, "52009229": 7}, index=0) is None
