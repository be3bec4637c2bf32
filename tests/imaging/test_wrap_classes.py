"""Every kind of photograph becomes an instance in which Debian's validator finds no error."""

import io
import subprocess
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.encaps import generate_frames

from tests.makers.jails import RunningJail
from tests.makers.pictures import make_jpeg, make_pixels, make_png
from tests.makers.tiffs import Layout, make_tiff

COLOUR = make_pixels()
GREY = COLOUR[..., 0]
DEEP = GREY.astype(np.uint16) * 257
DEEP_COLOUR = COLOUR.astype(np.uint16) * 257
PARAMS = {
    "patient_name": "Wang^XiaoDong=王^小东",
    "patient_id": "P-17",
    "birth_date": "19600101",
    "sex": "F",
    "sop_instance_uid": "2.25.1001",
    "study_instance_uid": "2.25.1002",
    "series_instance_uid": "2.25.1003",
    "accession_number": "A-1",
    "captured_at": "2026-03-04T09:12:33",
    "captured_source": "exif",
    "device": "Topcon NW400",
}
KINDS = {
    "jpeg": make_jpeg(),
    "grey jpeg": make_jpeg(mode="L"),
    "png": make_png(),
    "grey png": make_png(mode="L"),
    "tiff": make_tiff(COLOUR, layout=Layout(tile=(32, 32), is_deflated=True)),
    "grey tiff": make_tiff(GREY),
    "16-bit grey tiff": make_tiff(DEEP),
    "16-bit colour tiff": make_tiff(DEEP_COLOUR),
}
EYES = [
    {},
    {"laterality": "R", "field": "macula_centred"},
    {"laterality": "L", "field": "external"},
]
NO_EYE = (
    "Error - </ImageLaterality(0020,0062)> - Missing attribute for Type 1 Required - "
    "Module=<OcularRegionImaged>"
)
OP_8, OP_16, VL = (
    "1.2.840.10008.5.1.4.1.1.77.1.5.1",
    "1.2.840.10008.5.1.4.1.1.77.1.5.2",
    "1.2.840.10008.5.1.4.1.1.77.1.4",
)


def errors_of(path: Path, made: bytes) -> list[str]:
    path.write_bytes(made)
    checked = subprocess.run(["dciodvfy", "-new", str(path)], capture_output=True, check=False)
    return [line for line in checked.stderr.decode().splitlines() if line.startswith("Error")]


@pytest.mark.parametrize("seen", ["fundus", "other"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_validator_finds_no_error(
    jail: RunningJail, tmp_path: Path, kind: str, seen: str
) -> None:
    for eye in EYES:
        answer, made = jail.make(
            "wrap", KINDS[kind], **PARAMS, **eye, is_other=seen == "other" or None
        )
        assert errors_of(tmp_path / "made.dcm", made) == lacks(answer, eye)
        instance = dcmread(io.BytesIO(made))
        assert instance.SOPClassUID == answer["sop_class_uid"] == class_of(kind, seen)
        assert instance.get("ImageLaterality") == eye.get("laterality")
        assert_untouched(kind, instance)
        _answer, again = jail.make("relabel", made, laterality="L", field="disc_centred")
        assert errors_of(tmp_path / "again.dcm", again) == []


def class_of(kind: str, seen: str) -> str:
    if kind.startswith("16"):
        return OP_16
    return VL if seen == "other" else OP_8


def lacks(answer: dict, eye: dict) -> list[str]:
    """While nobody has confirmed the eye, an ophthalmic object says none: the one known error."""
    return [] if eye or answer["sop_class_uid"] == VL else [NO_EYE]


def assert_untouched(kind: str, instance: Dataset) -> None:
    """A JPEG keeps its bytes; of any other picture every value is kept."""
    if kind.endswith("jpeg"):
        coded = next(generate_frames(instance.PixelData, number_of_frames=1))
        assert coded.startswith(KINDS[kind])
        assert instance.LossyImageCompression == "01"
        return
    wanted = {"png": COLOUR, "tiff": COLOUR, "16-bit colour tiff": DEEP_COLOUR}.get(kind)
    if kind == "16-bit grey tiff":
        wanted = DEEP
    assert instance.LossyImageCompression == "00"
    if wanted is not None:
        assert np.array_equal(instance.pixel_array, wanted)


def test_the_validator_would_find_an_error(jail: RunningJail, tmp_path: Path) -> None:
    _answer, made = jail.make("wrap", KINDS["16-bit grey tiff"], **PARAMS)
    broken = dcmread(io.BytesIO(made))
    del broken.AcquisitionDeviceTypeCodeSequence
    coded = io.BytesIO()
    broken.save_as(coded)
    assert errors_of(tmp_path / "broken.dcm", coded.getvalue()) != []
