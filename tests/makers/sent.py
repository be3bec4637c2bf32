"""A case with real photographs through the doors: sent, and signed where a test asks for it."""

from dataclasses import replace
from pathlib import Path

from consult.cases import service as cases
from consult.cases.model import Case, ServiceType
from consult.people.patients.model import Patient
from server.transactions import utc_now
from tests.makers.cases import fill_in, give_consent, make_draft, submit
from tests.makers.consortium import Consortium
from tests.makers.image_house import ImageHouse, Sender
from tests.makers.pictures import with_exif
from tests.makers.reports import DIAGNOSIS_ANSWERS

_PLACES = [
    (eye, field) for field in ("macula_centred", "disc_centred") for eye in ("right", "left")
]


def real_fundus(real_files: Path) -> list[bytes]:
    """Four real photographs, right and left by turns, as a camera would have written them."""
    paths = sorted((real_files / "image" / "fundus").glob("HRF*"))[:4]
    return [with_exif(path.read_bytes()) for path in paths]


def world_now(house: ImageHouse) -> Consortium:
    """The consortium at the present time."""
    return replace(house.world, clinic=house.world.clinic.at(utc_now()))


def make_target(house: ImageHouse, patient: Patient) -> Case:
    """The open draft of the patient to whom the photographs belong."""
    return make_draft(world_now(house), patient, service_type=ServiceType.REMOTE_DIAGNOSIS)


async def send_case(
    house: ImageHouse, doctor: Sender, fundus: list[bytes], patient: Patient | None = None
) -> Case:
    """Upload, confirm, fill in, submit."""
    world, patient = world_now(house), patient or house.patient()
    give_consent(world, patient)
    case = make_target(house, patient)
    for number, data in enumerate(fundus):
        # the same bytes for another patient would be asked about
        await doctor.upload(case.id, data + case.id.encode(), f"IMG_{number}.JPG")
    shown = await doctor.images(case.id)
    for image, (eye, field) in zip(shown["images"], _PLACES, strict=True):
        door = f"/api/cases/{case.id}/images/{image['id']}/confirm"
        status, answer = await doctor.send(door, {"eye": eye, "field": field})
        assert status == 200, answer
    for question in (await doctor.images(case.id))["questions"]:
        place = f"/api/cases/{case.id}/images/questions/{question['id']}/answer"
        await doctor.send(place, {"note": ""})
    world = world_now(house)
    draft = world.clinic.system(cases.get_case, case_id=case.id)
    return submit(world, fill_in(world, draft, DIAGNOSIS_ANSWERS))
