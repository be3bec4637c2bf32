"""A case with photographs, slices and frames before the panel, and the reader's browser at it."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydicom import dcmread
from pydicom.dataset import Dataset

from consult.cases import service as cases
from consult.cases.images import service as images
from consult.cases.model import Case, ServiceType
from consult.people.patients.model import Patient
from tests.makers.cases import (
    CONSULTATION_ANSWERS,
    SCREENING_ANSWERS,
    fill_in,
    give_consent,
    make_draft,
    submit,
)
from tests.makers.image_house import ImageHouse, Sender
from tests.makers.reports import claim
from tests.makers.sent import real_fundus, world_now

_ANSWERS: Mapping[ServiceType, Mapping[str, object]] = {
    ServiceType.REMOTE_CONSULTATION: CONSULTATION_ANSWERS,
    ServiceType.SCREENING_READ: SCREENING_ANSWERS,
}
_PLACES = [
    (eye, field) for field in ("macula_centred", "disc_centred") for eye in ("right", "left")
]


@dataclass(frozen=True)
class ReadCase:
    """A case that its reader has taken, and the instances in it by the names they were sent by."""

    case: Case
    instances: Mapping[str, str]


async def take_case(
    house: ImageHouse,
    real_files: Path,
    objects: Mapping[str, bytes],
    *,
    photographs: int = 4,
    service_type: ServiceType = ServiceType.REMOTE_CONSULTATION,
) -> ReadCase:
    """Upload photographs and objects, answer what is asked about them, submit, and take."""
    taken = real_fundus(real_files)[:photographs]
    return await take_case_of(house, house.patient(), taken, objects, service_type=service_type)


async def take_case_of(
    house: ImageHouse,
    patient: Patient,
    photographs: Sequence[bytes],
    objects: Mapping[str, bytes],
    *,
    service_type: ServiceType = ServiceType.REMOTE_CONSULTATION,
) -> ReadCase:
    """The same of a known patient."""
    give_consent(world_now(house), patient)
    world = world_now(house)
    case = make_draft(world, patient, service_type=service_type)
    async with Sender(house.house.base) as doctor:
        await doctor.arrive()
        for number, data in enumerate(photographs):
            await doctor.upload(case.id, data + case.id.encode(), f"IMG_{number}.JPG")
        await _confirm(doctor, case, _PLACES[: len(photographs)])
        for name, data in objects.items():
            await doctor.upload(case.id, data, name)
        others = len(await _unspoken(doctor, case))  # what has a picture
        await _confirm(doctor, case, [(None, "other")] * others)
        for question in (await doctor.images(case.id))["questions"]:
            place = f"/api/cases/{case.id}/images/questions/{question['id']}/answer"
            status, answer = await doctor.send(place, {"note": "本人"})
            assert status == 200, answer
    world = world_now(house)
    draft = world.clinic.system(cases.get_case, case_id=case.id)
    sent = submit(world, fill_in(world, draft, _ANSWERS[service_type]))
    taken = claim(world, sent, by=world.expert)
    found = world.clinic.do(world.expert, images.list_case_images, case_id=case.id)
    by_uid = {image.instance.uids.sop_instance_uid: image.instance.id for image in found}
    named = {
        name: by_uid.get(str(_head(data).SOPInstanceUID), "") for name, data in objects.items()
    }
    return ReadCase(taken, named)


async def _unspoken(doctor: Sender, case: Case) -> list[Mapping[str, Any]]:
    """The pictures of which nobody has said whose eye they are."""
    return [
        image
        for image in (await doctor.images(case.id))["images"]
        if image["has_picture"] and image["state"] != "confirmed"
    ]


async def _confirm(doctor: Sender, case: Case, places: Sequence[tuple[str | None, str]]) -> None:
    """Say of each picture that nobody has spoken of whose eye it is."""
    for image, (eye, field) in zip(await _unspoken(doctor, case), places, strict=True):
        door = f"/api/cases/{case.id}/images/{image['id']}/confirm"
        status, answer = await doctor.send(door, {"eye": eye, "field": field})
        assert status == 200, answer


def _head(data: bytes) -> Dataset:
    return dcmread(io.BytesIO(data), stop_before_pixels=True)


def slices_of(real_files: Path) -> dict[str, bytes]:
    """A real series of cross-sections, by file name."""
    folder = real_files / "dicom" / "dicomdir-and-series" / "98892001" / "CT5N"
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def values_of(data: bytes, frame: int = 0) -> np.ndarray:
    """The pixels of an object as numpy has them."""
    pixels = dcmread(io.BytesIO(data)).pixel_array
    return (
        pixels[frame] if pixels.ndim == 3 and _head(data).get("NumberOfFrames", 1) > 1 else pixels
    )
