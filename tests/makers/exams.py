"""A second health centre of the consortium, and exams that one takes and the other asks for."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from consult.cases import service_submit
from consult.cases.images import service as images
from consult.cases.images.model import CaseImage
from consult.cases.model import Case, ServiceType
from consult.cases.recognition import service as recognition
from consult.cases.recognition.model import Book, Exam, Recognition, Repeat
from consult.kernel.work import Work
from consult.people.organisations import agreements
from consult.people.patients.model import Patient
from tests.makers.cases import SCREENING_ANSWERS, fill_in, give_consent, make_draft, make_patient
from tests.makers.consortium import Consortium, agreed_terms, case_rules

SCREENING = ServiceType.SCREENING_READ
FUNDUS = "fundus_photograph"


def book() -> Book:
    """The rules of config/, with the readers' verdicts."""
    return case_rules().recognition


def neighbour_of(world: Consortium) -> Consortium:
    """The other centre, once it has an agreement of its own: whose side the makers then take."""
    agreement = world.clinic.system(
        agreements.add_agreement,
        consortium_id=world.id,
        inviting_id=world.other_id,
        invited_id=world.lead_id,
        terms=agreed_terms(world.clinic, frozenset(ServiceType)),
    )
    return replace(
        world,
        agreement_id=agreement.id,
        centre_id=world.other_id,
        physician=world.stranger,
        photographer=world.stranger,
    )


def days_after(world: Consortium, days: float) -> Consortium:
    """The same people some days later."""
    return replace(world, clinic=world.clinic.later(days=days))


def ask(
    world: Consortium, patient: Patient | None = None, *, agreed: bool = True, **changes: Any
) -> Case:
    """A screening of the same person, filled in, without a photograph yet."""
    known = patient or make_patient(world)
    if agreed:
        give_consent(world, known)
    draft = make_draft(world, known, service_type=changes.pop("service_type", SCREENING))
    return fill_in(world, draft, SCREENING_ANSWERS)


def offered(world: Consortium, case: Case) -> list[Exam]:
    """What whoever opens the draft is shown."""

    def open_it(work: Work) -> list[Exam]:
        own = images.get_own_case(work, case.id)
        return list(service_submit.check_readiness(work, own, rules=case_rules()).exams)

    return world.clinic.do(world.physician, open_it)


def lines(world: Consortium, case: Case) -> list[Recognition]:
    """What is on record of them."""
    return world.clinic.system(recognition.list_recognitions, case_id=case.id)


def use(world: Consortium, case: Case, number: int = 0) -> Recognition:
    """Use one of those that were offered."""
    offered(world, case)
    return world.clinic.do(
        world.physician,
        recognition.use_exam,
        case_id=case.id,
        recognition_id=lines(world, case)[number].id,
        book=book(),
    )


def repeat(world: Consortium, case: Case, reason: str = "follow_up", note: str = "") -> Repeat:
    """Say why fundus photographs are taken again."""
    return world.clinic.do(
        world.physician,
        recognition.say_repeat,
        case_id=case.id,
        kind=FUNDUS,
        reason=reason,
        note=note,
        book=book(),
    )


def problems_of(world: Consortium, case: Case) -> dict[str, str]:
    """What stops the submission, by field."""

    def check(work: Work) -> Sequence[Any]:
        own = images.get_own_case(work, case.id)
        return service_submit.check_readiness(work, own, rules=case_rules()).problems

    return {each.field: each.code for each in world.clinic.do(world.physician, check)}


def pictures(world: Consortium, case: Case) -> list[CaseImage]:
    """What stands in the case."""
    return world.clinic.system(images.list_case_images, case_id=case.id)
