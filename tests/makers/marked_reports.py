"""A case of photographs and slices: marked, signed through the doors, with what it left."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydicom import dcmread
from pydicom.uid import generate_uid

from consult.cases.images import service as images
from consult.cases.images.model import CaseImage
from consult.people.machines import service as machines
from consult.people.machines.model import Right
from consult.people.organisations import service as organisations
from server.auth.cookies import hash_token, make_token
from tests.makers.image_house import PASSWORD, ImageHouse, until
from tests.makers.signing import sign_by_door
from tests.makers.viewing import take_case
from tests.makers.visitor import Visitor

_KINDS = {"paper", "measured", "presented", "selected"}
Draw = Callable[[Sequence[str], Sequence[str]], list[Any]]
"""Marks by the ids of the photographs and of the slices."""


def stack_of(real_files: Path) -> dict[str, bytes]:
    """Three cross-sections, 3 mm apart: a real one, and what lies further down in it, shifted."""
    made = {}
    study, series = generate_uid(), generate_uid()
    for number in range(3):
        found = dcmread(real_files / "dicom" / "implicit-vr-le" / "CTImage.dcm")
        found.StudyInstanceUID, found.SeriesInstanceUID = study, series
        found.SOPInstanceUID = found.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        found.InstanceNumber = number + 1
        x, y, z = found.ImagePositionPatient
        found.ImagePositionPatient = [x, y, z + 3 * number]
        found.PixelData = np.roll(found.pixel_array, 8 * number, axis=0).tobytes()
        buffer = io.BytesIO()
        found.save_as(buffer)
        made[f"ct-{number}.dcm"] = buffer.getvalue()
    return made


@dataclass(frozen=True)
class MarkedReport:
    """What was signed, and on which pictures it rests."""

    report_id: str
    photograph: CaseImage
    slice: CaseImage


async def sign_marked(house: ImageHouse, real_files: Path, draw: Draw) -> MarkedReport:
    """Two photographs and a real series; each of their studies has all four kinds of object."""
    read_case = await take_case(house, real_files, stack_of(real_files), photographs=2)
    case = read_case.case
    found = house.clinic.do(house.world.expert, images.list_case_images, case_id=case.id)
    photographs, slices = (
        [each for each in found if each.instance.description.modality == modality]
        for modality in ("OP", "CT")
    )
    async with Visitor(house.house.base) as expert:
        await expert.sign_in("li", PASSWORD)
        told = {
            "revision": 0,
            "marks": draw([each.id for each in photographs], [each.id for each in slices]),
            "key_images": [photographs[0].id, slices[0].id],
        }
        place = expert.at(f"/api/cases/{case.id}/marks")
        headers = {"X-CSRF-Token": expert.token, "Origin": expert.base}
        async with expert.raw.put(place, json=told, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
        report_id = await sign_by_door(house, case, expert)
    await until(lambda: _has_left(house, report_id) == 2 * len(_KINDS), seconds=180)
    return MarkedReport(report_id, photographs[0], slices[0])


def _has_left(house: ImageHouse, report_id: str) -> int:
    """How many objects the version has left in the two studies."""
    filed = [
        line
        for line in house.clinic.lines()
        if line.object_id == report_id and line.kind == "report.object_filed"
    ]
    return len(filed)


def let_machine_in(house: ImageHouse, *rights: Right) -> tuple[str, str]:
    """A machine of the inviting institution: its token, and the institution's code."""
    token = make_token()
    place = house.clinic.system(organisations.get_institution, institution_id=house.world.centre_id)
    house.clinic.do(
        house.world.physician,
        machines.add_machine,
        institution_id=place.id,
        name="OHIF",
        rights=rights,
        token_hash=hash_token(token),
        expires_at=None,
    )
    return token, place.code
