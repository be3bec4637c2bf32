"""Pictures corrected in tests: through the services, with bytes that nobody reads."""

from collections.abc import Iterable
from typing import Any

from consult.cases import service as cases
from consult.cases.corrections import service_eye, service_patient
from consult.cases.corrections.model import Correction, EyeWish, Made, Making, PatientWish
from consult.cases.images import service as images
from consult.cases.images.model import CaseImage
from consult.cases.model import Case
from consult.cases.protocol import FieldCode
from consult.kernel.eyes import Eye
from consult.kernel.work import Actor
from consult.studies.corrections import Derived
from consult.studies.model import Part
from server.rules.images import load_image_book
from tests.makers.consortium import CONFIG, Consortium
from tests.makers.images import RULES, make_blob

WHY = "拍摄时左右选反"
OTHERS = "照片属于另一位患者"


def make_fakes(world: Consortium, plan: Iterable[Making]) -> Made:
    """What the jail would make, without a jail."""
    return {
        making.source.id: Derived(
            making.source.id,
            making.source.original.key,
            making.uids,
            {part: make_blob(world.centre_id, f"{making.uids}{part}".encode()) for part in Part},
            None if making.eye is None else making.eye.laterality,
        )
        for making in plan
    }


def now_of(world: Consortium, case: Case) -> Case:
    """The case as it stands."""
    return world.clinic.system(cases.get_case, case_id=case.id)


def shown(world: Consortium, case: Case) -> list[CaseImage]:
    """The pictures that count as this patient's."""
    return world.clinic.system(images.list_case_images, case_id=case.id)


def correct_eye(
    world: Consortium,
    case: Case,
    image: CaseImage,
    eye: Eye | None,
    *,
    by: Actor | None = None,
    **changes: Any,
) -> Correction:
    """Give it another eye, as the physician of the inviting side."""
    told = {
        "case_id": case.id,
        "image_id": image.id,
        "revision": now_of(world, case).revision,
        "eye": eye,
        "field": image.field or FieldCode.OTHER,
        "reason": WHY,
    }
    wish, actor = EyeWish(**{**told, **changes}), by or world.physician
    plan = world.clinic.do(actor, service_eye.plan_eye, wish=wish)
    made = make_fakes(world, plan)
    return world.clinic.do(actor, service_eye.correct_eye, wish=wish, made=made)


def correct_patient(
    world: Consortium,
    case: Case,
    found: Iterable[CaseImage],
    to: Case | None,
    *,
    by: Actor | None = None,
    **changes: Any,
) -> list[Correction]:
    """Strike pictures out, and copy them where they belong."""
    told = {
        "case_id": case.id,
        "revision": now_of(world, case).revision,
        "image_ids": tuple(image.id for image in found),
        "to_case_id": None if to is None else to.id,
        "reason": OTHERS,
    }
    wish, actor = PatientWish(**{**told, **changes}), by or world.physician
    names = load_image_book(CONFIG).names
    plan = world.clinic.do(actor, service_patient.plan_patient, wish=wish, names=names)
    made = make_fakes(world, plan)
    return world.clinic.do(
        actor, service_patient.correct_patient, wish=wish, made=made, rules=RULES
    )
