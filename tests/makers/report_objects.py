"""Objects of a report for tests: from plans, over real pictures; and who else checks them."""

import io
import os
import subprocess
from pathlib import Path
from typing import Any

from pydicom import dcmread
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from imaging.fundus.fields import Code
from imaging.report_objects import concepts
from imaging.report_objects.display import display_of, is_grey, side_of
from imaging.report_objects.model import (
    Canvas,
    Evaluation,
    Graphic,
    Head,
    Layer,
    Measured,
    Measurement,
    ObjectRef,
    Papered,
    Plan,
    Point,
    Presented,
    Region,
    Remark,
    Selected,
)
from tests.makers.dicom_house import dcmtk

_TEXTS = {"LO", "LT", "PN", "SH", "ST", "UC", "UT"}
LENGTH = Code("410668003", "SCT", "Length")
MILLIMETRES = Code("mm", "UCUM", "millimeter")
_EARLIER = ObjectRef("2.25.77", "1.2.840.10008.5.1.4.1.1.88.33", "2.25.78")
_TRIANGLE = ((1.0, 1.0), (10.5, 2.25), (4.0, 9.75), (1.0, 1.0))


def told_of(path: Path) -> dict[str, Any]:
    """The header of a real picture, as the house keeps it."""
    return dcmread(path, stop_before_pixels=True).to_json_dict()


def ref_of(told: dict[str, Any]) -> ObjectRef:
    """How others name this picture."""
    return ObjectRef(*(told[tag]["Value"][0] for tag in ("0020000E", "00080016", "00080018")))


def head_of(told: dict[str, Any], number: int) -> Head:
    """An object of a report on this picture."""
    return Head(
        picture=told,
        sop_instance_uid=f"2.25.{1000 + number}",
        series_instance_uid=f"2.25.{2000 + number}",
        series_number=9000 + number,
        instance_number=2,
        description="测量与分级 Measurements and grades",
        signed_at="2026-11-23T10:20:30+08:00",
        author="Guo^Qihang=郭^启航",
        institution="江州市眼科医院",
    )


def region_of(told: dict[str, Any], graphic_type: str, points: tuple[Point, ...]) -> Region:
    """A marked region with a lesion and a note."""
    return Region(
        tracking_uid="2.25.5",
        tracking_id="1 region",
        on=ref_of(told),
        graphic_type=graphic_type,
        points=points,
        finding=Code("lesion.vitreous_haemorrhage", "99LIANZHEN", "玻璃体积血"),
        site=Code("5665001", "SCT", "Retina"),
        laterality="R",
        comment="复查",
        measurements=(),
        is_measured=False,
    )


def plan_measured(told: dict[str, Any], *regions: Region) -> Measured:
    """A structured report with a length, these regions, a changed grade and an impression."""
    length = Region(
        tracking_uid="2.25.6",
        tracking_id="2 length",
        on=ref_of(told),
        graphic_type="POLYLINE",
        points=((10.0, 10.0), (110.5, 85.25)),
        finding=None,
        site=None,
        laterality=None,
        comment="",
        measurements=(Measurement(LENGTH, 12.345678901234567, MILLIMETRES),),
        is_measured=True,
    )
    reason = Remark(Code("remark.reason", "99LIANZHEN", "改定理由"), "出血多于四象限")
    grade = Code("icdr.3", "99LIANZHEN", "重度非增生型(NPDR)")
    name = Code("scale.icdr", "99LIANZHEN", "糖尿病视网膜病变分级")
    return Measured(
        head=head_of(told, 1),
        procedure=Code("363679005", "SCT", "Imaging procedure"),
        regions=(length, *regions),
        evaluations=(
            Evaluation(name, grade, "", "L", (reason,)),
            Evaluation(Code("121073", "DCM", "Impression"), None, "双眼重度", None),
        ),
        evidence=(ref_of(told),),
        predecessors=(_EARLIER,),
    )


def every_plan(told: dict[str, Any]) -> dict[str, Plan]:
    """One object of each kind on a picture; `rejected` takes an earlier one back."""
    ref = ref_of(told)
    canvas = Canvas(
        columns=told["00280011"]["Value"][0],
        rows=told["00280010"]["Value"][0],
        is_grey=is_grey(told),
        laterality=side_of(told),
        display=display_of(told, index=0),
    )
    graphics = (
        Graphic(ref, "HAEMORRHAGE", "POLYLINE", _TRIANGLE, "出血"),
        Graphic(ref, "HAEMORRHAGE", "", ((5.0, 5.0),), "文字"),
    )
    layers = (Layer("HAEMORRHAGE", "视网膜出血", "#e0218a"),)
    return {
        "measured": plan_measured(told, region_of(told, "POLYLINE", _TRIANGLE)),
        "selected": Selected(head_of(told, 2), concepts.OF_INTEREST, "关键图", (ref,), ()),
        "rejected": Selected(head_of(told, 3), concepts.TAKEN_BACK, "有误", (), (_EARLIER,)),
        "paper": Papered(
            head_of(told, 4),
            "远程会诊报告",
            Code("11488-4", "LN", "Consultation note"),
            (ref,),
            (_EARLIER,),
        ),
        "presented": Presented(head_of(told, 5), canvas, (ref,), layers, graphics),
    }


def errors_of(path: Path, made: bytes) -> list[str]:
    """What dicom3tools' dciodvfy calls an error."""
    path.write_bytes(made)
    checked = subprocess.run(
        ["dciodvfy", "-new", str(path)], capture_output=True, check=False, env=dict(os.environ)
    )
    lines = (checked.stdout + checked.stderr).decode("utf-8", "replace").splitlines()
    return [line for line in lines if line.startswith(("Error", "Abort"))]


def passes_dcmpschk(path: Path, made: bytes) -> bool:
    """Whether dcmtk's check of presentation states accepts it, its letters replaced by ASCII.

    That check knows no UTF-8, and calls every Chinese text an error.
    """
    plain = dcmread(io.BytesIO(made))
    plain.walk(_in_ascii)
    plain.SpecificCharacterSet = "ISO_IR 100"
    plain.save_as(path)
    checked = subprocess.run(
        [dcmtk("dcmpschk"), "-v", str(path)],
        capture_output=True,
        check=True,
        env=dict(os.environ),
    )
    said = (checked.stdout + checked.stderr).decode("utf-8", "replace")
    assert "Semantic Check" in said
    return "Test passed." in said


def _in_ascii(_dataset: Dataset, element: DataElement) -> None:
    if element.VR in _TEXTS and not str(element.value).isascii():
        element.value = "Given^Family" if element.VR == "PN" else "text"


def items_of(made: Dataset, name: str) -> list[Dataset]:
    """Every content item of this name, wherever it stands."""
    found = []
    for item in made.get("ContentSequence", ()):
        named = item.get("ConceptNameCodeSequence")
        if named and named[0].CodeMeaning == name:
            found.append(item)
        found += items_of(item, name)
    return found
