"""Photographs of a draft as the tests of its images see, confirm and count them."""

from datetime import timedelta

from consult.cases.images import service as images
from consult.cases.images import service_confirm
from consult.cases.images.model import CaseImage, Source
from consult.cases.images.service_confirm import Said
from consult.cases.model import Case
from consult.cases.protocol import FieldCode, parse_protocol
from consult.kernel.eyes import Eye
from tests.makers.clinic import MORNING
from tests.makers.consortium import Consortium
from tests.makers.images import make_arrival, take_in
from tests.makers.rulebooks import read_config

R, L = Eye.RIGHT, Eye.LEFT
MAC, DISC = FieldCode.MACULA_CENTRED, FieldCode.DISC_CENTRED


TWO_FIELDS = parse_protocol(read_config("capture_protocols/nhs-2-field.toml"))


def shown(world: Consortium, case: Case) -> list[CaseImage]:
    return world.clinic.do(
        world.physician, images.list_case_images, case_id=case.id, protocol=TWO_FIELDS
    )


def four(world: Consortium, case: Case, roll: str = "IMG", **says: Eye) -> None:
    """Four photographs a minute apart; `says` gives some of them an eye by file name."""
    arrivals = [
        make_arrival(
            world,
            f"{roll}_{number}.JPG",
            at=MORNING + timedelta(minutes=number),
            says={Source.FILE_NAME: says[f"n{number}"]} if f"n{number}" in says else None,
        )
        for number in (1, 2, 3, 4)
    ]
    take_in(world, case, *reversed(arrivals))


def as_said(found: list[CaseImage]) -> list[Said]:
    return [Said(image.id, image.eye, image.field) for image in found]


def confirm(world: Consortium, case: Case, said: list[Said], **more: object) -> int:
    step = more.pop("step", service_confirm.confirm_set)
    return world.clinic.do(
        world.photographer,
        step,
        case_id=case.id,
        said=said,
        relabelled=more.get("relabelled", ()),
        protocol=TWO_FIELDS,
    )


def codes(world: Consortium, case: Case) -> set[str]:
    found = world.clinic.do(world.physician, images.blockers, case=case, protocol=TWO_FIELDS)
    return {problem.code for problem in found}
