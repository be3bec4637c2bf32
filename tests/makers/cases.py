"""Patients, consents and cases for tests, made through the services."""

from datetime import date, timedelta
from typing import Any

from consult.access import policy
from consult.access.model import ObjectType, Ref
from consult.cases import service as cases
from consult.cases import service_draft, service_submit
from consult.cases.consent import Consent
from consult.cases.consent_rules import ConsentItem, ConsentScope, Signer, SigningMethod
from consult.cases.consents import service as consents
from consult.cases.model import Case, CaseStatus, ServiceType
from consult.kernel.work import Actor
from consult.people.patients import service as patients
from consult.people.patients.documents import DocumentKind, check_letter
from consult.people.patients.model import Patient, PatientForm
from tests.makers.consortium import Consortium, case_rules, patient_rules

SCREENING_ANSWERS = {
    "diabetes": "yes",
    "red_flags": ["none"],
    "va_right": {"notation": "decimal", "value": "0.6"},
    "va_left": {"notation": "five_mark", "value": "4.7"},
}
CONSULTATION_ANSWERS = {
    "reason": "诊断不明",
    "purpose": "左眼视力下降 3 天，求诊断",
    "timing": "as_promised",
    "summary": "糖尿病 11 年",
    "invited_specialty": "fundus",
    "invited_title": "any",
    "red_flags": ["none"],
}


def citizen_number(sequence: int = 2, *, birth: str = "19620314", area: str = "331121") -> str:
    """A resident number with its check letter; an even sequence is a woman's."""
    digits = f"{area}{birth}{sequence:03d}"
    return digits + check_letter(digits)


def patient_form(**changes: Any) -> PatientForm:
    """张桂英, with an identity card."""
    told: dict[str, Any] = {
        "name": "张桂英",
        "document_kind": DocumentKind.RESIDENT_ID,
        "document_number": citizen_number(),
        "phone": "13905786127",
    }
    return PatientForm(**{**told, **changes})


def make_patient(world: Consortium, *, by: Actor | None = None, **changes: Any) -> Patient:
    """A registered patient of the centre."""
    return world.clinic.do(
        by or world.physician,
        patients.register_patient,
        form=patient_form(**changes),
        rules=patient_rules(),
    )


def consent_form(*, today: date, **changes: Any) -> Consent:
    """What a programme's consent form of this day says when it is whole; it holds 360 days."""
    told: dict[str, Any] = {
        "items": frozenset({ConsentItem.TELEMEDICINE, ConsentItem.DATA_SHARING}),
        "scope": ConsentScope.PROGRAMME,
        "signer": Signer.SELF,
        "method": SigningMethod.PAPER,
        "signed_on": today,
        "valid_until_on": today + timedelta(days=360),
        "cost_fen": 0,
        "relation": "",
        "signer_name": "",
        "signer_document": "",
        "power_of_attorney": "",
        "witness_name": "",
        "adult_reason": "",
    }
    return Consent(**{**told, **changes})


def give_consent(world: Consortium, patient: Patient, **changes: Any) -> str:
    """The patient's consent to the programme."""
    recorded = world.clinic.do(
        world.physician,
        consents.record_consent,
        patient_id=patient.id,
        case_id=changes.pop("case_id", None),
        consent=consent_form(today=world.clinic.now.date(), **changes),
        rules=case_rules().consent,
    )
    return recorded.id


def make_draft(
    world: Consortium,
    patient: Patient,
    *,
    by: Actor | None = None,
    service_type: ServiceType = ServiceType.REMOTE_CONSULTATION,
) -> Case:
    """A fresh draft."""
    return world.clinic.do(
        by or world.physician,
        service_draft.open_case,
        patient_id=patient.id,
        service_type=service_type,
        panel_id=world.panel_id,
        rules=case_rules(),
    )


def fill_in(world: Consortium, case: Case, answers: dict[str, Any] | None = None) -> Case:
    """The answers that a consultation needs."""
    return world.clinic.do(
        world.physician,
        service_draft.save_answers,
        case_id=case.id,
        revision=case.revision,
        answers=CONSULTATION_ANSWERS if answers is None else answers,
        question=None,
        rules=case_rules(),
    )


def submit(world: Consortium, case: Case, *, by: Actor | None = None) -> Case:
    """Send it."""
    return world.clinic.do(
        by or world.physician,
        service_submit.submit_case,
        case_id=case.id,
        revision=case.revision,
        rules=case_rules(),
    )


def make_submitted(world: Consortium) -> Case:
    """A consultation before the panel."""
    patient = make_patient(world)
    give_consent(world, patient)
    return submit(world, fill_in(world, make_draft(world, patient)))


def sees(world: Consortium, actor: Actor, object_type: ObjectType, object_id: str) -> bool:
    """Whether policy shows this person the object."""
    return world.clinic.do(
        actor,
        lambda work: policy.may_see(
            work.session, work.actor, Ref(object_type, object_id), now=work.now
        ),
    )


def step_case(world: Consortium, actor: Actor, case: Case, to: CaseStatus, **changes: Any) -> Case:
    """Move a case by its table."""
    return world.clinic.do(actor, cases.step, case=case, to=to, kind=f"case.{to}", **changes)


def save_answers(world: Consortium, case: Case, answers: dict[str, Any], **told: Any) -> Case:
    """Keep these answers, as the physician or as `by`."""
    return world.clinic.do(
        told.pop("by", world.physician),
        service_draft.save_answers,
        case_id=case.id,
        revision=told.pop("revision", case.revision),
        answers=answers,
        question=told.pop("question", None),
        rules=case_rules(),
    )
