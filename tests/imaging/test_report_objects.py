"""Objects of a report over real pictures: valid to strangers, and read back as they were told."""

import io
import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import highdicom
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pydicom import dcmread
from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset

from imaging.errors import RefusedError
from imaging.fundus.fields import Code
from imaging.report_objects.colour import cielab_of
from imaging.report_objects.display import display_of
from imaging.report_objects.measured import make_measured
from imaging.report_objects.model import Canvas, Measurement, Plan
from imaging.report_objects.presented import make_presented
from imaging.report_objects.told import plan_as_json, read_plan
from imaging.report_objects.tree import decimal
from tests.makers.dicom_house import dcmtk
from tests.makers.jails import RunningJail, content, files
from tests.makers.report_objects import (
    errors_of,
    every_plan,
    items_of,
    passes_dcmpschk,
    plan_measured,
    region_of,
    told_of,
)

_TRIANGLE = ((1.0, 1.0), (10.5, 2.25), (4.0, 9.75), (1.0, 1.0))
AREA = Code("42798000", "SCT", "Area")
MEAN = Code("373098007", "SCT", "Mean")
PIXELS = Code("{pixels}", "UCUM", "pixels")
_PDF = b"%PDF-1.7 odd"[:-1]
_PICTURES = {
    "colour": "ophthalmic/sample-op.dcm",
    "ct": "explicit-vr-le/CT_small.dcm",
    "radiograph": "dicomdir-and-series/77654033/CR1/6154",
}


def made_by(jail: RunningJail, plan: Plan, beside: bytes = b"") -> bytes:
    with files(plan_as_json(plan), beside, b"") as (told, given_too, made):
        jail.client.run_blocking("report_object", {}, inputs=[told, given_too], outputs=[made])
        return content(made)


@pytest.mark.parametrize("picture", sorted(_PICTURES))
def test_every_object_on_a_real_picture_is_without_errors(
    jail: RunningJail, real_files: Path, tmp_path: Path, picture: str
) -> None:
    told = told_of(real_files / "dicom" / _PICTURES[picture])
    for kind, plan in every_plan(told).items():
        made = made_by(jail, plan, _PDF if kind == "paper" else b"")
        assert errors_of(tmp_path / f"{kind}.dcm", made) == [], kind
        read = dcmread(io.BytesIO(made))
        assert read.StudyInstanceUID == told["0020000D"]["Value"][0]
        assert read.SpecificCharacterSet == "ISO_IR 192"


def test_dcmtk_reads_the_trees_and_gives_the_paper_back_byte_for_byte(
    jail: RunningJail, real_files: Path, tmp_path: Path
) -> None:
    plans = every_plan(told_of(real_files / "dicom" / _PICTURES["ct"]))
    for kind in ("measured", "selected", "rejected"):
        path = tmp_path / f"{kind}.dcm"
        path.write_bytes(made_by(jail, plans[kind]))
        dumped = _run(dcmtk("dsrdump"), "+U8", str(path))
        assert "Guo^Qihang=郭^启航" in dumped
    path, back = tmp_path / "paper.dcm", tmp_path / "paper.pdf"
    path.write_bytes(made_by(jail, plans["paper"], _PDF))
    _run(dcmtk("dcm2pdf"), str(path), str(back))
    assert back.read_bytes() == _PDF


def test_highdicom_reads_back_what_was_told(jail: RunningJail, real_files: Path) -> None:
    plans = every_plan(told_of(real_files / "dicom" / _PICTURES["colour"]))
    report = highdicom.sr.srread(io.BytesIO(made_by(jail, plans["measured"])))
    (region,) = report.content.get_planar_roi_measurement_groups()
    told = plans["measured"].regions[1]
    assert region.roi.value == pytest.approx(np.array(told.points), abs=1e-3)
    assert region.finding_type.value == "lesion.vitreous_haemorrhage"
    assert region.finding_sites[0].laterality.meaning == "Right"
    (group,) = report.content.get_image_measurement_groups()
    (length,) = group.get_measurements()
    assert (length.value, length.unit.value) == (12.345678901234567, "mm")
    (grade,) = items_of(report, "糖尿病视网膜病变分级")
    assert grade.ConceptCodeSequence[0].CodeValue == "icdr.3"
    said = {each.ConceptNameCodeSequence[0].CodeMeaning: each for each in grade.ContentSequence}
    assert said["Laterality"].ConceptCodeSequence[0].CodeMeaning == "Left"
    assert said["改定理由"].TextValue == "出血多于四象限"
    keys = dcmread(io.BytesIO(made_by(jail, plans["selected"])))
    read = highdicom.ko.KeyObjectSelectionDocument.from_dataset(keys)
    assert len(read.content.get_references()) == 1


def test_the_library_names_the_pictures_and_an_area_its_outline(
    jail: RunningJail, real_files: Path
) -> None:
    told = told_of(real_files / "dicom" / _PICTURES["colour"])
    numbers = (Measurement(AREA, 12.5, PIXELS), Measurement(MEAN, 7.0, PIXELS))
    region = replace(region_of(told, "POLYLINE", _TRIANGLE), measurements=numbers)
    report = dcmread(io.BytesIO(made_by(jail, plan_measured(told, region))))
    (group,) = items_of(report, "Image Library Group")
    (picture,) = group.ContentSequence
    assert picture.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == told["00080018"]["Value"][0]
    (area,), (mean,) = items_of(report, "Area"), items_of(report, "Mean")
    (outline,) = area.ContentSequence
    (drawn,) = items_of(report, "Image Region")
    assert (outline.RelationshipType, outline.GraphicData) == ("INFERRED FROM", drawn.GraphicData)
    assert "ContentSequence" not in mean


def test_a_report_without_marks_is_valid_and_says_where_they_would_be(
    jail: RunningJail, real_files: Path, tmp_path: Path
) -> None:
    told = told_of(real_files / "dicom" / _PICTURES["ct"])
    made = made_by(jail, replace(plan_measured(told), regions=()))
    assert errors_of(tmp_path / "unmarked.dcm", made) == []
    report = highdicom.sr.srread(io.BytesIO(made))
    (measurements,) = items_of(report, "Imaging Measurements")
    assert "ContentSequence" not in measurements
    assert len(items_of(report, "Impression")) == 1


def test_a_presentation_state_shows_a_grey_picture_as_the_picture_says(
    jail: RunningJail, real_files: Path
) -> None:
    path = real_files / "dicom" / _PICTURES["ct"]
    picture = dcmread(path, stop_before_pixels=True)
    plan = every_plan(told_of(path))["presented"]
    shown = dcmread(io.BytesIO(made_by(jail, plan)))
    assert (shown.RescaleSlope, shown.RescaleIntercept) == (
        picture.RescaleSlope,
        picture.RescaleIntercept,
    )
    (area,) = shown.DisplayedAreaSelectionSequence
    assert list(area.DisplayedAreaBottomRightHandCorner) == [picture.Columns, picture.Rows]
    assert list(area.PresentationPixelSpacing) == list(picture.PixelSpacing)
    (drawn,) = shown.GraphicAnnotationSequence[0].GraphicObjectSequence
    assert drawn.GraphicAnnotationUnits == "PIXEL"
    assert drawn.GraphicData[:4] == pytest.approx([1, 1, 10.5, 2.25])


@pytest.mark.parametrize(
    ("picture", "sequence"), [("mlut_18", "ModalityLUTSequence"), ("vlut_04", "VOILUTSequence")]
)
def test_dcmtk_shows_a_picture_by_its_own_look_up_table_through_our_state(
    jail: RunningJail, real_files: Path, tmp_path: Path, picture: str, sequence: str
) -> None:
    """The table is bent, so that nobody could take a straight line for it."""
    shown = dcmread(real_files / "dicom" / "explicit-vr-le" / f"{picture}.dcm")
    (table,) = shown[sequence].value
    bent = (np.linspace(0, 1, len(table.LUTData)) ** 3 * 65535).astype(int)
    table.LUTData = bent.tolist()
    shown.StudyInstanceUID = shown.get("StudyInstanceUID") or "2.25.1"
    path, without = tmp_path / "picture.dcm", tmp_path / "without.dcm"
    shown.save_as(path)
    told = told_of(path)
    state = tmp_path / "state.dcm"
    assert errors_of(state, made_by(jail, every_plan(told)["presented"])) == []
    assert passes_dcmpschk(tmp_path / "plain.dcm", state.read_bytes())
    first = int(table.LUTDescriptor[1])
    wanted = np.interp(shown.pixel_array, np.arange(bent.size) + first, bent) * 255 / 65535
    assert np.abs(_shown_by(state, path) - wanted).max() <= 1
    del told[f"{tag_for_keyword(sequence):08X}"]
    without.write_bytes(made_by(jail, every_plan(told)["presented"]))
    assert np.abs(_shown_by(without, path) - wanted).max() > 50


def test_a_table_stands_before_a_window_and_before_numbers_and_is_told_once() -> None:
    def table(*entries: int) -> dict[str, Any]:
        return {"00283006": {"vr": "US", "Value": list(entries)}}

    numbers = {"00281050": {"vr": "DS", "Value": [9]}, "00281051": {"vr": "DS", "Value": [5]}}
    tables = {
        "00283000": {"vr": "SQ", "Value": [table(1, 2), table(3)]},
        "00283010": {"vr": "SQ", "Value": [table(4, 5), table(6)]},
    }
    slope = {"00281053": {"vr": "DS", "Value": [2]}, "00281052": {"vr": "DS", "Value": [1]}}
    found = display_of(numbers | tables | slope, index=0)
    assert found["00283000"]["Value"] == [table(1, 2)]
    canvas = Canvas(columns=4, rows=4, is_grey=True, laterality=None, display=found)
    made = make_presented(replace(every_plan(_TOLD | _SIZE)["presented"], canvas=canvas), b"")
    assert ("ModalityLUTSequence" in made, "RescaleSlope" in made) == (True, False)
    (voi,) = made.SoftcopyVOILUTSequence
    assert ("VOILUTSequence" in voi, "WindowCenter" in voi) == (True, False)
    elsewhere = {"00283006": {"vr": "OW", "BulkDataURI": "bulkdata/00283010.0.00283006"}}
    far = {"00283010": {"vr": "SQ", "Value": [elsewhere]}}
    assert "00283010" not in display_of(numbers | far, index=0), "an address is no table"


@pytest.mark.parametrize("picture", sorted(_PICTURES))
def test_dcmtks_own_check_accepts_our_presentation_states(
    jail: RunningJail, real_files: Path, tmp_path: Path, picture: str
) -> None:
    told = told_of(real_files / "dicom" / _PICTURES[picture])
    made = made_by(jail, every_plan(told)["presented"])
    assert passes_dcmpschk(tmp_path / "state.dcm", made)
    broken = dcmread(io.BytesIO(made))
    del broken.GraphicLayerSequence[0].GraphicLayerOrder
    spoilt = io.BytesIO()
    broken.save_as(spoilt)
    assert not passes_dcmpschk(tmp_path / "spoilt.dcm", spoilt.getvalue())


def test_dcmtk_makes_a_page_of_the_structured_report_that_says_what_was_told(
    jail: RunningJail, real_files: Path, tmp_path: Path
) -> None:
    plans = every_plan(told_of(real_files / "dicom" / _PICTURES["colour"]))
    path = tmp_path / "measured.dcm"
    path.write_bytes(made_by(jail, plans["measured"]))
    page = _run(dcmtk("dsr2html"), "+U8", str(path))
    for said in ("玻璃体积血", "重度非增生型(NPDR)", "出血多于四象限", "双眼重度", "Guo"):
        assert said in page
    assert "12.3456789012346 mm" in page


def test_a_picture_that_is_white_where_its_values_are_low_stays_so(
    jail: RunningJail, real_files: Path
) -> None:
    path = real_files / "dicom" / _PICTURES["radiograph"]
    assert dcmread(path).PhotometricInterpretation == "MONOCHROME1"
    shown = dcmread(io.BytesIO(made_by(jail, every_plan(told_of(path))["presented"])))
    assert shown.PresentationLUTShape == "INVERSE"


def test_a_frame_of_its_own_window_is_shown_by_it() -> None:
    def groups(centre: int) -> dict[str, Any]:
        window = {"00281050": {"vr": "DS", "Value": [centre]}}
        return {"00289132": {"vr": "SQ", "Value": [window]}}

    told = {
        "52009230": {"vr": "SQ", "Value": [groups(1), groups(2)]},
        "00281050": {"vr": "DS", "Value": [9]},
    }
    assert [display_of(told, index=n)["00281050"]["Value"] for n in range(3)] == [[1], [2], [9]]


@pytest.mark.parametrize("told", [b"", b"[]", b'{"kind": "Measured", "plan": {}}', b"\xff"])
def test_what_is_no_plan_is_refused(told: bytes) -> None:
    with pytest.raises(RefusedError):
        read_plan(told)


def test_colours_of_layers_are_scaled_cielab() -> None:
    assert cielab_of("#000000") == [0, 32896, 32896]
    white = cielab_of("#ffffff")
    assert white[0] == 65535
    assert white[1:] == pytest.approx([32896, 32896], abs=20)
    red = cielab_of("#ff0000")
    # CIELab of sRGB red at D50 is 54.29, 80.81, 69.89.
    assert red == pytest.approx([35579, (80.81 + 128) * 257, (69.89 + 128) * 257], abs=40)


@given(st.floats(min_value=-1e300, max_value=1e300))
def test_a_decimal_text_has_sixteen_letters_and_the_value(value: float) -> None:
    said = decimal(value)
    assert len(said) <= 16
    assert float(said) == pytest.approx(value, rel=1e-8)


_PLACES = st.floats(min_value=0, max_value=4096, allow_nan=False)


@settings(max_examples=60)
@given(st.lists(st.tuples(_PLACES, _PLACES), min_size=2, max_size=40))
def test_coordinates_come_back_to_a_thousandth_of_a_pixel(
    points: list[tuple[float, float]],
) -> None:
    plan = plan_measured(_TOLD, region_of(_TOLD, "POLYLINE", tuple(points)))
    assert read_plan(plan_as_json(plan)) == plan
    buffer = io.BytesIO()
    make_measured(plan).save_as(buffer, enforce_file_format=True)
    (item,) = items_of(_read(buffer), "Image Region")
    assert np.array(item.GraphicData).reshape(-1, 2) == pytest.approx(np.array(points), abs=1e-3)


_TOLD: dict[str, Any] = {
    "0020000D": {"vr": "UI", "Value": ["2.25.1"]},
    "0020000E": {"vr": "UI", "Value": ["2.25.2"]},
    "00080016": {"vr": "UI", "Value": ["1.2.840.10008.5.1.4.1.1.77.1.5.1"]},
    "00080018": {"vr": "UI", "Value": ["2.25.3"]},
}


_SIZE: dict[str, Any] = {
    "00280010": {"vr": "US", "Value": [4]},
    "00280011": {"vr": "US", "Value": [4]},
    "00280004": {"vr": "CS", "Value": ["MONOCHROME2"]},
}


def _shown_by(state: Path, picture: Path) -> Any:
    """The picture as dcmtk shows it through a presentation state, from 0 to 255."""
    there = state.with_suffix(".pgm")
    _run(dcmtk("dcmp2pgm"), "-p", str(state), str(picture), str(there))
    return np.asarray(Image.open(there), dtype=float)


def _read(buffer: io.BytesIO) -> Dataset:
    buffer.seek(0)
    return dcmread(buffer)


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, check=True, env=dict(os.environ))
    return done.stdout.decode("utf-8", "replace")
