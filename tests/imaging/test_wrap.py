"""A photograph becomes a valid Ophthalmic Photography instance, its scan byte for byte."""

import io
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.encaps import generate_frames

from imaging.errors import JailRefusedError
from tests.makers.hostile import sound_picture
from tests.makers.jails import RunningJail
from tests.makers.pictures import (
    make_exif,
    make_jpeg,
    make_pixels,
    make_png,
    make_segment,
    scan_of,
    with_exif,
    with_segments,
)

PARAMS = {
    "patient_name": "Wang^XiaoDong=王^小东",
    "patient_id": "P-17",
    "birth_date": "19600101",
    "sex": "M",
    "sop_instance_uid": "2.25.1001",
    "study_instance_uid": "2.25.1002",
    "series_instance_uid": "2.25.1003",
    "accession_number": "A-1",
    "institution_name": "某某社区卫生服务中心",
    "captured_at": "2026-03-04T09:12:33",
    "captured_source": "exif",
    "offset": "+08:00",
    "laterality": "R",
    "field": "macula_centred",
    "device": "Topcon NW400",
    "instance_number": 3,
}


def wrapped(jail: RunningJail, photograph: bytes, **changes: Any) -> tuple[dict, Dataset, bytes]:
    answer, made = jail.make("wrap", photograph, **{**PARAMS, **changes})
    return answer, dcmread(io.BytesIO(made)), made


def coded_in(instance: Dataset) -> bytes:
    return next(generate_frames(instance.PixelData, number_of_frames=1))


def errors_of(path: Path, made: bytes) -> list[str]:
    path.write_bytes(made)
    checked = subprocess.run(["dciodvfy", "-new", str(path)], capture_output=True, check=False)
    return [line for line in checked.stderr.decode().splitlines() if line.startswith("Error")]


def own_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def test_real_photographs_are_valid_and_their_bytes_untouched(
    jail: RunningJail, real_files: Path, tmp_path: Path
) -> None:
    paths = [
        *(real_files / "image/fundus").iterdir(),
        real_files / "image/non-fundus-photo/rocket.jpg",
    ]
    for path in paths:
        data = path.read_bytes()
        answer, instance, made = wrapped(jail, data)
        assert errors_of(tmp_path / "op.dcm", made) == [], path.name
        coded = coded_in(instance)
        assert scan_of(coded) == scan_of(data)
        if not answer["removed"]:
            assert coded[: len(data)] == data
        assert instance.LossyImageCompression == "01"


def test_names_and_places_are_gone_and_the_scan_is_not_touched(
    jail: RunningJail, tmp_path: Path
) -> None:
    jpeg = make_jpeg()
    answer, instance, made = wrapped(jail, with_exif(jpeg))
    assert answer["removed"] == ["exif", "xmp", "comment", "gps", "trailer"]
    assert coded_in(instance)[: len(jpeg)] == jpeg
    for secret in (b"Wang Fang", b"Exif", b"5101071960", b"PK\x03\x04"):
        assert secret not in made
    assert "removed: exif" in instance.ContributingEquipmentSequence[0].ContributionDescription
    assert errors_of(tmp_path / "op.dcm", made) == []


def test_the_capture_time_is_read_before_it_is_removed(jail: RunningJail) -> None:
    photograph = with_exif(make_jpeg(), make_exif(offset="+08:00"))
    facts = jail.inspect(photograph)["facts"]
    assert facts["captured_at"] == "2026-03-04T09:12:33"
    assert (facts["captured_source"], facts["captured_offset"]) == ("exif", "+08:00")
    assert facts["device"] == "Topcon NW400"
    assert facts["had_metadata"] == ["exif", "xmp", "comment", "gps", "trailer"]
    _answer, instance, _made = wrapped(jail, photograph, captured_at=facts["captured_at"])
    assert (instance.ContentDate, instance.ContentTime) == ("20260304", "091233")
    assert instance.AcquisitionDateTime == "20260304091233+0800"
    assert "capture time: exif" in instance.ContributingEquipmentSequence[0].ContributionDescription


def test_a_picture_without_a_time_says_nothing_about_it(jail: RunningJail) -> None:
    _answer, instance, _made = wrapped(jail, make_jpeg(), captured_at=None, captured_source=None)
    assert instance.ContentDate == ""
    assert instance.AcquisitionDateTime == ""


def test_the_pictures_own_profile_is_kept(jail: RunningJail, tmp_path: Path) -> None:
    profile = own_profile()
    jpeg = make_jpeg(icc_profile=profile)
    answer, instance, made = wrapped(jail, with_exif(jpeg))
    assert answer["kept_icc"]
    assert profile in coded_in(instance)
    assert instance.ICCProfile[12:16] == b"scnr"
    assert instance.ICCProfile[128:][: len(profile) - 128] == profile[128:]
    assert errors_of(tmp_path / "op.dcm", made) == []


def test_without_a_profile_srgb_is_declared(jail: RunningJail) -> None:
    _answer, instance, _made = wrapped(jail, make_jpeg())
    assert instance.ICCProfile[12:16] == b"scnr"
    assert instance.ColorSpace == "SRGB"


@pytest.mark.parametrize(
    ("options", "photometric"),
    [
        ({}, "YBR_FULL_422"),
        ({"subsampling": 0}, "YBR_FULL_422"),
        ({"mode": "L"}, "MONOCHROME2"),
        ({"keep_rgb": True}, "RGB"),
    ],
)
def test_the_photometric_interpretation_is_the_streams_own(
    jail: RunningJail, tmp_path: Path, options: dict, photometric: str
) -> None:
    jpeg = make_jpeg(**options)
    _answer, instance, made = wrapped(jail, jpeg)
    assert instance.PhotometricInterpretation == photometric
    # The validator wants no RGB in JPEG; calling it YCbCr would show wrong colours.
    assert errors_of(tmp_path / "op.dcm", made) == [] or photometric == "RGB"
    shown = np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB"), int)
    answer, rendered = jail.make("render", made, max_width=4000, quality=100)
    seen = np.asarray(Image.open(io.BytesIO(rendered)).convert("RGB"), int)
    assert np.abs(shown - seen).mean() < 1.0
    assert answer["passed_through"]


def sof_replaced(marker: int, precision: int = 8) -> bytes:
    jpeg = bytearray(make_jpeg())
    at = jpeg.index(b"\xff\xc0")
    jpeg[at + 1], jpeg[at + 4] = marker, precision
    return bytes(jpeg)


@pytest.mark.parametrize(
    ("photograph", "reason"),
    [
        (make_jpeg(progressive=True), "progressive-jpeg"),
        (make_jpeg(mode="CMYK"), "cmyk-jpeg"),
        (sof_replaced(0xC9), "arithmetic-jpeg"),
        (sof_replaced(0xC1, precision=12), "twelve-bit-jpeg"),
        (sof_replaced(0xC3), "not-baseline-jpeg"),
        (sound_picture(), "not-an-image"),
    ],
)
def test_what_cannot_be_carried_is_refused_not_relabelled(
    jail: RunningJail, photograph: bytes, reason: str
) -> None:
    with pytest.raises(JailRefusedError) as refused:
        wrapped(jail, photograph)
    assert refused.value.reason == reason


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "P"])
def test_a_png_is_stored_without_loss(jail: RunningJail, tmp_path: Path, mode: str) -> None:
    answer, instance, made = wrapped(jail, make_png(mode=mode))
    assert errors_of(tmp_path / "op.dcm", made) == []
    assert instance.LossyImageCompression == "00"
    assert not answer["is_lossy"]
    if mode in {"RGB", "RGBA"}:
        assert np.array_equal(instance.pixel_array, make_pixels())


def test_an_unconfirmed_eye_is_not_written(jail: RunningJail) -> None:
    _answer, instance, _made = wrapped(jail, make_jpeg(), laterality=None, field=None)
    assert "ImageLaterality" not in instance
    assert "RelativeImagePositionCodeSequence" not in instance


@pytest.mark.parametrize(
    ("field", "code"),
    [("disc_centred", "111901"), ("etdrs_2_macula", "410434001"), ("temporal_to_macula", None)],
)
def test_the_field_is_coded(
    jail: RunningJail, tmp_path: Path, field: str, code: str | None
) -> None:
    _answer, instance, made = wrapped(jail, make_jpeg(), field=field)
    position = instance.RelativeImagePositionCodeSequence[0]
    assert code is None or position.CodeValue == code
    assert errors_of(tmp_path / "op.dcm", made) == []


def test_an_outer_eye_is_no_retina(jail: RunningJail, tmp_path: Path) -> None:
    _answer, instance, made = wrapped(jail, make_jpeg(), field="external")
    assert instance.AnatomicRegionSequence[0].CodeMeaning == "Eye"
    assert errors_of(tmp_path / "op.dcm", made) == []


def test_relabelling_changes_the_eye_and_not_one_pixel_byte(
    jail: RunningJail, tmp_path: Path
) -> None:
    _answer, before, made = wrapped(jail, make_jpeg(), laterality=None)
    _answer, again = jail.make("relabel", made, laterality="L", field="disc_centred")
    after = dcmread(io.BytesIO(again))
    assert after.ImageLaterality == "L"
    assert after.PixelData == before.PixelData
    assert after.SOPInstanceUID == before.SOPInstanceUID
    assert str(after.PatientName) == str(before.PatientName)
    assert errors_of(tmp_path / "op.dcm", again) == []


def test_a_moved_set_gets_the_other_patient_and_new_uids(jail: RunningJail) -> None:
    _answer, before, made = wrapped(jail, make_jpeg())
    changes = {"patient_name": "Li^Si=李^四", "patient_id": "P-18", "sop_instance_uid": "2.25.9"}
    _answer, again = jail.make("relabel", made, laterality="R", field=None, **changes)
    after = dcmread(io.BytesIO(again))
    assert str(after.PatientName) == "Li^Si=李^四"
    assert after.file_meta.MediaStorageSOPInstanceUID == after.SOPInstanceUID == "2.25.9"
    assert "王" not in again.decode("utf-8", "ignore")
    assert after.PixelData == before.PixelData


def test_a_foreign_object_is_not_relabelled(jail: RunningJail) -> None:
    with pytest.raises(JailRefusedError) as refused:
        jail.make("relabel", sound_picture(), laterality="R", field=None)
    assert refused.value.reason == "not-ours"


def test_the_wrapped_picture_is_inspected_like_any_other(jail: RunningJail) -> None:
    _answer, _instance, made = wrapped(jail, with_segments(make_jpeg(), make_segment(0xE5, b"x")))
    answer = jail.inspect(made)
    facts = answer["facts"]
    assert answer["verdict"] == "accepted"
    assert facts["patient_name"] == "Wang^XiaoDong=王^小东"
    assert facts["captured_at"] == "2026-03-04T09:12:33"
    assert facts["laterality_proposals"] == [{"value": "R", "source": "tag", "confidence": 0.95}]
    assert facts["field_proposals"][0]["value"] == "macula_centred"
    assert facts["lossy"]
